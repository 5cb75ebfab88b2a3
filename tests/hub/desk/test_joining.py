"""Merging and splitting: everything moves, nothing is lost, all of it can be taken back."""

from dataclasses import replace
from typing import Any

import pytest

from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.counting import count_views
from hub.desk.deeds import note, resolve, tag
from hub.desk.joining import merge, split
from hub.desk.opening import open_conversation
from hub.desk.replying import Draft, reply
from hub.desk.undoing import undo
from hub.desk.views import list_view, repair_counts
from hub.model.inbox import Awaiting, Conversation, Message, Note, Side, Status
from hub.model.ratings import BY
from tests.hub.desk.inbox import RESTRICTED
from tests.hubs import Office, until


async def two(office: Office) -> tuple[Conversation, Conversation, Any, Any]:
    """Two conversations of different people, each with its first message."""
    first = office.platform.write(office.world.person("ana"), "The kettle leaks")
    second = office.platform.write(office.world.person("ben"), "It still leaks")
    await office.conversation(2)
    found = {each.last.preview: each for each in await office.conversations()}
    return found["The kettle leaks"], found["It still leaks"], first, second


async def texts(office: Office, conversation: str) -> list[str]:
    said = await office.hub.store.inbox.timeline(conversation)
    found = [
        each.content.text if isinstance(each, Message) else each.text
        for each in said
        if isinstance(each, Message | Note)
    ]
    return sorted(found)


async def kept(office: Office, conversation: str) -> Conversation:
    found = await office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    return found


async def test_after_merging_everything_is_in_one_and_what_follows_too(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    one, other, _, post = await two(office)
    await note(desk, ana, other.id, "a note")
    await tag(desk, ana, other.id, "vip")
    await merge(desk, ana, one.id, [other.id])
    assert await texts(office, one.id) == ["It still leaks", "The kettle leaks", "a note"]
    merged = await kept(office, other.id)
    assert (merged.status, merged.merged_into) == (Status.MERGED, one.id)
    assert (await kept(office, one.id)).tags == ("vip",)
    assert [each.id for each in (await list_view(desk, ana, "open")).rows] == [one.id]
    office.platform.answer(post, "And now it is hot")
    await until(lambda: _is_last(office, one.id, "And now it is hot"))
    assert (await open_conversation(desk, ana, other.id)).conversation.id == one.id
    assert (await count_views(desk, ana))["open"] == 1
    assert await repair_counts(office.hub.desk) == 0


async def _is_last(office: Office, conversation: str, text: str) -> bool:
    return (await kept(office, conversation)).last.preview == text


async def test_unmerging_gives_back_what_belonged_to_each_and_what_came_since(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    one, other, _, post = await two(office)
    await note(desk, ana, other.id, "a note")
    before, was = await kept(office, one.id), await kept(office, other.id)
    done = await merge(desk, ana, one.id, [other.id])
    office.platform.answer(post, "And now it is hot")
    await until(lambda: _is_last(office, one.id, "And now it is hot"))
    assert done.token
    await undo(desk, ana, done.token)
    assert await texts(office, one.id) == ["The kettle leaks"]
    assert await texts(office, other.id) == ["And now it is hot", "It still leaks", "a note"]
    now, again = await kept(office, one.id), await kept(office, other.id)
    assert (now.last, now.awaiting, now.tags) == (before.last, before.awaiting, before.tags)
    assert (again.status, again.merged_into, again.customer) == (Status.OPEN, None, was.customer)
    assert again.last.preview == "And now it is hot"
    assert (await count_views(desk, ana))["open"] == 2
    assert await repair_counts(desk) == 0
    with pytest.raises(NotPossible):
        await undo(desk, ana, done.token)


async def test_three_are_merged_and_taken_apart_again(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    for name in ("ana", "ben", "cy"):
        office.platform.write(office.world.person(name), f"I am {name}")
    await office.conversation(3)
    ids = [each.id for each in await office.conversations()]
    said = {each: await texts(office, each) for each in ids}
    done = await merge(desk, ana, ids[0], ids)
    assert await texts(office, ids[0]) == sorted(text for each in said.values() for text in each)
    assert done.token
    assert await undo(desk, ana, done.token) == 2
    assert {each: await texts(office, each) for each in ids} == said
    assert (await count_views(desk, ana))["open"] == 3


async def test_a_merged_conversation_is_split_by_its_threads_and_joined_again(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    one, other, _, post = await two(office)
    await merge(desk, ana, one.id, [other.id])
    moved = [each for each in await office.hub.store.moving.threads_of(one.id) if each.key == post.thread.key]
    opened, done = await split(desk, ana, one.id, [each.id for each in moved])
    assert await texts(office, opened) == ["It still leaks"]
    new = await kept(office, opened)
    assert (new.customer, new.subject, new.awaiting) == (other.customer, "It still leaks", Awaiting.US)
    message = await reply(desk, ana, opened, Draft(text="Which one?"))
    assert message.thread == post.thread.key
    assert done.token
    await undo(desk, ana, done.token)
    assert await texts(office, one.id) == ["It still leaks", "The kettle leaks", "Which one?"]
    assert (await kept(office, opened)).merged_into == one.id
    assert await repair_counts(desk) == 0


async def test_what_cannot_be_merged_or_split_is_refused(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    one, other, _, _ = await two(office)
    for others in ([], [one.id]):
        with pytest.raises(NotPossible):
            await merge(desk, ana, one.id, others)
    with pytest.raises(NotAllowed):
        await merge(desk, RESTRICTED, one.id, [other.id])
    threads = [each.id for each in await office.hub.store.moving.threads_of(one.id)]
    for wanted in (threads, [], ["none"]):
        with pytest.raises(NotPossible):
            await split(desk, ana, one.id, wanted)
    await merge(desk, ana, one.id, [other.id])
    with pytest.raises(NotPossible):
        await merge(desk, ana, one.id, [other.id])
    with pytest.raises(NotPossible):
        await resolve(desk, ana, other.id)


async def test_a_question_about_satisfaction_is_not_what_was_said_last(office: Office) -> None:
    one, other, *_ = await two(office)
    asked = replace(
        await _message_of(office, other.id), id="asked", at=office.hub.clock(), author=BY, side=Side.US
    )
    await office.hub.store.inbox.add_entries([asked])
    await merge(office.hub.desk, office.ana, one.id, [other.id])
    merged = await kept(office, one.id)
    assert (merged.last.preview, merged.awaiting) == ("It still leaks", Awaiting.US)


async def _message_of(office: Office, conversation: str) -> Message:
    found = await office.hub.store.inbox.timeline(conversation)
    return next(each for each in found if isinstance(each, Message))
