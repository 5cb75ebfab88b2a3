"""A team's queue in its order, and who could take from it.

The more urgent first; of these what is due, by when; then what waits longest. It is read a page at a time, in
the order of an index, however long it is.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from hub.contract.routing import Candidate
from hub.dispatch.office import Dispatch, Office
from hub.model.inbox import Conversation, Priority
from hub.model.people import Agent
from hub.model.staffing import AgentPlan, Strategy, TeamPlan
from hub.store.shelves import by_queue, ms_of

AT_ONCE, LATER = 20, 200  # conversations read together: at the head, and farther back
FAR = 1 << 62
PRIORITIES = (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read on: which part of the queue, and from which moment (ms) of it."""

    part: int = 0
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Conversation]
    after: Place | None  # None: that was all
    part: int = 0

    def at(self, row: Conversation) -> Place:
        """Where one of its rows stands, to read from there again."""
        moment = row.due_at if self.part % 2 == 0 else row.waiting_since
        return Place(self.part, ms_of(moment)) if moment else Place(self.part)


async def page_of(dispatch: Dispatch, plan: TeamPlan, place: Place) -> Page:
    """The next that wait, at least one unless there are none."""
    if plan.strategy is Strategy.CLAIM:
        return Page(await _asked(dispatch, plan.id), None)
    parts = by_queue(plan.id)
    want = AT_ONCE if place == Place() else LATER
    while place.part < len(parts):
        read = await dispatch.store.views.read(parts[place.part], place.start, want)
        more = read.position is not None
        after = Place(place.part, read.position) if more else Place(place.part + 1)
        if rows := [each for each in read.rows if each.waiting_since is not None]:
            return Page(rows, after, place.part)
        place = after
    return Page([], None)


async def line_of(dispatch: Dispatch, plan: TeamPlan) -> AsyncIterator[Conversation]:
    """All of it, as it is while it is read."""
    place: Place | None = Place()
    while place is not None:
        page = await page_of(dispatch, plan, place)
        for each in page.rows:
            yield each
        place = page.after


async def _asked(dispatch: Dispatch, team: str) -> list[Conversation]:
    """Where everybody takes what they want, only what a rule wants somebody to have is handed out."""
    rows = [each for each in await dispatch.store.views.wished(team) if each.waiting_since is not None]
    return sorted(rows, key=_order)


def _order(row: Conversation) -> tuple[int, int, int, str]:
    due = ms_of(row.due_at) if row.due_at else FAR
    waiting = ms_of(row.waiting_since) if row.waiting_since else FAR
    return PRIORITIES.index(row.priority), due, waiting, row.id


async def candidates_of(dispatch: Dispatch, office: Office, plan: TeamPlan) -> list[Candidate]:
    now = dispatch.clock()
    members = [each for each in await dispatch.store.people.list_agents() if _belongs(each, plan.id)]
    workloads = await dispatch.store.workloads.find([each.id for each in members])
    found = []
    for each in members:
        agent_plan = office.agents.get(each.id) or AgentPlan(id=each.id)
        hours = office.hours_of(agent_plan.hours or plan.hours)
        found.append(
            Candidate(
                agent=each.id,
                name=each.name,
                plan=agent_plan,
                workload=workloads[each.id],
                at_work=dispatch.router.at_work(hours, now),
            )
        )
    return found


def _belongs(agent: Agent, team: str) -> bool:
    return not agent.disabled and team in agent.teams
