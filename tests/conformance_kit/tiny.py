"""A tiny platform and a good connector for it: what the kit is tested with, and an example of a harness."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import aiohttp
from multidict import CIMultiDict
from pydantic import BaseModel, SecretStr

from hub.contract.capabilities import Capabilities, Surface, TextLimits
from hub.contract.connector import Account, Connector, Kit, Manifest
from hub.contract.errors import (
    AuthBroken,
    OutcomeUnknown,
    PayloadUnrecognised,
    RateLimited,
    Rejected,
    RejectReason,
    SignatureInvalid,
    Unavailable,
)
from hub.contract.inbound import (
    ArrivedRaw,
    Author,
    Batch,
    Cursor,
    InboundEvent,
    MessageReceived,
    RemoteId,
    Thread,
    WebhookReply,
    WebhookRequest,
)
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Content
from tests.conformance_kit.harness import Failure, Harness, kit_for

SECRET = "t1ny-s3cret"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DESK = Thread("desk", Surface.DIRECT)


class Office:
    """The counterpart: letters in, letters out."""

    def __init__(self) -> None:
        self.letters: list[dict[str, Any]] = []
        self.sends = 0
        self.posted = 0
        self.sent: dict[str, str] = {}
        self.failing: Failure | None = None

    def arrive(self, text: str, answers: str | None = None) -> None:
        number = len(self.letters)
        at = (START + timedelta(seconds=number)).isoformat()
        self.letters.append({"id": f"l{number}", "at": at, "text": text, "answers": answers, "for": "us"})

    def door(self) -> None:
        match self.failing:
            case Failure.UNAVAILABLE:
                raise Unavailable("The office is closed.")
            case Failure.AUTH_BROKEN:
                raise AuthBroken("The office does not know us any more.")

    def take(self, key: str) -> str:
        self.door()
        self.sends += 1
        match self.failing:
            case Failure.RATE_LIMITED:
                raise RateLimited("The office asks us to come later.", retry_after=timedelta(seconds=3))
            case Failure.REJECTED:
                raise Rejected("The office does not take this letter.", reason=RejectReason.POLICY)
        name = self.sent.setdefault(key, f"out-{key}")
        if self.failing is Failure.LOST_ANSWER:
            raise OutcomeUnknown("The office took the letter and said nothing.")
        return name


class TinyConfig(BaseModel):
    token: SecretStr = SecretStr(SECRET)


class Good(Connector[TinyConfig]):
    """Every way in, and a few optional things, all as the contract wants them."""

    manifest: ClassVar[Manifest] = Manifest(
        platform="tiny",
        name="Tiny",
        config=TinyConfig,
        surfaces={Surface.DIRECT: Capabilities(text=TextLimits(longest=100), dedupes=True)},
        poll_every=timedelta(seconds=1),
        source="https://tiny.example/limits",
        checked=date(2026, 11, 23),
    )
    office: Office

    async def connect(self) -> Account:
        self.office.door()
        return Account(key="us", name="Us")

    async def send(self, message: OutboundMessage) -> Sent:
        return Sent(messages=(RemoteId(self.office.take(message.key)),), at=START)

    def name_message(self, message: OutboundMessage) -> RemoteId:
        return RemoteId(f"out-{message.key}")

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        name = self.office.sent.get(message.key)
        return Sent(messages=(RemoteId(name),), at=START) if name else None

    async def poll(self, cursor: Cursor | None) -> Batch:
        self.office.door()
        letters, start = self.office.letters, self.position(cursor)
        return Batch([event_of(letter) for letter in letters[start:]], Cursor(str(len(letters))))

    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        start = self.position(cursor)
        while True:
            self.office.door()
            letters = self.office.letters
            for position in range(start, len(letters)):
                yield Batch([event_of(letters[position])], Cursor(str(position + 1)))
            start = len(letters)
            await asyncio.sleep(0.005)

    def position(self, cursor: Cursor | None) -> int:
        if cursor is None:
            return len(self.office.letters)
        if not (cursor.isascii() and cursor.isdigit() and int(cursor) <= len(self.office.letters)):
            raise Unavailable("The office does not know this cursor.")
        return int(cursor)

    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        if request.method != "GET" or request.query.get("word") != SECRET:
            return None
        return WebhookReply(request.query.get("challenge", "").encode())

    def verify(self, request: WebhookRequest) -> None:
        at, given = request.headers.get("X-At", ""), request.headers.get("X-Signature", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), digest(at, request.body).encode()):
            raise SignatureInvalid("The request is not signed by the office.")
        if abs(START - datetime.fromisoformat(at)) > timedelta(minutes=5):
            raise SignatureInvalid("The request was signed too long ago.")

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        try:
            letter = json.loads(request.body)
            return (event_of(letter),) if letter["for"] == "us" else ()
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
            raise PayloadUnrecognised("Not a letter of this office.") from problem


class GoodRaw(Good):
    """Polls letters in their wire form and reads them later."""

    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        raw = [
            ArrivedRaw(
                key=event.key, at=event.at, thread=event.thread, body=json.dumps(dict(event.raw)).encode()
            )
            for event in batch.events
        ]
        return Batch(raw, batch.cursor)

    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        try:
            return (event_of(json.loads(event.body)),)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return (unreadable(event),)


def unreadable(event: ArrivedRaw) -> MessageReceived:
    return MessageReceived(
        key=event.key,
        at=event.at,
        thread=event.thread,
        message=RemoteId(event.key),
        author=Author(key="unknown"),
        content=Content(text="This letter could not be read."),
    )


def event_of(letter: Mapping[str, Any]) -> MessageReceived:
    name, answers, text = letter["id"], letter["answers"], letter["text"]
    if not (isinstance(name, str) and name and isinstance(text, str)):
        raise TypeError("A letter has a name and a text.")
    return MessageReceived(
        key=name,
        at=datetime.fromisoformat(letter["at"]).astimezone(UTC),
        thread=DESK,
        message=RemoteId(name),
        author=Author(key="ana", name="Ana"),
        content=Content(text=text),
        reply_to=RemoteId(answers) if answers else None,
        raw=letter,
    )


def digest(at: str, body: bytes) -> str:
    signed = at.encode("utf-8", "replace") + b"." + body
    return hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def signed(letter: Mapping[str, Any], at: datetime = START) -> WebhookRequest:
    body = json.dumps(letter).encode()
    moment = at.isoformat()
    headers = CIMultiDict({"X-At": moment, "X-Signature": digest(moment, body)})
    return WebhookRequest("POST", "https://hub.example/hooks/tiny", headers, {}, body)


class TinyHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = Good
    secrets = (SECRET,)
    patience = 0.5
    closing = 0.3
    headway = 0.03

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.kit: Kit = kit_for(http, now=lambda: START)
        self.office = Office()

    def make(self) -> Connector[Any]:
        config: BaseModel = self.connector_type.manifest.config()
        connector = self.connector_type(config, self.kit)
        connector.office = self.office  # type: ignore[attr-defined]
        return connector

    async def arrive(self, count: int) -> None:
        for number in range(count):
            self.office.arrive(f"Letter {number}")

    def outbound(self, key: str) -> OutboundMessage:
        return OutboundMessage(key=key, thread=DESK, to=("ana",), content=Content(text="Gladly."), at=START)

    def sends(self) -> int:
        return self.office.sends

    async def fail(self, failure: Failure | None) -> None:
        self.office.failing = failure

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        self.office.arrive("Thank you", answers=self.office.sent[message.key])

    async def requests(self) -> Sequence[WebhookRequest]:
        new = self.office.letters[self.office.posted :]
        self.office.posted += len(new)
        return [signed(letter) for letter in new]

    def aged(self, request: WebhookRequest) -> WebhookRequest:
        return signed(json.loads(request.body), START - timedelta(hours=1))

    def challenge(self) -> tuple[WebhookRequest, bytes] | None:
        query = {"word": SECRET, "challenge": "4711"}
        nothing: CIMultiDict[str] = CIMultiDict()
        return WebhookRequest("GET", "https://hub.example/hooks/tiny", nothing, query, b""), b"4711"

    def for_another(self) -> WebhookRequest | None:
        return signed({"id": "x", "at": START.isoformat(), "text": "?", "answers": None, "for": "them"})
