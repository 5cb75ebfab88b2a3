"""What changes at Telegram while the hub works: businesses leave and come back, messages come in heaps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram import TelegramConnector
from connectors.telegram.config import Business, TelegramConfig, Way
from connectors.telegram.connector import SECRET_HEADER
from hub.app import Hub
from hub.model.channels import Channel, Health
from hub.work import running
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import TOKEN, BotApi, serving
from tests.connectors.telegram.test_conforms import SECRET
from tests.hubs import connect, until


@dataclass(slots=True)
class Door:
    """Where Telegram's calls come in; who polls needs none."""

    hub: Hub
    api: BotApi
    channel: Channel
    url: str
    posted: int = 0

    async def post(self) -> None:
        fresh, self.posted = self.api.updates[self.posted :], len(self.api.updates)
        async with aiohttp.ClientSession() as http:
            for each in fresh:
                async with http.post(self.url, json=each, headers={SECRET_HEADER: SECRET}) as answer:
                    assert answer.status == 200

    async def is_told(self, problem: str) -> bool:
        kept = await self.hub.store.channels.find(self.channel.id)
        told = (kept.problem or "") if kept and kept.health is Health.CONNECTED else None
        return told is not None and (problem in told if problem else not told)


@pytest.fixture
async def door(hub: Hub, way: Way, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr("hub.watching.EVERY", 0.1)
    web = hub.settings.web.model_copy(update={"public_url": "https://hub.example"})
    there = replace(hub, settings=hub.settings.model_copy(update={"web": web}))
    with serving() as api:
        secret = SecretStr(SECRET) if way == "webhook" else None
        config = TelegramConfig(
            token=SecretStr(TOKEN), way=way, webhook_secret=secret, api=HttpUrl(api.base), timeout=2
        )
        channel = await connect(hub, "telegram", config, "Bot")
        async with running(there, web_server=way == "webhook", worker=True) as at_work:
            made = Door(hub, api, channel, f"{at_work.url}/hooks/{channel.id}")
            await until(lambda: made.is_told(""), "the channel to be connected")
            yield made


@pytest.mark.parametrize("way", ["poll", "webhook"])
async def test_a_business_that_cannot_be_answered_is_told_in_the_channels_health_until_it_can(
    door: Door, way: Way
) -> None:
    async def told(problem: str, what: str) -> None:
        if way == "webhook":
            await door.post()
        await until(lambda: door.is_told(problem), what)

    door.api.connect_business("bc-1")
    door.api.connect_business("bc-1", enabled=False)
    await told("Rosa: the business account was disconnected from the bot. Connect it again", "it to be named")
    door.api.connect_business("bc-2", can_reply=False)  # connected again, by another name
    await told(
        "Rosa: the business account does not let the bot reply. Allow it in Telegram", "the missing right"
    )
    door.api.connect_business("bc-2")
    await told("", "all to be well")
    assert door.api.sends() == 0


def test_whoever_saves_the_settings_has_seen_which_businesses_cannot_be_answered() -> None:
    left = Business(user=7007, name="Rosa", gone=True)
    config = TelegramConfig(token=SecretStr(TOKEN), unanswerable=(left,))
    made = TelegramConnector(config, kit_for(None))  # type: ignore[arg-type]  # asks nobody
    assert "save the channel's settings" in made.trouble()
    assert TelegramConnector(made.adjusted({}), made.kit).trouble() == ""
