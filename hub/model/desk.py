"""What agents keep for their work: saved views, drafts, saved replies, and who is looking at what."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.model.content import Attachment
from hub.model.inbox import Awaiting, Priority, Status

ME, NONE = "me", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which conversations of a view: all that is set must fit. Empty tuples and None say nothing."""

    status: Status | None = None  # None: what the view itself shows
    every_status: bool = False  # but spam
    awaiting: Awaiting | None = None
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    team: str | None = None  # NONE: in no team
    agent: str | None = None  # ME: whoever looks; NONE: nobody's
    tags: tuple[str, ...] = ()  # every one of them
    priorities: tuple[Priority, ...] = ()
    languages: tuple[str, ...] = ()  # ISO 639-1; "" is one that could not be told
    fields: dict[str, str] = field(default_factory=dict)
    customer_fields: dict[str, str] = field(default_factory=dict)
    older_than_hours: int | None = None  # since its first message
    due_within_hours: int | None = None  # overdue ones, too
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """For its owner; with a team, or `shared` with everybody. `base`: the view that it filters."""

    id: str
    title: str
    owner: str
    shared: bool = False
    team: str | None = None
    base: str = "open"
    filter: Filter
    sort: str = "newest"
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """What an agent is writing in a conversation, as the server keeps it."""

    id: str
    conversation: str
    agent: str
    text: str
    kind: str = "reply"  # reply, forward, note
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    subject: str | None = None
    about: str | None = None  # the message that is forwarded
    answers: str | None = None  # the one message that is answered
    shared: bool = False  # others may read it, and take it over
    version: int = 0
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReply:
    """An agent's own snippet. `text` may hold placeholders: {{ customer.name }}."""

    id: str
    title: str
    text: str
    owner: str
    team: str | None = None  # for one team
    shared: bool = False  # for everybody
    shortcut: str = ""  # a few letters that find it at once
    attachments: tuple[Attachment, ...] = ()  # its own: whoever uses it gets copies
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that an agent uploaded to attach it. `id`: its bytes in the media store, which are its own."""

    id: str
    agents: tuple[str, ...]  # who may attach it
    name: str
    mime: str  # as judged from the content
    size: int  # bytes
    inline_id: str | None = None  # pasted into the text, which names it by this
    loose_at: datetime | None = None  # since when neither a draft nor a message holds it


class Doing(StrEnum):
    VIEWING = "viewing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One agent at one conversation. Gone when it is not renewed until `until`."""

    id: str
    conversation: str
    agent: str
    agent_name: str
    doing: Doing
    until: datetime
