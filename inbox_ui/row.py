"""A row of the list: all that it shows of a conversation. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.model.inbox import Awaiting, Conversation, Priority, Side, Status
from hub.model.people import Agent
from inbox_ui.deadlines import Deadline, deadlines_of
from inbox_ui.kinds import priority_words, via_icon, via_words
from inbox_ui.words import Words

TAGS_SHOWN = 2
PRESSING = (Priority.URGENT, Priority.HIGH)
WORTH_SAYING = timedelta(minutes=10)  # between the first unanswered message and the last


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    who: str
    icon: str
    through: str
    kicker: str  # subject, or what kind of thing it is
    preview: str
    by_us: str  # who of us wrote the last message
    at: datetime
    waiting_since: datetime | None
    waits_longer: bool  # than since the last message
    unanswered: bool
    public: bool
    status: str
    tags: tuple[str, ...]
    more_tags: int
    agent: str  # name of whose it is
    deadlines: tuple[Deadline, ...] = ()
    priority: str = ""  # in words, where it is not the usual one
    pressing: bool = False  # by its priority
    due_at: datetime | None = None
    window_ends_at: datetime | None = None

    def by_now(self, words: Words, now: datetime) -> tuple[str, ...]:
        """All that it shows and that another moment shows otherwise."""
        waited = words.ago(self.waiting_since, now) if self.waits_longer and self.waiting_since else ""
        left = [text for each in self.deadlines for text in (each.state(now), each.words(words, now))]
        return (words.ago(self.at, now), waited, *left)


def row_of(conversation: Conversation, agents: Mapping[str, Agent], words: Words) -> Row:
    _ = words.gettext
    agent = agents.get(conversation.agent or "")
    usual = conversation.priority is Priority.NORMAL
    kicker = conversation.subject if conversation.surface == "email" else ""
    if conversation.surface == "mention":
        kicker = _("Mentioned us")
    elif conversation.surface == "comment":
        kicker = _("Commented")
    return Row(
        id=conversation.id,
        who=conversation.customer_name,
        icon=via_icon(conversation.platform, conversation.surface),
        through=via_words(conversation, words),
        kicker=kicker,
        preview=conversation.last.preview or (_("deleted") if conversation.last.deleted else _("(no text)")),
        by_us=conversation.last.author_name if conversation.last.side is Side.US else "",
        at=conversation.activity_at,
        waiting_since=conversation.waiting_since,
        waits_longer=_waits_longer(conversation),
        unanswered=conversation.awaiting is Awaiting.US and conversation.status is Status.OPEN,
        public=conversation.visibility == "public",
        status=str(conversation.status),
        tags=conversation.tags[:TAGS_SHOWN],
        more_tags=max(0, len(conversation.tags) - TAGS_SHOWN),
        agent=agent.name if agent else "",
        deadlines=deadlines_of(conversation),
        priority="" if usual else priority_words(words)[conversation.priority],
        pressing=conversation.priority in PRESSING,
        due_at=conversation.due_at,
        window_ends_at=conversation.window_ends_at,
    )


def _waits_longer(conversation: Conversation) -> bool:
    since = conversation.waiting_since
    return since is not None and conversation.activity_at - since > WORTH_SAYING
