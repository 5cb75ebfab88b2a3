"""Whatever is kept or posted: the connector asks, settles and reads, or raises errors of the contract."""

import json
from random import Random
from typing import Any

import aiohttp
from multidict import CIMultiDict
from pydantic import HttpUrl, SecretStr

from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import SECRET_HEADER, PollingTelegram, WebhookTelegram
from connectors.telegram.updates import arrived
from hub.app import Hub
from hub.contract.errors import ConnectorError, PayloadUnrecognised, SignatureInvalid
from hub.contract.inbound import WebhookRequest
from hub.work import running
from tests.conformance import kit_for
from tests.conformance_kit.receiving import check_event
from tests.conformance_kit.webhooks import spoiled
from tests.connectors.telegram.bot_api import TOKEN, BotApi
from tests.connectors.telegram.test_conforms import SECRET
from tests.connectors.telegram.test_read import NOW, PAYLOADS
from tests.hubs import connect, until

URL = "https://hub.example/hooks/telegram"


def recorded(*, asking: bool = False) -> list[Any]:
    """Updates of theirs; `asking`: those about which Telegram is asked or told something."""
    found: list[Any] = []
    for path in sorted(PAYLOADS.glob("*.json")):
        whole = json.loads(path.read_text(encoding="utf-8"))
        found += whole if isinstance(whole, list) else [whole]
    return [each for each in found if not asking or {"callback_query", "business_connection"} & each.keys()]


def bent(updates: list[Any], count: int) -> list[bytes]:
    random = Random(11)
    bodies = [each for update in updates for each in spoiled(json.dumps(update).encode())]
    return random.sample(bodies, count)


async def test_whatever_was_kept_is_prepared_and_read(connector: PollingTelegram) -> None:
    asked = 0
    for body in bent(recorded(asking=True), 250):
        try:
            event = arrived(1, json.loads(body), NOW)
        except ValueError:
            continue
        try:
            event = await connector.prepare(event)
        except ConnectorError:
            asked += 1
        for each in connector.read(event):
            check_event(each)
    assert asked == 0  # Telegram was there, and what it refuses is no reason to ask again


def test_whatever_is_asked_needs_the_secret(api: BotApi) -> None:
    config = TelegramConfig(
        token=SecretStr(TOKEN), way="webhook", webhook_secret=SecretStr(SECRET), api=HttpUrl(api.base)
    )
    connector = WebhookTelegram(config, kit_for(None))  # type: ignore[arg-type]  # asks nobody
    for number, body in enumerate(bent(recorded(), 60)):
        for given in ({}, {SECRET_HEADER: SECRET[: number % len(SECRET)]}, {SECRET_HEADER: "\udcff"}):
            request = WebhookRequest("POST", URL, CIMultiDict(given), {}, body)
            assert connector.challenge(request) is None
            try:
                connector.verify(request)
            except SignatureInvalid:
                continue
            raise AssertionError("taken without the secret")
        try:
            connector.parse(WebhookRequest("POST", URL, CIMultiDict(), {}, body))
        except PayloadUnrecognised:
            pass


async def test_whatever_is_posted_to_the_door_is_kept_and_read_or_named(hub: Hub, api: BotApi) -> None:
    """With the secret, so that it comes as far as anything can; without it goes no further."""
    config = TelegramConfig(
        token=SecretStr(TOKEN), way="webhook", webhook_secret=SecretStr(SECRET), api=HttpUrl(api.base)
    )
    channel = await connect(hub, "telegram", config, "Bot")
    async with running(hub, web_server=True, worker=True) as at_work, aiohttp.ClientSession() as http:
        url = f"{at_work.url}/hooks/{channel.id}"
        for body in bent(recorded(), 30):
            async with http.post(url, data=body, headers={SECRET_HEADER: SECRET}) as answer:
                assert answer.status == 200
        async with http.post(url, data=b"{}", headers={SECRET_HEADER: "another"}) as answer:
            assert answer.status == 401

        async def read() -> bool:
            pending = hub.store.journal.arrivals.find({"channel": channel.id, "outcome": None})
            return not await pending.to_list(1)

        await until(read, "all of it to be read", seconds=60)
    ends = await hub.store.journal.list_failed_arrivals(channel.id)
    assert {each.words for each in ends} <= {
        "This is not an update of Telegram's.",
        "An update of Telegram's without its number.",
    }
