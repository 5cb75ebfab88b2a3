"""What becomes of messages on their way in, seen from the inbox."""

from datetime import timedelta

import pytest

from connectors.simulator.troubles import Chances
from hub.contract.capabilities import ReceiptState
from hub.desk.deeds import delete, resolve, snooze
from hub.desk.replying import Draft, reply
from hub.model.inbox import Activity, Awaiting, DeliveryState, Status
from hub.model.journal import Outcome
from tests.hubs import LEFT, Office, until

EMAIL = pytest.mark.parametrize("imitates", ["email"])


async def test_duplicates_reordering_and_rubbish_lose_and_double_nothing(office: Office) -> None:
    office.platform.troubles.chances = Chances(duplicated=0.3, reordered=0.3, broken=0.05)
    people = [office.world.person(f"p{number}") for number in range(6)]
    posts = [office.platform.write(person, "one") for person in people]
    for text in ("two", "three", "four"):
        for post in posts:
            office.platform.answer(post, text)

    async def all_there() -> bool:
        found = await office.conversations()
        said = [await office.messages(each.id) for each in found]
        return len(found) == 6 and all(len(messages) == 4 for messages in said)

    await until(all_there, "four messages in each of six conversations")
    for conversation in await office.conversations():
        texts = [message.content.text for message in await office.messages(conversation.id)]
        assert sorted(texts) == ["four", "one", "three", "two"]


async def test_an_edit_changes_the_message_and_keeps_what_it_said(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "Order 1042 pls")
    conversation = await office.conversation()
    office.platform.edit(post, "Order 1043, please")

    async def edited() -> bool:
        return (await office.conversation()).last.preview == "Order 1043, please"

    await until(edited)
    [message] = await office.messages(conversation.id)
    assert message.content.text == "Order 1043, please"
    assert [version.text for version in message.edits] == ["Order 1042 pls"]


async def test_a_deleted_message_is_marked_and_its_words_leave_the_list(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "my card number is …")
    conversation = await office.conversation()
    office.platform.delete(post)

    async def gone() -> bool:
        [message] = await office.messages(conversation.id)
        listed = await office.conversation()
        return message.deleted_at is not None and listed.last.preview == ""

    await until(gone)


async def test_reactions_come_and_go_with_the_message_they_belong_to(office: Office) -> None:
    ana = office.world.person("ana")
    post = office.platform.write(ana, "Thanks!")
    conversation = await office.conversation()
    office.platform.react(ana, post, "👍")

    async def reactions(count: int) -> bool:
        [message] = await office.messages(conversation.id)
        return len(message.reactions) == count

    await until(lambda: reactions(1))
    office.platform.react(ana, post, "👍", on=False)
    await until(lambda: reactions(0))


async def test_an_edit_that_overtakes_its_message_waits_for_it(office: Office) -> None:
    office.platform.troubles.chances = Chances(reordered=1.0)
    post = office.platform.write(office.world.person("ana"), "first")
    office.platform.edit(post, "second")

    async def edited() -> bool:
        found = await office.conversations()
        return bool(found) and found[0].last.preview == "second"

    await until(edited)


async def test_a_message_soon_after_reopens_and_one_long_after_opens_anew(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "It broke.")
    first = await office.conversation()
    await resolve(office.hub.desk, office.ana, first.id)
    office.platform.answer(post, "It broke again.")
    again = await office.conversation()
    assert again.id == first.id
    entries = await office.timeline(first.id, 4)
    facts = [entry.kind for entry in entries if isinstance(entry, Activity)]
    assert facts == ["resolved", "reopened"]
    await resolve(office.hub.desk, office.ana, first.id)
    await office.hub.store.channels.change(office.channel.id, {"reopen_days": -1})
    office.platform.answer(post, "Another matter.")
    other = await office.conversation()
    assert other.id != first.id
    assert "resolved more than" in (await office.messages(other.id, 1))[0].because


@EMAIL
async def test_a_stranger_in_a_thread_gets_a_conversation_of_their_own(office: Office) -> None:
    ana = office.world.person("ana", name="Ana")
    asked = office.platform.write(ana, "My order?", subject="Order 7")
    await office.conversation()
    stranger = office.world.person("eve", name="Eve")
    office.platform.write(stranger, "I was forwarded this.", thread=asked.thread.key)
    theirs = await office.conversation(2)
    assert theirs.customer_name == "Eve"
    office.platform.write(stranger, "Hello?", thread=asked.thread.key)
    assert len(await office.messages(theirs.id, 2)) == 2
    office.platform.write(ana, "Any news?", thread=asked.thread.key)

    async def ana_continued() -> bool:
        first = next(each for each in await office.conversations() if each.customer_name == "Ana")
        return len(await office.messages(first.id)) == 2

    await until(ana_continued)


@EMAIL
async def test_somebody_who_was_copied_has_a_part_in_the_conversation(office: Office) -> None:
    ana, ben = office.world.person("ana"), office.world.person("ben")
    asked = office.platform.write(ana, "Ben and I ask.", subject="Both", also_to=[ben])
    first = await office.conversation()
    office.platform.write(ben, "Me too.", thread=asked.thread.key)
    assert len(await office.messages(first.id, 2)) == 2
    assert len(await office.conversations()) == 1


async def test_a_deleted_conversation_does_not_come_back(office: Office) -> None:
    office.platform.write(office.world.person("ana"), "Forget me.")
    conversation = await office.conversation()
    [message] = await office.messages(conversation.id)
    await delete(office.hub.desk, office.ana, conversation.id)
    assert message.journal is not None
    await office.hub.store.journal.replay(message.journal)

    async def ended() -> Outcome | None:
        found = await office.hub.store.journal.get(message.journal or "")
        return found[0].outcome if found else None

    assert await until(ended) is Outcome.IGNORED
    assert await office.conversations() == []


async def test_a_replayed_entry_changes_nothing(office: Office) -> None:
    office.platform.write(office.world.person("ana"), "Once.")
    conversation = await office.conversation()
    [message] = await office.messages(conversation.id)
    assert message.journal is not None
    await office.hub.store.journal.replay(message.journal)

    async def ended() -> bool:
        found = await office.hub.store.journal.get(message.journal or "")
        return found is not None and found[0].outcome is Outcome.DELIVERED

    await until(ended)
    assert await office.messages(conversation.id) == [message]
    assert len(await office.conversations()) == 1


async def test_a_reply_from_another_tool_stands_in_the_conversation(office: Office) -> None:
    asked = office.platform.write(office.world.person("ana"), "Anybody there?")
    conversation = await office.conversation()
    office.platform.write_elsewhere(asked.thread.key, "Yes, on my phone.")
    messages = await office.messages(conversation.id, 2)
    assert messages[1].side == "us"
    assert messages[1].delivery is None

    async def awaits_the_customer() -> bool:
        return (await office.conversation()).awaiting is Awaiting.CUSTOMER

    await until(awaits_the_customer)


async def test_receipts_move_a_delivery_on_and_never_back(office: Office) -> None:
    office.platform.write(office.world.person("ana"), "Hello?")
    conversation = await office.conversation()
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hi."))

    async def state_is(*wanted: DeliveryState) -> bool:
        messages = await office.messages(conversation.id)
        delivery = messages[-1].delivery
        return delivery is not None and delivery.state in wanted

    await until(lambda: state_is(*LEFT))
    post = next(each for each in office.platform.posts.values() if each.author is None)
    office.platform.receipt(post, ReceiptState.READ)
    await until(lambda: state_is(DeliveryState.READ))
    office.platform.receipt(post, ReceiptState.DELIVERED)
    office.platform.answer(post, "Good.")
    await office.messages(conversation.id, 3)
    assert await state_is(DeliveryState.READ) or (await office.messages(conversation.id))[1].delivery
    messages = await office.messages(conversation.id)
    assert messages[1].delivery is not None
    assert messages[1].delivery.state is DeliveryState.READ


async def test_files_are_fetched_and_kept(office: Office) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 5000
    ana = office.world.person("ana")
    office.platform.write(ana, "See", files=[("../../etc/label.png", "image/png", picture)])
    conversation = await office.conversation()
    [message] = await office.messages(conversation.id)
    [attachment] = message.content.attachments
    assert attachment.name == "label.png"
    assert attachment.stored is not None
    assert await office.hub.store.media.read(attachment.stored) == picture


async def test_a_customer_who_blocks_us_is_marked_unreachable(office: Office) -> None:
    ana = office.world.person("ana")
    office.platform.write(ana, "Bye.")
    conversation = await office.conversation()
    office.platform.block(ana)

    async def unreachable() -> bool:
        [identity] = await office.hub.store.people.identities_of(conversation.customer)
        return not identity.reachable

    await until(unreachable)


async def test_resolved_stays_resolved_when_only_a_receipt_comes(office: Office) -> None:
    office.platform.write(office.world.person("ana"), "Hello?")
    conversation = await office.conversation()
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hi."))
    await resolve(office.hub.desk, office.ana, conversation.id)
    found = await office.hub.store.inbox.find_conversation(conversation.id)
    assert found is not None
    assert found.status is Status.RESOLVED
    assert found.last.preview == "Hi."


async def test_a_receipt_for_everything_so_far_counts_the_message_of_that_very_moment(office: Office) -> None:
    office.platform.write(office.world.person("ana"), "Hello?")
    conversation = await office.conversation()
    message = await reply(office.hub.desk, office.ana, conversation.id, Draft(text="Hi."))

    async def state_is(*wanted: DeliveryState) -> bool:
        delivery = (await office.messages(conversation.id))[-1].delivery
        return delivery is not None and delivery.state in wanted

    await until(lambda: state_is(*LEFT))
    post = next(each for each in office.platform.posts.values() if each.author is None)
    office.platform.receipt(post, ReceiptState.READ, everything=True, at=message.at)
    await until(lambda: state_is(DeliveryState.READ))


async def test_pages_of_the_list_miss_and_repeat_nobody_of_the_same_moment(office: Office) -> None:
    now = office.hub.clock()
    for number in range(5):
        office.platform.write(office.world.person(f"p{number}"), "Hello?", at=now - timedelta(hours=1))
    await office.conversation(5)
    inbox, seen, before = office.hub.store.inbox, [], None
    while page := await inbox.list_conversations(Status.OPEN, before=before, limit=2):
        seen += [each.id for each in page]
        before = (page[-1].activity_at, page[-1].id)
    assert len(seen) == len(set(seen)) == 5


async def test_a_new_message_wakes_what_was_snoozed(office: Office) -> None:
    post = office.platform.write(office.world.person("ana"), "One")
    conversation = await office.conversation()
    await snooze(office.hub.desk, office.ana, conversation.id, office.hub.clock() + timedelta(days=3))
    office.platform.answer(post, "Two")
    await office.messages(conversation.id, 2)

    async def awake() -> bool:
        found = await office.hub.store.inbox.find_conversation(conversation.id)
        return found is not None and found.status is Status.OPEN and found.snoozed_until is None

    await until(awake, "the conversation to wake")
