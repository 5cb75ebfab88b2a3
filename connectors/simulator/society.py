"""Who lives in a simulated world and what they say: plain data."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from hub.contract.capabilities import Surface, Visibility
from hub.contract.inbound import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody who writes to us. One person may be known on several platforms."""

    key: str
    name: str
    email: str | None = None
    phone: str | None = None  # E.164
    handle: str | None = None
    locale: str | None = None
    bounces: bool = False  # mail to them is taken and comes back
    picture: bytes | None = None

    @property
    def address(self) -> str:
        return self.email or f"{self.key}@customers.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopy:
    """A file on the platform, bytes and all."""

    handle: str
    name: str
    mime: str
    content: bytes = field(repr=False)
    inline: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True, kw_only=True)
class Post:
    """A message as the platform keeps it, whoever wrote it."""

    id: str
    thread: Thread
    author: Persona | None  # None: us
    at: datetime
    text: str
    subject: str | None = None
    files: tuple[FileCopy, ...] = ()
    reply_to: str | None = None
    related: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    key: str | None = None  # our delivery id, where we sent it
    to: tuple[str, ...] = ()
    reactions: dict[str, str] = field(default_factory=dict)  # who -> emoji
    versions: list[str] = field(default_factory=list)
    deleted: bool = False
    hidden: bool = False
    read: bool = False  # by us, where the customer wrote it


@dataclass(slots=True, kw_only=True)
class Place:
    """A thread as the platform keeps it."""

    id: str
    surface: Surface
    people: list[Persona]
    subject: str | None = None
    posts: list[Post] = field(default_factory=list)
    gone: bool = False

    @property
    def thread(self) -> Thread:
        return Thread(self.id, self.surface)

    def last_from_customer(self) -> Post | None:
        return next((post for post in reversed(self.posts) if post.author is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One copy of one message of ours, as it lies in one customer's inbox."""

    at: datetime
    account: str
    thread: str
    message: str
    key: str  # our delivery id: the same twice means the customer got it twice
    text: str
    subject: str | None = None
    reply_to: str | None = None
    role: str = "to"  # to, cc, bcc
    visibility: Visibility = Visibility.PRIVATE
    files: tuple[FileCopy, ...] = ()
    reactions: tuple[str, ...] = ()
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What we ask the platform to send."""

    key: str
    thread: Thread
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    text: str
    subject: str | None = None
    reply_to: str | None = None
    related: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    files: tuple[tuple[str, str, bytes], ...] = ()  # name, MIME type, bytes
