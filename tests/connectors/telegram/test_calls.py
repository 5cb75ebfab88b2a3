"""Whether Telegram's calls arrive: asked on request, and now and then while a channel runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import WebhookTelegram
from hub.contract.errors import Unavailable
from hub.model.channels import Health
from hub.watching import watch_webhook
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import TOKEN, BotApi

URL = "https://hub.example/hooks/1"


@pytest.fixture
async def called(api: BotApi) -> AsyncIterator[WebhookTelegram]:
    async with aiohttp.ClientSession() as http:
        secret = SecretStr("a-secret")
        config = TelegramConfig(
            token=SecretStr(TOKEN), way="webhook", webhook_secret=secret, api=HttpUrl(api.base), timeout=2
        )
        made = WebhookTelegram(config, kit_for(http))
        await made.connect()
        await made.register_webhook(URL)
        yield made
        await made.close()


def fails(api: BotApi, *, ago: int = 5) -> None:
    words = "Wrong response from the webhook: 502 Bad Gateway"
    api.hook_trouble = {"last_error_date": int(time.time()) - ago, "last_error_message": words}


async def test_what_telegram_says_of_its_calls_is_told(api: BotApi, called: WebhookTelegram) -> None:
    assert await called.check_webhook(URL) == "Telegram's calls arrive; 0 updates wait."
    api.write()
    fails(api)
    with pytest.raises(Unavailable, match="1 updates wait: Wrong response from the webhook: 502"):
        [each async for each in called.probe()]
    fails(api, ago=3600)
    assert [each async for each in called.probe()] == ["Telegram's calls arrive; 1 updates wait."]


async def test_whoever_took_the_calls_is_named(api: BotApi, called: WebhookTelegram) -> None:
    api.hook = ("https://elsewhere.example/secret-path", "")
    with pytest.raises(Unavailable, match="to elsewhere.example, and not here") as taken:
        await called.check_webhook(URL)
    assert "secret-path" not in str(taken.value)
    api.hook = None
    with pytest.raises(Unavailable, match="nowhere"):
        await called.check_webhook(URL)


async def test_a_running_channel_tells_when_its_calls_fail_and_when_they_arrive_again(
    api: BotApi, called: WebhookTelegram
) -> None:
    told: asyncio.Queue[tuple[Health, str]] = asyncio.Queue()

    async def report(health: Health, words: str) -> None:
        told.put_nowait((health, words))

    watching = asyncio.create_task(watch_webhook(called, URL, report, every=0.01))
    api.write()
    fails(api)
    async with asyncio.timeout(10):
        health, words = await told.get()
        assert (health, "502 Bad Gateway" in words) == (Health.RETRYING, True)
        api.updates.clear()
        assert await told.get() == (Health.CONNECTED, "")
    assert told.empty()  # said once each
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
