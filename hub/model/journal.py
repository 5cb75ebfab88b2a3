"""What a platform handed us, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """Every journal entry ends as exactly one of these."""

    DELIVERED = "delivered"  # ref: the conversation
    DUPLICATE = "duplicate"  # ref: the entry it repeats
    IGNORED = "ignored"  # words: why
    FAILED = "failed"  # words: why; kept raw, can be replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One event as a channel received it. `outcome` is None while it waits."""

    id: str
    channel: str
    key: str  # the platform's own, same on redelivery
    thread: str
    lane: int
    received_at: datetime
    kind: str  # class name of the event
    outcome: Outcome | None = None
    ref: str | None = None
    words: str = ""
    finished_at: datetime | None = None
    tries: int = 0
    arrival: str | None = None  # the webhook body it was parsed from
    size: int = 0  # bytes of the raw form


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A webhook body as it came, stored before it was acknowledged and before any parsing."""

    id: str
    channel: str
    received_at: datetime
    outcome: Outcome | None = None
    words: str = ""
    entries: int = 0
    size: int = 0
