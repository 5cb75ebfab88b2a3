"""One mail to several of our mailboxes: one message, one conversation, found under each of them."""

from hub.app import Hub
from hub.desk.deeds import delete
from hub.desk.joining import merge
from hub.desk.views import list_view
from hub.model.desk import Filter
from hub.model.inbox import Copy
from hub.model.journal import Outcome
from tests.hub.ingest.post import SALES, SUPPORT, mail, post_room

BOTH = f"{SALES}, {SUPPORT}"


async def test_a_mail_to_two_mailboxes_is_one_conversation_that_names_both(hub: Hub) -> None:
    room = await post_room(hub)
    letter = mail("It leaks.", to=BOTH)
    await room.receive(SUPPORT, letter)
    [conversation] = await room.receive(SALES, letter)
    sales = room.channels[SALES]
    assert conversation.also == (sales.id,)
    [message] = await room.messages(conversation.id)
    assert [(each.channel, each.first) for each in message.copies] == [(sales.id, True)]
    [fact] = await room.facts(conversation.id, "received_also")
    assert fact.because == "The same mail came to Sales, too."
    [arrived] = await room.arrived(SALES)
    assert (arrived.outcome, arrived.ref) == (Outcome.DUPLICATE, message.id)
    assert arrived.words == "The same mail came to Support first: it is in one conversation, with both."
    for channel in room.channels.values():  # found under either
        page = await list_view(hub.desk, room.ana, "open", wanted=Filter(channels=(channel.id,)))
        assert [each.id for each in page.rows] == [conversation.id]


async def test_copies_that_come_at_the_same_moment_end_as_one(hub: Hub) -> None:
    room = await post_room(hub)
    for number in range(6):
        letter = mail(f"Matter {number}", to=BOTH, number=number, sender=f"c{number}@home.test")
        entries = [*await room.put(SUPPORT, letter), *await room.put(SALES, letter)]
        await room.race(entries)
    # Who lost may have found the other's message not yet written: then it waits a moment.
    for entry in await hub.store.database.journal.find({"pending": {"$ne": None}}).to_list(None):
        await hub.store.database.journal.update_one({"_id": entry["_id"]}, {"$unset": {"not_before": ""}})
    await room.work()
    found = await room.open()
    assert len(found) == 6
    for each in found:
        [message] = await room.messages(each.id)
        assert len(message.copies) == 1
        assert len(each.also) == 1
    outcomes = [each.outcome for address in (SUPPORT, SALES) for each in await room.arrived(address)]
    assert sorted(map(str, outcomes)) == ["delivered"] * 6 + ["duplicate"] * 6


async def test_both_in_one_batch_and_both_again_change_nothing(hub: Hub) -> None:
    room = await post_room(hub)
    letter = mail("It leaks.", to=BOTH)
    entries = [*await room.put(SUPPORT, letter), *await room.put(SALES, letter)]
    await room.work()
    before = await room.open()
    for each in entries:
        await hub.store.journal.replay(each)
    await room.work()
    assert await room.open() == before
    assert len(before) == 1
    assert len(await room.facts(before[0].id, "received_also")) == 1


async def test_an_answer_to_either_copy_is_found_in_the_one_conversation(hub: Hub) -> None:
    room = await post_room(hub)
    letter = mail("It leaks.", to=BOTH)
    await room.receive(SUPPORT, letter)
    await room.receive(SALES, letter)
    more = mail("Still.", to=SALES, number=2, In_Reply_To="<m1@home.test>", References="<m1@home.test>")
    [conversation] = await room.receive(SALES, more)
    assert [each.content.text.strip() for each in await room.messages(conversation.id)] == [
        "It leaks.",
        "Still.",
    ]


async def test_a_copy_that_says_something_else_is_a_mail_of_its_own(hub: Hub) -> None:
    room = await post_room(hub)
    await room.receive(SUPPORT, mail("It leaks.", to=BOTH))
    assert len(await room.receive(SALES, mail("It does not.", to=BOTH))) == 2
    forged = mail("It leaks.", to=BOTH, sender="Eve <eve@home.test>")
    assert len(await room.receive(SALES, forged)) == 3


async def test_what_has_a_conversation_of_its_own_stays_in_that(hub: Hub) -> None:
    room = await post_room(hub)
    await room.receive(SUPPORT, mail("To support.", number=1))
    await room.receive(SALES, mail("To sales.", to=SALES, number=2, subject="Prices"))
    answer = mail(
        "To both.",
        to=BOTH,
        number=3,
        In_Reply_To="<m1@home.test>",
        References="<m1@home.test> <m2@home.test>",
    )
    await room.receive(SUPPORT, answer)
    found = await room.receive(SALES, answer)
    said = {each.channel: len(await room.messages(each.id)) for each in found}
    assert said == {room.channels[SUPPORT].id: 2, room.channels[SALES].id: 2}


async def test_a_copy_follows_its_message_where_that_was_merged_and_stays_away_when_it_was_deleted(
    hub: Hub,
) -> None:
    room = await post_room(hub)
    await room.receive(SUPPORT, mail("One.", number=1))
    letter = mail("Two.", to=BOTH, number=2, subject="Another matter altogether")
    one, two = await room.receive(SUPPORT, letter)
    await merge(hub.desk, room.ana, one.id, [two.id])
    [kept] = await room.receive(SALES, letter)
    assert (kept.id, kept.also) == (one.id, (room.channels[SALES].id,))
    last = mail("Three.", to=BOTH, number=3, sender="Ben <ben@home.test>", subject="Forget it")
    found = await room.receive(SUPPORT, last)
    await delete(hub.desk, room.ana, found[-1].id)
    assert [each.id for each in await room.receive(SALES, last)] == [one.id]
    assert (await room.arrived(SALES))[0].outcome is Outcome.IGNORED


async def test_the_mailbox_that_is_named_first_is_the_one_that_was_addressed(hub: Hub) -> None:
    room = await post_room(hub)
    letter = mail("It leaks.", to=f"{SUPPORT}, {SALES}")
    await room.receive(SUPPORT, letter)
    [conversation] = await room.receive(SALES, letter)
    [message] = await room.messages(conversation.id)
    [copy] = message.copies
    assert copy == Copy(room.channels[SALES].id, copy.thread, first=False)
