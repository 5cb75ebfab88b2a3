"""Who is there: said by every open page, chosen by hand (away, on a break), over when no page says so.

Whoever comes back, or has no break any more, gets what waits for them at once. Whose hands rest for too long
is away until they move again; pages tell that they moved, the hub decides, so that two browsers of one agent
do not contradict each other.
"""

from datetime import datetime, timedelta

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.dispatch import drain
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.model.staffing import State, Workload
from hub.realtime import publish

GRACE = timedelta(seconds=75)  # a page renews every 20 s: three may be lost
FORGOTTEN = timedelta(hours=4)  # whoever comes back after that is here to work, whatever they chose before
LONGEST_BREAK = timedelta(hours=24)
CHOICES = (State.ONLINE, State.AWAY, State.BREAK)


async def attend(desk: Desk, agent: Agent) -> None:
    """A sign of life of an open page."""
    await _live(desk, agent, await workload_of(desk, agent))


async def act(desk: Desk, agent: Agent) -> None:
    """A hand on keyboard or pointer: whoever was away for want of one is online again."""
    await desk.store.workloads.act(agent.id, desk.clock())
    seen = await workload_of(desk, agent)
    if seen.state is State.AWAY and seen.idle:
        await _turn(desk, agent, seen, State.ONLINE)
    else:
        await _live(desk, agent, seen)


async def choose_state(desk: Desk, agent: Agent, state: State, *, back_at: datetime | None = None) -> None:
    """From now on, until another is chosen, or until they are back. OFFLINE: as if no page were open.

    Raises NotPossible.
    """
    now = desk.clock()
    if back_at is not None and not now < back_at <= now + LONGEST_BREAK:
        raise NotPossible("back_wrong")
    was = (await workload_of(desk, agent)).state_at(now)
    kept = back_at if state in (State.AWAY, State.BREAK) else None
    await desk.store.workloads.attend(agent.id, now + GRACE, state, back_at=kept)
    if state is State.ONLINE:
        await desk.store.workloads.act(agent.id, now)
    if state is not was or kept is not None:
        await _tell(desk, agent, state)


async def who_attends(desk: Desk, agents: list[str]) -> dict[str, State]:
    """As they are now."""
    now = desk.clock()
    found = await desk.store.workloads.find(agents)
    return {each: workload.state_at(now) for each, workload in found.items()}


async def workload_of(desk: Desk, agent: Agent) -> Workload:
    return (await desk.store.workloads.find([agent.id]))[agent.id]


async def _live(desk: Desk, agent: Agent, seen: Workload) -> None:
    now = desk.clock()
    state = await _by_now(desk, seen, now)
    if state is not seen.state and seen.state is not State.OFFLINE:
        await _turn(desk, agent, seen, state)
        return
    await desk.store.workloads.attend(agent.id, now + GRACE)
    if state is not seen.state_at(now):
        await _tell(desk, agent, state)


async def _by_now(desk: Desk, seen: Workload, now: datetime) -> State:
    """What has become of a state with time alone."""
    gone = now - seen.until if seen.until is not None else timedelta()
    if seen.state is State.OFFLINE or gone > FORGOTTEN:
        return State.ONLINE
    if seen.back_at is not None and seen.back_at <= now:
        return State.ONLINE
    if seen.state is State.ONLINE and seen.acted_at is not None and gone <= timedelta():
        idle = (await desk.dispatch.office()).workplace.idle_minutes
        if idle is not None and now - seen.acted_at >= timedelta(minutes=idle):
            return State.AWAY
    return seen.state


async def _turn(desk: Desk, agent: Agent, seen: Workload, to: State) -> None:
    """By itself; whoever chose something else meanwhile has what they chose."""
    until = desk.clock() + GRACE
    if await desk.store.workloads.turn(seen, to, until, idle=to is State.AWAY):
        await _tell(desk, agent, to)


async def _tell(desk: Desk, agent: Agent, state: State) -> None:
    now = desk.clock()
    told = Event(
        id=new_id(now), kind="attendance_changed", at=now, by=agent.id, details={"state": str(state)}
    )
    await publish(desk.store, [told])
    if state is State.ONLINE:
        await drain(desk.dispatch, agent.teams, "online")
