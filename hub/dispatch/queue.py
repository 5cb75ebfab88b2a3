"""Hands out what waits in a team's queue: the more urgent first, then what is due, then who waits longest.

Everything that an agent gets from the router goes through the queue, so nobody jumps it. Room is taken in a
guarded write before the conversation is given; if somebody else gave that away meanwhile, the room is freed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hub.contract.routing import Candidate, Choice, Wanted
from hub.dispatch.deciding import Grounds, settle
from hub.dispatch.facts import owner_of
from hub.dispatch.office import Dispatch, Office
from hub.model.inbox import Conversation, Priority, Wish
from hub.model.people import Agent
from hub.model.sentences import sentence
from hub.model.staffing import AgentPlan, Prefer, State, Strategy, TeamPlan
from hub.store.codec import to_document
from hub.store.shelves import by_queue
from hub.store.workloads import holder_of

AT_ONCE = 20
STUCK_MOST = 200  # conversations at the head of a queue that nobody can have: what is behind waits with them
FAR = datetime(9999, 1, 1, tzinfo=UTC)
LAST_ONES = 10  # conversations of a customer that are looked through for who had the last one


async def drain(dispatch: Dispatch, teams: Sequence[str], event: str = "room") -> int:
    """Give away what can be given. Returns how many conversations that were."""
    office = await dispatch.office()
    given, todo = 0, list(dict.fromkeys(teams))
    for team in todo:  # grows by the teams that help out
        if not office.hands_out(team):
            continue
        plan = office.teams.get(team) or TeamPlan(id=team)
        if await _moved_on(dispatch, office, plan) and plan.overflow not in todo:
            todo += [plan.overflow] if plan.overflow else []
        given += await _drain(dispatch, office, plan, event)
    return given


async def _drain(dispatch: Dispatch, office: Office, plan: TeamPlan, event: str) -> int:
    given = 0
    stuck: set[str] = set()  # what nobody who is free can have, or somebody else has just given away
    while len(stuck) < STUCK_MOST:
        candidates = await candidates_of(dispatch, office, plan)
        if not _room(candidates, dispatch.clock()):
            break
        waiting = await waiting_of(dispatch, plan.id, stuck)
        if not waiting:
            break
        for each in waiting:
            if await give(dispatch, plan, each, candidates, event):
                given += 1
                break  # others have more to do now: look again
            stuck.add(each.id)
    return given


async def _moved_on(dispatch: Dispatch, office: Office, plan: TeamPlan) -> bool:
    """Whether something went to the team that helps out because nobody of this one is on shift."""
    if plan.overflow is None:
        return False
    if any(each.at_work for each in await candidates_of(dispatch, office, plan)):
        return False
    moved = False
    for each in await waiting_of(dispatch, plan.id):
        if plan.overflow not in _been(each):
            moved |= await overflow(dispatch, plan, each, "overflow_closed", {})
    return moved


async def give(
    dispatch: Dispatch,
    plan: TeamPlan,
    conversation: Conversation,
    candidates: Sequence[Candidate],
    event: str,
) -> bool:
    """To whom the router says. False: to nobody now, or it was given away meanwhile."""
    office = await dispatch.office()
    wish = conversation.wish or Wish()
    plan = replace(plan, strategy=Strategy(wish.strategy)) if wish.strategy else plan
    wanted = await _wanted(dispatch, plan, conversation, wish)
    for _ in range(len(candidates) + 1):
        choice = dispatch.router.choose(plan, candidates, wanted, dispatch.clock())
        found = next((each for each in candidates if each.agent == choice.agent), None)
        if found is None:
            return False
        if await _reserved(dispatch, found, conversation, plan.id):
            return await _given(dispatch, conversation, choice, event)
        candidates = await candidates_of(dispatch, office, plan)
    return False


async def _reserved(dispatch: Dispatch, found: Candidate, conversation: Conversation, team: str) -> bool:
    return await dispatch.store.workloads.reserve(
        found.workload, found.plan, conversation, team, dispatch.clock()
    )


async def _given(dispatch: Dispatch, conversation: Conversation, choice: Choice, event: str) -> bool:
    assert choice.agent is not None
    grounds = Grounds(event=event, because=choice.because, passed=choice.passed)
    if await settle(dispatch, conversation, {"agent": choice.agent}, grounds, dispatch.clock()):
        return True
    now = await dispatch.store.inbox.find_conversation(conversation.id)
    # Not by its agent alone: they may have got it from somebody else and resolved it since.
    if holder_of(now) != choice.agent:
        await dispatch.store.workloads.free(choice.agent, conversation)
    return False


async def waiting_of(dispatch: Dispatch, team: str, but: Collection[str] = frozenset()) -> list[Conversation]:
    """The head of a team's queue, without these."""
    for priority in (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW):
        read = await dispatch.store.views.read(by_queue(team, priority), None, AT_ONCE + len(but))
        if rows := [each for each in read.rows if each.id not in but]:
            return sorted(rows, key=lambda each: (each.due_at or FAR, each.waiting_since or FAR, each.id))
    return []


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


async def overflow(
    dispatch: Dispatch, plan: TeamPlan, conversation: Conversation, why: str, details: dict[str, str]
) -> bool:
    """To the team that helps out. Teams it came from do not get it back."""
    assert plan.overflow is not None
    names = {each.id: each.name for each in await dispatch.store.people.list_teams()}
    because = sentence(why, team=names.get(plan.id, plan.id), **details)
    wish = replace(conversation.wish or Wish(), been=(*_been(conversation), plan.id))
    changes = {"team": plan.overflow, "wish": to_document(wish)}
    grounds = Grounds(event="overflow", because=because)
    return await settle(dispatch, conversation, changes, grounds, dispatch.clock())


async def overflow_late(dispatch: Dispatch, office: Office) -> list[str]:
    """What waited for too long goes to other teams. Returns the teams it went to."""
    helping = []
    for plan in office.teams.values():
        if plan.overflow is None or plan.overflow_minutes is None:
            continue
        before = dispatch.clock() - timedelta(minutes=plan.overflow_minutes)
        for each in await waiting_of(dispatch, plan.id):
            late = each.waiting_since is not None and each.waiting_since <= before
            if late and plan.overflow not in _been(each):
                details = {"minutes": str(plan.overflow_minutes)}
                if await overflow(dispatch, plan, each, "overflow_waited", details):
                    helping.append(plan.overflow)
    return helping


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


def _belongs(agent: Agent, team: str) -> bool:
    return not agent.disabled and team in agent.teams


def _been(conversation: Conversation) -> tuple[str, ...]:
    return conversation.wish.been if conversation.wish else ()


def _room(candidates: Sequence[Candidate], now: datetime) -> bool:
    """Whether anybody could have anything: a mail, the lightest there is."""
    return any(
        each.at_work
        and each.workload.state_at(now) is State.ONLINE
        and (each.plan.capacity is None or each.workload.load < each.plan.capacity)
        for each in candidates
    )
