"""What becomes of answers on their way out, whatever the platform does."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.simulator.troubles import Trouble
from hub.contract.capabilities import ReceiptState, Surface
from hub.contract.inbound import Author, MessageReceived, RemoteId, Thread
from hub.desk.deeds import NotPossible, retry_delivery
from hub.desk.replying import Draft, Held, reply
from hub.model.channels import Health
from hub.model.inbox import Delivery, DeliveryState, Message
from hub.outbox.preflight import NotSendable
from hub.store.deliveries import Deliveries
from tests.hubs import LEFT, Office, until


async def ask(office: Office, text: str = "Hello?") -> str:
    office.platform.write(office.world.person("ana"), text)
    return (await office.conversation()).id


async def answer(office: Office, conversation: str, text: str = "Hi.") -> Message:
    return await reply(office.hub.desk, office.ana, conversation, Draft(text=text))


async def delivery_of(office: Office, message: Message) -> Delivery:
    found = await office.hub.store.inbox.find_entry(message.id)
    assert isinstance(found, Message)
    assert found.delivery is not None
    return found.delivery


async def settles(office: Office, message: Message, state: DeliveryState) -> Delivery:
    async def look() -> Delivery | None:
        delivery = await delivery_of(office, message)
        further = state is DeliveryState.SENT and delivery.state in LEFT  # a receipt was faster
        return delivery if delivery.state is state or further else None

    return await until(look, f"the delivery to be {state}")


def received(office: Office) -> list[str]:
    return [copy.text for copy in office.world.inbox_of("ana")]


async def test_what_the_platform_could_not_take_is_sent_later_and_once(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.SERVER_ERROR, on="send", calls=1)
    message = await answer(office, conversation)
    delivery = await settles(office, message, DeliveryState.SENT)
    assert [attempt.outcome for attempt in delivery.attempts] == ["Unavailable", "sent"]
    assert delivery.problem is None
    assert received(office) == ["Hi."]


async def test_being_told_to_wait_paces_the_channel_and_is_no_attempt(office: Office) -> None:
    office.platform.troubles.retry_after = timedelta(seconds=1)
    conversation = await ask(office)
    office.platform.fail(Trouble.RATE_LIMITED, on="send", calls=1)
    message = await answer(office, conversation)
    delivery = await settles(office, message, DeliveryState.SENT)
    assert delivery.tries == 1
    channel = await office.hub.store.channels.find(office.channel.id)
    assert channel is not None
    assert channel.hold_until is not None
    assert received(office) == ["Hi."]


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.LOST_ANSWER, on="send", calls=1)
    message = await answer(office, conversation)
    await settles(office, message, DeliveryState.SENT)
    assert received(office) == ["Hi."]


@pytest.mark.parametrize("config", [{"finds_sent": False}])
async def test_what_cannot_be_looked_up_is_unsure_until_a_person_decides(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.LOST_REQUEST, on="send", calls=1)
    message = await answer(office, conversation)
    delivery = await settles(office, message, DeliveryState.UNSURE)
    assert delivery.problem
    assert received(office) == []
    assert [each.id for each in await office.hub.store.deliveries.in_trouble()] == [message.id]
    await retry_delivery(office.hub.desk, message.id)
    await settles(office, message, DeliveryState.SENT)
    assert received(office) == ["Hi."]
    assert await office.hub.store.deliveries.in_trouble() == []


@pytest.mark.parametrize("config", [{"finds_sent": False, "dedupes": True}])
async def test_where_the_platform_drops_repeats_it_is_simply_sent_again(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.LOST_ANSWER, on="send", calls=1)
    message = await answer(office, conversation)
    await settles(office, message, DeliveryState.SENT)
    assert received(office) == ["Hi."]


async def test_a_refusal_is_final_and_says_why(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.REFUSED, on="send", calls=1)
    message = await answer(office, conversation)
    delivery = await settles(office, message, DeliveryState.FAILED)
    assert delivery.problem
    with pytest.raises(NotPossible):
        await retry_delivery(office.hub.desk, "no such")


async def test_refused_credentials_stop_the_channel_and_keep_what_is_queued(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.CREDENTIALS)
    message = await answer(office, conversation)

    async def broken() -> bool:
        channel = await office.hub.store.channels.find(office.channel.id)
        return channel is not None and channel.health is Health.BROKEN

    await until(broken)
    delivery = await delivery_of(office, message)
    assert delivery.state is DeliveryState.QUEUED
    told = [event.kind for event in await office.hub.store.events.latest(message.at - timedelta(minutes=1))]
    assert told.count("channel_changed") <= 2  # connected, broken
    office.platform.mend()
    channel = await office.hub.store.channels.find(office.channel.id)
    assert channel is not None
    changes = {"health": Health.NEW, "settings_version": channel.settings_version + 1}
    await office.hub.store.channels.change(channel.id, changes)
    assert office.running.supervisor is not None
    office.running.supervisor.changed.set()
    await settles(office, message, DeliveryState.SENT)
    assert received(office) == ["Hi."]


async def test_answers_in_a_thread_keep_their_order_through_an_outage(office: Office) -> None:
    conversation = await ask(office)
    office.platform.fail(Trouble.DOWN, on="send", calls=1)
    for text in ("one", "two", "three"):
        last = await answer(office, conversation, text)
    await settles(office, last, DeliveryState.SENT)
    assert received(office) == ["one", "two", "three"]


async def test_a_repeated_submit_sends_once(office: Office) -> None:
    conversation = await ask(office)
    draft = Draft(text="Hi.", key="form-1")
    desk, ana = office.hub.desk, office.ana
    messages = [await reply(desk, ana, conversation, draft) for _ in range(3)]
    messages += await asyncio.gather(*(reply(desk, ana, conversation, draft) for _ in range(3)))
    assert len({message.id for message in messages}) == 1
    await settles(office, messages[0], DeliveryState.SENT)
    assert received(office) == ["Hi."]


async def test_a_reply_is_held_when_something_newer_arrived(office: Office) -> None:
    conversation = await ask(office)
    seen = (await office.conversation()).last.entry
    post = next(iter(office.platform.posts.values()))
    office.platform.answer(post, "Forget it, solved.")
    _, newer = await office.messages(conversation, 2)
    with pytest.raises(Held) as held:
        await reply(office.hub.desk, office.ana, conversation, Draft(text="Hi.", seen=seen))
    assert held.value.newest == newer.id
    draft = Draft(text="Hi.", seen=held.value.newest)
    message = await reply(office.hub.desk, office.ana, conversation, draft)
    await settles(office, message, DeliveryState.SENT)


async def test_what_was_interrupted_while_sending_is_looked_up_by_the_next_holder(office: Office) -> None:
    conversation = await ask(office)
    office.platform.troubles.slow = timedelta(seconds=30)
    message = await answer(office, conversation)
    await settles(office, message, DeliveryState.SENDING)
    office.platform.mend()
    channel = await office.hub.store.channels.find(office.channel.id)
    assert channel is not None
    assert office.running.supervisor is not None
    await office.hub.store.channels.change(channel.id, {"settings_version": 7})
    office.running.supervisor.changed.set()

    async def over() -> bool:
        return (await delivery_of(office, message)).state is not DeliveryState.SENDING

    await until(over)
    state = (await delivery_of(office, message)).state
    assert len(received(office)) == (1 if state is DeliveryState.SENT else 0)
    assert state in (DeliveryState.SENT, DeliveryState.UNSURE)


async def test_nothing_to_say_and_too_much_to_say_are_refused_before_sending(office: Office) -> None:
    conversation = await ask(office)
    for text in ("  ", "x" * 100_000):
        with pytest.raises(NotSendable):
            await answer(office, conversation, text)
    assert received(office) == []


@pytest.mark.parametrize("imitates", ["email"])
async def test_a_loop_of_automatic_messages_is_broken(office: Office) -> None:
    await office.hub.store.channels.change(office.channel.id, {"automatic_most": 2})
    conversation = await ask(office)
    draft = Draft(text="We got your mail.", automated=True)
    for _ in range(2):
        message = await reply(office.hub.desk, office.ana, conversation, draft)
        await settles(office, message, DeliveryState.SENT)
    with pytest.raises(NotSendable, match="loop"):
        await reply(office.hub.desk, office.ana, conversation, draft)
    post = next(iter(office.platform.posts.values()))
    office.platform.answer(post, "I am away until Monday.", flags=["auto_reply"])
    await office.messages(conversation, 4)
    with pytest.raises(NotSendable, match="automatic"):
        await reply(office.hub.desk, office.ana, conversation, draft)


async def test_a_late_failure_comes_back_as_failed(office: Office) -> None:
    conversation = await ask(office)
    message = await answer(office, conversation)
    await settles(office, message, DeliveryState.SENT)
    post = next(each for each in office.platform.posts.values() if each.author is None)
    office.platform.receipt(post, ReceiptState.FAILED, problem="The number does not exist.")
    delivery = await settles(office, message, DeliveryState.FAILED)
    assert delivery.problem == "The number does not exist."


async def echo(office: Office, message: Message, name: RemoteId, text: str | None = None) -> None:
    """The platform hands us what we said ourselves, or a part of it."""
    content = message.content if text is None else replace(message.content, text=text)
    heard = MessageReceived(
        key=f"echo of {name}",
        at=office.hub.clock(),
        thread=Thread(message.thread, Surface(message.surface)),
        message=name,
        author=Author(key="shop", name="Shop", ours=True),
        content=content,
    )
    await office.hub.store.journal.add(office.channel.id, [heard], office.hub.clock())
    assert office.running.ingest is not None
    office.running.ingest.arrived.set()


async def test_an_echo_finds_its_message_however_much_else_waits(office: Office) -> None:
    conversation = await ask(office)
    hub, later = office.hub, timedelta(hours=1)
    message = await reply(hub.desk, office.ana, conversation, Draft(text="Hi.", wait=later))
    crowd = [replace(message, id=f"{number:024x}", thread=f"{number}") for number in range(250)]
    await hub.store.inbox.add_entries(crowd)
    await hub.store.deliveries.move(message, (DeliveryState.QUEUED,), DeliveryState.SENDING)
    await echo(office, message, RemoteId("as the platform calls it"))
    await settles(office, message, DeliveryState.SENT)


async def test_echoes_of_parts_are_no_messages_and_leave_open_if_the_whole_arrives(office: Office) -> None:
    conversation = await ask(office)
    hub, later = office.hub, timedelta(hours=1)
    text = f"{'Long, ' * 60}and the end."
    message = await reply(hub.desk, office.ana, conversation, Draft(text=text, wait=later))
    await hub.store.deliveries.move(message, (DeliveryState.QUEUED,), DeliveryState.SENDING)
    await echo(office, message, RemoteId("first"), text[:300])
    await echo(office, message, RemoteId("last"), "and the end.")
    office.platform.write(office.world.person("ana"), "So long!", thread=message.thread)  # after the echoes
    said = await office.messages(conversation, 3)
    assert [each.content.text for each in said] == ["Hello?", text, "So long!"]
    assert said[1].remote_ids == (RemoteId("first"), RemoteId("last"))
    assert said[1].delivery is not None
    assert said[1].delivery.state is DeliveryState.SENDING
    await echo(office, message, RemoteId("whole"))
    await settles(office, message, DeliveryState.SENT)


async def test_what_is_said_elsewhere_while_an_answer_leaves_is_a_message(office: Office) -> None:
    conversation = await ask(office)
    hub, later = office.hub, timedelta(hours=1)
    message = await reply(hub.desk, office.ana, conversation, Draft(text="We looked. Yes.", wait=later))
    await hub.store.deliveries.move(message, (DeliveryState.QUEUED,), DeliveryState.SENDING)
    await echo(office, message, RemoteId("by another tool"), "Yes.")
    said = await office.messages(conversation, 3)
    assert sorted(each.content.text for each in said) == ["Hello?", "We looked. Yes.", "Yes."]


async def test_an_echo_that_comes_while_its_message_turns_into_sent_is_no_second_message(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await ask(office)
    hub, later, name = office.hub, timedelta(hours=1), RemoteId("as the platform calls it")
    message = await reply(hub.desk, office.ana, conversation, Draft(text="Hi.", wait=later))
    await hub.store.deliveries.move(message, (DeliveryState.QUEUED,), DeliveryState.SENDING)
    look = Deliveries.sending_in

    async def sent_just_before(deliveries: Deliveries, channel: str, thread: str) -> list[Message]:
        await deliveries.move(message, (DeliveryState.SENDING,), DeliveryState.SENT, remote_ids=(name,))
        return await look(deliveries, channel, thread)

    monkeypatch.setattr(Deliveries, "sending_in", sent_just_before)
    await echo(office, message, name)
    await settles(office, message, DeliveryState.SENT)
    office.platform.write(office.world.person("ana"), "Thanks!", thread=message.thread)  # after the echo
    said = await office.messages(conversation, 3)
    assert [each.content.text for each in said] == ["Hello?", "Hi.", "Thanks!"]


async def test_what_was_changed_after_it_was_sent_is_not_taken_for_a_repeat(office: Office) -> None:
    conversation = await ask(office)
    later = timedelta(seconds=30)
    first = await reply(office.hub.desk, office.ana, conversation, Draft(text="Hi.", key="k", wait=later))
    with pytest.raises(Held) as held:
        await reply(office.hub.desk, office.ana, conversation, Draft(text="Hi there.", key="k", wait=later))
    assert held.value.newest == first.id
