"""Customers, agents and platforms at the same moment: the conversation shows what is true afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.simulator.troubles import Trouble
from hub.desk.deeds import resolve
from hub.desk.replying import Draft, Held, reply
from hub.ingest.parcels import summary_change
from hub.model.inbox import Awaiting, Message, Status
from hub.store.queues import LANES, LOAD_MOST
from tests.hubs import Office, until


async def conversation_of(office: Office, conversation: str) -> tuple[Status, Awaiting]:
    found = await office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    return found.status, found.awaiting


async def test_a_message_that_crosses_a_resolution_opens_the_conversation_again(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "One")
    before = await office.conversation()
    await resolve(office.hub.desk, office.ana, before.id)
    [message] = await office.messages(before.id)
    crossing = replace(message, id="f" * 24, at=message.at + timedelta(seconds=1))
    change = summary_change(before, crossing)  # decided on before the resolution, written after it
    assert change is not None
    await office.hub.store.inbox.update_conversations([(before.id, change)], [before])
    assert await conversation_of(office, before.id) == (Status.OPEN, Awaiting.US)
    assert post.id


async def test_a_reply_that_crosses_a_message_leaves_it_waiting_for_us(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = office.platform.write(office.world.person("ana"), "One")
    conversation = await office.conversation()
    inbox = office.hub.store.inbox
    add_entries = inbox.add_entries

    async def add_late(entries: list[Message]) -> None:
        """The customer writes between the agent's look and the agent's answer."""
        if not [each for each in entries if getattr(each, "author", "") == office.ana.id]:
            await add_entries(entries)  # what the pipeline still adds about the first message
            return
        monkeypatch.undo()
        office.platform.answer(post, "Two")

        async def there() -> bool:
            found = await inbox.find_conversation(conversation.id)
            return found is not None and found.last.preview == "Two"

        await until(there)
        await add_entries(entries)

    monkeypatch.setattr(inbox, "add_entries", add_late)
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Answer to one"))
    assert await conversation_of(office, conversation.id) == (Status.OPEN, Awaiting.US)


async def test_one_key_in_two_conversations_sends_two_answers(office: Office) -> None:
    for name in ("ana", "ben"):
        office.platform.write(office.world.person(name), "Hello?")
    await office.conversation(2)
    for found in await office.conversations():
        await reply(office.hub.desk, office.ana, found.id, Draft(text="Hi.", key="1"))

    async def both() -> bool:
        return all(office.world.inbox_of(name) for name in ("ana", "ben"))

    await until(both)


async def test_a_mail_that_comes_late_holds_the_reply_although_it_is_dated_earlier(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "One")
    conversation = await office.conversation()
    seen = conversation.last.entry
    office.platform.answer(post, "Delayed on its way.", at=office.hub.clock() - timedelta(hours=1))
    await office.messages(conversation.id, 2)
    with pytest.raises(Held):
        await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hi.", seen=seen))


async def test_files_that_cannot_be_fetched_just_now_are_fetched_later(office: Office) -> None:
    office.platform.fail(Trouble.DOWN, on="file", calls=1)
    office.platform.write(office.world.person("ana"), "See", files=[("a.txt", "text/plain", b"hello")])
    conversation = await office.conversation()
    [message] = await office.messages(conversation.id)
    [attachment] = message.content.attachments
    assert attachment.stored is not None
    assert attachment.refused is None


async def test_many_large_mails_are_loaded_a_few_at_a_time(office: Office) -> None:
    journal = office.hub.store.journal
    largest = LOAD_MOST // 2 + 1
    await office.hub.store.database.journal.insert_many(
        [
            {
                "_id": f"large {number}",
                "channel": "nobody's",
                "key": str(number),
                "thread": str(number),
                "lane": LANES,
                "pending": LANES,
                "received_at": office.hub.clock(),
                "kind": "Ignored",
                "size": largest,
                "event": {
                    "key": str(number),
                    "at": office.hub.clock(),
                    "thread": {"key": "t", "surface": "email"},
                    "raw": "",
                    "because": "",
                },
            }
            for number in range(4)
        ]
    )
    assert len(await journal.waiting([LANES], office.hub.clock())) == 1
