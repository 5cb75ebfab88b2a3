"""Who gets what from a team's queue, in which order, and what goes to the team that helps out."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from hub.app import Hub
from hub.dispatch import Dispatch, drain
from hub.dispatch.line import line_of
from hub.dispatch.overflow import Overflow
from hub.dispatch.sweeping import Sweeper, reconcile
from hub.model.hours import Shift, WorkingHours
from hub.model.inbox import Conversation, Priority, Status, Wish
from hub.model.people import Agent, Customer, Team
from hub.model.staffing import AgentPlan, Prefer, State, Strategy, TeamPlan
from hub.store.workloads import Workloads
from tests.hub.desk.inbox import conversation, fill

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
async def dispatch(hub: Hub) -> Dispatch:
    """Teams of sales and support, with Ben in the one and Sam in the other, both there; it is always noon."""
    people = hub.store.people
    for team, agent in (("sales", "ben"), ("support", "sam")):
        await people.add_team(Team(id=team, name=team.title(), created_at=NOW))
        await people.add_agent(
            Agent(id=agent, name=agent.title(), email=f"{agent}@x.example", teams=(team,), created_at=NOW)
        )
        await hub.store.workloads.attend(agent, NOW + timedelta(days=9), State.ONLINE)
    return replace(hub.desk.dispatch, clock=lambda: NOW)


def waiting(number: int, minutes: float, **more: Any) -> Conversation:
    """In the queue of sales for so many minutes."""
    return conversation(number, at=at(-minutes), **{"team": "sales", **more})


async def plans(dispatch: Dispatch, *kept: TeamPlan | AgentPlan | WorkingHours) -> None:
    for each in kept:
        kind: Any = each  # each has a collection of its own
        await dispatch.store.rules.save(kind)


async def held_by(dispatch: Dispatch, agent: str) -> list[str]:
    """In the order in which they got them."""
    workload = (await dispatch.store.workloads.find([agent]))[agent]
    return [each.conversation for each in workload.held]


async def teams(dispatch: Dispatch, *ids: str) -> list[str | None]:
    found = await dispatch.store.inbox.find_conversations(ids)
    return [found[each].team for each in ids]


SALES = TeamPlan(id="sales", strategy=Strategy.ROUND_ROBIN)


async def test_the_urgent_go_first_then_what_is_due_then_what_waits_longest(
    hub: Hub, dispatch: Dispatch
) -> None:
    long = [waiting(number, 500 - number) for number in range(60)]
    due = [waiting(100 + each, 10 - each, due_at=at(90 - 10 * each)) for each in range(6)]
    urgent = [waiting(200 + each, 3 - each, priority=Priority.URGENT) for each in range(2)]
    low = [waiting(300, 900, priority=Priority.LOW, due_at=at(1))]
    written_out = [waiting(400, 499.5)]
    await fill(hub, [*long, *due, *urgent, *low, *written_out])
    await hub.store.database.conversations.update_one({"_id": "c00400"}, {"$set": {"priority": "normal"}})
    await plans(dispatch, SALES, AgentPlan(id="ben", capacity=12))
    assert await drain(dispatch, ["sales"]) == 12
    first = ["c00200", "c00201", *(f"c{100 + each:05}" for each in (5, 4, 3, 2, 1, 0))]
    assert await held_by(dispatch, "ben") == [*first, "c00000", "c00400", "c00001", "c00002"]
    left = [each.id async for each in line_of(dispatch, SALES)]
    assert left == [*(f"c{each:05}" for each in range(3, 60)), "c00300"]


async def test_who_is_stopped_between_taking_room_and_giving_gives_first(
    hub: Hub, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(hub, [waiting(1, 5)])
    await plans(dispatch, SALES, AgentPlan(id="ben", capacity=2))
    draining = asyncio.create_task(drain(dispatch, ["sales"]))
    reserve = Workloads.reserve

    async def stopped(*given: Any) -> bool:
        taken = await reserve(*given)
        draining.cancel()
        await asyncio.sleep(0)
        return taken

    monkeypatch.setattr(Workloads, "reserve", stopped)
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert await held_by(dispatch, "ben") == ["c00001"]
    assert await reconcile(dispatch) == []


async def test_what_is_behind_very_many_that_nobody_can_have_does_not_wait_with_them(
    hub: Hub, dispatch: Dispatch
) -> None:
    stuck = [waiting(number, 900 - number, wish=Wish(needs={"french": 3})) for number in range(230)]
    await fill(hub, [*stuck, waiting(800, 2), waiting(801, 1)])
    await plans(dispatch, replace(SALES, strict=True), AgentPlan(id="ben", capacity=1))
    assert await drain(dispatch, ["sales"]) == 1
    assert await held_by(dispatch, "ben") == ["c00800"]


async def test_where_everybody_takes_what_they_want_only_what_rules_ask_for_is_given(
    hub: Hub, dispatch: Dispatch
) -> None:
    asked, handed = Wish(agent="ben"), Wish(strategy="least_busy")
    await fill(
        hub,
        [waiting(1, 9), waiting(2, 8, wish=asked), waiting(3, 7, wish=handed), waiting(4, 6, wish=Wish())],
    )
    office = replace(await dispatch.office(), teams={"sales": TeamPlan(id="sales")})
    assert [each.id async for each in line_of(dispatch, office.teams["sales"])] == ["c00002", "c00003"]


async def test_what_waits_too_long_overflows_whatever_stands_before_it(hub: Hub, dispatch: Dispatch) -> None:
    plan = replace(SALES, overflow="support", overflow_minutes=30)
    await plans(dispatch, plan)
    fresh = [waiting(number, 5, priority=Priority.URGENT) for number in range(30)]
    been = [waiting(100 + number, 600, wish=Wish(been=("support",))) for number in range(230)]
    late = [waiting(500, 31), waiting(501, 30, priority=Priority.LOW), waiting(502, 29)]
    await fill(hub, [*fresh, *been, *late, waiting(503, 99, agent="ben")])
    overflow, office = Overflow(dispatch), await dispatch.office()
    looks = [await overflow.look(office), await overflow.look(office)]
    assert [each for look in looks for each in look] == ["support", "support"]
    assert await teams(dispatch, "c00500", "c00501", "c00502", "c00503", "c00000", "c00100") == [
        "support", "support", "sales", "sales", "sales", "sales"]  # fmt: skip
    (decision,) = await hub.store.rules.decisions_of("c00500")
    assert (decision.event, decision.team) == ("overflow", "support")
    assert decision.because == "It waited for 30 minutes in the queue of Sales."


async def test_who_helps_out_has_its_own_time_before_it_goes_on(hub: Hub, dispatch: Dispatch) -> None:
    back = TeamPlan(id="support", strategy=Strategy.ROUND_ROBIN, overflow="third", overflow_minutes=10)
    await hub.store.people.add_team(Team(id="third", name="Third", created_at=NOW))
    await plans(dispatch, replace(SALES, overflow="support", overflow_minutes=30), back)
    await fill(hub, [waiting(1, 40)])
    for minutes, team in ((0, "support"), (9, "support"), (10, "third")):
        then = replace(dispatch, clock=partial(at, minutes))
        await Overflow(then).look(await then.office())
        assert await teams(dispatch, "c00001") == [team], minutes


async def test_where_nobody_is_on_shift_everything_goes_to_who_helps_out_and_is_handed_out_there(
    hub: Hub, dispatch: Dispatch
) -> None:
    nights = WorkingHours(
        id="nights", name="Nights", zone="UTC", shifts=(Shift(2, 0, 60),), created_at=NOW
    )  # not at noon
    helper = TeamPlan(id="support", strategy=Strategy.ROUND_ROBIN, overflow="sales")
    await plans(dispatch, nights, replace(SALES, overflow="support", hours="nights"), helper)
    rows = [waiting(number, 60 - number, priority=each) for number, each in enumerate([*Priority, *Priority])]
    await fill(hub, rows)
    assert await drain(dispatch, ["sales"], "arrived") == 8
    assert set(await teams(dispatch, *(each.id for each in rows))) == {"support"}
    assert await held_by(dispatch, "ben") == []
    assert len(await held_by(dispatch, "sam")) == 8
    because = [each.because for each in await hub.store.rules.decisions_of("c00000")]
    assert because == ["Nobody of Sales is on shift.", "It is their turn."]
    await hub.store.workloads.attend("sam", NOW, State.ONLINE)  # gone: what comes now waits there
    await fill(hub, [waiting(50, 1)])
    await Sweeper(dispatch, "test").sweep()  # a shift that ended is seen by the sweeper, too
    assert await teams(dispatch, "c00050") == ["support"]


@pytest.mark.parametrize(
    ("prefer", "gets"),
    [((Prefer.OWNER, Prefer.LAST), "cem"), ((Prefer.LAST, Prefer.OWNER), "dee"), ((), "ben")],
)
async def test_who_looks_after_a_customer_or_knew_them_last_goes_before_the_strategy(
    hub: Hub, dispatch: Dispatch, prefer: tuple[Prefer, ...], gets: str
) -> None:
    for turn, agent in enumerate(("cem", "dee")):
        await hub.store.people.add_agent(
            Agent(id=agent, name=agent.title(), email=f"{agent}@x.example", teams=("sales",), created_at=NOW)
        )
        await hub.store.workloads.attend(agent, NOW + timedelta(days=9), State.ONLINE)
        await hub.store.workloads.workloads.update_one({"_id": agent}, {"$set": {"turn": 5 + turn}})
    await hub.store.people.add_customers([Customer(id="cora", name="Cora", owner="cem", created_at=NOW)])
    before = [
        waiting(1, 900, customer="cora", agent="ben", status=Status.RESOLVED),
        waiting(2, 800, customer="cora", agent="dee", status=Status.RESOLVED),
    ]
    await fill(hub, [*before, waiting(3, 1, customer="cora")])
    await plans(dispatch, replace(SALES, prefer=prefer))
    assert await drain(dispatch, ["sales"]) == 1
    assert await held_by(dispatch, gets) == ["c00003"]
    await hub.store.workloads.attend("cem", NOW + timedelta(days=9), State.AWAY)
    await hub.store.workloads.attend("dee", NOW + timedelta(days=9), State.AWAY)
    await fill(hub, [waiting(4, 0.5, customer="cora")])
    await drain(dispatch, ["sales"])
    assert "c00004" in await held_by(dispatch, "ben")  # who is preferred but away does not hold it up
