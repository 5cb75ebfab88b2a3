"""The wire form of the web chat: what the door hands to the hub, signed, and how it is read. Pure.

A visitor's browser sends events with its token; the door proves who that is, adds what it knows, signs the
whole and hands it over like any platform's webhook. So what is journalled says all that is needed to read it
again, and nothing else that reaches the hub's hooks is taken for it.

    {"v": 1, "visitor": {"key", "name", "email", "email_verified", "verified", "device"},
     "page": {"url", "title"},
     "events": [{"type": "message", "id", "at", "text", "files": [...], "greeting", "reply_to"}, ...]}
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from multidict import CIMultiDict
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from hub.contract.capabilities import ReceiptState, Surface
from hub.contract.errors import PayloadUnrecognised, SignatureInvalid
from hub.contract.inbound import (
    Author,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    ReceiptReceived,
    RemoteId,
    Thread,
    ThreadMoved,
    WebhookRequest,
)
from hub.model.content import Attachment, Content
from hub.model.ids import derived_id

SIGNATURE = "X-Hubbub-Signature"
FRESH = timedelta(minutes=5)
LONGEST_TEXT = 10_000
_SIGNED = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as problem:
        raise ValueError("no such moment") from problem


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
Key = Annotated[str, Field(min_length=1, max_length=160)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class WireVisitor(_Wire):
    key: Key
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)
    verified: bool = False
    email_verified: bool = False
    device: str = Field(default="", max_length=64)


class WireFile(_Wire):
    id: str = Field(min_length=1, max_length=128)
    name: str = Field(max_length=1000)
    mime: str = Field(max_length=200)
    size: int = Field(ge=0, le=2**40)


class WireMessage(_Wire):
    type: Literal["message"]
    id: Name
    at: Moment
    text: str = Field(default="", max_length=LONGEST_TEXT)
    files: tuple[WireFile, ...] = Field(default=(), max_length=20)
    greeting: str = Field(default="", max_length=1000)  # what the widget had said first
    reply_to: str = Field(default="", max_length=400)  # the line it answers, of either side


class WireSeen(_Wire):
    type: Literal["received", "read"]
    at: Moment
    lines: tuple[Annotated[str, Field(min_length=1, max_length=400)], ...] = Field(max_length=200)


class _WireChange(_Wire):
    """Of a line that the door has looked at; `under`: the key it was said under."""

    id: Name
    at: Moment
    under: str = Field(default="", max_length=160)


class WireEdit(_WireChange):
    type: Literal["edited"]
    text: str = Field(max_length=LONGEST_TEXT)


class WireDelete(_WireChange):
    type: Literal["deleted"]


class WireReaction(_WireChange):
    type: Literal["reacted"]
    emoji: str = Field(min_length=1, max_length=16)
    on: bool


class WireMoved(_Wire):
    type: Literal["moved"]
    at: Moment
    old: Key


KINDS: Mapping[str, type[_Wire]] = {
    "message": WireMessage,
    "received": WireSeen,
    "read": WireSeen,
    "edited": WireEdit,
    "deleted": WireDelete,
    "reacted": WireReaction,
    "moved": WireMoved,
}


def remote_id(key: str, id: str) -> RemoteId:
    """Within the visitor's own: nobody can name a message of somebody else's."""
    return RemoteId(f"{key}/{id}")


def sign(secret: str, body: bytes, now: datetime) -> Mapping[str, str]:
    stamp = str(int(now.timestamp()))
    return CIMultiDict({SIGNATURE: f"t={stamp},v1={_mark(secret, stamp, body)}"})


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises SignatureInvalid."""
    match = _SIGNED.fullmatch(headers.get(SIGNATURE, ""))
    if match is None or not hmac.compare_digest(match[2], _mark(secret, match[1], body)):
        raise SignatureInvalid("The signature is not ours.")
    if abs(now.timestamp() - int(match[1])) > FRESH.total_seconds():
        raise SignatureInvalid("The request was signed too long ago.")


def _mark(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def request_of(secret: str, url: str, envelope: Mapping[str, Any], now: datetime) -> WebhookRequest:
    """An envelope as the hub takes it."""
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return WebhookRequest("POST", url, sign(secret, body, now), {}, body)


def read(body: bytes) -> Sequence[InboundEvent]:
    """The events of an envelope. Raises PayloadUnrecognised."""
    try:
        # Twice, as lone surrogates are JSON and yet no text.
        envelope = json.loads(json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace"))
        if not isinstance(envelope, dict) or envelope.get("v") != 1:
            raise PayloadUnrecognised("This is no envelope of the web chat.")
        visitor = WireVisitor.model_validate(envelope.get("visitor"))
        events = envelope.get("events")
        if not isinstance(events, list):
            raise PayloadUnrecognised("An envelope of the web chat without its events.")
        found = [event for each in events for event in _events(visitor, each, envelope)]
    except (ValueError, RecursionError) as problem:
        words = "its fields" if isinstance(problem, ValidationError) else "its JSON"
        raise PayloadUnrecognised(f"An envelope of the web chat is broken: {words}.") from problem
    return found


def _events(visitor: WireVisitor, event: Any, envelope: Mapping[str, Any]) -> Sequence[InboundEvent]:
    kind = event.get("type") if isinstance(event, dict) else None
    thread = Thread(visitor.key, Surface.DIRECT)
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return _unknown(kind, event, thread)
    wire: Any = shape.model_validate(event)
    if isinstance(wire, WireMessage):
        return (_message(visitor, wire, thread, envelope.get("page")),)
    if isinstance(wire, WireSeen):
        state = ReceiptState.READ if wire.type == "read" else ReceiptState.DELIVERED
        return [
            ReceiptReceived(
                key=f"{wire.type}:{line}", at=wire.at, thread=thread, state=state, message=RemoteId(line)
            )
            for line in dict.fromkeys(wire.lines)
            if line.startswith(f"{visitor.key}/")
        ]
    if isinstance(wire, WireMoved):
        old = Thread(wire.old, Surface.DIRECT)
        return (ThreadMoved(key=f"moved:{wire.old}:{visitor.key}", at=wire.at, thread=old, to=thread),)
    return (_change(visitor, wire, thread),)


def _change(visitor: WireVisitor, wire: _WireChange, thread: Thread) -> InboundEvent:
    message = remote_id(wire.under or visitor.key, wire.id)
    if isinstance(wire, WireReaction):
        emoji = _clean(wire.emoji)
        if not emoji:
            raise PayloadUnrecognised("A reaction of the web chat without its emoji.")
        return ReactionChanged(
            key=f"reacted:{message}:{wire.at.isoformat()}:{emoji}:{wire.on}",
            at=wire.at,
            thread=thread,
            message=message,
            author=author_of(visitor),
            emoji=emoji,
            on=wire.on,
        )
    if isinstance(wire, WireEdit):
        mark = derived_id(wire.at.isoformat(), wire.text)
        return MessageEdited(
            key=f"edited:{message}:{mark}",
            at=wire.at,
            thread=thread,
            message=message,
            content=Content(text=_clean(wire.text)),
        )
    return MessageDeleted(key=f"deleted:{message}", at=wire.at, thread=thread, message=message)


def _unknown(kind: object, event: object, thread: Thread) -> Sequence[InboundEvent]:
    """Of a newer widget: kept, and of no interest to this hub."""
    at = event.get("at") if isinstance(event, dict) else None
    try:
        moment = WireDelete.model_validate({"type": "deleted", "id": "x", "at": at}).at
    except ValidationError as problem:
        raise PayloadUnrecognised("An event of the web chat without kind and moment.") from problem
    mark = derived_id(json.dumps(event, sort_keys=True, default=str))
    words = f"The web chat knows no event {str(kind)[:40]!r}."
    return (Ignored(key=f"unknown:{thread.key}:{mark}", at=moment, thread=thread, because=words),)


def _message(visitor: WireVisitor, wire: WireMessage, thread: Thread, page: object) -> MessageReceived:
    author = author_of(visitor)
    files = tuple(
        Attachment(name=_clean(each.name), mime=each.mime, size=each.size, stored=each.id)
        for each in wire.files
    )
    message = remote_id(visitor.key, wire.id)
    return MessageReceived(
        key=f"message:{message}",
        at=wire.at,
        thread=thread,
        message=message,
        author=author,
        content=Content(text=_clean(wire.text), attachments=files, rest=_clean(wire.greeting) or None),
        reply_to=RemoteId(_clean(wire.reply_to)) if _clean(wire.reply_to) else None,
        raw={"page": page} if isinstance(page, dict) else {},
    )


def author_of(visitor: WireVisitor) -> Author:
    """A typed address is what somebody says; only one that the site vouches for is theirs. The
    others, and the browser, prove nothing: they only suggest who else it may be."""
    email = _clean(visitor.email)
    verified = visitor.verified and visitor.email_verified and "@" in email
    return Author(
        key=visitor.key,
        name=_clean(visitor.name) or guest_name(visitor.key),
        email=email if verified else None,
        claimed=(email,) if "@" in email and not verified else (),
        device=_clean(visitor.device) or None,
    )


def guest_name(key: str) -> str:
    """What somebody goes by who did not say: the same at every message, short enough to be said aloud."""
    return f"Visitor {derived_id(key)[:4].upper()}"


def _clean(text: str) -> str:
    """Without what no database keeps: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()
