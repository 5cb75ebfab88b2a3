"""What is written down about who is whom: links, merges, and what was suggested."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.model.fields import FieldKind


class LinkKind(StrEnum):
    MERGED = "merged"
    UNMERGED = "unmerged"  # takes back the record named in `of`
    MOVED = "moved"  # one identity, from a customer to another


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRecord:
    """A line of the book, in which nothing is ever changed: who became whom, by whose word and why."""

    id: str
    kind: LinkKind
    kept: str  # the customer that the other one is from now on
    given: str
    identity: str | None = None
    of: str | None = None
    by: str  # agent id, or "routing"
    because: str
    evidence: tuple[str, ...] = ()
    names: tuple[str, str] = ("", "")  # of kept and given, as they were
    at: datetime


class Verdict(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good
    SETTLED = "settled"  # they became one person in another way


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two customers who may be one person. One document for each pair, whatever becomes of it."""

    id: str  # derived from the pair
    customers: tuple[str, ...]  # the two, sorted
    identities: tuple[str, ...]  # by which they were found, in the same order
    score: int  # of 100
    open: int | None = None  # the score, while nobody has decided
    reasons: tuple[str, ...] = ()
    verdict: Verdict = Verdict.OPEN
    at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    merge: str | None = None  # the record of the merge it led to


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """One thing that is told of an event: the number of an order, the page that was visited."""

    key: str
    name: str
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """What other programs may tell of customers. `id`: its key, such as "order"."""

    id: str
    name: str
    fields: tuple[EventField, ...] = ()
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideEvent:
    """Something that happened to a customer elsewhere. `id`: derived from its type and its key."""

    id: str
    customer: str
    type: str
    key: str
    at: datetime
    values: dict[str, str]
    told_at: datetime
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What became of all that one program has told of one type: counts, and the last that was refused.

    `id`: derived from both. Of whom something was told stands in the events alone.
    """

    id: str
    type: str  # "": none there is
    by: str  # the agent whose token the program has
    added: int = 0
    known: int = 0
    refused: int = 0
    last_at: datetime
    added_at: datetime | None = None
    refused_at: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a customer allowed or took back, with the proof. A line of a book in which nothing is changed."""

    id: str
    customer: str
    platform: str = ""  # where we may write to them for this; "": everywhere
    purpose: str  # newsletter
    given: bool
    at: datetime  # when they said so
    where: str  # the form, the page, the conversation
    text: str = ""  # what they agreed to, word for word
    by: str
    recorded_at: datetime
