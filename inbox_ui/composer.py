"""What the composer shows, as its templates take it; `composing.composer_of` builds it for a conversation.

A form of one's own, such as that of a new conversation, includes `composer_box.html` with a `Box`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.model.content import Attachment
from inbox_ui.timeline import File

KINDS = ("reply", "forward", "note")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a draft: `reference` is what the form carries."""

    reference: str
    file: File
    bytes: int
    mime: str
    inline_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One field to write in, with its files."""

    kind: str  # reply, forward, note, new
    conversation: str = ""
    label: str
    placeholder: str
    text: str = ""
    files: Sequence[Attached] = ()
    version: int = 0  # of the draft on the server; 0: there is none
    shared: bool = False
    longest: int = 0
    measure: str = "len"
    files_most: int = 0
    files_largest: str = "{}"  # MIME pattern -> bytes, as JSON
    choices_most: int = 0  # answers to tap on
    markdown: bool = False
    signature: str = ""
    disabled: bool = False
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """What is forwarded."""

    about: str
    quote: str
    files: Sequence[Attached]


@dataclass(frozen=True, slots=True)
class News:
    """A message that its reader has not seen."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SharedDraft:
    writer: str
    name: str
    kind: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place where an answer can go; `why_not`: it cannot, and why."""

    id: str
    icon: str
    name: str  # of the channel
    address: str
    public: bool
    chosen: bool
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    conversation: str
    key: str  # the same for a repeated submit
    seen: str
    to: str  # whom, in words
    through: str
    place: str
    chosen: str  # the place, where it is another than the usual one
    places: Sequence[Where]
    answers: str  # the one message it answers, if one was chosen
    cannot: str  # why nothing can be sent there
    icon: str
    public: bool
    window_ends_at: datetime | None
    window_words: str
    closed: bool
    recipients: bool
    everybody: str  # the copies of an answer to all
    known: Sequence[tuple[str, str]]  # addresses of this conversation, and names
    reply: Box
    note: Box
    forward: Box | None
    original: Original | None
    mode: str = "reply"
    problem: str = ""
    ask: str = ""  # held, unfilled, public: what has to be confirmed
    asked: Sequence[str] = ()  # what is still to be filled in
    confirmed: Sequence[str] = ()
    news: Sequence[News] = ()
    again: Mapping[str, str] = field(default_factory=dict)  # how it was to be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What a submit that was refused carried, and why it was."""

    mode: str = "reply"
    text: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    about: str = ""
    through: str = ""
    answers: str = ""  # the one message
    switched: bool = False  # to another place just now: with the people of that
    key: str = ""
    seen: str = ""
    attachments: Sequence[Attachment] = ()
    keep: Sequence[str] | None = None
    problem: str = ""
    ask: str = ""
    asked: Sequence[str] = ()
    confirmed: Sequence[str] = ()
    again: Mapping[str, str] = field(default_factory=dict)
