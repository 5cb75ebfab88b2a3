"""What a conversation may still wait for: when it is due, and until when the platform lets us answer. Pure.

Drawn by the server, and kept right by `times.js`, which says the same while the page is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.model.inbox import Conversation, Status
from hub.model.service import Promise
from inbox_ui.words import Words

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_DAYS = 2 * DAY  # from here on hours say too much
SOON = {"window": 2 * HOUR}  # what is left of others is little from an hour on
RUNNING = (Status.OPEN, Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class Deadline:
    """`kind`: reply, resolve, due (it is not known what for) or window."""

    kind: str
    at: datetime

    def state(self, now: datetime) -> str:
        """late, soon, or nothing: how it is coloured; the words say it, too."""
        left = self.at - now
        if left <= timedelta():
            return "late" if self.kind != "window" else "over"
        return "soon" if left <= SOON.get(self.kind, HOUR) else ""

    def words(self, words: Words, now: datetime) -> str:
        _, left = words.gettext, self.at - now
        if left <= timedelta():
            if self.kind == "window":
                return _("window closed")
            return _("overdue %(time)s", time=span_words(-left, words))
        time = span_words(left, words)
        match self.kind:
            case "reply":
                return _("Reply in %(time)s", time=time)
            case "resolve":
                return _("Resolve in %(time)s", time=time)
            case "window":
                return _("window %(time)s", time=time)
        return _("Due in %(time)s", time=time)

    def title(self, words: Words) -> str:
        at = words.full(self.at)
        if self.kind == "window":
            return words.gettext("Until %(time)s the platform lets us answer", time=at)
        return words.gettext("Due: %(time)s", time=at)


def deadlines_of(conversation: Conversation) -> tuple[Deadline, ...]:
    """The most pressing kind first. What is over and done with has none."""
    if conversation.status not in RUNNING:
        return ()
    found = []
    if conversation.due_at:
        found.append(Deadline(_kind(conversation.due_for), conversation.due_at))
    if conversation.window_ends_at:
        found.append(Deadline("window", conversation.window_ends_at))
    return tuple(found)


def _kind(promise: str | None) -> str:
    if promise is None:
        return "due"
    return "resolve" if promise == Promise.RESOLUTION else "reply"


def span_words(span: timedelta, words: Words) -> str:
    """Short: 12 min, 22 h, 3 d; never nothing."""
    if span < HOUR:
        return words.gettext("%(num)d min", num=max(1, span // MINUTE))
    if span < IN_DAYS:
        return words.gettext("%(num)d h", num=span // HOUR)
    return words.gettext("%(num)d d", num=span // DAY)
