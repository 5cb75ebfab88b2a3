"""Hands out what waits in a team's queue: the more urgent first, then what is due, then who waits longest.

Everything that an agent gets from the router goes through the queue, so nobody jumps it. Room is taken in a
guarded write before the conversation is given; if somebody else gave that away meanwhile, the room is freed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from hub.contract.routing import Candidate, Choice, Wanted
from hub.dispatch.deciding import Grounds, settle
from hub.dispatch.facts import owner_of
from hub.dispatch.line import Place, candidates_of, page_of
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.overflow import move_on
from hub.dispatch.waits import nobody_free, say_why
from hub.model.inbox import Conversation, Wish
from hub.model.staffing import Prefer, State, Strategy, TeamPlan
from hub.store.workloads import holder_of
from hub.unbroken import unbroken

SAID_MOST = 20  # at the head of a queue, of which is kept why nobody can have them
LAST_ONES = 10  # conversations of a customer that are looked through for who had the last one


class Outcome(Enum):
    GIVEN = auto()
    NOBODY = auto()  # can have it now
    LOST = auto()  # somebody changed it, or gave it away, meanwhile


async def drain(dispatch: Dispatch, teams: Sequence[str], event: str = "room") -> int:
    """Give away what can be given. Returns how many conversations that were."""
    office = await dispatch.office()
    given, todo = 0, list(dict.fromkeys(teams))
    while todo:
        team = todo.pop(0)
        plan = office.teams.get(team) or TeamPlan(id=team)
        # As time passes, the sweeper looks for what may go to another team: a part at a time.
        moved = event != "time" and await move_on(dispatch, office, plan)
        if moved and plan.overflow is not None and plan.overflow not in todo:
            todo.append(plan.overflow)
        if office.hands_out(team):
            given += await _drain(dispatch, office, plan, event)
    return given


async def _drain(dispatch: Dispatch, office: Office, plan: TeamPlan, event: str) -> int:
    """Once through the queue, from its head, as long as there is room.

    What nobody can have now is passed over: there is only less room farther back. If there is more meanwhile,
    whoever made it drains the queue from its head.
    """
    given = passed = 0
    place: Place | None = Place()
    candidates = await candidates_of(dispatch, office, plan)
    if not _room(candidates, dispatch.clock()):
        await nobody_free(dispatch, plan, candidates, event)
    while place is not None and _room(candidates, dispatch.clock()):
        page = await page_of(dispatch, plan, place)
        place = page.after
        for each in page.rows:
            outcome = await give(dispatch, plan, each, candidates, event, says=passed < SAID_MOST)
            if outcome is Outcome.NOBODY:
                passed += 1
                continue
            given += outcome is Outcome.GIVEN
            candidates = await candidates_of(dispatch, office, plan)
            if not _room(candidates, dispatch.clock()):
                await nobody_free(dispatch, plan, candidates, event)
                return given
            if outcome is Outcome.LOST and plan.strategy is not Strategy.CLAIM:
                place = page.at(each)  # others are at work here: what was read is old
                break
    return given


async def give(
    dispatch: Dispatch,
    plan: TeamPlan,
    conversation: Conversation,
    candidates: Sequence[Candidate],
    event: str,
    says: bool = True,
) -> Outcome:
    """To whom the router says. `says`: keep why it goes to nobody."""
    office = await dispatch.office()
    wish = conversation.wish or Wish()
    plan = replace(plan, strategy=Strategy(wish.strategy)) if wish.strategy else plan
    wanted = await _wanted(dispatch, plan, conversation, wish)
    for _ in range(len(candidates) + 1):
        choice = dispatch.router.choose(plan, candidates, wanted, dispatch.clock())
        found = next((each for each in candidates if each.agent == choice.agent), None)
        if found is None:
            if says:
                await say_why(dispatch, plan, conversation, choice)
            return Outcome.NOBODY
        given = await unbroken(_handed(dispatch, found, conversation, plan.id, choice, event))
        if given is not None:
            return Outcome.GIVEN if given else Outcome.LOST
        candidates = await candidates_of(dispatch, office, plan)
    return Outcome.NOBODY


async def _handed(
    dispatch: Dispatch, found: Candidate, conversation: Conversation, team: str, choice: Choice, event: str
) -> bool | None:
    """None: there is no room any more; False: somebody else gave it away."""
    assert choice.agent is not None
    now = dispatch.clock()
    if not await dispatch.store.workloads.reserve(found.workload, found.plan, conversation, team, now):
        return None
    grounds = Grounds(event=event, because=choice.because, passed=choice.passed)
    if await settle(dispatch, conversation, {"agent": choice.agent}, grounds, dispatch.clock()):
        return True
    now_is = await dispatch.store.inbox.find_conversation(conversation.id)
    # Not by its agent alone: they may have got it from somebody else and resolved it since.
    if holder_of(now_is) != choice.agent:
        await dispatch.store.workloads.free(choice.agent, conversation)
    return False


async def _wanted(dispatch: Dispatch, plan: TeamPlan, conversation: Conversation, wish: Wish) -> Wanted:
    owner, last = None, None
    if Prefer.OWNER in plan.prefer:
        customers = await dispatch.store.people.find_customers([conversation.customer])
        owner = owner_of(customers.get(conversation.customer))
    if Prefer.LAST in plan.prefer:
        members = await dispatch.store.people.members_of(conversation.customer)
        theirs = await dispatch.store.views.of_customer(members, LAST_ONES)
        last = next((each.agent for each in theirs if each.agent and each.id != conversation.id), None)
    office = await dispatch.office()
    return Wanted(
        surface=conversation.surface,
        weight=office.workplace.weight_of(conversation.surface),
        needs=wish.needs,
        language=conversation.language,
        asked=wish.agent,
        owner=owner,
        last=last,
    )


def _room(candidates: Sequence[Candidate], now: datetime) -> bool:
    """Whether anybody could have anything: a mail, the lightest there is."""
    return any(
        each.at_work
        and each.workload.state_at(now) is State.ONLINE
        and (each.plan.capacity is None or each.workload.load < each.plan.capacity)
        for each in candidates
    )
