"""After a while away, what was said is read from Slack's histories; once, in order, and at Slack's pace."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from connectors.slack import SlackConnector
from connectors.slack.connector import EventsSlack
from hub.contract.errors import Unavailable
from hub.contract.inbound import Cursor, InboundEvent, MessageEdited, MessageReceived
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import CHAT, SUPPORT, US, Refused


async def caught_up(api: SlackApi, cursor: Cursor, *, now: datetime) -> Sequence[InboundEvent]:
    """All that is read until nothing more is."""
    found: list[InboundEvent] = []
    async with aiohttp.ClientSession() as http:
        connector = SlackConnector(config_for(api, "events"), kit_for(http, now=lambda: now))
        assert isinstance(connector, EventsSlack)
        await connector.connect()
        while True:
            batch = await connector.catch_up(cursor)
            found += [read for each in batch.events for read in connector.read(each)]  # type: ignore[arg-type]
            assert batch.cursor
            cursor = batch.cursor
            if not batch.more:
                return found


def said(events: Sequence[InboundEvent]) -> list[tuple[str, str]]:
    return [(each.thread.key, each.content.text) for each in events if isinstance(each, MessageReceived)]


async def test_what_was_said_below_older_messages_and_what_was_edited_is_read_too(api: SlackApi) -> None:
    now = datetime.now(UTC)
    hours = {"at": now.timestamp() - 6 * 3600}
    api.now = lambda: hours["at"]
    root = api.write(f"<@{US}> is the tent dry?", SUPPORT)
    old = api.write("It is red", CHAT)
    api.last_ms = 0
    hours["at"] = now.timestamp() - 3600
    away = Cursor(f"{hours['at'] - 60:.3f} event:Ev1")
    api.write("And now?", SUPPORT, thread_ts=root["ts"])
    api.messages[CHAT, old["ts"]] |= {"text": "It is blue", "edited": {"user": "U0ANA", "ts": api.ts()}}
    for number in range(5):
        api.write(f"Question {number}", CHAT)
    api.most_at_once = 2
    api.failing["conversations.history"] = Refused("ratelimited", 429, retry_after=1)
    found = await caught_up(api, away, now=now)
    below = f"T0SHOP/{SUPPORT}:{root['ts']}"
    chat = [(f"T0SHOP/{CHAT}", f"Question {number}") for number in range(5)]
    assert said(found) == [(below, "And now?"), *chat] or said(found) == [*chat, (below, "And now?")]
    [edit] = [each for each in found if isinstance(each, MessageEdited)]
    assert (edit.message, edit.content.text) == (f"{CHAT}/{old['ts']}", "It is blue")


async def test_nothing_is_read_without_an_outage_and_slacks_own_moves_the_cursor_not_on(
    api: SlackApi,
) -> None:
    now = datetime.now(UTC)
    api.write("Good morning")
    assert not await caught_up(api, Cursor(f"{now.timestamp() - 60:.3f} -"), now=now)
    assert not api.called("conversations.history")
    async with aiohttp.ClientSession() as http:
        connector = SlackConnector(config_for(api, "events"), kit_for(http, now=lambda: now))
        assert isinstance(connector, EventsSlack)
        api.fail = "unavailable"
        with pytest.raises(Unavailable):
            await connector.catch_up(Cursor(f"{now.timestamp() - 60:.3f} -"))


async def test_what_lacks_its_scope_is_passed_over_and_the_rest_is_read(api: SlackApi) -> None:
    now = datetime.now(UTC)
    api.scopes = api.scopes.replace("channels:read,", "")
    api.write(f"<@{US}> in the channel", SUPPORT)
    api.write("In the chat", CHAT)
    away = Cursor(f"{(now - timedelta(hours=1)).timestamp():.3f} -")
    assert said(await caught_up(api, away, now=now)) == [(f"T0SHOP/{CHAT}", "In the chat")]
