"""What rules do when time, people and rules move conversations: each says it once, none sets off another."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.app import Hub
from hub.desk.attending import attend
from hub.desk.deeds import assign, reopen, resolve, tag, untag
from hub.desk.rules import Drawn, add_rule
from hub.dispatch import Dispatch, happened
from hub.dispatch.quiet import QuietLook
from hub.dispatch.ruling import finish
from hub.model.content import Content
from hub.model.inbox import Activity, Awaiting, Conversation, Last, Message, Note, Side, Status
from hub.model.notices import NoticeKind
from hub.model.rules import Action, Condition, Do, Group, Join, Rule, Test, Trigger
from hub.notifying.telling import Teller
from hub.realtime import Follower
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, SUPERVISOR, conversation, fill, staff

ALWAYS = Group(Join.ALL, ())


async def made(hub: Hub, name: str, on: Trigger, *then: Action, **more: Any) -> Rule:
    when = more.pop("when", ALWAYS)
    return await add_rule(hub.desk, ADMIN, Drawn(name=name, on=(on,), when=when, then=then, **more))


async def find(hub: Hub, number: int = 1) -> Conversation:
    found = await hub.store.inbox.find_conversation(f"c{number:05}")
    assert found is not None
    return found


def notes(entries: list[Any]) -> list[str]:
    return [each.text for each in entries if isinstance(each, Note)]


async def noted(hub: Hub, number: int = 1) -> list[str]:
    return notes(await hub.store.inbox.timeline(f"c{number:05}"))


def answered(number: int, at: datetime) -> Conversation:
    """We spoke last, and they have not answered."""
    last = Last(entry=f"e{number}", side=Side.US, author_name="Ben", preview="Well?", at=at)
    return conversation(number, at=at, awaiting=Awaiting.CUSTOMER, waiting_since=None, last=last)


def said(id: str, at: datetime) -> Message:
    return Message(
        id=id,
        conversation="c00001",
        at=at,
        channel="ch",
        platform="email",
        thread="t",
        side=Side.CUSTOMER,
        author="nobody",
        author_name="Cora",
        content=Content(text="Hello"),
        visibility="private",
        surface="email",
    )


class Later:
    """The looks of a process whose clock is moved by hand."""

    def __init__(self, hub: Hub, now: datetime) -> None:
        self.now = now
        self.dispatch = Dispatch(hub.store, hub.desk.dispatch.router, lambda: self.now)
        self.quiet = QuietLook(self.dispatch)

    async def look(self, minutes: float = 0) -> None:
        self.now += timedelta(minutes=minutes)
        await self.quiet.look(await self.dispatch.office())


async def test_a_customer_who_does_not_answer_is_noticed_once_for_each_of_their_messages(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [answered(1, BEGAN), conversation(2, at=BEGAN)])  # the second waits for us
    await made(hub, "Ask again", Trigger.QUIET, Action(Do.NOTE, "Ask again"), minutes=60)
    later = Later(hub, BEGAN)
    await later.look(59)
    assert await noted(hub) == []
    await later.look(2)
    await later.look(1)
    assert (await noted(hub), await noted(hub, 2)) == (["Ask again"], [])
    decision = (await hub.store.rules.decisions_of("c00001"))[-1]
    assert decision.event == "quiet"
    assert "Ask again" in decision.because

    # A reminder of ours, and another process that has seen nothing of it: still the same wait.
    found = await find(hub)
    reminded = replace(found.last, entry="e1b", at=later.now)
    summary = {"last.entry": reminded.entry, "last.at": reminded.at, "activity_at": reminded.at}
    await hub.store.inbox.change_conversation(found, summary)
    anew = Later(hub, later.now)
    await anew.look(90)
    assert await noted(hub) == ["Ask again"]

    # They answered and fell silent again: another wait.
    await hub.store.inbox.add_entries([said("m1", anew.now)])
    found = await find(hub)
    now = anew.now + timedelta(minutes=1)
    await hub.store.inbox.change_conversation(
        found, {"last.entry": "e1c", "last.at": now, "activity_at": now}
    )
    await anew.look(62)
    assert await noted(hub) == ["Ask again", "Ask again"]


async def test_what_somebody_answers_at_the_same_moment_is_not_resolved_for_being_quiet(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [answered(1, BEGAN)])
    await made(hub, "Close", Trigger.QUIET, Action(Do.STATUS, "resolved"), minutes=60)
    seen = await find(hub)
    await hub.store.inbox.change_conversation(seen, {"awaiting": "us", "last.entry": "e9"})
    dispatch = Later(hub, BEGAN + timedelta(hours=2)).dispatch
    await finish(dispatch, await happened(dispatch, seen, Trigger.QUIET, minutes=120), "quiet")
    assert (await find(hub)).status is Status.OPEN


async def test_what_was_resolved_so_long_ago_is_spoken_of_once_for_each_time(hub: Hub) -> None:
    await staff(hub)
    old = {"status": Status.RESOLVED, "waiting_since": None}
    await fill(
        hub,
        [
            conversation(1, resolved_at=BEGAN, **old),
            conversation(2, resolved_at=BEGAN - timedelta(days=9), **old),  # a new rule leaves it alone
        ],
    )
    await made(hub, "Ask how it was", Trigger.RESOLVED, Action(Do.NOTE, "How was it?"), minutes=30)
    later = Later(hub, BEGAN)
    for minutes in (29, 2, 3):
        await later.look(minutes)
    assert (await noted(hub), await noted(hub, 2)) == (["How was it?"], [])
    await reopen(hub.desk, AGENT, "c00001")
    await resolve(hub.desk, AGENT, "c00001")
    resolved_at = (await find(hub)).resolved_at
    assert resolved_at is not None
    again = Later(hub, resolved_at)
    await again.look(31)
    assert await noted(hub) == ["How was it?", "How was it?"]


async def test_more_than_is_read_at_once_is_worked_off_at_the_next_looks(hub: Hub, monkeypatch: Any) -> None:
    monkeypatch.setattr("hub.dispatch.quiet.AT_ONCE", 2)
    await staff(hub)
    await fill(hub, [answered(each, BEGAN + timedelta(seconds=each)) for each in range(1, 6)])
    await made(hub, "Tag", Trigger.QUIET, Action(Do.TAG, "quiet"), minutes=10)
    later = Later(hub, BEGAN + timedelta(minutes=20))
    for _ in range(5):
        await later.look()
    assert [(await find(hub, each)).tags for each in range(1, 6)] == [("quiet",)] * 5


async def test_two_rules_that_undo_each_other_come_to_rest(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    hot = Group(Join.ALL, (Condition("tag", Test.IS, ("hot",)),))
    cold = Group(Join.NONE, hot.parts)
    await made(hub, "Cool down", Trigger.TAGGED, Action(Do.UNTAG, "hot"), when=hot)
    await made(hub, "Heat up", Trigger.TAGGED, Action(Do.TAG, "hot"), when=cold)
    await tag(hub.desk, AGENT, "c00001", "hot")
    assert (await find(hub)).tags == ()  # a person's deed sets off one rule, and that one sets off nothing
    assert len(await hub.store.rules.decisions_of("c00001")) == 1
    await tag(hub.desk, AGENT, "c00001", "cold")
    assert (await find(hub)).tags == ("cold", "hot")
    assert len(await hub.store.rules.decisions_of("c00001")) == 2
    await untag(hub.desk, AGENT, "c00001", "cold")
    assert (await find(hub)).tags == ()


async def test_a_rule_does_not_set_off_itself_or_a_rule_about_what_it_did(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    await made(hub, "Self", Trigger.STATUS, Action(Do.STATUS, "open"), Action(Do.NOTE, "Opened again"))
    await made(hub, "Other", Trigger.TAGGED, Action(Do.NOTE, "Tagged"))
    await made(hub, "Tagger", Trigger.ASSIGNED, Action(Do.TAG, "mine"))
    await resolve(hub.desk, AGENT, "c00001")
    assert ((await find(hub)).status, await noted(hub)) == (Status.OPEN, ["Opened again"])
    await assign(hub.desk, ADMIN, "c00001", AGENT)
    assert ((await find(hub)).tags, await noted(hub)) == (("mine",), ["Opened again"])


async def test_a_rule_gives_to_an_agent_where_there_is_no_team(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1), conversation(2), conversation(3, team="support")])
    await made(hub, "To Ben", Trigger.TAGGED, Action(Do.AGENT, "ben"))
    await tag(hub.desk, ADMIN, "c00001", "x")
    assert (await find(hub)).agent is None  # he is offline, and that is said
    decision = (await hub.store.rules.decisions_of("c00001"))[-1]
    assert [(each.agent, each.why) for each in decision.passed] == [("ben", "passed_offline")]
    assert decision.because == "A rule asked for Ben, who cannot have it now."
    facts = [each for each in await hub.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert "not_given" in [each.kind for each in facts]

    await attend(hub.desk, AGENT)
    await tag(hub.desk, ADMIN, "c00001", "y")  # asked again, though he was asked for before
    assert (await find(hub)).agent == "ben"
    assert (await hub.store.workloads.find(["ben"]))["ben"].load == 1
    await assign(hub.desk, ADMIN, "c00002", SUPERVISOR)
    await tag(hub.desk, ADMIN, "c00002", "x")
    assert (await find(hub, 2)).agent == "ben"  # from somebody else
    await tag(hub.desk, ADMIN, "c00003", "x")
    third = await find(hub, 3)
    assert (third.agent, third.team) == ("ben", "support")  # not his team, but the rule says so
    loads = await hub.store.workloads.find(["ben", "sue"])
    assert (loads["ben"].load, loads["sue"].load) == (3, 0)


async def test_a_rule_tells_an_agent_a_team_or_whoever_has_it(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1, agent="sue", team="sales")])
    for to in ("", "sales", "ada"):
        await made(hub, f"Tell {to}", Trigger.CSAT, Action(Do.NOTIFY, to))
    found = await find(hub)
    await finish(hub.desk.dispatch, await happened(hub.desk.dispatch, found, Trigger.CSAT), "csat")
    teller = Teller(hub.store, Follower(hub.store), hub.clock, "one")
    notices = await teller.tell(await hub.store.events.latest(hub.clock() - timedelta(minutes=5)))
    told = {(each.agent, each.who) for each in notices}
    assert {each.kind for each in notices} == {NoticeKind.RULE}
    assert told == {("sue", "Tell"), ("ben", "Tell sales"), ("rea", "Tell sales"), ("ada", "Tell ada")}
    await resolve(hub.desk, ADMIN, "c00001")
    await teller.tell(await hub.store.events.latest(hub.clock() - timedelta(minutes=5)))
    assert len(await hub.store.notices.open_of("sue")) == 1  # also of what is resolved
    assert RESTRICTED.id in {each.agent for each in notices}


async def test_rules_ask_how_content_the_customer_is_and_how_busy_its_team_is(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1, csat=2, team="sales"), conversation(2, csat=5, team="sales")])
    unhappy = Condition("csat", Test.BELOW, ("3",))
    await made(hub, "Unhappy", Trigger.CSAT, Action(Do.TAG, "unhappy"), when=Group(Join.ALL, (unhappy,)))
    nobody = Group(Join.ALL, (Condition("free", Test.IS, ("0",)), Condition("load", Test.UNKNOWN)))
    await made(hub, "Nobody", Trigger.CSAT, Action(Do.TAG, "nobody"), when=nobody)
    somebody = Group(Join.ALL, (Condition("free", Test.IS, ("1",)), Condition("load", Test.IS, ("1.0",))))
    await made(hub, "Somebody", Trigger.CSAT, Action(Do.TAG, "somebody"), when=somebody)
    for number in (1, 2):
        await happened(hub.desk.dispatch, await find(hub, number), Trigger.CSAT)
    assert [(await find(hub, each)).tags for each in (1, 2)] == [("unhappy", "nobody"), ("nobody",)]
    await attend(hub.desk, AGENT)
    await assign(hub.desk, ADMIN, "c00001", AGENT)
    await happened(hub.desk.dispatch, await find(hub, 2), Trigger.CSAT)
    assert (await find(hub, 2)).tags == ("nobody", "somebody")
