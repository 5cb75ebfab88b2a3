"""What a customer said in one thread stands in that order, whichever of two clocks it is shown by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from hub.app import Hub
from hub.contract.capabilities import Surface
from hub.contract.inbound import Author, MessageReceived, RemoteId, Thread
from hub.model.content import Content
from hub.store.queues import LANES
from tests.hub.ingest.post import PostRoom, post_room

SECOND = timedelta(seconds=1)
MOMENT = timedelta(milliseconds=1)


def said_by_cora(text: str, at: datetime) -> MessageReceived:
    return MessageReceived(
        key=f"key {text}",
        at=at,
        thread=Thread("with Cora", Surface.DIRECT),
        message=RemoteId(f"message {text}"),
        author=Author(key="cora", name="Cora"),
        content=Content(text=text),
    )


async def told(room: PostRoom, said: Sequence[tuple[str, datetime, datetime]]) -> list[str]:
    """Texts with the platform's time and that of their coming in; what the conversation then shows."""
    for text, at, received in said:
        await room.hub.store.journal.add(room.channels["Chat"].id, [said_by_cora(text, at)], received)
        await room.work()
    return await shown(room)


async def shown(room: PostRoom) -> list[str]:
    [conversation] = await room.open()
    assert conversation.last is not None
    texts = [each.content.text for each in await room.messages(conversation.id)]
    assert conversation.last.preview == texts[-1]
    return texts


async def test_many_in_one_second_that_come_in_late_stand_as_they_were_handed_over(hub: Hub) -> None:
    room = await post_room(hub)
    await room.chat("Chat")
    now = hub.clock()
    second = (now - timedelta(hours=1)).replace(microsecond=0)
    texts = [f"{number}" for number in range(8)]
    assert await told(room, [(each, second, now) for each in texts]) == texts


async def test_what_came_in_at_once_stands_before_what_was_said_after_it_and_came_in_late(hub: Hub) -> None:
    room = await post_room(hub)
    await room.chat("Chat")
    now = hub.clock()
    said = [
        ("first", now, now + 9 * SECOND),  # shown by when it came in
        ("second", now + 5 * SECOND, now + 16 * SECOND),  # by when it was said, which is earlier
        ("third", now + 5 * SECOND, now + 16 * SECOND),
    ]
    assert await told(room, said) == ["first", "second", "third"]


async def test_what_was_said_earlier_and_comes_in_late_is_put_where_it_was_said(hub: Hub) -> None:
    room = await post_room(hub)
    await room.chat("Chat")
    now = hub.clock()
    said = [
        ("first", now - 60 * SECOND, now - 60 * SECOND),
        ("third", now, now),
        ("second", now - 30 * SECOND, now + SECOND),
    ]
    assert await told(room, said) == ["first", "second", "third"]


async def test_what_comes_in_at_once_stands_before_what_was_said_after_it_and_is_shown_by_that(
    hub: Hub,
) -> None:
    room = await post_room(hub)
    await room.chat("Chat")
    now = hub.clock()
    said = [
        ("third", now + 2 * SECOND, now + 13 * SECOND),  # by when it was said
        ("fourth", now + 4 * SECOND, now + 13 * SECOND),  # by when it came in
        ("first", now, now + 9 * SECOND),  # too, which is later than the third stands at
        ("second", now + SECOND, now + 10 * SECOND),
    ]
    assert await told(room, said) == ["first", "second", "third", "fourth"]


@pytest.mark.parametrize("seed", range(4))
async def test_a_heap_of_one_moment_stands_as_it_was_said_whatever_is_worked_on_first(
    hub: Hub, seed: int
) -> None:
    """It comes in in one order and is worked on in another: nobody is pushed onto a moment that is taken."""
    room = await post_room(hub)
    await room.chat("Chat")
    now, random = hub.clock(), Random(seed)
    said = [said_by_cora(f"{number}", now + number * 2 * MOMENT) for number in range(8)]
    await hub.store.journal.add(room.channels["Chat"].id, random.sample(said, 8), now + 50 * MOMENT)
    waiting = await hub.store.journal.waiting(range(LANES), now + SECOND)
    for each in random.sample(waiting, 8):
        await room.pipeline.work(await room.pipeline.read([each]))
    assert await shown(room) == [each.content.text for each in said]
