"""What happened in Hubbub, as every screen and every follower hears it."""

from dataclasses import dataclass, field
from datetime import datetime

CROSSED = "crossed"  # details["what"] of a message_deleted that gave way before anybody was told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Past tense, small: names what changed, carries no message text.

    Kinds: message_received, message_queued, message_edited, message_deleted, reaction_changed,
    amendment_changed, delivery_changed, note_added, conversation_changed, conversation_deleted,
    channel_changed, draft_changed, presence_changed, visit_changed, attention_shown, notices_changed,
    bulk_finished, customers_changed, rule_told, rule_fired, due_changed, came_due. A message that opened a
    conversation says so: `details["opened"]`.
    `details["only"]`: the one agent it is for; `details["agents"]`: those it is for.
    """

    id: str
    kind: str
    at: datetime
    conversation: str | None = None
    entry: str | None = None
    channel: str | None = None
    by: str | None = None
    details: dict[str, str] = field(default_factory=dict)
