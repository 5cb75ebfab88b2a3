"""Why something waits is kept: who was considered and why not, whenever that changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from hub.app import Hub
from hub.dispatch import Dispatch, drain
from hub.dispatch.sweeping import Sweeper
from hub.model.inbox import Activity, Wish
from hub.model.staffing import AgentPlan, State
from tests.hub.desk.inbox import fill
from tests.hub.dispatch.test_queue import NOW, SALES, at, dispatch, plans, waiting

__all__ = ["dispatch"]


async def said(hub: Hub, conversation: str) -> list[Mapping[str, str]]:
    """What the decisions say, in their order; the timeline says the same."""
    found = await hub.store.rules.decisions_of(conversation)
    waits: list[Mapping[str, str]] = [
        {each.agent: each.why for each in decision.passed} for decision in found if decision.event == "waits"
    ]
    entries = await hub.store.inbox.timeline(conversation)
    facts = [each for each in entries if isinstance(each, Activity) and each.kind == "waits"]
    assert [len(each.details["passed"].splitlines()) for each in facts] == [len(each) for each in waits]
    assert {each.because for each in facts} <= {"Nobody of the team is free: it waits in the queue."}
    return waits


async def test_why_nobody_has_it_is_kept_and_again_when_that_changes(hub: Hub, dispatch: Dispatch) -> None:
    await hub.store.workloads.attend("ben", NOW + timedelta(days=9), State.BREAK)
    await plans(dispatch, SALES, AgentPlan(id="ben", capacity=1))
    await fill(hub, [waiting(1, 10), waiting(2, 5)])
    for _ in range(2):
        assert await drain(dispatch, ["sales"], "arrived") == 0
        assert await said(hub, "c00001") == [{"ben": "passed_break"}]
    await hub.store.workloads.attend("ben", NOW + timedelta(days=9), State.AWAY)
    await drain(dispatch, ["sales"], "arrived")
    assert await said(hub, "c00001") == [{"ben": "passed_break"}]  # a moment ago it was otherwise
    later = replace(dispatch, clock=lambda: at(2))
    await Sweeper(later, "test").sweep()
    assert await said(hub, "c00001") == [{"ben": "passed_break"}, {"ben": "passed_away"}]
    elsewhere = replace(later, waits={})  # another process knows it from what was kept
    await drain(elsewhere, ["sales"], "arrived")
    assert len(await said(hub, "c00001")) == 2

    await hub.store.workloads.attend("ben", NOW + timedelta(days=9), State.ONLINE)
    much_later = replace(dispatch, clock=lambda: at(5))
    assert await drain(much_later, ["sales"], "online") == 1
    assert len(await said(hub, "c00001")) == 2  # somebody has it
    assert (await said(hub, "c00002"))[-1] == {"ben": "passed_full"}  # who is busy with the first one


async def test_what_others_could_have_but_nobody_here_says_so(hub: Hub, dispatch: Dispatch) -> None:
    needs = waiting(1, 10, wish=Wish(needs={"french": 3}))
    await fill(hub, [needs, waiting(2, 5)])
    await plans(dispatch, replace(SALES, strict=True))
    assert await drain(dispatch, ["sales"]) == 1
    assert await said(hub, "c00001") == [{"ben": "passed_skill"}]
    assert await said(hub, "c00002") == []
