"""Who is there: said by every open page, chosen by hand (away, on a break), over when no page says so.

Whoever comes back, or has no break any more, gets what waits for them at once.
"""

from datetime import timedelta

from hub.desk.replying import Desk
from hub.dispatch import drain
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.model.staffing import State, Workload
from hub.realtime import publish

GRACE = timedelta(seconds=75)  # a page renews every 20 s: three may be lost
CHOICES = (State.ONLINE, State.AWAY, State.BREAK)


async def attend(desk: Desk, agent: Agent) -> None:
    """A sign of life of an open page."""
    await _be(desk, agent, None)


async def choose_state(desk: Desk, agent: Agent, state: State) -> None:
    """From now on, until another is chosen. OFFLINE: at once, as if no page were open."""
    await _be(desk, agent, state)


async def who_attends(desk: Desk, agents: list[str]) -> dict[str, State]:
    """As they are now."""
    now = desk.clock()
    found = await desk.store.workloads.find(agents)
    return {each: workload.state_at(now) for each, workload in found.items()}


async def workload_of(desk: Desk, agent: Agent) -> Workload:
    return (await desk.store.workloads.find([agent.id]))[agent.id]


async def _be(desk: Desk, agent: Agent, chosen: State | None) -> None:
    now = desk.clock()
    before = (await desk.store.workloads.find([agent.id]))[agent.id]
    was = before.state_at(now)
    await desk.store.workloads.attend(agent.id, now + GRACE, chosen)
    state = chosen or (State.ONLINE if before.state is State.OFFLINE else before.state)
    if state is was:
        return
    told = Event(
        id=new_id(now), kind="attendance_changed", at=now, by=agent.id, details={"state": str(state)}
    )
    await publish(desk.store, [told])
    if state is State.ONLINE:
        await drain(desk.dispatch, agent.teams, "online")
