"""Why somebody has a conversation: the decisions about it, and what to do about a wrong one."""

from dataclasses import dataclass, replace

from hub.auth.access import may_see
from hub.desk.changing import Done, NotPossible, change
from hub.desk.replying import Desk, get_conversation
from hub.desk.rules import NAME_LONGEST, Drawn
from hub.dispatch.fillers import companies
from hub.model.inbox import Conversation, Message, Side
from hub.model.people import Agent
from hub.model.rules import Action, Condition, Decision, Do, Group, Join, Test, Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """`offered`: a rule that would decide so from now on, for an admin to change and to keep."""

    done: Done
    offered: Drawn | None


async def list_decisions(desk: Desk, agent: Agent, conversation: str) -> list[Decision]:
    """Oldest first. Raises NotAllowed, NoSuchConversation."""
    found = await get_conversation(desk, agent, conversation)
    return await desk.store.rules.decisions_of(found.id)


async def correct(
    desk: Desk, agent: Agent, decision: str, *, team: str | None = None, to: str | None = None
) -> Corrected:
    """It was wrong: another team or agent, or, with neither, as it was before nobody had decided.

    Raises NotPossible, NotAllowed, Changed.
    """
    kept = await desk.store.rules.find_decision(decision)
    if kept is None:
        raise NotPossible("decision_gone")
    found = await get_conversation(desk, agent, kept.conversation)
    teams = {each.id: each.name for each in await desk.store.people.list_teams()}
    if team is not None and team not in teams:
        raise NotPossible("team_gone", team=team)
    agents = {each.id: each for each in await desk.store.people.list_agents() if not each.disabled}
    if to is not None and to not in agents:
        raise NotPossible("agent_gone")
    wanted = {"team": team if team or to is None else found.team, "agent": to}
    changes = {key: value for key, value in wanted.items() if getattr(found, key) != value}
    if to is not None and not may_see(agents[to], replace(found, agent=to, team=wanted["team"])):
        raise NotPossible("not_to_them", who=agents[to].name)
    where = agents[to].name if to else teams.get(team or "", "")
    because = f"{agent.name} corrected the decision: {where}." if where else f"{agent.name} took it back."
    details = {key: value for key, value in wanted.items() if value} | {"decision": decision}
    if not changes:
        done = Done(found.id, "corrected")
    else:
        kind = "assigned" if to else "handed"
        name = agents[to].name if to else teams.get(team or "", "")
        done = await change(desk, agent, found, kind, because, changes, {**details, "name": name})
    await desk.store.rules.correct_decision(decision, agent.id)
    return Corrected(done=done, offered=await offer(desk, kept, team, to))


async def offer(desk: Desk, decision: Decision, team: str | None, to: str | None) -> Drawn | None:
    """Whatever comes from the same company, or else the same sender, goes where this one was put."""
    if team is None and to is None:
        return None
    found = await desk.store.inbox.find_conversation(decision.conversation)
    if found is None:
        return None
    telling = await _telling(desk, found)
    then = [Action(Do.TEAM, team)] if team else []
    then += [Action(Do.AGENT, to)] if to else []
    name = telling.values[0] if telling.fact != "channel" else found.subject
    return Drawn(
        name=name[:NAME_LONGEST].strip() or "Rule",
        on=(Trigger.ARRIVED,),
        when=Group(Join.ALL, (telling,)),
        then=tuple(then),
    )


async def _telling(desk: Desk, found: Conversation) -> Condition:
    """What is likely to be so of the next one of this kind. A free mail provider tells nothing."""
    people = desk.store.people
    customers = await people.find_customers([found.customer])
    entries = await desk.store.moving.page(found, None, 20)
    theirs = (each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER)
    message = next(theirs, None)
    identities = await people.find_identities([message.author]) if message else {}
    identity = identities.get(message.author) if message else None
    if domains := companies(customers.get(found.customer), identity):
        return Condition("company", Test.IS, domains[:1])
    if identity is not None:
        return Condition("sender", Test.IS, (identity.email or identity.key,))
    return Condition("channel", Test.IS, (found.channel,))
