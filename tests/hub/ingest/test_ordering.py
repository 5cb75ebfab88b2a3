"""What a customer said in one thread stands in that order, whichever of two clocks it is shown by."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.app import Hub
from hub.contract.capabilities import Surface
from hub.contract.inbound import Author, MessageReceived, RemoteId, Thread
from hub.model.content import Content
from tests.hub.ingest.post import PostRoom, post_room

SECOND = timedelta(seconds=1)


async def told(room: PostRoom, said: Sequence[tuple[str, datetime, datetime]]) -> list[str]:
    """Texts with the platform's time and that of their coming in; what the conversation then shows."""
    for text, at, received in said:
        event = MessageReceived(
            key=f"key {text}",
            at=at,
            thread=Thread("with Cora", Surface.DIRECT),
            message=RemoteId(f"message {text}"),
            author=Author(key="cora", name="Cora"),
            content=Content(text=text),
        )
        await room.hub.store.journal.add(room.channels["Chat"].id, [event], received)
        await room.work()
    [conversation] = await room.open()
    assert conversation.last is not None
    shown = [each.content.text for each in await room.messages(conversation.id)]
    assert conversation.last.preview == shown[-1]
    return shown


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
