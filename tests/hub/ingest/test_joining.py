"""Somebody writes anew while another conversation of theirs is open: joined, suggested, or left apart."""

from typing import Any

import pytest

from hub.app import Hub
from hub.desk.changing import NotPossible
from hub.desk.customers import merge as merge_customers
from hub.desk.deeds import resolve
from hub.desk.offers import accept_offer, list_offers, refuse_offer, set_apart
from hub.desk.undoing import undo
from hub.desk.views import repair_counts
from hub.model.channels import Joining
from hub.model.inbox import Conversation, Status
from hub.model.rules import Action, Condition, Do, Group, Join, Rule, Test, Trigger
from tests.hub.desk.inbox import RESTRICTED
from tests.hub.ingest.post import SALES, SUPPORT, PostRoom, mail, post_room

FIRST = mail("It leaks.", number=1)
AGAIN = mail("And now it is hot.", number=2)
ELSE = mail("Where is my invoice?", number=3, subject="An invoice that never came")


async def two(room: PostRoom, second: bytes = AGAIN) -> tuple[Conversation, Conversation]:
    """Each with a conversation of its own."""
    await room.receive(SUPPORT, FIRST)
    one, other = await room.receive(SUPPORT, second)
    return one, other


async def test_what_begins_while_another_is_open_is_suggested_on_both_with_reasons(hub: Hub) -> None:
    room = await post_room(hub)
    one, other = await two(room)
    [here] = await list_offers(hub.desk, room.ana, other.id)
    [there] = await list_offers(hub.desk, room.ana, one.id)
    assert (here.other.id, there.other.id) == (one.id, other.id)
    assert (here.began, there.began) == (True, False)
    assert here.offer.reasons[0] == "The same subject: “The kettle leaks”."
    told = await hub.store.database.events.find({"details.what": "join_suggested"}).to_list(None)
    assert {each["conversation"] for each in told} == {one.id, other.id}
    await hub.store.people.add_agent(RESTRICTED)
    seen = await hub.store.inbox.change_conversation(other, {"agent": RESTRICTED.id})
    assert seen
    assert (
        await list_offers(hub.desk, RESTRICTED, other.id) == []
    )  # who may not see the one hears nothing of it


async def test_an_accepted_suggestion_joins_and_is_open_again_when_that_is_taken_back(hub: Hub) -> None:
    room = await post_room(hub)
    one, other = await two(room)
    [offered] = await list_offers(hub.desk, room.ana, other.id)
    done = await accept_offer(hub.desk, room.ana, offered.offer.id)
    assert done.conversation == one.id
    assert len(await room.messages(one.id)) == 2
    with pytest.raises(NotPossible):
        await refuse_offer(hub.desk, room.ana, offered.offer.id)
    assert done.token
    await undo(hub.desk, room.ana, done.token)
    assert len(await room.messages(one.id)) == len(await room.messages(other.id)) == 1
    assert [each.other.id for each in await list_offers(hub.desk, room.ana, one.id)] == [other.id]
    assert await repair_counts(hub.desk) == 0


async def test_a_refused_suggestion_never_comes_back_unless_that_is_taken_back(hub: Hub) -> None:
    room = await post_room(hub)
    one, other = await two(room)
    [offered] = await list_offers(hub.desk, room.ana, other.id)
    done = await refuse_offer(hub.desk, room.ana, offered.offer.id)
    for entry in await room.arrived(SUPPORT):
        await hub.store.journal.replay(entry.id)
    await room.work()
    assert await list_offers(hub.desk, room.ana, one.id) == []
    assert done.token
    await undo(hub.desk, room.ana, done.token)
    assert len(await list_offers(hub.desk, room.ana, one.id)) == 1


async def test_where_a_channel_joins_the_same_matter_is_one_conversation_that_says_why(hub: Hub) -> None:
    room = await post_room(hub, joining=Joining.JOIN)
    await room.receive(SUPPORT, FIRST)
    [conversation] = await room.receive(SUPPORT, AGAIN)
    assert [each.content.text.strip() for each in await room.messages(conversation.id)] == [
        "It leaks.",
        "And now it is hot.",
    ]
    [fact] = await room.facts(conversation.id, "joined")
    assert fact.because == (
        "The same customer wrote while this conversation was open. The same subject: “The kettle leaks”."
    )
    opened, done = await set_apart(hub.desk, room.ana, conversation.id, fact.id)
    assert [each.content.text.strip() for each in await room.messages(opened)] == ["And now it is hot."]
    answer = mail("More.", number=4, In_Reply_To="<m2@home.test>", References="<m2@home.test>")
    await room.receive(SUPPORT, answer)
    assert len(await room.messages(opened)) == 2
    assert await list_offers(hub.desk, room.ana, opened) == []  # it was decided
    with pytest.raises(NotPossible):
        await set_apart(hub.desk, room.ana, conversation.id, fact.id)
    assert done.token
    await undo(hub.desk, room.ana, done.token)
    assert len(await room.messages(conversation.id)) == 3
    assert await repair_counts(hub.desk) == 0


@pytest.mark.parametrize("joining", [Joining.JOIN, Joining.SUGGEST])
async def test_another_subject_is_only_suggested(hub: Hub, joining: Joining) -> None:
    room = await post_room(hub, joining=joining)
    one, other = await two(room, ELSE)
    [offered] = await list_offers(hub.desk, room.ana, other.id)
    assert offered.other.id == one.id


async def test_rules_that_give_it_to_another_team_forbid_to_join_it(hub: Hub) -> None:
    room = await post_room(hub, joining=Joining.JOIN)
    hot = Condition("words", Test.CONTAINS, ("hot",))
    rule = Rule(
        id="hot",
        name="Hot",
        on=(Trigger.ARRIVED,),
        when=Group(Join.ALL, (hot,)),
        then=(Action(Do.TEAM, "fire"),),
        created_at=hub.clock(),
    )
    await hub.store.rules.save(rule)
    one, other = await two(room)
    assert (one.team, other.team) == (None, "fire")
    [offered] = await list_offers(hub.desk, room.ana, other.id)
    assert offered.offer.reasons[-1] == "They are different teams': somebody has to decide."


async def left_apart(room: PostRoom) -> bool:
    one, other = (await room.open())[-2:]
    offers = [*await list_offers(room.hub.desk, room.ana, one.id)]
    return not [*offers, *await list_offers(room.hub.desk, room.ana, other.id)]


async def test_what_does_not_belong_together_is_left_apart(hub: Hub) -> None:
    room = await post_room(hub, joining=Joining.APART)
    await two(room)
    assert await left_apart(room)
    await room.receive(SALES, mail("Prices?", to=SALES, number=5, sender="Ben <ben@home.test>"))
    await room.receive(SALES, mail("Prices!", to=SALES, number=6, sender="Eve <eve@home.test>"))
    assert await left_apart(room)  # two people
    robot: dict[str, Any] = {"Auto_Submitted": "auto-replied"}
    await room.receive(SALES, mail("I am away.", to=SALES, number=7, sender="Eve <eve@home.test>", **robot))
    assert await left_apart(room)  # a machine


async def test_one_who_is_known_by_two_addresses_is_found_by_either(hub: Hub) -> None:
    room = await post_room(hub, joining=Joining.JOIN)
    await room.receive(SUPPORT, FIRST)
    work = "Cora <cora@work.test>"
    one, other = await room.receive(SUPPORT, mail("Hello?", number=8, sender=work, subject="Hello"))
    await resolve(hub.desk, room.ana, other.id)
    await merge_customers(hub.desk, room.ana, one.customer, other.customer)
    [joined] = await room.receive(SUPPORT, mail("And now it is hot.", number=9, sender=work))
    assert joined.id == one.id
    assert len(await room.messages(one.id)) == 2


async def test_two_that_begin_at_the_same_moment_find_each_other(hub: Hub) -> None:
    room = await post_room(hub)
    await room.race(await room.put(SUPPORT, FIRST, AGAIN))
    one, _ = await room.open()
    assert len(await list_offers(hub.desk, room.ana, one.id)) == 1


async def test_a_resolved_conversation_is_not_offered_any_more(hub: Hub) -> None:
    room = await post_room(hub)
    one, other = await two(room)
    await resolve(hub.desk, room.ana, other.id)
    assert await list_offers(hub.desk, room.ana, one.id) == []
    assert (await hub.store.inbox.list_conversations(Status.RESOLVED))[0].id == other.id
