"""Conversations and the three kinds of entry in their timelines."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.model.content import Content


class Status(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    SPAM = "spam"  # out of everybody's way; further messages of its threads stay here
    MERGED = "merged"  # emptied: its threads and entries are in `merged_into`


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Awaiting(StrEnum):
    US = "us"
    CUSTOMER = "customer"


class Side(StrEnum):
    """Who speaks in a message."""

    CUSTOMER = "customer"
    US = "us"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNSURE = "unsure"  # may have arrived; a person decides whether to send again

    @property
    def settled(self) -> bool:
        """Nothing is left for the outbox to do."""
        return self not in (DeliveryState.QUEUED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at delivering. `outcome` is a state or the name of the error; `words` are for agents."""

    at: datetime
    outcome: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The outbound part of a message. The message *is* its outbox entry; a note has none."""

    state: DeliveryState
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    due_at: datetime
    give_up_at: datetime
    attempts: tuple[Attempt, ...] = ()
    tries: int = 0  # attempts that count: being told to wait does not
    problem: str | None = None
    automated: bool = False
    refused: tuple[tuple[str, str], ...] = ()  # recipient and why, where others were taken
    signature: str = ""  # its writer's own, as it was then


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody named on a message: sender, recipient, copied."""

    key: str
    name: str | None = None
    role: str = "to"  # to, cc


@dataclass(frozen=True, slots=True)
class Copy:
    """The same message, as it came to another channel of ours, too."""

    channel: str
    thread: str  # thread key there
    first: bool = False  # it was addressed there before all others


@dataclass(frozen=True, slots=True)
class Reaction:
    by: str
    emoji: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said before it was edited."""

    at: datetime  # when it stopped being so
    text: str


class Amendment(StrEnum):
    """A change of ours to what has been said already."""

    EDIT = "edit"
    DELETION = "deletion"
    REACTION = "reaction"
    UNREACTION = "unreaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amending:
    """An amendment on its way to the platform; with a `problem`, one that the platform did not take."""

    what: Amendment
    by: str  # agent
    at: datetime
    text: str = ""  # of an edit
    choices: tuple[str, ...] = ()
    emoji: str = ""  # of a reaction
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What every entry of a timeline has. Order within a conversation: `at`, then `id`."""

    id: str
    conversation: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Entry):
    """Said to or by the customer."""

    channel: str
    platform: str
    thread: str  # thread key on the platform
    side: Side
    author: str  # identity id, or agent id, or "rule:…"
    author_name: str
    content: Content
    visibility: str
    surface: str
    remote_ids: tuple[str, ...] = ()  # every name the platform may use for it
    reply_to: str | None = None  # remote id it answers
    related: tuple[str, ...] = ()  # remote ids of the chain it stands in, oldest first
    people: tuple[Person, ...] = ()
    flags: tuple[str, ...] = ()  # auto_reply, list, spam, …
    spam_score: float | None = None  # 0 to 1; None: not judged
    spam_reasons: tuple[str, ...] = ()  # what speaks for spam, the strongest first
    urgency: str | None = None  # high, normal, low; None: it could not be told
    sentiment: str | None = None  # positive, neutral, negative; None: it could not be told
    delivery: Delivery | None = None
    because: str = ""  # why it is in this conversation
    journal: str | None = None  # the journal entry it came by; the raw original is kept there
    received_at: datetime | None = None  # when it came in, if that was not at the time it says
    said_at: datetime | None = None  # by the platform's clock, if that was told
    edits: tuple[Version, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    deleted_at: datetime | None = None
    copies: tuple[Copy, ...] = ()
    amending: Amending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Entry):
    """Said among ourselves. No delivery: a note cannot be sent."""

    author: str
    author_name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Entry):
    """A fact: assigned, reopened, joined. `because` says why, `by` who or what decided."""

    kind: str
    by: str
    because: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last message, as the list shows it."""

    entry: str
    side: Side
    author_name: str
    preview: str
    at: datetime
    deleted: bool = False  # by its sender; the preview is empty then
    said_at: datetime | None = None  # by the platform's clock, if that was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What rules ask of whoever gets a conversation from its team's queue."""

    agent: str | None = None  # if they can have it
    needs: dict[str, int] = field(default_factory=dict)  # skills with levels
    strategy: str | None = None  # instead of the team's
    been: tuple[str, ...] = ()  # teams it overflowed from
    since: datetime | None = None  # in the queue of the team it overflowed to


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One matter of one customer, and all that a list shows of it."""

    id: str
    customer: str  # as it was opened; who that is by now: `person`
    customer_name: str
    person: str | None = None  # the customer who this one was merged into, for lists
    identity: str | None = None  # who opened it
    subject: str
    status: Status
    awaiting: Awaiting
    channel: str
    also: tuple[str, ...] = ()  # further channels it is found under
    platform: str
    surface: str
    visibility: str
    created_at: datetime
    activity_at: datetime
    waiting_since: datetime | None = None  # first customer message we have not answered
    last: Last
    team: str | None = None
    agent: str | None = None
    tags: tuple[str, ...] = ()
    resolved_at: datetime | None = None
    priority: Priority = Priority.NORMAL
    fields: dict[str, str] = field(default_factory=dict)
    followers: tuple[str, ...] = ()  # agents who want to hear of it
    mentioned: tuple[str, ...] = ()  # agents named in its notes
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    due_for: str | None = None  # what of the level is due then: a `service.Promise`
    level: str | None = None  # service level
    wish: Wish | None = None
    window_ends_at: datetime | None = None  # until then the platform lets us answer; None: always
    language: str | None = None  # of what the customer writes, ISO 639-1; None: it could not be told
    csat: int | None = None  # how content the customer said they are, 1 to 5
    merged_into: str | None = None
    messages: int = 1  # about how many: tells how much of the timeline to read at once, never shown
    version: int = 0  # rises with every deed: the compare of every compare-and-set
