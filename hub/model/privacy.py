"""Taking everything about one person out, erasing one person, and keeping nothing for too long."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.model.channels import Lease


class JobKind(StrEnum):
    EXPORT = "export"
    ERASURE = "erasure"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # after several tries; may be begun again where it stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyJob:
    """A person to be taken out or erased. Says nothing about them but the customer's id."""

    id: str
    kind: JobKind
    customer: str
    state: JobState = JobState.WAITING
    by: str | None  # the agent; None: somebody at the terminal
    by_name: str = ""
    at: datetime
    began_at: datetime | None = None  # of an erasure: what was said until then goes
    ended_at: datetime | None = None
    step: str = ""  # what it is at
    done: int = 0  # steps
    counts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    tries: int = 0  # one after the other that failed
    due_at: datetime | None = None  # not before
    problem: str = ""
    receipt: str = ""  # JSON, as it was signed
    file: str | None = None  # of an export, in the media store
    size: int = 0  # bytes
    expires_at: datetime | None = None  # of the file
    taken: int = 0  # how often the file was downloaded
    lease: Lease | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a platform knows somebody."""

    platform: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Everything an erasure has still to go through; deleted with the last step, for it names the person."""

    id: str  # the job's
    customers: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    words: tuple[str, ...] = ()  # addresses, numbers and handles, casefolded, as they may stand in a text
    conversations: tuple[str, ...] = ()  # theirs alone
    gone: tuple[str, ...] = ()  # those of them that are erased
    shared: tuple[str, ...] = ()  # in which others write too
    threads: tuple[str, ...] = ()  # ids of the threads of their conversations
    renamed: tuple[str, ...] = ()  # messages of others that named them, to be found by their words anew
    files: tuple[str, ...] = ()  # in the media store, to be looked at whether anybody else has them


@dataclass(frozen=True, slots=True, repr=False)
class Secrecy:
    """Names for what must not be written down: the same for the same, telling nothing without our key.

    The present key first; those of earlier times still know what they named.
    """

    keys: tuple[bytes, ...] = field(repr=False)

    def name(self, *parts: str) -> str:
        return _named(self.keys[0], parts)

    def names(self, *parts: str) -> tuple[str, ...]:
        """Under every key."""
        return tuple(_named(key, parts) for key in self.keys)


def _named(key: bytes, parts: tuple[str, ...]) -> str:
    joined = "\x1f".join(f"{len(part)}:{part}" for part in parts)
    return hmac.digest(key, joined.encode("utf-8", "surrogatepass"), "sha256")[:16].hex()


class Kept(StrEnum):
    """What retention rules are about."""

    RESOLVED = "resolved"  # conversations, counted from their last activity
    SPAM = "spam"
    JOURNAL = "journal"  # raw originals; that something arrived stays known
    ARRIVALS = "arrivals"  # webhook bodies
    FILES = "files"  # what customers sent; the message stays and says so
    VISITS = "visits"  # what the web chat knows of visitors who never wrote
    HAPPENINGS = "happenings"  # what other programs told of customers
    EXPORTS = "exports"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """After so many days it goes. `channel` "": every channel that has no rule of its own."""

    kind: Kept
    channel: str = ""
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """The last time a rule was gone by."""

    at: datetime
    removed: int
    total: int = 0  # ever
