"""What connectors hand to the hub: normalised events, each safe to deliver more than once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NewType

from hub.contract.capabilities import ReceiptState, Surface, Visibility
from hub.model.content import Content
from hub.model.inbox import Person

Cursor = NewType("Cursor", str)
RemoteId = NewType("RemoteId", str)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where on the platform a message is, and so where an answer goes. `key` is the connector's own."""

    key: str
    surface: Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote it, as the platform knows them; becomes an Identity."""

    key: str
    name: str | None = None
    handle: str | None = None
    email: str | None = None  # only if the platform has verified it
    phone: str | None = None  # E.164, only if verified
    claimed: tuple[str, ...] = ()  # addresses and numbers that they typed: nobody has verified them
    device: str | None = None  # a token of their browser or app
    ours: bool = False  # written from our own account, by whatever tool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundEvent:
    key: str  # same on redelivery; the journal's dedupe key
    at: datetime  # the platform's time, aware, UTC
    thread: Thread
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedRaw(InboundEvent):
    """An event still in its wire form. The pipeline asks the connector to `read` it (see `ReadsRaw`).

    For platforms whose messages are costly to parse or too precious to trust to today's parser: the
    journal keeps these very bytes, and a replay reads them again.
    """

    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(InboundEvent):
    message: RemoteId
    author: Author
    content: Content
    visibility: Visibility = Visibility.PRIVATE
    reply_to: RemoteId | None = None
    related: tuple[RemoteId, ...] = ()  # the chain it stands in, oldest first: finds the conversation
    fingerprint: str = ""  # tells two messages with one id apart (a reused Message-ID)
    people: tuple[Person, ...] = ()  # whom it was also sent to, ourselves left out
    timed: bool = True  # False: the platform does not tell when; `at` is when we heard of it
    named_at: int | None = None  # how many are named before us, To before Cc; None: we are not named
    only_known: bool = False  # of interest only where its thread (a part: its message) is ours already
    part_of: str | None = None  # the same for all parts of what was sent as one: an album told file by file
    fields: Mapping[str, str] = field(default_factory=dict)  # what it tells of its author, by custom field
    flags: tuple[str, ...] = ()  # auto_reply, automatic, list, spam, bounce, complaint, unverified


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(InboundEvent):
    message: RemoteId
    content: Content
    whole: bool = (
        False  # the files are all it has: those not named were taken out; False: without any, they stay
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(InboundEvent):
    message: RemoteId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged(InboundEvent):
    message: RemoteId
    author: Author
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReceived(InboundEvent):
    state: ReceiptState
    message: RemoteId | None = None  # None: everything in the thread up to `at`
    problem: str | None = None
    recipient: str | None = None  # whose copy, where there are several


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachabilityChanged(InboundEvent):
    """The customer blocked or unblocked us, opted out (STOP), or their address bounced for good."""

    author: Author
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMoved(InboundEvent):
    """The platform renamed the place: a Telegram group became a supergroup."""

    to: Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(InboundEvent):
    """Understood, and of no interest to anyone: our own probe, a delivery report of success."""

    because: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a first reading of old messages has come."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Events and the cursor that stands after them. The hub saves the cursor once the events are safe."""

    events: Sequence[InboundEvent]
    cursor: Cursor | None = None
    more: bool = False  # ask again at once
    progress: Progress | None = None  # None: caught up
    old: bool = False  # from before the channel was connected: may wait until nothing newer does


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    method: str
    url: str  # the public URL, as the platform signed it
    headers: Mapping[str, str]  # case-insensitive
    query: Mapping[str, str]
    body: bytes  # untouched: signatures cover these very bytes


@dataclass(frozen=True, slots=True)
class WebhookReply:
    body: bytes = b""
    status: int = 200
    mime: str = "text/plain"
