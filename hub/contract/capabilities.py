"""What a platform can do on each of its surfaces. Plain data: readable, testable, never does I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from hub.model.content import Markup


class Surface(StrEnum):
    """The kind of place a thread lives in; limits differ between surfaces of one platform."""

    EMAIL = "email"
    DIRECT = "direct"  # one-to-one chat: DM, SMS, web chat
    GROUP = "group"
    COMMENT = "comment"  # below something we posted
    MENTION = "mention"  # someone else's public post naming us


class Visibility(StrEnum):
    PRIVATE = "private"
    PUBLIC = "public"


class ReceiptState(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class AfterWindow(StrEnum):
    CLOSED = "closed"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRule:
    """When we may answer. Time runs from the customer's last message; on COMMENT, from that comment."""

    free: timedelta | None = None  # None: always
    human: timedelta | None = None  # longer, when a person and not an automation answers
    then: AfterWindow = AfterWindow.CLOSED
    once: bool = False  # a single answer per message, ever


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    longest: int
    measure: Callable[[str], int] = len  # graphemes for Bluesky, weighted for X, segments for SMS
    markup: frozenset[Markup] = frozenset({Markup.PLAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    largest: Mapping[str, int]  # MIME pattern -> bytes, e.g. {"image/*": 5_000_000}
    most: int = 1
    caption: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLimits:
    """Answers to tap on, below a text. What is tapped on comes in as if it had been written."""

    most: int
    longest: int
    measure: Callable[[str], int] = len
    beside_file: bool = False  # also below the text beside a single file


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    text: TextLimits
    media: MediaLimits | None = None
    replies: Mapping[Visibility, ReplyRule] = field(default_factory=lambda: {Visibility.PRIVATE: ReplyRule()})
    receipts: frozenset[ReceiptState] = frozenset()
    edit_within: timedelta | None = None  # None: cannot edit
    delete_within: timedelta | None = None
    reactions: frozenset[str] | None = None  # None: cannot; empty: any emoji
    choices: ChoiceLimits | None = None  # None: no buttons
    quotes: bool = False  # may answer one particular message
    initiates: bool = False  # may write first
    dedupes: bool = False  # platform drops a repeat of our idempotency key
    subject: bool = False  # a message has a subject of its own
    recipients: bool = False  # the writer chooses To, Cc and Bcc
