"""Telegram keeps the contract, by long polling and by webhooks, against a Bot API server of our own."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import aiohttp
import pytest
from multidict import CIMultiDict
from pydantic import HttpUrl, SecretStr

from connectors.telegram import TelegramConnector
from connectors.telegram.config import TelegramConfig, Way
from connectors.telegram.connector import SECRET_HEADER, PollingTelegram, WebhookTelegram
from hub.contract.capabilities import Surface
from hub.contract.connector import Connector
from hub.contract.inbound import RemoteId, Thread, WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Content, Markup
from tests.conformance import Check, Failure, Harness, checks_for, kit_for
from tests.connectors.telegram.bot_api import CHAT, TOKEN, BotApi, serving

SECRET = "a-secret-only-telegram-and-we-know"


class TelegramHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = TelegramConnector
    way: ClassVar[Way]
    secrets: tuple[str, ...] = (TOKEN,)
    signs_time = False
    signs_body = False

    def __init__(self, api: BotApi, http: aiohttp.ClientSession) -> None:
        self.api, self.http = api, http
        self._posted = 0

    def make(self) -> TelegramConnector:
        secret = SecretStr(SECRET) if self.way == "webhook" else None
        config = TelegramConfig(
            token=SecretStr(TOKEN), way=self.way, webhook_secret=secret, api=HttpUrl(self.api.base), timeout=2
        )
        return TelegramConnector(config, kit_for(self.http))

    async def arrive(self, count: int) -> None:
        for number in range(count):
            self.api.write(f"Question {number}")

    def outbound(self, key: str) -> OutboundMessage:
        return OutboundMessage(
            key=key,
            thread=Thread(str(CHAT["id"]), Surface.DIRECT),
            to=(str(CHAT["id"]),),
            content=Content(text="It is **on its way**.", markup=Markup.MARKDOWN),
            at=datetime.now(UTC),
        )

    def sends(self) -> int:
        return self.api.sends()

    async def fail(self, failure: Failure | None) -> None:
        self.api.fail = failure.value if failure else None

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        number = int(RemoteId(sent.messages[0]).rpartition("/")[2])
        self.api.write("Thanks!", reply_to_message=self.api.messages[CHAT["id"], number])

    async def requests(self) -> Sequence[WebhookRequest]:
        fresh, self._posted = self.api.updates[self._posted :], len(self.api.updates)
        headers = CIMultiDict({SECRET_HEADER: SECRET})
        url = "https://hub.example/hooks/telegram"
        return [WebhookRequest("POST", url, headers, {}, json.dumps(each).encode()) for each in fresh]


class PollHarness(TelegramHarness):
    connector_type = PollingTelegram
    way = "poll"


class WebhookHarness(TelegramHarness):
    connector_type = WebhookTelegram
    way = "webhook"
    secrets = (TOKEN, SECRET)


@pytest.fixture
async def served() -> AsyncIterator[tuple[BotApi, aiohttp.ClientSession]]:
    with serving() as api:
        async with aiohttp.ClientSession() as http:
            yield api, http


CASES = [
    pytest.param(kind, check, id=f"{kind.way}-{check}")
    for kind in (PollHarness, WebhookHarness)
    for check in checks_for(kind)
]


@pytest.mark.parametrize(("kind", "check"), CASES)
async def test_telegram_conforms(
    kind: type[TelegramHarness], check: Check, served: tuple[BotApi, aiohttp.ClientSession]
) -> None:
    await check(kind(*served))
