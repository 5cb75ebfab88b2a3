"""Slack keeps the contract, by Socket Mode and by the Events API, against a Slack of our own."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import aiohttp
import pytest
from multidict import CIMultiDict
from pydantic import HttpUrl, SecretStr

from connectors.slack import SlackConnector
from connectors.slack.config import SlackConfig, Way, Workspace
from connectors.slack.connector import EventsSlack, SocketSlack
from hub.contract.capabilities import Surface
from hub.contract.connector import Connector
from hub.contract.inbound import Thread, WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Content, Markup
from tests.conformance import Check, Failure, Harness, checks_for, kit_for
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.wire import (
    ANA,
    APP,
    APP_TOKEN,
    BOT,
    CHAT,
    SIGNING_SECRET,
    TEAM,
    TOKEN,
    US,
    signed,
)

URL = "https://hub.example/hooks/slack"


def config_for(api: SlackApi, way: Way = "socket", **more: Any) -> SlackConfig:
    return SlackConfig(
        **{
            "app": APP,
            "way": way,
            "app_token": SecretStr(APP_TOKEN),
            "signing_secret": SecretStr(SIGNING_SECRET),
            "workspaces": (Workspace(team=TEAM, user=US, bot=BOT, token=SecretStr(TOKEN)),),
            "api": HttpUrl(f"{api.base}/api/"),
            "timeout": 2,
            **more,
        }
    )


class SlackHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = SlackConnector
    way: ClassVar[Way]
    secrets: tuple[str, ...] = (TOKEN, APP_TOKEN, SIGNING_SECRET)

    def __init__(self, api: SlackApi, http: aiohttp.ClientSession) -> None:
        self.api, self.http = api, http
        self._posted = 0

    def make(self) -> SlackConnector:
        return SlackConnector(config_for(self.api, self.way), kit_for(self.http))

    async def arrive(self, count: int) -> None:
        for number in range(count):
            self.api.write(f"Question {number}")

    def outbound(self, key: str) -> OutboundMessage:
        return OutboundMessage(
            key=key,
            thread=Thread(f"{TEAM}/{CHAT}", Surface.DIRECT),
            to=(ANA,),
            content=Content(text="It is **on its way**.", markup=Markup.MARKDOWN),
            at=datetime.now(UTC),
        )

    def sends(self) -> int:
        return self.api.sends()

    async def fail(self, failure: Failure | None) -> None:
        self.api.fail = failure.value if failure else None

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        self.api.write("Thanks!", thread_ts=sent.messages[0].partition("/")[2])


class SocketHarness(SlackHarness):
    connector_type = SocketSlack
    way = "socket"


class EventsHarness(SlackHarness):
    connector_type = EventsSlack
    way = "events"

    async def requests(self) -> Sequence[WebhookRequest]:
        """Without what Slack has given up bringing."""
        told = zip(self.api.payloads, self.api.told_at, strict=True)
        fresh, self._posted = list(told)[self._posted :], len(self.api.payloads)
        now = self.api.now()
        return [
            _request(*signed(payload, kind, now))
            for (kind, payload), told_at in fresh
            if not self.api.given_up(told_at)
        ]

    def aged(self, request: WebhookRequest) -> WebhookRequest:
        _, payload = self.api.payloads[-1]
        return _request(*signed(payload, at=time.time() - 3600))

    def challenge(self) -> tuple[WebhookRequest, bytes] | None:
        asked = {
            "token": "x",
            "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
            "type": "url_verification",
        }
        return _request(*signed(asked)), asked["challenge"].encode()

    def for_another(self) -> WebhookRequest | None:
        self.api.write("Not for us")
        _, payload = self.api.payloads[-1]
        others = {"team_id": "T0NOBODY", "context_team_id": "T0NOBODY", "authorizations": []}
        return _request(*signed({**payload, **others}))


def _request(headers: dict[str, str], body: bytes) -> WebhookRequest:
    return WebhookRequest("POST", URL, CIMultiDict(headers), {}, body)


@pytest.fixture
async def served() -> AsyncIterator[tuple[SlackApi, aiohttp.ClientSession]]:
    with serving() as api:
        async with aiohttp.ClientSession() as http:
            yield api, http


CASES = [
    pytest.param(kind, check, id=f"{kind.way}-{check}")
    for kind in (SocketHarness, EventsHarness)
    for check in checks_for(kind)
]


@pytest.mark.parametrize(("kind", "check"), CASES)
async def test_slack_conforms(
    kind: type[SlackHarness], check: Check, served: tuple[SlackApi, aiohttp.ClientSession]
) -> None:
    await check(kind(*served))


async def test_what_is_for_another_app_of_the_workspace_is_left_alone(
    served: tuple[SlackApi, aiohttp.ClientSession],
) -> None:
    harness = EventsHarness(*served)
    await harness.arrive(1)
    [request] = await harness.requests()
    connector = harness.make()
    assert isinstance(connector, EventsSlack)
    assert len(connector.parse(request)) == 1
    assert connector.parse(replace(request, body=request.body.replace(APP.encode(), b"A0ANOTHER"))) == ()
