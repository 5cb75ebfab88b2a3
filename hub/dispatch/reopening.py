"""The customer writes again in what was resolved: may who had it have it again?"""

from dataclasses import replace

from hub.dispatch.deciding import BY
from hub.dispatch.office import Dispatch
from hub.dispatch.ruling import Following
from hub.dispatch.saying import write_fact
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation
from hub.model.sentences import sentence
from hub.model.staffing import AgentPlan


async def keep_agent(dispatch: Dispatch, conversation: Conversation) -> tuple[Conversation, Following]:
    """Take room for it before it is open again; where there is none, take it from its agent. As it is then.

    Only in teams that hand out by themselves: elsewhere a conversation stays whose it was.
    """
    office = await dispatch.office()
    agent, team = conversation.agent, conversation.team
    if agent is None or team is None or not office.hands_out(team) or conversation.resolved_at is None:
        return conversation, Following()
    plan = office.agents.get(agent) or AgentPlan(id=agent)
    workload = (await dispatch.store.workloads.find([agent]))[agent]
    if await dispatch.store.workloads.reserve(workload, plan, conversation, None, dispatch.clock()):
        return conversation, Following()
    found = await dispatch.store.people.find_agent(agent)
    now = dispatch.clock()
    fact = Activity(
        id=derived_id("no_room", conversation.id, str(conversation.version)),
        conversation=conversation.id,
        at=now,
        kind="released",
        by=BY,
        because=sentence("reopened_no_room", agent=found.name if found else agent),
    )
    event = await write_fact(dispatch, fact, was_agent=agent)
    return await _without(dispatch, conversation, agent), Following([event], [team])


async def _without(dispatch: Dispatch, conversation: Conversation, agent: str) -> Conversation:
    """Compared and set: whoever changes it meanwhile has their say first."""
    inbox, found = dispatch.store.inbox, conversation
    while found.agent == agent and not await inbox.change_conversation(found, {"agent": None}):
        found = await inbox.find_conversation(found.id) or replace(found, agent=None)
    return await inbox.find_conversation(found.id) or found
