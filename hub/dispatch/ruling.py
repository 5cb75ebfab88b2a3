"""Something happened to a conversation: asks the rules, applies what they want, gives it to somebody.

What is not said by a rule goes as it always did: what comes in through a channel is its team's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.contract.routing import Case, Facts, Verdict
from hub.dispatch.announcing import announcements
from hub.dispatch.deciding import Grounds, apply, decision_id, record
from hub.dispatch.effects import Effects, effects_of
from hub.dispatch.facts import facts_of
from hub.dispatch.fillers import is_vip
from hub.dispatch.handing import hand_over
from hub.dispatch.line import candidates_of
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.queue import drain
from hub.dispatch.reckoning import reckon
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.inbox import Conversation, Message, Priority, Side, Status
from hub.model.people import Customer, Identity
from hub.model.rules import OF_LOAD, TIMED, Action, Do, Trigger
from hub.model.sentences import sentence
from hub.model.staffing import TeamPlan
from hub.realtime import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who and what a conversation is about, as far as it is known already."""

    message: Message | None = None
    customer: Customer | None = None
    identity: Identity | None = None


@dataclass(slots=True)
class Following:
    """What follows from one or several decisions, to be done by `finish` when all is written."""

    events: list[Event] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)  # whose queues are longer now
    levels: list[str] = field(default_factory=list)  # conversations whose due times may be others
    asked: list[tuple[str, str]] = field(default_factory=list)  # conversations, and which agent for

    def add(self, other: "Following") -> None:
        self.events += other.events
        self.teams += other.teams
        self.levels += other.levels
        self.asked += other.asked


async def finish(dispatch: Dispatch, following: Following, event: str = "arrived") -> None:
    """Tell, reckon, and give away what waits."""
    await publish(dispatch.store, following.events)
    if following.levels:
        office = await dispatch.office()
        for each in dict.fromkeys(following.levels):
            await reckon(dispatch, office, each)
    for conversation, agent in dict.fromkeys(following.asked):
        await hand_over(dispatch, conversation, agent, event)
    if following.teams:
        await drain(dispatch, following.teams, event)


async def arrived(
    dispatch: Dispatch, office: Office, conversation: Conversation, channel: Channel, about: About
) -> Following:
    """A new conversation."""
    now = dispatch.clock()
    verdict, actions, because = await _wanted(dispatch, office, conversation, channel, about, now)
    return await _carried_out(dispatch, conversation, actions, verdict, because, Trigger.ARRIVED, now)


async def foretold(
    dispatch: Dispatch, conversation: Conversation, channel: Channel, about: About
) -> str | None:
    """The team a new conversation would come to; "": to none. None: it would not stay open."""
    office = await dispatch.office()
    _, actions, _ = await _wanted(dispatch, office, conversation, channel, about, dispatch.clock())
    if any(each.do is Do.STATUS and each.value != Status.OPEN for each in actions):
        return None
    return _team(actions) or ""


async def _wanted(
    dispatch: Dispatch,
    office: Office,
    conversation: Conversation,
    channel: Channel,
    about: About,
    now: datetime,
) -> tuple[Verdict, list[Action], str]:
    """What the rules and the channel say of a new conversation, and why."""
    verdict = Verdict()
    if office.listens(Trigger.ARRIVED):
        verdict = await _judged(
            dispatch, office, conversation, Trigger.ARRIVED, about, now, team=channel.team
        )
    actions, because = list(verdict.actions), _says(verdict)
    if channel.team and not conversation.team and not any(each.do is Do.TEAM for each in actions):
        actions.insert(0, Action(Do.TEAM, channel.team))
        because = because or sentence("channel_team", channel=channel.name)
    if about.customer is not None and about.customer.blocked:
        actions = [Action(Do.STATUS, str(Status.SPAM))]
        because = sentence("customer_blocked")
    elif plan := office.teams.get(_team(actions) or conversation.team or ""):
        urgent = any(each.do is Do.PRIORITY for each in actions)
        if plan.vip_first and is_vip(about.customer) and not urgent:
            actions.append(Action(Do.PRIORITY, str(Priority.HIGH)))
            because = because or sentence("customer_vip")
    return verdict, actions, because


async def happened(
    dispatch: Dispatch,
    conversation: Conversation,
    trigger: Trigger,
    about: About | None = None,
    minutes: float | None = None,
) -> Following:
    """Anything else that rules listen to. Reads what it needs if there is such a rule."""
    office = await dispatch.office()
    if not office.listens(trigger):
        return Following()
    about = about or await _known(dispatch, conversation)
    now = dispatch.clock()
    if trigger in TIMED:
        office = await _without_done(dispatch, office, conversation, trigger, about)
    verdict = await _judged(dispatch, office, conversation, trigger, about, now, minutes)
    if not verdict.actions:
        return Following()
    because = _says(verdict)
    return await _carried_out(dispatch, conversation, verdict.actions, verdict, because, trigger, now)


async def _without_done(
    dispatch: Dispatch, office: Office, conversation: Conversation, trigger: Trigger, about: About
) -> Office:
    """Without the rules that have had their say about this wait."""
    since = _since(conversation, trigger, about)
    decisions = await dispatch.store.rules.decisions_of(conversation.id)
    done = {
        rule.partition("@")[0]
        for each in decisions
        if each.event == trigger and each.at >= since
        for rule in each.rules
    }
    return replace(office, rules=tuple(each for each in office.rules if each.id not in done))


def _since(conversation: Conversation, trigger: Trigger, about: About) -> datetime:
    """When the wait began of which a rule speaks once."""
    if trigger is Trigger.QUIET:  # for their answer: a reminder of ours does not begin another one
        return about.message.at if about.message else conversation.created_at
    if trigger is Trigger.RESOLVED:
        return conversation.resolved_at or conversation.created_at
    return conversation.waiting_since or conversation.created_at


def _still(current: Conversation, asked: Conversation, trigger: Trigger) -> bool:
    """Whether what a rule about time speaks of is so until now: somebody may have acted meanwhile."""
    if trigger is Trigger.QUIET:
        return current.last.entry == asked.last.entry and current.status is asked.status
    if trigger is Trigger.RESOLVED:
        return current.resolved_at == asked.resolved_at
    if trigger is Trigger.DUE:
        return current.due_at == asked.due_at
    return current.waiting_since == asked.waiting_since


async def _carried_out(
    dispatch: Dispatch,
    conversation: Conversation,
    actions: Sequence[Action],
    verdict: Verdict,
    because: str,
    trigger: Trigger,
    now: datetime,
) -> Following:
    def decide(current: Conversation) -> Effects:
        wanted = actions if trigger not in TIMED or _still(current, conversation, trigger) else ()
        return effects_of(current, wanted, now)

    applied = await apply(dispatch, conversation, decide) if actions else None
    asked = next((each.value for each in reversed(actions) if each.do is Do.AGENT), None)
    following = Following(asked=[(conversation.id, asked)] if asked else [])
    if applied is None:
        return following
    before, effects = applied
    grounds = Grounds(
        event=str(trigger),
        because=because,
        rules=tuple(f"{each.id}@{each.version}" for each in verdict.rules),
    )
    following.events += await record(dispatch, before, effects, grounds, now)
    following.events += announcements(verdict, before, decision_id(before, grounds), str(trigger), now)
    if "level" in effects.changes or "status" in effects.changes:
        following.levels.append(before.id)
    team = effects.changes.get("team") or before.team
    if ("team" in effects.changes or "wish" in effects.changes) and team:
        following.teams.append(team)
    return following


async def _judged(
    dispatch: Dispatch,
    office: Office,
    conversation: Conversation,
    trigger: Trigger,
    about: About,
    now: datetime,
    minutes: float | None = None,
    team: str | None = None,
) -> Verdict:
    """`team`: whose it is going to be, where that is not written yet."""
    team = conversation.team or team
    candidates = None
    if team is not None and office.asks(OF_LOAD):
        candidates = await candidates_of(dispatch, office, office.teams.get(team) or TeamPlan(id=team))
    facts: Facts = facts_of(
        conversation,
        about.message,
        about.customer,
        about.identity,
        office=office,
        router=dispatch.router,
        now=now,
        candidates=candidates,
    )
    case = Case(trigger=trigger, facts=facts, minutes=minutes)
    return dispatch.router.judge(office.rules, office.reading, case)


async def _known(dispatch: Dispatch, conversation: Conversation) -> About:
    store = dispatch.store
    customers = await store.people.find_customers([conversation.customer])
    entries = await store.moving.page(conversation, None, 20)
    said = (each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER)
    message = next(said, None)
    identities = await store.people.find_identities([message.author]) if message else {}
    return About(
        message=message,
        customer=customers.get(conversation.customer),
        identity=identities.get(message.author) if message else None,
    )


def _says(verdict: Verdict) -> str:
    names = ", ".join(f"“{each.name}”" for each in verdict.rules)
    return sentence("rules_say", rules=names) if names else ""


def _team(actions: Sequence[Action]) -> str | None:
    return next((each.value for each in reversed(actions) if each.do is Do.TEAM), None)
