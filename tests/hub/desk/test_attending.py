"""Who is there, as time goes by: breaks end, resting hands are away, and choices outlive what pages say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hub.desk.attending import act, attend, choose_state, who_attends
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.workplace import save_workplace, workplace
from hub.model.people import Agent
from hub.model.staffing import AgentPlan, State, Workplace
from tests.hubs import Office


class Later:
    """The desk as its clock goes on."""

    def __init__(self, office: Office) -> None:
        self.desk, self.ana, self.begun = office.hub.desk, office.ana, office.hub.clock()
        self.now = self.begun

    def at(self, minutes: float) -> Desk:
        self.now = self.begun + timedelta(minutes=minutes)
        return replace(self.desk, clock=self._clock)

    def _clock(self) -> datetime:
        return self.now

    async def state(self, minutes: float) -> State:
        return (await who_attends(self.at(minutes), [self.ana.id]))[self.ana.id]


@pytest.fixture
def later(office: Office) -> Later:
    return Later(office)


async def test_a_break_ends_by_itself_and_a_choice_does_not(later: Later) -> None:
    ana = later.ana
    await choose_state(later.at(0), ana, State.BREAK, back_at=later.begun + timedelta(minutes=15))
    await attend(later.at(14), ana)
    assert await later.state(14) is State.BREAK
    await attend(later.at(15), ana)
    assert await later.state(15) is State.ONLINE
    await choose_state(later.at(20), ana, State.AWAY)
    await attend(later.at(80), ana)
    await act(later.at(81), ana)  # a hand does not undo what was chosen
    assert await later.state(81) is State.AWAY
    await attend(later.at(81 + 5 * 60), ana)  # the next shift
    assert await later.state(81 + 5 * 60) is State.ONLINE
    for wrong in (later.begun, later.begun + timedelta(days=2)):
        with pytest.raises(NotPossible):
            await choose_state(later.at(400), ana, State.BREAK, back_at=wrong)


async def test_resting_hands_are_away_until_they_move(later: Later) -> None:
    ana, desk = later.ana, later.desk
    await save_workplace(desk, ana, Workplace(idle_minutes=5))
    await act(later.at(0), ana)
    for minute in range(1, 5):
        await attend(later.at(minute), ana)
    assert await later.state(4) is State.ONLINE
    await attend(later.at(5), ana)
    assert await later.state(5) is State.AWAY
    await attend(later.at(6), ana)
    assert await later.state(6) is State.AWAY
    await act(later.at(6.5), ana)
    assert await later.state(6.5) is State.ONLINE
    await save_workplace(desk, ana, Workplace(idle_minutes=None))
    for minute in range(7, 30):
        await attend(later.at(minute), ana)
    assert await later.state(29) is State.ONLINE


async def test_what_conversations_weigh_is_set_and_what_agents_have_is_weighed_anew(office: Office) -> None:
    hub, ana = office.hub, office.ana
    store, desk = hub.store, hub.desk
    office.platform.write(office.world.person("tomas"), "Hello?")
    first = await office.conversation()
    await attend(desk, ana)
    await store.inbox.change_conversation(first, {"agent": ana.id})
    assert await load_of(desk, ana) == 2
    with pytest.raises(NotPossible):
        await save_workplace(desk, ana, Workplace(weights={"direct": 0}))
    with pytest.raises(NotPossible):
        await save_workplace(desk, ana, Workplace(weights={"letter": 3}))
    kept = await save_workplace(desk, ana, Workplace(weights={"direct": 5, "email": 1}))
    assert kept.weights == {"direct": 5}  # what is as usual is not kept
    assert await workplace(desk, ana) == kept
    assert await load_of(desk, ana) == 5
    seen = (await store.workloads.find([ana.id]))[ana.id]
    second = replace(first, id="f" * 24)
    assert not await store.workloads.reserve(
        seen, AgentPlan(id=ana.id, capacity=9), second, None, hub.clock()
    )
    assert await store.workloads.reserve(seen, AgentPlan(id=ana.id, capacity=10), second, None, hub.clock())
    await store.rules.save(Workplace(weights={"direct": 3}))  # before anybody has weighed anew
    await store.workloads.free(ana.id, second)
    assert await load_of(desk, ana) == 5  # what was taken was given back


async def load_of(desk: Desk, agent: Agent) -> int:
    return (await desk.store.workloads.find([agent.id]))[agent.id].load
