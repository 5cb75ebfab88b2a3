"""Web chat: customers who speak to the hub itself, on somebody's site. What a connector gets to keep of them.

Everywhere else the platform holds what was said and hands it on. Here the hub is the platform: `Visitors` is
what a channel's connector writes to and reads from, `Hosting` what the door of such channels is given.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from hub.contract.inbound import WebhookRequest
from hub.model.content import Attachment, Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message as the visitor's page shows it."""

    id: str  # the remote id of the message
    thread: str  # the visitor's key
    at: datetime
    ours: bool = False
    name: str = ""  # who of us said it
    content: Content
    reply_to: str = ""  # the line it answers, where that is shown
    reactions: tuple[str, ...] = ()  # emoji of ours
    reaction: str = ""  # the visitor's own: one for each line
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One step of a visitor on the site: a page, or something the site told of them."""

    at: datetime
    url: str = ""
    title: str = ""
    event: str = ""  # what happened, if it was not a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What is known of one. Typed by them, unless `verified`: then the site vouches for it."""

    key: str
    name: str = ""
    email: str = ""
    verified: bool = False
    email_verified: bool = False
    language: str = ""
    browser: str = ""
    referrer: str = ""
    device: str = ""  # a token that their browser keeps, whoever is signed in
    answers: Mapping[str, str] = field(default_factory=dict)  # of the form before the chat
    trail: tuple[Visit, ...] = ()  # oldest first, the latest few
    first_at: datetime
    here_until: datetime | None = None  # a page of theirs is open until then, as far as we know
    read_by_us_at: datetime | None = None  # what they said until then was seen by one of us
    unread_since: datetime | None = None  # the first line of ours that they have not seen
    unmailed_since: datetime | None = None  # the same, until it went to the address they left
    moved_to: str | None = None  # they signed in since: the key they go by now


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How a chat goes on by mail."""

    after: timedelta  # of being away without having seen an answer
    channel: str  # the name of the e-mail channel; "": any
    subject: str
    tail: str  # below what was said


class Visitors(Protocol):
    """Lines and visitors of one channel. Every method raises Unavailable while nothing can be kept."""

    @property
    def channel(self) -> str:
        """Its id: part of the addresses of its widget."""

    async def say(self, line: Line) -> Line:
        """Keep a line and show it where the visitor is. Of the same id, who came first is right."""

    async def find_line(self, line: str) -> Line | None: ...

    async def change_line(self, line: str, changes: Mapping[str, Any]) -> bool:
        """`text`, `reactions`, `reaction`, `edited_at`, `deleted_at`. False: there is no such line."""

    async def list_lines(
        self, thread: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Line]:
        """The newest, oldest first; with `before` (moment and id) those that came before it."""

    async def find_visitor(self, key: str) -> Visitor | None: ...

    async def note_visitor(
        self, key: str, changes: Mapping[str, Any], trail: Sequence[Visit] = ()
    ) -> Visitor:
        """Keep what is known of them now; somebody new where nobody was. None as a value forgets."""

    async def move(self, old: str, new: str) -> None:
        """They signed in: what was said under the old key goes with them."""

    async def show_typing(self, thread: str, *, on: bool, name: str = "") -> None:
        """One of us writes, or stopped: told to the visitor's pages, kept nowhere."""

    async def hear_typing(self, thread: str, *, on: bool, name: str) -> None:
        """The visitor writes, or stopped: told to the agents who look at their conversation."""

    async def show_read(self, thread: str, at: datetime) -> None:
        """One of us has seen what they wrote until then."""

    async def saw(self, thread: str) -> None:
        """The visitor has seen everything."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a visitor's open pages are told: a line by its id, or who is typing, or until when it was read."""

    channel: str
    thread: str
    kind: str  # line, typing, read, seen
    details: Mapping[str, str]


class Hosting(Protocol):
    """What the hub gives to the door of hosted channels."""

    def now(self) -> datetime: ...

    async def connector(self, channel: str, platform: str) -> Any:
        """The channel's connector for pure work, with its `kit.visitors`. None: there is no such channel."""

    async def take(self, channel: str, request: WebhookRequest) -> None:
        """Verified and journalled when this returns. Raises Unavailable."""

    async def keep_file(
        self, owner: str, pieces: AsyncIterator[bytes], name: str, mime: str, largest: int
    ) -> Attachment:
        """A file on its way. Raises ValueError when it is too large, Unavailable."""

    async def find_files(self, owner: str, files: Sequence[str]) -> Sequence[Attachment] | None:
        """Those that this owner uploaded, held from now on; None where one is not theirs."""

    def open_file(self, file: str) -> AsyncIterator[bytes]:
        """Raises LookupError, Unavailable."""

    def follow(self) -> AbstractAsyncContextManager[AsyncIterator[Told | None]]:
        """What is told from now on; None: something was missed, so that all must be read anew."""
