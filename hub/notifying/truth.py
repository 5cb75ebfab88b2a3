"""Whether what an agent was told is still so. Pure; asked at every change, and before a mail leaves."""

from dataclasses import dataclass
from datetime import datetime

from hub.model.channels import Channel, Health
from hub.model.inbox import Awaiting, Conversation, Entry, Message, Status
from hub.model.notices import Notice, NoticeKind
from hub.notifying.deciding import TROUBLE, Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What a notice speaks of, as it is now; None: it is not there any more."""

    conversation: Conversation | None = None
    entry: Entry | None = None
    channel: Channel | None = None


def is_true(notice: Notice, now: Now, staff: Staff, moment: datetime) -> bool:
    agent = staff.agents.get(notice.agent)
    if agent is None or agent.disabled:
        return False
    if notice.kind in (NoticeKind.BULK, NoticeKind.WEBHOOK):  # it has happened, whatever came after
        return True
    if notice.kind is NoticeKind.CHANNEL:
        channel = now.channel
        return channel is not None and not channel.removed and channel.health is Health.BROKEN
    conversation = now.conversation
    if conversation is None or conversation.status in (Status.MERGED, Status.SPAM):
        return False
    return staff.sees(agent, conversation) and _holds(notice, conversation, now.entry, moment)


def _holds(notice: Notice, found: Conversation, entry: Entry | None, moment: datetime) -> bool:
    """A question to somebody by name stays one in a resolved conversation; all else is settled then."""
    if notice.kind is NoticeKind.RULE:  # also of what is resolved: that may be why
        return True
    if notice.kind is NoticeKind.MENTIONED:
        return notice.agent in found.mentioned and entry is not None
    if notice.kind is NoticeKind.TROUBLE:
        return isinstance(entry, Message) and entry.delivery is not None and entry.delivery.state in TROUBLE
    asleep = found.status is Status.SNOOZED and notice.kind in (NoticeKind.DUE, NoticeKind.OVERDUE)
    if found.status is not Status.OPEN and not asleep:
        return False
    match notice.kind:
        case NoticeKind.ASSIGNED:
            return found.agent == notice.agent
        case NoticeKind.MESSAGE:
            return found.agent == notice.agent and found.awaiting is Awaiting.US and _said(entry)
        case NoticeKind.FOLLOWED:
            return notice.agent in found.followers and _said(entry)
        case NoticeKind.TEAM | NoticeKind.NEW:
            return found.agent is None and (notice.kind is NoticeKind.TEAM) == (found.team is not None)
        case NoticeKind.DUE | NoticeKind.OVERDUE:
            same = found.due_at is not None and found.due_at.isoformat() == notice.details.get("due_at")
            late = found.due_at is not None and found.due_at <= moment
            return same and late == (notice.kind is NoticeKind.OVERDUE)
    return True


def _said(entry: Entry | None) -> bool:
    return isinstance(entry, Message) and entry.deleted_at is None
