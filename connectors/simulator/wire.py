"""What the simulated platform says, and how to read it. Pure: the same update gives the same events.

An update is JSON: `id` (the same whenever it is told again), `type`, `at`, `thread`, and what its type
needs. A webhook body carries several entries of one account each, with several updates each:
`{"object": "simulator", "entries": [{"account": "shop", "updates": [...]}]}`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hub.contract.capabilities import ReceiptState, Surface, Visibility
from hub.contract.errors import PayloadUnrecognised
from hub.contract.inbound import (
    Author,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ReceiptReceived,
    RemoteId,
    Thread,
    ThreadMoved,
)
from hub.model.content import Attachment, Content
from hub.model.inbox import Person

Key = Annotated[str, Field(min_length=1, max_length=512)]
Text = Annotated[str, Field(max_length=1_000_000)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Place(_Wire):
    id: Key
    kind: Surface

    def thread(self) -> Thread:
        return Thread(self.id, self.kind)


class Who(_Wire):
    id: Key
    name: Text | None = None
    handle: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    ours: bool = False

    def author(self) -> Author:
        return Author(
            key=self.id,
            name=self.name,
            handle=self.handle,
            email=self.email,
            phone=self.phone,
            ours=self.ours,
        )


class File(_Wire):
    handle: Key
    name: Key
    mime: Key
    size: Annotated[int, Field(ge=0, le=2**40)]
    inline: Text | None = None


class Addressee(_Wire):
    id: Key
    name: Text | None = None
    role: Literal["to", "cc"] = "to"


class Words(_Wire):
    id: Key
    text: Text = ""
    subject: Text | None = None
    rest: Text | None = None
    files: tuple[File, ...] = ()

    def content(self) -> Content:
        return Content(
            text=self.text,
            subject=self.subject,
            rest=self.rest,
            attachments=tuple(
                Attachment(
                    name=file.name, mime=file.mime, size=file.size, remote=file.handle, inline_id=file.inline
                )
                for file in self.files
            ),
        )


class NewWords(Words):
    sender: Who
    public: bool = False
    reply_to: Key | None = None
    related: tuple[Key, ...] = ()
    people: tuple[Addressee, ...] = ()
    flags: tuple[Key, ...] = ()


class _Update(_Wire):
    id: Key
    at: AwareDatetime
    thread: Place


class MessageUpdate(_Update):
    type: Literal["message"]
    message: NewWords


class EditUpdate(_Update):
    type: Literal["edit"]
    message: Words


class DeletionUpdate(_Update):
    type: Literal["deletion"]
    message: Key


class ReactionUpdate(_Update):
    type: Literal["reaction"]
    message: Key
    sender: Who
    emoji: Key
    on: bool


class ReceiptUpdate(_Update):
    type: Literal["receipt"]
    state: ReceiptState
    message: Key | None = None
    problem: Text | None = None
    recipient: Key | None = None


class ReachabilityUpdate(_Update):
    type: Literal["reachability"]
    sender: Who
    reachable: bool


class MoveUpdate(_Update):
    type: Literal["move"]
    to: Place


Update = (
    MessageUpdate
    | EditUpdate
    | DeletionUpdate
    | ReactionUpdate
    | ReceiptUpdate
    | ReachabilityUpdate
    | MoveUpdate
)
_UPDATE: TypeAdapter[Update] = TypeAdapter(Annotated[Update, Field(discriminator="type")])

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def read(raw: object) -> InboundEvent:
    """One update as an event. What cannot be read is kept in an `Ignored`: one bad update stops nothing."""
    try:
        update = _UPDATE.validate_python(raw)
        return _event(update, raw if isinstance(raw, dict) else {})
    except (ValidationError, OverflowError):
        return _unreadable(raw)


def _event(update: Update, raw: Mapping[str, Any]) -> InboundEvent:
    at, thread = update.at.astimezone(UTC), update.thread.thread()
    common: dict[str, Any] = {"key": update.id, "at": at, "thread": thread, "raw": raw}
    match update:
        case MessageUpdate(message=said):
            return _received(said, common)
        case EditUpdate(message=said):
            return MessageEdited(message=RemoteId(said.id), content=said.content(), **common)
        case DeletionUpdate():
            return MessageDeleted(message=RemoteId(update.message), **common)
        case ReactionUpdate(sender=who):
            message = RemoteId(update.message)
            return ReactionChanged(
                message=message, author=who.author(), emoji=update.emoji, on=update.on, **common
            )
        case ReceiptUpdate():
            return ReceiptReceived(
                state=update.state,
                message=RemoteId(update.message) if update.message else None,
                problem=update.problem,
                recipient=update.recipient,
                **common,
            )
        case ReachabilityUpdate(sender=who):
            return ReachabilityChanged(author=who.author(), reachable=update.reachable, **common)
        case MoveUpdate():
            return ThreadMoved(to=update.to.thread(), **common)


def _received(said: NewWords, common: dict[str, Any]) -> MessageReceived:
    return MessageReceived(
        message=RemoteId(said.id),
        author=said.sender.author(),
        content=said.content(),
        visibility=Visibility.PUBLIC if said.public else Visibility.PRIVATE,
        reply_to=RemoteId(said.reply_to) if said.reply_to else None,
        related=tuple(RemoteId(name) for name in said.related),
        people=tuple(Person(key=who.id, name=who.name, role=who.role) for who in said.people),
        flags=said.flags,
        **common,
    )


def _unreadable(raw: object) -> Ignored:
    text = json.dumps(raw, sort_keys=True, default=repr)[:200_000]
    return Ignored(
        key=f"unreadable-{hashlib.sha256(text.encode()).hexdigest()[:32]}",
        at=BEGINNING,
        thread=Thread("unreadable", Surface.DIRECT),
        because="The update could not be read.",
        raw={"unreadable": text},
    )


def read_body(body: bytes, account: str) -> Sequence[InboundEvent]:
    """Every update in a webhook body that is for `account`."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise PayloadUnrecognised("The body is not JSON.") from problem
    if not isinstance(whole, dict) or whole.get("object") != "simulator":
        raise PayloadUnrecognised("The body is not from a simulated platform.")
    entries = whole.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise PayloadUnrecognised("The body has no entries.")
    events: list[InboundEvent] = []
    for entry in entries:
        updates = entry.get("updates")
        if entry.get("account") == account:
            if not isinstance(updates, list):
                raise PayloadUnrecognised("An entry of the body has no updates.")
            events += [read(update) for update in updates]
    return tuple(events)
