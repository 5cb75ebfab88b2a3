"""What a notice says, in its reader's language. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.desk.notices import Group
from hub.model.inbox import Conversation
from hub.model.notices import Notice, NoticeKind, Way
from inbox_ui.kinds import via_icon
from inbox_ui.words import Words

ICONS = {
    NoticeKind.ASSIGNED: "assign",
    NoticeKind.MENTIONED: "mention",
    NoticeKind.MESSAGE: "bubble",
    NoticeKind.FOLLOWED: "eye",
    NoticeKind.TEAM: "team",
    NoticeKind.NEW: "unassigned",
    NoticeKind.TROUBLE: "failed",
    NoticeKind.WOKE: "snooze",
    NoticeKind.DUE: "clock",
    NoticeKind.OVERDUE: "clock",
    NoticeKind.CHANNEL: "trouble",
    NoticeKind.WEBHOOK: "webhook",
    NoticeKind.RULE: "rules",
    NoticeKind.BULK: "check",
}
URGENT = frozenset({NoticeKind.TROUBLE, NoticeKind.OVERDUE, NoticeKind.CHANNEL})


@dataclass(frozen=True, slots=True)
class Line:
    """Why somebody is told; several messages of one writer are one line."""

    icon: str
    text: str
    at: datetime
    urgent: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One conversation, or one thing that belongs to none, as the bell lists it."""

    key: str
    conversation: str | None
    title: str
    about: str  # subject or the newest words
    icon: str  # through what
    lines: Sequence[Line]
    at: datetime
    ids: Sequence[str]
    listed: bool  # in the page
    rings: bool  # by the browser
    ring_at: datetime

    @property
    def url(self) -> str:
        return f"/desk/conversations/{self.conversation}" if self.conversation else "/desk/notices"


def told(group: Group, words: Words) -> Told:
    found, notices = group.conversation, group.notices
    ringing = [each for each in notices if Way.BROWSER in each.ways]
    return Told(
        key=group.key,
        conversation=found.id if found else None,
        title=title_of(found, notices[0], words),
        about=(found.subject or found.last.preview) if found else "",
        icon=via_icon(found.platform, found.surface) if found else "",
        lines=lines_of(notices, words),
        at=notices[0].at,
        ids=[each.id for each in notices],
        listed=any(Way.PAGE in each.ways for each in notices),
        rings=bool(ringing),
        ring_at=max((each.ring_at for each in ringing), default=notices[0].ring_at),
    )


def title_of(conversation: Conversation | None, notice: Notice, words: Words) -> str:
    if conversation is not None:
        return conversation.customer_name
    if notice.kind in (NoticeKind.CHANNEL, NoticeKind.WEBHOOK):
        return notice.who
    return words.gettext("Many conversations at once")


def lines_of(notices: Sequence[Notice], words: Words) -> list[Line]:
    """One for each reason, newest first."""
    reasons: dict[tuple[str, str], list[Notice]] = {}
    for each in notices:
        reasons.setdefault((each.kind, each.who), []).append(each)
    return [
        Line(ICONS[same[0].kind], because(same[0], len(same), words), same[0].at, same[0].kind in URGENT)
        for same in reasons.values()
    ]


def because(notice: Notice, count: int, words: Words) -> str:
    """`count`: how many notices of this kind by the same person there are about the same conversation."""
    _ = words.gettext
    who = notice.who
    match notice.kind:
        case NoticeKind.ASSIGNED:
            return _("%(who)s gave it to you", who=who) if who else _("It was given to you")
        case NoticeKind.MENTIONED:
            return _("%(who)s mentioned you", who=who)
        case NoticeKind.MESSAGE:
            return _messages(who, count, words)
        case NoticeKind.FOLLOWED:
            return _("%(what)s in a conversation you follow", what=_messages(who, count, words))
        case NoticeKind.TEAM if notice.details.get("given"):
            if not who:
                return _("It was given to your team")
            return _("%(who)s gave it to your team", who=who)
        case NoticeKind.TEAM:
            return _("New for your team, and nobody has it yet")
        case NoticeKind.NEW:
            return _("New, and nobody has it yet")
    return _of_itself(notice, words)


def _messages(who: str, count: int, words: Words) -> str:
    return words.ngettext("%(who)s wrote", "%(who)s wrote %(num)d messages", count, who=who)


def _of_itself(notice: Notice, words: Words) -> str:
    _ = words.gettext
    match notice.kind:
        case NoticeKind.TROUBLE if notice.details.get("state") == "unsure":
            return _("An answer may not have arrived")
        case NoticeKind.TROUBLE:
            return _("An answer could not be delivered")
        case NoticeKind.WOKE:
            return _("Back from being snoozed")
        case NoticeKind.DUE:
            return _("To be answered soon")
        case NoticeKind.OVERDUE:
            return _("Should have been answered by now")
        case NoticeKind.CHANNEL:
            return _("Has to be signed in again: it receives and sends nothing until then")
        case NoticeKind.RULE:
            return _("So says the rule “%(name)s”", name=notice.who)
        case NoticeKind.WEBHOOK:
            return _("This webhook failed for long and was switched off")
    done, failed = notice.details.get("done", "0"), notice.details.get("failed", "0")
    if failed == "0":
        return _("Done: %(done)s changed", done=done)
    return _("Done: %(done)s changed, %(failed)s not", done=done, failed=failed)


def kind_words(words: Words) -> dict[NoticeKind, tuple[str, str]]:
    """What each kind is called where one chooses, and what it means."""
    _ = words.gettext
    return {
        NoticeKind.ASSIGNED: (_("Given to me"), _("by somebody else, or by a rule")),
        NoticeKind.MENTIONED: (_("Mentions"), _("of me or of my team, in notes")),
        NoticeKind.MESSAGE: (_("Messages to me"), _("in conversations that are mine")),
        NoticeKind.FOLLOWED: (_("Messages I follow"), _("in conversations that are not mine")),
        NoticeKind.TEAM: (_("New for my teams"), _("while nobody has it")),
        NoticeKind.NEW: (_("New for everybody"), _("of no team, while nobody has it")),
        NoticeKind.TROUBLE: (_("Not delivered"), _("what I sent failed, or may not have arrived")),
        NoticeKind.WOKE: (_("Back from snoozing"), _("what I have, follow or had snoozed")),
        NoticeKind.DUE: (_("Due soon"), _("a quarter of an hour before")),
        NoticeKind.OVERDUE: (_("Overdue"), _("what is mine, or nobody's in my teams")),
        NoticeKind.CHANNEL: (_("Channels in trouble"), _("that have to be signed in again")),
        NoticeKind.WEBHOOK: (_("Webhooks in trouble"), _("that failed for long and were switched off")),
        NoticeKind.RULE: (_("Told by rules"), _("that name me, my team, or whoever has it")),
        NoticeKind.BULK: (_("Deeds for many"), _("when one that took long is done")),
    }
