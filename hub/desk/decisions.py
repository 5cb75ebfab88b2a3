"""Why somebody has a conversation: the decisions about it, and what to do about a wrong one."""

from dataclasses import dataclass

from hub.desk.changing import Done, NotPossible, change
from hub.desk.replying import Desk, get_conversation
from hub.desk.rules import Drawn
from hub.dispatch.facts import facts_of
from hub.model.inbox import Message, Side
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
    agents = {each.id: each.name for each in await desk.store.people.list_agents() if not each.disabled}
    if to is not None and to not in agents:
        raise NotPossible("agent_gone")
    wanted = {"team": team if team or to is None else found.team, "agent": to}
    changes = {key: value for key, value in wanted.items() if getattr(found, key) != value}
    where = agents.get(to or "") or teams.get(team or "") or ""
    because = f"{agent.name} corrected the decision: {where}." if where else f"{agent.name} took it back."
    details = {key: value for key, value in wanted.items() if value} | {"decision": decision}
    if not changes:
        done = Done(found.id, "corrected")
    else:
        kind = "assigned" if to else "handed"
        name = agents[to] if to else teams.get(team or "", "")
        done = await change(desk, agent, found, kind, because, changes, {**details, "name": name})
    await desk.store.rules.correct_decision(decision, agent.id)
    return Corrected(done=done, offered=await _offer(desk, kept, team, to))


async def _offer(desk: Desk, decision: Decision, team: str | None, to: str | None) -> Drawn | None:
    """Whatever comes from the same place goes where this one was put."""
    if team is None and to is None:
        return None
    found = await desk.store.inbox.find_conversation(decision.conversation)
    if found is None:
        return None
    entries = await desk.store.moving.page(found, None, 20)
    message = next(
        (each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER), None
    )
    identities = await desk.store.people.find_identities([message.author]) if message else {}
    facts = facts_of(
        found,
        message,
        None,
        identities.get(message.author) if message else None,
        office=await desk.dispatch.office(),
        router=desk.dispatch.router,
        now=desk.clock(),
    )
    domain = facts["domain"][:1]
    telling = (
        Condition("domain", Test.IS, domain) if domain else Condition("channel", Test.IS, facts["channel"])
    )
    then = [Action(Do.TEAM, team)] if team else []
    then += [Action(Do.AGENT, to)] if to else []
    return Drawn(
        name=domain[0] if domain else found.subject[:60] or "Rule",
        on=(Trigger.ARRIVED,),
        when=Group(Join.ALL, (telling,)),
        then=tuple(then),
    )
