"""To the team that helps out: what waits for too long, and what waits where nobody is on shift."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub.dispatch.deciding import Grounds, settle
from hub.dispatch.line import candidates_of, line_of
from hub.dispatch.office import Dispatch, Office
from hub.model.inbox import Conversation, Status, Wish
from hub.model.sentences import sentence
from hub.model.staffing import Strategy, TeamPlan
from hub.store.codec import to_document
from hub.store.shelves import by_waiting_agent

AT_ONCE = 200  # looked at in one sweep; the next goes on from there


async def move_on(dispatch: Dispatch, office: Office, plan: TeamPlan) -> bool:
    """Whether something went to the team that helps out because nobody of this one is on shift."""
    if plan.overflow is None or await _on_shift(dispatch, office, plan):
        return False
    moved = False
    everything = replace(plan, strategy=Strategy.ROUND_ROBIN)  # what everybody may take, as well
    async for each in line_of(dispatch, everything):
        if plan.overflow not in _been(each):
            moved |= await overflow(dispatch, plan, each, "overflow_closed", {})
    return moved


@dataclass(slots=True)
class Overflow:
    """Looks through all that nobody has, oldest first, a part of it at each look."""

    dispatch: Dispatch
    _from: int | None = None

    async def look(self, office: Office) -> list[str]:
        """Returns the teams that something went to."""
        plans = {each.id: each for each in office.teams.values() if each.overflow is not None}
        if not plans:
            return []
        shelf = by_waiting_agent(None, Status.OPEN)
        read = await self.dispatch.store.views.read([shelf], self._from, AT_ONCE)
        self._from = read.position
        seen = _Closed(self.dispatch, office)
        helping = []
        for each in read.rows:
            plan = plans.get(each.team or "")
            if plan is None or plan.overflow is None or plan.overflow in _been(each):
                continue
            details: dict[str, str] = {}
            if _is_late(plan, each, self.dispatch.clock()):
                why, details = "overflow_waited", {"minutes": str(plan.overflow_minutes)}
            elif await seen.closed(plan):
                why = "overflow_closed"
            else:
                continue
            if await overflow(self.dispatch, plan, each, why, details):
                helping.append(plan.overflow)
        return helping


@dataclass(slots=True)
class _Closed:
    """Which teams have nobody on shift, asked once each."""

    dispatch: Dispatch
    office: Office
    _known: dict[str, bool] = field(default_factory=dict)

    async def closed(self, plan: TeamPlan) -> bool:
        if plan.id not in self._known:
            self._known[plan.id] = not await _on_shift(self.dispatch, self.office, plan)
        return self._known[plan.id]


async def overflow(
    dispatch: Dispatch, plan: TeamPlan, conversation: Conversation, why: str, details: dict[str, str]
) -> bool:
    """To the team that helps out. Teams it came from do not get it back."""
    assert plan.overflow is not None
    names = {each.id: each.name for each in await dispatch.store.people.list_teams()}
    because = sentence(why, team=names.get(plan.id, plan.id), **details)
    now = dispatch.clock()
    wish = replace(conversation.wish or Wish(), been=(*_been(conversation), plan.id), since=now)
    changes = {"team": plan.overflow, "wish": to_document(wish)}
    grounds = Grounds(event="overflow", because=because)
    return await settle(dispatch, conversation, changes, grounds, now)


async def _on_shift(dispatch: Dispatch, office: Office, plan: TeamPlan) -> bool:
    return any(each.at_work for each in await candidates_of(dispatch, office, plan))


def _is_late(plan: TeamPlan, row: Conversation, now: datetime) -> bool:
    """In the queue of this team: what came from another begins anew."""
    if plan.overflow_minutes is None or row.waiting_since is None:
        return False
    since = max(row.waiting_since, row.wish.since) if row.wish and row.wish.since else row.waiting_since
    return since <= now - timedelta(minutes=plan.overflow_minutes)


def _been(conversation: Conversation) -> tuple[str, ...]:
    return conversation.wish.been if conversation.wish else ()
