"""What agents do, who may, what is recorded, and that it can be taken back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk import bulk, deeds
from hub.desk.changing import Done, NotPossible, change
from hub.desk.counting import count_views
from hub.desk.deeds import Changed
from hub.desk.mentions import mentioned_in
from hub.desk.replying import Desk, NoSuchConversation
from hub.desk.undoing import undo
from hub.desk.views import repair_counts
from hub.desk.waking import Waker, snooze_presets
from hub.model.inbox import Activity, Conversation, Priority, Status
from hub.model.people import Agent, Team
from tests.hub.desk.inbox import (
    ADMIN,
    AGENT,
    BEGAN,
    DISABLED,
    EVERYBODY,
    RESTRICTED,
    SUPERVISOR,
    conversation,
    fill,
    staff,
)

SALES = Team(id="sales", name="Sales", created_at=BEGAN)
Deed = Callable[[Desk, Agent, str], Awaitable[Any]]


def later(desk: Desk) -> datetime:
    return desk.clock() + timedelta(hours=1)


DEEDS: dict[str, Deed] = {
    "note": lambda desk, agent, found: deeds.note(desk, agent, found, "Look here"),
    "assign": lambda desk, agent, found: deeds.assign(desk, agent, found, ADMIN),
    "claim": deeds.claim,
    "release": deeds.release,
    "hand_to_team": lambda desk, agent, found: deeds.hand_to_team(desk, agent, found, SALES),
    "resolve": deeds.resolve,
    "reopen": deeds.reopen,
    "snooze": lambda desk, agent, found: deeds.snooze(desk, agent, found, later(desk)),
    "mark_spam": deeds.mark_spam,
    "mark_not_spam": deeds.mark_not_spam,
    "tag": lambda desk, agent, found: deeds.tag(desk, agent, found, "vip"),
    "untag": lambda desk, agent, found: deeds.untag(desk, agent, found, "old"),
    "set_priority": lambda desk, agent, found: deeds.set_priority(desk, agent, found, Priority.HIGH),
    "set_field": lambda desk, agent, found: deeds.set_field(desk, agent, found, "order", "1042"),
    "follow": deeds.follow,
    "unfollow": deeds.unfollow,
    "clear_mention": deeds.clear_mention,
}
UNDOABLE = [name for name in DEEDS if name not in ("note", "clear_mention")]


async def read(hub: Hub, found: str) -> Conversation:
    kept = await hub.store.inbox.find_conversation(found)
    assert kept is not None
    return kept


@pytest.mark.parametrize("name", DEEDS)
async def test_every_deed_asks_who_may(hub: Hub, name: str) -> None:
    theirs = conversation(1, agent="rea", team="sales", tags=("old",), followers=("rea",))
    await fill(hub, [theirs, replace(theirs, id="other", agent="ben", team="support")])
    with pytest.raises(NotAllowed):
        await DEEDS[name](hub.desk, RESTRICTED, "other")
    with pytest.raises(NotAllowed):
        await DEEDS[name](hub.desk, DISABLED, theirs.id)
    with pytest.raises(NoSuchConversation):
        await DEEDS[name](hub.desk, ADMIN, "none")
    assert (await read(hub, "other")).version == 0
    for agent in EVERYBODY:
        try:
            await DEEDS[name](hub.desk, agent, theirs.id)
        except NotPossible:
            assert name == "claim"
        except NotAllowed:
            assert agent is RESTRICTED  # it was given away just before


async def test_only_supervisors_and_admins_delete(hub: Hub) -> None:
    await fill(hub, [conversation(number, agent="rea") for number in range(4)])
    for number, agent in enumerate(EVERYBODY):
        if agent in (ADMIN, SUPERVISOR):
            await deeds.delete(hub.desk, agent, f"c{number:05}")
            assert await hub.store.inbox.find_conversation(f"c{number:05}") is None
        else:
            with pytest.raises(NotAllowed):
                await deeds.delete(hub.desk, agent, f"c{number:05}")


@pytest.mark.parametrize("name", UNDOABLE)
async def test_every_change_is_recorded_told_and_can_be_taken_back(hub: Hub, name: str) -> None:
    status = {"reopen": Status.RESOLVED, "mark_not_spam": Status.SPAM}.get(name, Status.OPEN)
    given = conversation(
        1,
        status=status,
        tags=("old",),
        followers=("rea",) if name == "follow" else ("ada", "rea"),
        agent=None if name in ("claim", "assign") else "ada",
    )
    await fill(hub, [given])
    before = await read(hub, given.id)
    done = await DEEDS[name](hub.desk, ADMIN, given.id)
    assert isinstance(done, Done)
    assert done.token
    after = await read(hub, given.id)
    assert replace(after, version=0) != replace(before, version=0)
    [fact] = await hub.store.inbox.timeline(given.id)
    assert isinstance(fact, Activity)
    assert fact.because.startswith("Ada ")
    [event] = await hub.store.events.latest(fact.at - timedelta(seconds=5))
    assert (event.kind, event.conversation, event.by) == ("conversation_changed", given.id, "ada")
    with pytest.raises(NotPossible):
        await undo(hub.desk, SUPERVISOR, done.token)  # somebody else's
    assert await undo(hub.desk, ADMIN, done.token) == 1
    assert replace(await read(hub, given.id), version=0) == replace(before, version=0)
    with pytest.raises(NotPossible):
        await undo(hub.desk, ADMIN, done.token)
    assert await repair_counts(hub.desk) == 0


async def test_doing_it_again_does_nothing(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    for name in ("assign", "hand_to_team", "resolve", "tag", "set_priority", "set_field", "follow"):
        await DEEDS[name](hub.desk, ADMIN, "c00001")
        version = (await read(hub, "c00001")).version
        await DEEDS[name](hub.desk, ADMIN, "c00001")
        assert (await read(hub, "c00001")).version == version, name


async def test_what_was_changed_since_is_not_taken_back(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    done = await deeds.assign(hub.desk, ADMIN, "c00001", AGENT)
    await deeds.assign(hub.desk, SUPERVISOR, "c00001", SUPERVISOR)
    assert done.token
    with pytest.raises(NotPossible):
        await undo(hub.desk, ADMIN, done.token)
    assert (await read(hub, "c00001")).agent == "sue"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(UNDOABLE), max_size=6))
async def test_taking_everything_back_in_turn_restores_what_was(hub: Hub, names: list[str]) -> None:
    given_ = conversation(1, tags=("old",), followers=("rea",), id=f"c{hub.clock().timestamp()}")
    await fill(hub, [given_])
    tokens = []
    for name in names:
        try:
            done = await DEEDS[name](hub.desk, ADMIN, given_.id)
        except NotPossible:
            continue
        tokens += [done.token] if done.token else []
    for token in reversed(tokens):
        await undo(hub.desk, ADMIN, token)
    assert replace(await read(hub, given_.id), version=0) == given_


async def test_of_two_who_claim_one_gets_it(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    await deeds.claim(hub.desk, AGENT, "c00001")
    with pytest.raises(NotPossible):
        await deeds.claim(hub.desk, SUPERVISOR, "c00001")
    assert (await read(hub, "c00001")).agent == "ben"


async def test_a_change_made_meanwhile_to_the_same_thing_is_noticed_and_others_do_not_matter(
    hub: Hub,
) -> None:
    await fill(hub, [conversation(1)])
    seen = await read(hub, "c00001")
    await deeds.tag(hub.desk, SUPERVISOR, "c00001", "vip")
    await change(hub.desk, ADMIN, seen, "assigned", "Ada took it.", {"agent": "ada"})
    assert (await read(hub, "c00001")).tags == ("vip",)
    with pytest.raises(Changed):
        await change(hub.desk, ADMIN, seen, "assigned", "Ada took it.", {"agent": "sue"})


async def test_nobody_is_given_what_they_could_not_see(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    with pytest.raises(NotPossible):
        await deeds.assign(hub.desk, ADMIN, "c00001", DISABLED)
    await deeds.assign(hub.desk, ADMIN, "c00001", RESTRICTED)
    assert (await count_views(hub.desk, RESTRICTED))["mine"] == 1


async def test_a_snoozed_conversation_wakes_at_its_time_and_once(hub: Hub) -> None:
    await fill(hub, [conversation(number) for number in range(3)])
    now = hub.desk.clock()
    await deeds.snooze(hub.desk, ADMIN, "c00001", now + timedelta(hours=1))
    await deeds.snooze(hub.desk, ADMIN, "c00002", now + timedelta(hours=9))
    for bad in (now, now - timedelta(days=1), now + timedelta(days=900)):
        with pytest.raises(NotPossible):
            await deeds.snooze(hub.desk, ADMIN, "c00000", bad)
    assert (await count_views(hub.desk, ADMIN))["snoozed"] == 2
    assert await Waker(hub.store, lambda: now).wake_due() == 0
    waker = Waker(hub.store, lambda: now + timedelta(hours=2))
    assert await waker.wake_due() == 1
    assert await waker.wake_due() == 0
    woken = await read(hub, "c00001")
    assert (woken.status, woken.snoozed_until) == (Status.OPEN, None)
    kinds = [each.kind for each in await hub.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert kinds == ["snoozed", "woken"] or sorted(kinds) == ["snoozed", "woken"]
    assert (await count_views(hub.desk, ADMIN))["snoozed"] == 1


def test_presets_are_mornings_in_the_agents_zone() -> None:
    now = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # Saturday already in Tokyo
    zone = ZoneInfo("Asia/Tokyo")
    presets = snooze_presets(now, zone)
    here = {key: moment.astimezone(zone) for key, moment in presets.items()}
    assert (here["tomorrow"].day, here["tomorrow"].hour) == (22, 8)
    assert (here["monday"].day, here["monday"].weekday()) == (23, 0)
    assert all(moment > now and moment.tzinfo is UTC for moment in presets.values())


async def test_agents_and_teams_named_in_a_note_find_it(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1), conversation(2, team="sales")])
    await deeds.note(hub.desk, ADMIN, "c00001", "@Ben, and @rea? not ada@sue.example")
    assert (await read(hub, "c00001")).mentioned == ("ben",)  # Rea may not see it
    await deeds.note(hub.desk, ADMIN, "c00002", "@Sales: urgent")
    assert set((await read(hub, "c00002")).mentioned) == {"ben", "rea"}
    assert (await count_views(hub.desk, AGENT))["mentions"] == 2
    await deeds.clear_mention(hub.desk, AGENT, "c00001")
    assert (await count_views(hub.desk, AGENT))["mentions"] == 1
    assert await repair_counts(hub.desk) == 0


def test_the_longest_name_is_meant_and_first_names_only_where_they_are_clear() -> None:
    ana, anna = replace(AGENT, id="1", name="Ana Lopez"), replace(AGENT, id="2", name="Ana Maria Roth")
    both = [replace(ana, email="al@x.example"), replace(anna, email="ar@x.example")]
    assert mentioned_in("@ana maria roth, hello", both, []) == ["2"]
    assert mentioned_in("@Ana hello", both, []) == []
    assert mentioned_in("@AL and @Ana Lopez", both, []) == ["1"]
    assert mentioned_in("@ @@ x@al", both, []) == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 200_001])
async def test_empty_and_endless_notes_are_refused(hub: Hub, text: str) -> None:
    await fill(hub, [conversation(1)])
    with pytest.raises(NotPossible):
        await deeds.note(hub.desk, ADMIN, "c00001", text)


@pytest.mark.parametrize("name", ["", " ", "a.b", "$set", "x" * 41, "a\0b"])
async def test_names_that_cannot_be_fields_are_refused(hub: Hub, name: str) -> None:
    await fill(hub, [conversation(1)])
    with pytest.raises(NotPossible):
        await deeds.set_field(hub.desk, ADMIN, "c00001", name, "x")


async def test_a_selection_is_worked_through_and_what_fails_is_named(hub: Hub) -> None:
    mine = [conversation(number, agent="rea") for number in range(60)]
    await fill(hub, [*mine, conversation(99, agent="ben")])
    wanted = [*(each.id for each in mine), "c00099", "none"]
    steps = [
        step
        async for step in bulk.for_each(
            hub.desk, RESTRICTED, wanted, lambda each: deeds.resolve(hub.desk, RESTRICTED, each)
        )
    ]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    last = steps[-1]
    assert (last.done, last.over, {each for each, _ in last.failed}) == (60, True, {"c00099", "none"})
    assert last.token
    assert await undo(hub.desk, RESTRICTED, last.token) == 60
    assert (await count_views(hub.desk, RESTRICTED))["mine"] == 60


async def test_all_that_are_in_a_view_are_done_and_no_others(hub: Hub) -> None:
    await fill(hub, [conversation(number, team="sales" if number % 2 else None) for number in range(250)])
    view = bulk.for_all_in(hub.desk, AGENT, "team:sales", lambda each: deeds.claim(hub.desk, AGENT, each))
    steps = [step async for step in view]
    assert steps[-1].done == 125
    assert (await count_views(hub.desk, AGENT))["mine"] == 100
    assert await repair_counts(hub.desk) == 0


async def test_a_note_submitted_twice_is_there_once(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    first = await deeds.note(hub.desk, AGENT, "c00001", "Look here", key="k")
    again = await deeds.note(hub.desk, AGENT, "c00001", "Look here", key="k")
    other = await deeds.note(hub.desk, AGENT, "c00001", "Look here", key="l")
    assert again == first
    assert other.id != first.id
    assert len(await hub.store.inbox.timeline("c00001")) == 2
