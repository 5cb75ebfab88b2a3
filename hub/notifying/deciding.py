"""Who is told of what happened. Pure: the teller gathers what is needed, and keeps what this decides.

Nobody is told of their own deeds, of what they may not see, of old news, or of what a machine answered.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hub.auth.access import may_see
from hub.model.channels import Channel, Health
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, DeliveryState, Entry, Message, Side, Status
from hub.model.notices import IN_PERSON, Notice, NoticeKind, NoticeSettings, Pace, Way
from hub.model.people import Agent, Role
from hub.notifying.quiet import rings_at

Sees = Callable[[Agent, Conversation], bool]

OLD = timedelta(days=1)  # what a first reading of a mailbox brings is no news
MACHINES = frozenset({"auto_reply", "spam", "bounce", "complaint"})
TROUBLE = (DeliveryState.FAILED, DeliveryState.UNSURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event, with what it speaks of as that is now."""

    event: Event
    conversation: Conversation | None = None
    entry: Entry | None = None
    channel: Channel | None = None
    slept_for: str | None = None  # who had snoozed what woke


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    agents: Mapping[str, Agent]
    settings: Mapping[str, NoticeSettings] = field(default_factory=dict)
    sees: Sees = may_see

    def settings_of(self, agent: str) -> NoticeSettings:
        found = self.settings.get(agent) or NoticeSettings(id=agent)
        return at_home(found, self.agents[agent]) if agent in self.agents else found

    def of_team(self, team: str) -> list[str]:
        return [each.id for each in self.agents.values() if team in each.teams]

    def name(self, agent: str | None) -> str:
        found = self.agents.get(agent or "")
        return found.name if found else ""


def at_home(settings: NoticeSettings, agent: Agent) -> NoticeSettings:
    """What somebody chose in their profile stands above what their browser says."""
    return replace(settings, language=agent.language or settings.language, zone=agent.zone or settings.zone)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing, and for whom it is; whether they want it is asked afterwards."""

    kind: NoticeKind
    agents: Sequence[str | None]
    because: str
    who: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def who_is_told(happening: Happening, staff: Staff) -> list[Notice]:
    """One notice an agent at most: of several reasons the first, which is the more personal one."""
    notices: dict[str, Notice] = {}
    for told in _reasons(happening, staff):
        for each in told.agents:
            agent = staff.agents.get(each or "")
            if agent is None or agent.id in notices or not _may_be_told(agent, happening, told, staff):
                continue
            notice = _notice(agent, happening, told, staff.settings_of(agent.id))
            if notice.ways:
                notices[agent.id] = notice
    return list(notices.values())


def _reasons(happening: Happening, staff: Staff) -> Iterator[Told]:
    event, conversation = happening.event, happening.conversation
    if conversation is None:
        yield from _of_no_conversation(happening, staff)
        return
    if conversation.status in (Status.SPAM, Status.MERGED):
        return
    match event.kind:
        case "note_added":
            yield from _mentions(event, staff)
        case "message_received":
            yield from _message(happening, conversation, staff)
        case "conversation_changed":
            yield from _change(happening, conversation, staff)
        case "delivery_changed":
            yield from _delivery(happening, conversation)
        case "came_due":
            yield from _due(event, conversation, staff)
        case "rule_told":
            yield _ruled(event, conversation, staff)


def _of_no_conversation(happening: Happening, staff: Staff) -> Iterator[Told]:
    event, channel = happening.event, happening.channel
    became = event.details.get("health") == Health.BROKEN  # and was not paused, say, while it is broken
    if event.kind == "channel_changed" and became and channel and channel.health is Health.BROKEN:
        admins = [each.id for each in staff.agents.values() if each.role is Role.ADMIN]
        because = f"{channel.name} has to be signed in again; it receives and sends nothing until then."
        yield Told(NoticeKind.CHANNEL, admins, because, channel.name)
    elif event.kind == "hook_changed" and event.by is None and event.details.get("what") == "disabled":
        admins = [each.id for each in staff.agents.values() if each.role is Role.ADMIN]
        name, why = event.details.get("name", ""), event.details.get("because", "")
        yield Told(NoticeKind.WEBHOOK, admins, f"The webhook {name} was switched off. {why}", name)
    elif event.kind == "bulk_finished":
        done, failed = event.details.get("done", "0"), event.details.get("failed", "0")
        because = f"What you did to many conversations is done: {done} changed, {failed} not."
        told = {"done": done, "failed": failed, "what": event.details.get("what", "")}
        yield Told(NoticeKind.BULK, [event.details.get("only")], because, details=told)


def _mentions(event: Event, staff: Staff) -> Iterator[Told]:
    named = [each for each in event.details.get("mentioned", "").split(",") if each]
    who = staff.name(event.by)
    yield Told(NoticeKind.MENTIONED, named, f"{who} mentioned you in a note.", who)


def _message(happening: Happening, conversation: Conversation, staff: Staff) -> Iterator[Told]:
    entry, event = happening.entry, happening.event
    if not isinstance(entry, Message) or entry.side is not Side.CUSTOMER or entry.deleted_at is not None:
        return
    if MACHINES & set(entry.flags) or event.at - entry.at > OLD:
        return
    who = entry.author_name
    if conversation.agent is not None and not event.details.get("opened"):  # that it is theirs, they are told
        yield Told(NoticeKind.MESSAGE, [conversation.agent], f"{who} wrote to you.", who)
    yield Told(NoticeKind.FOLLOWED, conversation.followers, f"{who} wrote in a conversation you follow.", who)
    if conversation.agent is None and event.details.get("opened"):
        yield _nobodys(conversation, staff, f"{who} wrote, and nobody has it yet.", who)


def _nobodys(conversation: Conversation, staff: Staff, because: str, who: str) -> Told:
    if conversation.team is not None:
        return Told(NoticeKind.TEAM, staff.of_team(conversation.team), because, who)
    return Told(NoticeKind.NEW, list(staff.agents), because, who)


def _change(happening: Happening, conversation: Conversation, staff: Staff) -> Iterator[Told]:
    fact = happening.entry
    if not isinstance(fact, Activity):
        return
    match fact.kind:
        case "assigned" if conversation.agent and fact.details.get("agent") == conversation.agent:
            who = staff.name(fact.by)
            because = f"{who} gave it to you." if who else f"It was given to you. {fact.because}"
            yield Told(NoticeKind.ASSIGNED, [conversation.agent], because, who)
        case "assigned" | "handed" if conversation.agent is None and conversation.team is not None:
            who = staff.name(fact.by)
            because = f"{who} gave it to your team." if who else "It was given to your team."
            details = {"given": "true"}
            yield Told(NoticeKind.TEAM, staff.of_team(conversation.team), because, who, details)
        case "woken":
            hers = [conversation.agent or happening.slept_for, *conversation.followers]
            yield Told(NoticeKind.WOKE, hers, "The time it was snoozed until has come.")


def _delivery(happening: Happening, conversation: Conversation) -> Iterator[Told]:
    entry = happening.entry
    if isinstance(entry, Message) and entry.delivery and entry.delivery.state in TROUBLE:
        unsure = entry.delivery.state is DeliveryState.UNSURE
        because = "An answer may not have arrived." if unsure else "An answer could not be delivered."
        details = {"state": str(entry.delivery.state)}
        yield Told(NoticeKind.TROUBLE, [entry.author, conversation.agent], because, details=details)


def _due(event: Event, conversation: Conversation, staff: Staff) -> Iterator[Told]:
    late = event.details.get("late") == "true"
    kind = NoticeKind.OVERDUE if late else NoticeKind.DUE
    because = "It should have been answered by now." if late else "It has to be answered soon."
    due_at = conversation.due_at.isoformat() if conversation.due_at else ""
    agents: Iterable[str | None] = [conversation.agent]
    if conversation.agent is None:
        agents = staff.of_team(conversation.team) if conversation.team else []
    yield Told(kind, [*agents], because, conversation.customer_name, {"due_at": due_at})


def _ruled(event: Event, conversation: Conversation, staff: Staff) -> Told:
    """Whom a rule names: somebody, a team, or whoever has it."""
    name, to = event.details.get("name", ""), event.details.get("to") or conversation.agent or ""
    agents = [to] if to in staff.agents else staff.of_team(to)
    return Told(NoticeKind.RULE, agents, f"The rule “{name}” wants you to know of it.", name)


def _may_be_told(agent: Agent, happening: Happening, told: Told, staff: Staff) -> bool:
    conversation = happening.conversation
    if agent.disabled or (conversation is not None and not staff.sees(agent, conversation)):
        return False
    mine = told.kind in (NoticeKind.TROUBLE, NoticeKind.BULK)  # what came of one's own deed is news
    if happening.event.by == agent.id and not mine:
        return False
    if told.kind in IN_PERSON or conversation is None:
        return True
    settings = staff.settings_of(agent.id)
    return conversation.channel not in settings.muted_channels and (
        conversation.team is None or conversation.team not in settings.muted_teams
    )


def _notice(agent: Agent, happening: Happening, told: Told, settings: NoticeSettings) -> Notice:
    event = happening.event
    ways = settings.ways_of(told.kind)
    if settings.pace is Pace.OFF:
        ways = tuple(each for each in ways if each is not Way.MAIL)
    # Of one message, one delivery, one fact there is one notice, however often its event comes.
    about = _about(event, told)
    return Notice(
        id=derived_id("notice", agent.id, told.kind, event.conversation or event.channel or "", about),
        agent=agent.id,
        kind=told.kind,
        because=told.because,
        at=event.at,
        ring_at=rings_at(settings, event.at),
        ways=ways,
        conversation=event.conversation,
        entry=event.entry,
        channel=event.channel,
        who=told.who,
        details=dict(told.details),
    )


def _about(event: Event, told: Told) -> str:
    if told.kind in (NoticeKind.DUE, NoticeKind.OVERDUE):
        return told.details.get("due_at", "")
    if told.kind in (NoticeKind.CHANNEL, NoticeKind.BULK, NoticeKind.TROUBLE):
        return event.id  # it may fail, be mended and fail again
    return event.entry or event.id
