"""The customer writes again in what was resolved: may who had it have it again?"""

from typing import Any

from hub.dispatch.deciding import BY
from hub.dispatch.office import Dispatch
from hub.dispatch.ruling import Following
from hub.dispatch.saying import write_fact
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation
from hub.model.sentences import sentence
from hub.model.staffing import AgentPlan


async def keep_agent(dispatch: Dispatch, conversation: Conversation, change: dict[str, Any]) -> Following:
    """Take room for it before it is open again. Where there is none, the `change` takes it from its agent.

    Only in teams that hand out by themselves: elsewhere a conversation stays whose it was.
    """
    office = await dispatch.office()
    agent, team = conversation.agent, conversation.team
    if agent is None or team is None or not office.hands_out(team) or conversation.resolved_at is None:
        return Following()
    plan = office.agents.get(agent) or AgentPlan(id=agent)
    workload = (await dispatch.store.workloads.find([agent]))[agent]
    if await dispatch.store.workloads.reserve(workload, plan, conversation, None, dispatch.clock()):
        return Following()
    change.setdefault("$unset", {})["agent"] = ""
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
    return Following([await write_fact(dispatch, fact, was_agent=agent)], [team])
