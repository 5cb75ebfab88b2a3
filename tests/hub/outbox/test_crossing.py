"""Two agents answer one conversation at the same moment: one answer leaves, nothing stays of the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.desk.replying import Draft, Held, reply
from hub.hooks.kinds import kinds_of
from hub.model.inbox import DeliveryState, Entry, Message
from hub.store.inbox import Inbox
from tests.hub.outbox.test_sending import ask, received, settles
from tests.hubs import Office


async def test_of_two_agents_who_answer_at_once_the_customer_hears_one(office: Office) -> None:
    conversation = await ask(office)
    ben = replace(office.ana, id="ben", name="Ben", email="ben@hub.example")
    await office.hub.store.people.add_agent(ben)
    seen = (await office.conversation()).last.entry
    first = await reply(office.hub.desk, office.ana, conversation, Draft(text="By Ana.", seen=seen))
    with pytest.raises(Held) as held:
        await reply(office.hub.desk, ben, conversation, Draft(text="By Ben.", seen=seen))
    assert held.value.newest == first.id
    await settles(office, first, DeliveryState.SENT)
    again = await reply(office.hub.desk, ben, conversation, Draft(text="By Ben.", seen=first.id))
    await settles(office, again, DeliveryState.SENT)
    assert received(office) == ["By Ana.", "By Ben."]


async def test_answers_that_cross_are_not_both_sent_unasked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await ask(office)
    ben = replace(office.ana, id="ben", name="Ben", email="ben@hub.example")
    await office.hub.store.people.add_agent(ben)
    seen = (await office.conversation()).last.entry
    later = timedelta(seconds=30)
    drafts = [(who, Draft(text=f"By {who.name}.", seen=seen, wait=later)) for who in (office.ana, ben)]
    both, add = asyncio.Barrier(2), Inbox.add_entries

    async def together(inbox: Inbox, entries: Sequence[Entry]) -> None:
        await both.wait()  # neither has seen the other's
        await add(inbox, entries)

    monkeypatch.setattr(Inbox, "add_entries", together)
    began = office.hub.clock()
    answers = [reply(office.hub.desk, who, conversation, draft) for who, draft in drafts]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["Held", "Message"]
    waiting = await office.hub.store.deliveries.waiting(office.channel.id)
    assert [each.id for each in outcomes if isinstance(each, Message)] == [each.id for each in waiting]
    # Who has read the conversation in between lets go of the other one; no webhook hears of it.
    events = await office.hub.store.events.latest(began)
    (gone,) = [each for each in events if each.kind == "message_deleted"]
    assert gone.entry not in {each.id for each in waiting}
    assert kinds_of(gone) == ()
