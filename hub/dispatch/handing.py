"""Gives a conversation to the one agent a rule asks for, where no queue can: it has no team, or not theirs.

Room is taken as in the queue (`queue.give`). If they cannot have it now, a decision and a fact say why.
"""

from hub.contract.routing import Candidate, Choice, Wanted
from hub.dispatch.deciding import BY, Grounds, record, settle
from hub.dispatch.effects import Effects
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.saying import write_fact
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Status
from hub.model.people import Agent
from hub.model.rules import Passed
from hub.model.sentences import sentence
from hub.model.staffing import AgentPlan, Strategy, TeamPlan
from hub.realtime import publish
from hub.store.workloads import holder_of
from hub.unbroken import unbroken

TRIES = 3


async def hand_over(dispatch: Dispatch, conversation: str, asked: str, event: str) -> bool:
    """To whom a rule asked for. False: they cannot have it, have it already, or get it from their queue."""
    agent = await dispatch.store.people.find_agent(asked)
    for _ in range(TRIES):
        found = await dispatch.store.inbox.find_conversation(conversation)
        if found is None or found.agent == asked or found.status is not Status.OPEN:
            return False
        if agent is None or agent.disabled:
            await _refused(dispatch, found, Passed(agent=asked, why="passed_gone"), asked, event)
            return False
        if found.agent is None and found.team in agent.teams:
            return False
        if (done := await _handed(dispatch, found, agent, event)) is not None:
            return done
    return False


async def _handed(dispatch: Dispatch, found: Conversation, agent: Agent, event: str) -> bool | None:
    """None: somebody else was faster, try again."""
    office = await dispatch.office()
    candidate = await _candidate(dispatch, office, agent)
    weight = office.workplace.weight_of(found.surface)
    wanted = Wanted(surface=found.surface, weight=weight, asked=agent.id)
    plan = TeamPlan(id=found.team or "", strategy=Strategy.CLAIM)
    choice = dispatch.router.choose(plan, [candidate], wanted, dispatch.clock())
    if choice.agent is None:
        why = choice.passed[0] if choice.passed else Passed(agent=agent.id, why="passed_gone")
        await _refused(dispatch, found, why, agent.name, event)
        return False
    return await unbroken(_given(dispatch, found, candidate, choice, event))


async def _given(
    dispatch: Dispatch, found: Conversation, candidate: Candidate, choice: Choice, event: str
) -> bool | None:
    workloads, now = dispatch.store.workloads, dispatch.clock()
    if not await workloads.reserve(candidate.workload, candidate.plan, found, found.team, now):
        return None
    grounds = Grounds(event=event, because=choice.because)
    if await settle(dispatch, found, {"agent": candidate.agent}, grounds, now):
        return True
    now_is = await dispatch.store.inbox.find_conversation(found.id)
    if holder_of(now_is) != candidate.agent:
        await workloads.free(candidate.agent, found)
    return None


async def _candidate(dispatch: Dispatch, office: Office, agent: Agent) -> Candidate:
    plan = office.agents.get(agent.id) or AgentPlan(id=agent.id)
    workload = (await dispatch.store.workloads.find([agent.id]))[agent.id]
    at_work = dispatch.router.at_work(office.hours_of(plan.hours), dispatch.clock())
    return Candidate(agent=agent.id, name=agent.name, plan=plan, workload=workload, at_work=at_work)


async def _refused(
    dispatch: Dispatch, conversation: Conversation, passed: Passed, name: str, event: str
) -> None:
    """Says why they did not get it; the wish stays, for when it comes into their team's queue."""
    now = dispatch.clock()
    because = sentence("asked_cannot", agent=name)
    grounds = Grounds(event=f"{event}_asked", because=because, passed=(passed,))
    await record(dispatch, conversation, Effects({}, ()), grounds, now)
    fact = Activity(
        id=derived_id("not_given", conversation.id, event, str(conversation.version)),
        conversation=conversation.id,
        at=now,
        kind="not_given",
        by=BY,
        because=because,
        details={"passed": f"{passed.agent}\t{sentence(passed.why, **passed.details)}"},
    )
    await publish(dispatch.store, [await write_fact(dispatch, fact)])
