"""Entries of a timeline as a page shows them: who, through what, when, and what became of it. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote

from hub.desk.amending import Amendable
from hub.desk.joining import thread_of
from hub.judging.spam import SUSPECT
from hub.model.channels import Channel
from hub.model.content import Attachment, Markup
from hub.model.inbox import Activity, Amending, Amendment, Delivery, DeliveryState, Entry, Message, Note, Side
from hub.model.people import Agent
from inbox_ui.facts import fact_words, passed_words
from inbox_ui.kinds import STATE_ICONS, flag_words, state_words, via_icon, via_words
from inbox_ui.quoting import Quote
from inbox_ui.saying import why
from inbox_ui.signing import link_to
from inbox_ui.words import Words

REMOTE_PICTURE = re.compile(r"<img\b[^>]{0,2000}\bsrc\s*=\s*[\"']?\s*https?:", re.IGNORECASE)
FOLDED_FROM = 6_000  # characters; what is longer is shown on request
FACT_ICONS = {
    "assigned": "assign", "released": "unassigned", "resolved": "resolved", "reopened": "reopened",
    "joined": "joined", "merged": "joined", "snoozed": "snooze", "tagged": "tag", "untagged": "tag",
    "marked_spam": "spam", "handed": "team", "undone": "undo", "followed": "eye",
    "woken": "snooze", "split": "joined", "ruled": "settings",
    "promise_broken": "clock", "received_also": "mail", "rated": "rated", "not_asked": "rated",
}  # fmt: skip
CORRECTIONS = {"joined": "apart", "assigned": "assign", "reopened": "resolve", "woken": "snooze"}
SOUNDS = frozenset(
    {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/webm", "audio/aac", "audio/flac"}
)
FILMS = frozenset({"video/mp4", "video/webm", "video/ogg"})
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})


@dataclass(frozen=True, slots=True)
class File:
    name: str
    size: str
    url: str | None  # None: we do not have it
    picture: str | None  # where an image that may be shown is
    problem: str = ""
    player: str = ""  # "audio", "video": `picture` is where it plays from


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a message of ours. `tone`: "", "waits", "late"."""

    state: DeliveryState
    icon: str
    words: str
    problem: str
    leaves_at: datetime | None  # can be taken back until then
    refused: Sequence[tuple[str, str]]

    @property
    def again(self) -> bool:
        return self.state in (DeliveryState.FAILED, DeliveryState.UNSURE)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of ours on its way, or one that was refused."""

    words: str
    problem: str
    edit: bool  # to be written once more


NOTHING = Amendable()


@dataclass(frozen=True, slots=True)
class Said:
    """A message or a note."""

    id: str
    kind: str  # theirs, ours, note
    at: datetime
    day: str
    day_words: str
    who: str
    icon: str
    through: str
    place: str  # name of the channel
    public: bool
    text: str
    more: str  # what follows a very long beginning
    marked: bool  # both in Markdown
    rest: str
    html: bool
    pictures_elsewhere: bool
    people: Sequence[str]
    files: Sequence[File]
    flags: Sequence[str]
    edits: Sequence[tuple[datetime, str]]
    reactions: Sequence[tuple[str, int]]
    choices: Sequence[str]  # that the customer may tap on
    deleted_at: datetime | None
    receipt: Receipt | None
    because: str
    thread: str = ""  # its id, to split it off
    suspect: Sequence[str] = ()  # why it looks like spam
    may: Amendable = NOTHING
    amending: Change | None = None
    quote: Quote | None = None  # what it answers
    answerable: bool = False  # by itself


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened; `because` is shown on request."""

    id: str
    at: datetime
    day: str
    day_words: str
    words: str
    because: str
    icon: str
    passed: tuple[tuple[str, str], ...] = ()  # who else was considered, and why it is not theirs
    undo: str = ""  # takes it back, where this reader still can
    correct: str = ""  # what one click corrects of what was decided by itself: assign, resolve, snooze, apart
    decision: str = ""  # which says who has it: it can be corrected by name
    kind: str = "fact"


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a timeline is drawn."""

    words: Words
    key: bytes
    now: datetime
    agents: Mapping[str, Agent]
    channels: Mapping[str, Channel]
    undoable: frozenset[str] = frozenset()  # tokens with which this reader can take something back
    amendable: Mapping[str, Amendable] = field(default_factory=dict)  # what they may do to messages
    quotes: Mapping[str, Quote] = field(default_factory=dict)  # what messages answer
    answerable: frozenset[str] = frozenset()


def shown(entries: Sequence[Entry], reader: Reader) -> Iterator[Said | Fact]:
    for entry in entries:
        match entry:
            case Message():
                quote, alone = reader.quotes.get(entry.id), entry.id in reader.answerable
                yield replace(_message(entry, reader), quote=quote, answerable=alone)
            case Note():
                yield _note(entry, reader)
            case Activity():
                yield _fact(entry, reader)


def _message(message: Message, reader: Reader) -> Said:
    channel = reader.channels.get(message.channel)
    ours = message.side is Side.US
    text = message.content.text
    cut = _cut(text)
    suspect = (message.spam_score or 0) >= SUSPECT and not message.deleted_at
    told = [flag for flag in message.flags if not (suspect and flag == "spam")]  # said below, with reasons
    flags = [words for flag in told if (words := flag_words(flag, reader.words))]
    emoji = [reaction.emoji for reaction in message.reactions]
    return Said(
        id=message.id,
        kind="ours" if ours else "theirs",
        at=message.at,
        day=_day(message.at, reader),
        day_words=reader.words.day(message.at, reader.now),
        who=message.author_name,
        icon=via_icon(message.platform, message.surface),
        through=via_words(message, reader.words),
        place=channel.name if channel else "",
        public=message.visibility == "public",
        text=text[:cut],
        more=text[cut:],
        marked=message.content.markup is Markup.MARKDOWN,
        rest=message.content.rest or "",
        html=bool(message.content.html),
        pictures_elsewhere=bool(REMOTE_PICTURE.search(message.content.html or "")),
        people=_people(message, reader.words),
        files=[file_of(each, reader) for each in message.content.attachments],
        flags=flags,
        edits=[(version.at, version.text) for version in reversed(message.edits)],
        reactions=[(each, emoji.count(each)) for each in dict.fromkeys(emoji)],
        choices=message.content.choices,
        deleted_at=message.deleted_at,
        receipt=_receipt(message.delivery, reader) if message.delivery else None,
        thread=thread_of(message),
        because=why(message.because, reader.words),
        suspect=[why(each, reader.words) for each in message.spam_reasons] if suspect else (),
        may=reader.amendable.get(message.id, NOTHING),
        amending=_change(message.amending, reader.words) if message.amending else None,
    )


def _cut(text: str) -> int:
    """Where a very long text is folded: between paragraphs, if it has any, else between words."""
    if len(text) <= FOLDED_FROM:
        return len(text)
    found = (text.rfind(sign, FOLDED_FROM // 2, FOLDED_FROM) for sign in ("\n\n", "\n", " "))
    return next((at for at in found if at >= 0), FOLDED_FROM)


def _change(amending: Amending, words: Words) -> Change:
    _ = words.gettext
    on_its_way = {
        Amendment.EDIT: _("Being changed"),
        Amendment.DELETION: _("Being deleted"),
        Amendment.REACTION: _("Reacting with %(emoji)s", emoji=amending.emoji),
        Amendment.UNREACTION: _("Taking %(emoji)s back", emoji=amending.emoji),
    }
    refused = {
        Amendment.EDIT: _("Not changed"),
        Amendment.DELETION: _("Not deleted"),
        Amendment.REACTION: _("No reaction"),
        Amendment.UNREACTION: _("Not taken back"),
    }
    said = refused if amending.problem else on_its_way
    return Change(said[amending.what], why(amending.problem, words), amending.what is Amendment.EDIT)


def _note(note: Note, reader: Reader) -> Said:
    return Said(
        id=note.id,
        kind="note",
        at=note.at,
        day=_day(note.at, reader),
        day_words=reader.words.day(note.at, reader.now),
        who=note.author_name,
        icon="note",
        through="",
        place="",
        public=False,
        text=note.text,
        more="",
        marked=True,
        rest="",
        html=False,
        pictures_elsewhere=False,
        people=(),
        files=(),
        flags=(),
        edits=(),
        reactions=(),
        choices=(),
        deleted_at=None,
        receipt=None,
        because="",
    )


def _fact(fact: Activity, reader: Reader) -> Fact:
    return Fact(
        id=fact.id,
        at=fact.at,
        day=_day(fact.at, reader),
        day_words=reader.words.day(fact.at, reader.now),
        words=fact_words(fact, reader.agents, reader.words),
        because="" if fact.by in reader.agents else why(fact.because, reader.words),  # who did it says why
        passed=tuple(passed_words(fact, reader.agents, reader.words)),
        icon=FACT_ICONS.get(fact.kind, ""),
        undo=token if (token := fact.details.get("undo", "")) in reader.undoable else "",
        correct=""
        if fact.by in reader.agents or fact.details.get("apart")
        else CORRECTIONS.get(fact.kind, ""),
        decision="" if fact.by in reader.agents else fact.details.get("decision", ""),
    )


def _receipt(delivery: Delivery, reader: Reader) -> Receipt:
    waits = delivery.state is DeliveryState.QUEUED and delivery.due_at > reader.now and not delivery.attempts
    words = state_words(delivery.state, reader.words)
    if waits:
        words = reader.words.gettext("Leaves at %(time)s", time=reader.words.clock(delivery.due_at))
    elif delivery.state is DeliveryState.QUEUED and delivery.tries:
        words = reader.words.gettext("Trying again at %(time)s", time=reader.words.clock(delivery.due_at))
    problem = delivery.problem or ""
    if not problem and delivery.state is DeliveryState.QUEUED and delivery.attempts:
        problem = delivery.attempts[-1].words
    return Receipt(
        state=delivery.state,
        icon=STATE_ICONS[delivery.state],
        words=words,
        problem=why(problem, reader.words),
        leaves_at=delivery.due_at if waits else None,
        refused=[(who, why(words, reader.words)) for who, words in delivery.refused],
    )


def file_of(attachment: Attachment, reader: Reader) -> File:
    size = reader.words.size(attachment.size) if attachment.size is not None else ""
    if attachment.stored is None:
        refused = why(attachment.refused or "", reader.words)
        problem = refused or reader.words.gettext("still on its way")
        return File(attachment.name, size, None, None, problem)
    link = link_to(reader.key, attachment.stored, attachment.mime, reader.now)
    picture = None
    if attachment.mime in PICTURES | SOUNDS | FILMS:
        shown_link = link_to(reader.key, attachment.stored, attachment.mime, reader.now, shown=True)
        picture = f"/files/{shown_link}/picture"
    player = "audio" if attachment.mime in SOUNDS else "video" if attachment.mime in FILMS else ""
    address = f"/files/{link}/{_in_path(attachment.name)}"
    return File(attachment.name, size, address, picture, player=player)


def _people(message: Message, words: Words) -> list[str]:
    """Who else it was addressed to, where that is of interest: mail."""
    if message.surface != "email":
        return []
    if message.delivery:
        copied = [*message.delivery.cc, *message.delivery.bcc]
        return [words.gettext("to %(people)s", people=", ".join(message.delivery.to))] + (
            [words.gettext("copy to %(people)s", people=", ".join(copied))] if copied else []
        )
    copied = [person.name or person.key for person in message.people if person.role in ("to", "cc")]
    return [words.gettext("copy to %(people)s", people=", ".join(copied))] if copied else []


def _day(at: datetime, reader: Reader) -> str:
    return at.astimezone(reader.words.tz).date().isoformat()


def _in_path(name: str) -> str:
    return quote(name.replace("/", "_"), safe="") or "file"
