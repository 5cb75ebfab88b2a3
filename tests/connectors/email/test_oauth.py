"""Tokens: renewed in time, once, and kept; what a provider refuses is an admin's business."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import aiohttp
import pytest
from aiohttp import web
from pydantic import BaseModel, SecretStr

from connectors.email.config import EmailConfig, OAuth, Password
from connectors.email.connector import EmailConnector
from connectors.email.oauth import TOKEN_URLS, Credentials
from hub.contract.errors import AuthBroken, Unavailable
from tests.conformance import kit_for
from tests.connectors.email.mailboxes import connector_for
from tests.connectors.email.test_compose import config
from tests.connectors.email.test_setup import answers
from tests.mailserver import MailAccount, MailServer

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class Provider:
    """An OAuth provider with one endpoint."""

    def __init__(self) -> None:
        self.status, self.answer = 200, {"access_token": "fresh", "expires_in": 3600}
        self.asked: list[dict[str, str]] = []
        self.url = ""

    async def token(self, request: web.Request) -> web.Response:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}/token"
    yield provider
    await runner.cleanup()


def oauth(provider: Provider, **changes: Any) -> EmailConfig:
    auth = {
        "kind": "xoauth2",
        "provider": "custom",
        "token_url": provider.url,
        "client_id": "us",
        "client_secret": "ours",
        "refresh_token": "long-lived",
        "access_token": "old",
        "expires_at": NOW + timedelta(hours=1),
    }
    return config(auth={**auth, **changes})


def credentials(
    settings: EmailConfig, http: aiohttp.ClientSession, saved: list[BaseModel] | None = None
) -> Credentials:
    return Credentials(settings, kit_for(http, now=lambda: NOW, saved=saved), lambda _: None)


async def take(auth: Password | OAuth, secret: str) -> str:
    return secret


async def test_a_good_token_is_used_as_it_is(provider: Provider, http: aiohttp.ClientSession) -> None:
    assert await credentials(oauth(provider), http).used_by(take) == "old"
    assert provider.asked == []


async def test_a_token_about_to_run_out_is_renewed_once_and_kept(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    saved: list[BaseModel] = []
    provider.answer["refresh_token"] = "longer-lived"
    soon = credentials(oauth(provider, expires_at=NOW + timedelta(minutes=4)), http, saved)
    assert await asyncio.gather(*(soon.used_by(take) for _ in range(5))) == ["fresh"] * 5
    assert provider.asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "long-lived",
            "client_id": "us",
            "client_secret": "ours",
        }
    ]
    (kept,) = saved
    assert isinstance(kept, EmailConfig)
    assert isinstance(kept.auth, OAuth)
    assert kept.auth.refresh_token is not None
    assert kept.auth.refresh_token.get_secret_value() == "longer-lived"
    assert kept.auth.expires_at == NOW + timedelta(hours=1)
    assert "'fresh'" not in repr(kept)


async def test_a_token_the_server_refuses_is_renewed_and_tried_once_more(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    tried: list[str] = []

    async def refuse(auth: Password | OAuth, secret: str) -> str:
        tried.append(secret)
        raise AuthBroken("No.")

    with pytest.raises(AuthBroken):
        await credentials(oauth(provider), http).used_by(refuse)
    assert tried == ["old", "fresh"]


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been revoked."}, AuthBroken),
        (401, {"error": "invalid_client"}, AuthBroken),
        (503, {}, Unavailable),
        (200, {}, Unavailable),
        (429, {"error": "rate"}, Unavailable),
    ],
)
async def test_what_a_provider_answers_has_its_meaning(
    status: int,
    answer: dict[str, Any],
    error: type[Exception],
    provider: Provider,
    http: aiohttp.ClientSession,
) -> None:
    provider.status, provider.answer = status, answer
    with pytest.raises(error) as raised:
        await credentials(oauth(provider, access_token=None), http).used_by(take)
    assert type(raised.value) is error


async def test_a_provider_that_cannot_be_reached_is_unavailable(
    provider: Provider, http: aiohttp.ClientSession
) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await credentials(oauth(provider, access_token=None, token_url="http://127.0.0.1:1/"), http).used_by(
            take
        )


async def test_the_mailbox_opens_with_a_token_renewed_on_the_way(
    provider: Provider, mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    provider.answer["access_token"] = mail_server.token(support.address)
    stale = mail_server.token(support.address, lifetime=-60)
    auth = oauth(provider, access_token=stale, expires_at=datetime.now(UTC) + timedelta(hours=1)).auth
    connector = connector_for(mail_server, support, http, auth=auth)
    await connector.connect()
    await connector.close()
    assert len(provider.asked) == 1
    assert isinstance(connector.config.auth, OAuth)
    assert connector.config.auth.access_token is not None
    assert connector.config.auth.access_token.get_secret_value() == provider.answer["access_token"]


async def test_a_mailbox_is_set_up_with_tokens_and_proven(
    provider: Provider, mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    provider.answer["access_token"] = mail_server.token(support.address)
    given = answers(mail_server, support, auth="custom", token_url=provider.url, client_id="us")
    found = await EmailConnector.set_up({**given, "password": "", "refresh_token": "ours"}, kit_for(http))
    assert [asked["refresh_token"] for asked in provider.asked] == ["ours"]
    assert "scope" not in provider.asked[0], "who signed in has chosen it"
    assert isinstance(found.config, EmailConfig)
    connector = EmailConnector(found.config, kit_for(http))
    await connector.connect()
    await connector.close()
    assert len(provider.asked) == 1, "the token is kept"


async def test_microsoft_is_asked_for_its_scopes_at_the_organisations_own_address(
    provider: Provider, mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    provider.answer["access_token"] = mail_server.token(support.address)
    given = answers(mail_server, support, auth="microsoft", token_url=provider.url, client_id="us")
    await EmailConnector.set_up({**given, "refresh_token": "ours"}, kit_for(http))
    assert set(provider.asked[0]["scope"].split()) == {
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    }


@pytest.mark.parametrize("kind", ["google", "microsoft"])
async def test_google_and_microsoft_need_no_address_for_tokens(
    kind: Literal["google", "microsoft"],
    provider: Provider,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert TOKEN_URLS == {
        "google": "https://oauth2.googleapis.com/token",
        "microsoft": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    }
    monkeypatch.setitem(TOKEN_URLS, kind, provider.url)
    settings = config(auth=OAuth(provider=kind, client_id="us", refresh_token=SecretStr("long-lived")))
    assert await credentials(settings, http).used_by(take) == "fresh"
    assert ("scope" in provider.asked[0]) is (kind == "microsoft")
