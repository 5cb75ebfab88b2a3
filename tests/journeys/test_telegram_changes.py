"""What changes at Telegram while the hub works: businesses leave and come back, messages come in heaps."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import aiohttp
import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram import TelegramConnector
from connectors.telegram.config import Business, TelegramConfig, Way
from connectors.telegram.connector import SECRET_HEADER
from hub.app import Hub
from hub.model.channels import Channel, Health
from hub.model.inbox import Message, Side, Status
from hub.work import running
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import TOKEN, BotApi, serving
from tests.connectors.telegram.bot_checks import Json
from tests.connectors.telegram.test_conforms import SECRET
from tests.hubs import connect, until

Said = tuple[str, tuple[str | None, ...], bool]  # words, files, whether it was deleted


@dataclass(slots=True)
class Door:
    """Where Telegram's calls come in; who polls needs none."""

    hub: Hub
    api: BotApi
    channel: Channel
    url: str
    posted: int = 0
    random: Random = field(default_factory=lambda: Random(7))

    async def post(self) -> None:
        fresh, self.posted = self.api.updates[self.posted :], len(self.api.updates)
        async with aiohttp.ClientSession() as http:
            for each in fresh:
                await self._one(http, each)

    async def post_in_a_heap(self) -> None:
        """At once and in any order, some of it twice."""
        fresh, self.posted = self.api.updates[self.posted :], len(self.api.updates)
        heap = [*fresh, *self.random.choices(fresh, k=len(fresh) // 2)]
        self.random.shuffle(heap)
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(self._one(http, each) for each in heap))

    async def _one(self, http: aiohttp.ClientSession, update: Json) -> None:
        async with http.post(self.url, json=update, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 200

    async def is_settled(self) -> bool:
        waiting, failed = await self.hub.store.journal.unfinished()
        assert failed[self.channel.id] == 0
        return waiting[self.channel.id] == 0

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


async def said(hub: Hub, wanted: dict[str, list[Said]]) -> bool:
    """By place: the words of each message of theirs, its files, and whether it was deleted."""
    found: dict[str, list[Said]] = {}
    for each in await hub.store.inbox.list_conversations(Status.OPEN):
        entries = await hub.store.inbox.timeline(each.id)
        theirs = [one for one in entries if isinstance(one, Message) and one.side is Side.CUSTOMER]
        found["business" if theirs and "bc-1" in theirs[0].thread else "chat"] = [
            (one.content.text, tuple(file.remote for file in one.content.attachments), bool(one.deleted_at))
            for one in theirs
        ]
    return found == wanted


def edited(message: Json, seconds: int, **more: Any) -> Json:
    return {**message, **more, "edit_date": message["date"] + seconds}


def album(api: BotApi) -> list[Json]:
    """Three pictures, the words below the second."""
    found = []
    for number in range(3):
        api.files[f"P{number}"] = b"\x89PNG\r\n\x1a\n" + bytes([number]) * 500
        picture = {"file_id": f"P{number}", "file_unique_id": f"u{number}", "width": 9, "height": 9}
        more: Json = {"caption": "My tents"} if number == 1 else {}
        found.append(api.message(photo=[picture], media_group_id="77", **more))
    return found


@pytest.mark.timeout(150)
@pytest.mark.parametrize("way", ["webhook"])
async def test_edits_files_and_albums_come_in_heaps_and_end_as_they_were_meant(door: Door, way: Way) -> None:
    """Twice and in no order, through the door: nothing is lost, nothing doubled, each thread in its order."""
    api, hub = door.api, door.hub
    api.files["F1"] = b"%PDF-1.4 bill"
    bill = {"file_id": "F1", "file_unique_id": "uF1", "file_name": "bill.pdf", "mime_type": "application/pdf"}
    first = api.write("It is red")["message"]
    pictures = album(api)
    shown = api.message(document=bill, caption="The bill")
    last = api.write("That is all")["message"]
    for each in (*pictures, shown):
        api.tell(message=each)
    api.tell(edited_message=edited(first, 5, text="It is blue"))
    api.tell(edited_message=edited(first, 9, text="It is green"))
    api.tell(edited_message=edited(shown, 7, caption="Our bill"))
    asked = [api.message(text=f"Open {day}?", business_connection_id="bc-1") for day in ("today", "tomorrow")]
    for each in asked:
        api.tell(business_message=each)
    told = {"business_connection_id": "bc-1", "chat": asked[0]["chat"]}
    api.tell(deleted_business_messages={**told, "message_ids": [asked[0]["message_id"]]})
    api.tell(edited_business_message=edited(asked[1], 5, text="Open on Sunday?"))
    await door.post_in_a_heap()
    chat: list[Said] = [
        ("It is green", (), False),
        ("My tents", ("P0", "P1", "P2"), False),
        ("Our bill", ("F1",), False),
        ("That is all", (), False),
    ]
    business: list[Said] = [("Open today?", (), True), ("Open on Sunday?", (), False)]
    wanted = {"chat": chat, "business": business}
    await until(lambda: said(hub, wanted), "all of the first heap", seconds=40)
    api.tell(edited_message=edited(pictures[1], 20, caption="My old tents"))
    api.tell(edited_message=edited(last, 20, text="Nearly all"))
    await door.post_in_a_heap()
    chat[1], chat[3] = ("My old tents", ("P0", "P1", "P2"), False), ("Nearly all", (), False)
    await until(lambda: said(hub, wanted), "the second heap", seconds=40)
    await until(door.is_settled, "everything to have its end", seconds=40)
    assert await said(hub, wanted)
