"""Where an answer can go: chosen, refused with the reason, and found again where it came from."""

from dataclasses import replace
from typing import Any

import pytest

from hub.app import Hub
from hub.desk.consents import Said, record_consent
from hub.desk.customers import merge as merge_customers
from hub.desk.deeds import resolve
from hub.desk.opening import open_conversation
from hub.desk.reaching import Place
from hub.desk.replying import Draft, reply
from hub.desk.sending import start_conversation
from hub.model.inbox import Conversation
from hub.outbox.preflight import NotSendable
from hub.store.people import identity_id
from tests.hub.ingest.post import SALES, SUPPORT, PostRoom, mail, post_room

CHAT = "Chat"
CORA = "cora@home.test"


async def asked(hub: Hub) -> tuple[PostRoom, Conversation]:
    """Cora has written to support."""
    room = await post_room(hub)
    [conversation] = await room.receive(SUPPORT, mail("It leaks."))
    return room, conversation


async def chatted(hub: Hub) -> tuple[PostRoom, Conversation, Conversation]:
    """Cora has written to support, and begun a chat; both are known to be her."""
    room, conversation = await asked(hub)
    await room.chat(CHAT)
    await room.say(CHAT, "Hello?")
    _, chat = await room.open()
    await merge_customers(hub.desk, room.ana, conversation.customer, chat.customer)
    return room, conversation, chat


async def places(room: PostRoom, conversation: Conversation) -> dict[str, Place]:
    """By the names of their channels."""
    opened = await open_conversation(room.hub.desk, room.ana, conversation.id)
    assert len({each.channel.name for each in opened.places}) == len(opened.places)
    return {each.channel.name: each for each in opened.places}


def why_not(place: Place) -> str:
    return place.why_not.code if place.why_not else ""


async def through(room: PostRoom, conversation: Conversation, name: str, **more: Any) -> Any:
    place = (await places(room, conversation))[name]
    draft = Draft(text="Try the other tap.", through=place.id, **more)
    return await reply(room.hub.desk, room.ana, conversation.id, draft)


async def test_an_answer_through_another_mailbox_begins_a_thread_that_leads_back_here(hub: Hub) -> None:
    room, conversation = await asked(hub)
    found = await places(room, conversation)
    assert list(found) == ["Support", "Sales"]
    assert found["Support"].current
    sent = await through(room, conversation, "Sales")
    assert (sent.channel, sent.delivery.to) == (room.channels[SALES].id, (CORA,))
    assert sent.content.subject == "The kettle leaks"
    again = await through(room, conversation, "Sales")
    assert again.thread == sent.thread
    name = sent.remote_ids[0]
    answer = mail(
        "Thanks!", to=SALES, number=2, In_Reply_To=name, References=name, subject="Re: The kettle leaks"
    )
    [now] = await room.receive(SALES, answer)
    assert now.id == conversation.id
    assert now.last.preview == "Thanks!"
    assert now.also == (room.channels[SALES].id,)
    assert (await places(room, now))["Sales"].current  # where they wrote last


async def test_a_chat_they_began_elsewhere_leads_here_once_that_is_resolved(hub: Hub) -> None:
    room, conversation, chat = await chatted(hub)
    assert why_not((await places(room, conversation))[CHAT]) == "to_elsewhere"
    with pytest.raises(NotSendable, match="Another open conversation goes on there"):
        await through(room, conversation, CHAT)
    await resolve(hub.desk, room.ana, chat.id)
    sent = await through(room, conversation, CHAT)
    assert (sent.surface, sent.thread, sent.content.subject) == ("direct", "with cora", None)
    await room.say(CHAT, "Which one?")
    assert [each.content.text.strip() for each in await room.messages(conversation.id)] == [
        "It leaks.",
        "Try the other tap.",
        "Which one?",
    ]


async def test_a_text_is_measured_by_the_place_it_goes_to(hub: Hub) -> None:
    room, conversation, chat = await chatted(hub)
    await resolve(hub.desk, room.ana, chat.id)
    place = (await places(room, conversation))[CHAT]
    opened = await open_conversation(hub.desk, room.ana, conversation.id, through=place.id)
    assert opened.limits is not None
    assert (opened.limits.longest, opened.limits.recipients) == (4096, False)
    for draft in (
        Draft(text="x" * 5000, through=place.id),
        Draft(text="x", through=place.id, cc=("a@b.test",)),
    ):
        with pytest.raises(NotSendable):
            await reply(hub.desk, room.ana, conversation.id, draft)
    with pytest.raises(NotSendable, match="choose another place"):
        await reply(hub.desk, room.ana, conversation.id, Draft(text="x", through="nowhere"))


async def test_of_copies_the_mailbox_that_was_addressed_first_answers(hub: Hub) -> None:
    room = await post_room(hub)
    letter = mail("It leaks.", to=f"{SALES}, {SUPPORT}")
    await room.receive(SUPPORT, letter)
    [conversation] = await room.receive(SALES, letter)
    found = await places(room, conversation)
    assert found["Sales"].current
    sent = await reply(hub.desk, room.ana, conversation.id, Draft(text="From sales."))
    assert (sent.channel, sent.reply_to) == (room.channels[SALES].id, "m1@home.test")
    switched = await through(room, conversation, "Support")
    assert (switched.channel, switched.reply_to) == (room.channels[SUPPORT].id, "m1@home.test")


async def test_nothing_is_sent_to_whom_is_blocked_or_cannot_be_reached(hub: Hub) -> None:
    room, conversation = await asked(hub)
    people, desk, address = hub.store.people, hub.desk, (CORA,)
    answer = Draft(text="Hello.")

    async def refused(code: str) -> None:
        with pytest.raises(NotSendable) as problem:
            await reply(desk, room.ana, conversation.id, answer)
        assert problem.value.code == code
        with pytest.raises(NotSendable) as problem:
            await start_conversation(desk, room.ana, room.channels[SALES].id, address, answer, "Hello")
        assert problem.value.code == code
        assert {why_not(each) for each in (await places(room, conversation)).values()} == {code}

    await people.change_customer(conversation.customer, "blocked", None, True)
    await refused("to_blocked")
    await people.change_customer(conversation.customer, "blocked", True, None)
    await people.set_reachable(identity_id("email", CORA), reachable=False)
    await refused("to_unreachable")
    await people.set_reachable(identity_id("email", CORA), reachable=True)
    await reply(desk, room.ana, conversation.id, answer)


async def test_who_took_their_consent_back_is_answered_only_where_they_write_again(hub: Hub) -> None:
    room, conversation = await asked(hub)
    said = Said(purpose="Service", given=False, where="On the phone")
    await record_consent(hub.desk, room.ana, conversation.customer, said)
    with pytest.raises(NotSendable, match=r"has taken back their consent to messages \(On the phone\)"):
        await reply(hub.desk, room.ana, conversation.id, Draft(text="Hello."))
    answer = {"In_Reply_To": "<m1@home.test>", "References": "<m1@home.test>"}
    later = (
        mail("But this, please?", number=2, **answer)
        .replace(b"09:00:00", b"23:59:59")
        .replace(b"2026", b"2099")
    )
    await room.receive(SUPPORT, later)
    found = await places(room, conversation)
    assert (why_not(found["Support"]), why_not(found["Sales"])) == ("", "to_unwilling_anywhere")
    await reply(hub.desk, room.ana, conversation.id, Draft(text="Gladly."))
    given = replace(said, given=True, platform="email", text="Write to me by mail.")
    await record_consent(hub.desk, room.ana, conversation.customer, given)
    assert why_not((await places(room, conversation))["Sales"]) == ""


async def test_places_that_cannot_be_used_say_why(hub: Hub) -> None:
    room, conversation, _ = await chatted(hub)
    other = await room.chat("Second chat")
    await hub.store.channels.change(room.channels[SALES].id, {"paused": True})
    await hub.store.people.change_identities(
        [(identity_id("simulator", "cora"), {"claimed": ["c@work.test"]})]
    )
    opened = await open_conversation(hub.desk, room.ana, conversation.id)
    said = {(each.channel.name, each.address): why_not(each) for each in opened.places}
    assert said == {
        ("Support", CORA): "",
        ("Sales", CORA): "to_paused",
        ("Support", "c@work.test"): "to_unverified",
        ("Sales", "c@work.test"): "to_unverified",
        (CHAT, "Cora"): "to_elsewhere",
        (other.name, "Cora"): "customer_first",
    }
