"""A mailbox from the terminal, on the real servers: by a password or tokens, though nothing is found."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web

from connectors.email import setup
from connectors.email.config import EmailConfig, OAuth, Security
from connectors.email.discover import Candidates
from connectors.email.providers import Place
from hub.__main__ import main
from hub.app import Hub
from hub.model.channels import Channel
from tests.hub.commands.conftest import Run, beside
from tests.hub.commands.test_channel import Terminal
from tests.mailserver import MailAccount, MailServer

NO, YES, AS_IT_IS = "n", "y", ""


@pytest.fixture
def support(mail_server: MailServer) -> MailAccount:
    return mail_server.account("support")


@pytest.fixture
def typing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets are typed like everything else; no name is looked up outside."""
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda prompt: sys.stdin.readline().rstrip("\n"))

    async def nowhere(domain: str) -> Candidates:
        places = (Place("localhost", 1, Security.TLS),)
        return Candidates(None, places, places, "It is the usual name.")

    monkeypatch.setattr(setup, "candidates_for", nowhere)
    monkeypatch.setenv("HUBBUB_MEDIA__FETCH_PRIVATE_ADDRESSES", "true")  # the provider of tokens is here


async def type_in(monkeypatch: pytest.MonkeyPatch, lines: Sequence[str], *more: str) -> int:
    def typed() -> int:
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))
        return main(["channel", "add", "email", *more])

    return await asyncio.to_thread(typed)


def servers(server: MailServer) -> list[str]:
    receiving = [server.host, str(server.ports.imaps), "tls"]
    return [*receiving, server.host, str(server.ports.smtps), "tls", str(server.ca_file)]


async def only_channel(hub: Hub) -> tuple[Channel, EmailConfig]:
    [kept] = await hub.store.channels.list_channels()
    config = hub.registry.build(kept).config
    assert isinstance(config, EmailConfig)
    return kept, config


@pytest.mark.usefixtures("typing")
async def test_servers_that_are_not_found_are_asked_for_and_the_channel_can_be_tested(
    run: Run,
    hub: Hub,
    mail_server: MailServer,
    support: MailAccount,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [NO, support.address, "Muster GmbH", YES, *servers(mail_server), AS_IT_IS, AS_IT_IS]
    lines += [NO, "wrong", YES, NO, support.password, NO, NO, "now"]
    assert await type_in(monkeypatch, lines) == 0, capsys.readouterr().err
    said = capsys.readouterr().err
    assert "Give its name as imap_host" in said
    assert "✗ Receiving (IMAP): " in said, "the wrong password"
    assert "as you said." in said
    _, config = await only_channel(hub)
    assert config.imap.port == mail_server.ports.imaps
    assert support.password not in said
    tested = await beside(run, "channel", "test", "Muster GmbH", "--json")
    assert tested.status == 0, tested.err
    assert any("took a mail" in step for step in tested.row["steps"])


@pytest.mark.usefixtures("typing")
async def test_how_to_sign_in_can_be_chosen(
    hub: Hub,
    mail_server: MailServer,
    support: MailAccount,
    tokens: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [YES, *servers(mail_server), support.address, AS_IT_IS]
    lines += [YES, "custom", tokens, "us", "ours", "long-lived", AS_IT_IS, NO, NO, "now"]
    assert await type_in(monkeypatch, lines) == 0, capsys.readouterr().err
    said = capsys.readouterr().err
    assert "Password:" not in said
    _, config = await only_channel(hub)
    assert isinstance(config.auth, OAuth)
    assert config.auth.refresh_token is not None
    assert config.auth.refresh_token.get_secret_value() == "long-lived"


@pytest.fixture
async def tokens(mail_server: MailServer, support: MailAccount) -> AsyncIterator[str]:
    """Where a provider hands out tokens for that mailbox."""

    async def renew(request: web.Request) -> web.Response:
        token = mail_server.token(support.address)
        return web.json_response({"access_token": token, "expires_in": 3600})

    app = web.Application()
    app.router.add_post("/token", renew)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/token"
    await runner.cleanup()
