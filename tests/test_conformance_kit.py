"""The kit finds what it is for: a good connector passes, each broken in one way fails exactly there.

Long because there are more than fifty broken connectors of a few lines each, best read side by side.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from pydantic import BaseModel, SecretStr

from hub.contract.capabilities import Capabilities, Surface, TextLimits
from hub.contract.connector import Account, Connector, Kit, Question
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    SignatureInvalid,
    Unavailable,
)
from hub.contract.inbound import (
    ArrivedRaw,
    Batch,
    Cursor,
    InboundEvent,
    RemoteId,
    WebhookReply,
    WebhookRequest,
)
from hub.contract.outbound import OutboundMessage, Sent
from hub.contract.steps import Step
from tests.conformance import Broken, Failure, checks_for
from tests.conformance_kit.tiny import (
    SECRET,
    START,
    Good,
    GoodRaw,
    TinyConfig,
    TinyHarness,
    digest,
    event_of,
)

SURFACE = Capabilities(text=TextLimits(longest=100), dedupes=True)
MUTANTS: list[tuple[type[Connector[Any]], frozenset[str]]] = []


def breaks(*checks: str) -> Any:
    """Register a connector that is broken in one way, with the checks that must find it."""

    def register(kind: type[Connector[Any]]) -> type[Connector[Any]]:
        MUTANTS.append((kind, frozenset(checks)))
        return kind

    return register


# What it says about itself.


@breaks("the manifest is complete")
class HasASpaceInItsName(Good):
    manifest = replace(Good.manifest, platform="My Platform")


@breaks("the manifest is complete")
class CitesNobody(Good):
    manifest = replace(Good.manifest, source="somewhere")


@breaks("questions fit the configuration")
class AsksForWhatItDoesNotUse(Good):
    manifest = replace(Good.manifest, questions=(Question(name="shoe_size", label="Shoe size"),))


@breaks("steps fit the questions")
class AsksInAStepWhatItNeverAsks(Good):
    manifest = replace(
        Good.manifest, steps=(Step(name="one", title="One", words="Do it.", asks=("shoe_size",)),)
    )

    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        return ()


class OpenConfig(TinyConfig):
    api_key: str = "visible"


@breaks("secrets in the configuration are typed so")
class WritesItsSecretOpenly(Good):
    manifest = replace(Good.manifest, config=OpenConfig)


@breaks("declared surfaces are sane")
class ForgetsThatCommentsArePublic(Good):
    manifest = replace(Good.manifest, surfaces={**Good.manifest.surfaces, Surface.COMMENT: SURFACE})


@breaks("declared capabilities are implemented")
class PromisesEdits(Good):
    manifest = replace(
        Good.manifest, surfaces={Surface.DIRECT: replace(SURFACE, edit_within=timedelta(hours=1))}
    )


@breaks("declared capabilities are implemented")
class DeletesInSecret(Good):
    async def delete(self, thread: Any, message: RemoteId) -> None:
        return None


@breaks("the account declares only what is implemented")
class PromisesReactionsWhenConnected(Good):
    async def connect(self) -> Account:
        account = await super().connect()
        return replace(account, surfaces={Surface.DIRECT: replace(SURFACE, reactions=frozenset())})


@breaks("the account has a key and a name")
class IsSomebodyElseEachTime(Good):
    async def connect(self) -> Account:
        return replace(await super().connect(), key=uuid.uuid4().hex)


@breaks("has a way in", "events are well formed", "what comes in names what was sent")
class HearsNothing(Good):
    poll = None  # type: ignore[assignment]
    stream = None  # type: ignore[assignment]
    parse = None  # type: ignore[assignment]


# What it reads.


@breaks("poll: from a saved cursor nothing is lost or repeated")
class ReadsTheLastOneTwice(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        start = self.position(cursor)
        again = start > 2 and cursor is not None
        return await super().poll(Cursor(str(start - 1)) if again else cursor)


@breaks("poll: from a saved cursor nothing is lost or repeated")
class LosesWhatDoesNotFitABatch(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        return replace(batch, events=batch.events[:2])


@breaks("stream: from a saved cursor nothing is lost or repeated")
class MovesTheStreamsCursorTooFar(Good):
    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        async for batch in super().stream(cursor):
            yield replace(batch, cursor=Cursor("4")) if batch.cursor == "3" else batch


@breaks("poll: what was not acknowledged comes again under the same keys")
class ChoosesNewKeysEachTime(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        return replace(batch, events=[replace(event, key=uuid.uuid4().hex) for event in batch.events])


@breaks("poll: a strange cursor raises only contract errors")
class TrustsItsCursor(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        if cursor is not None:
            int(cursor)
        return await super().poll(cursor)


@breaks("stream: reading while the platform is down says unavailable")
class ShowsTheNetworksErrors(Good):
    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        try:
            async for batch in super().stream(cursor):
                yield batch
        except AuthBroken:
            raise
        except Unavailable as problem:
            if self.office.failing is None:
                raise
            raise OSError("connection reset") from problem

    async def connect(self) -> Account:
        return Account(key="us", name="Us") if hasattr(self, "_met") else await self._first()

    async def _first(self) -> Account:
        account = await super().connect()
        self._met = True
        return account


@breaks("poll: reading with refused credentials says so")
class TakesARefusalForAnOutage(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        try:
            return await super().poll(cursor)
        except AuthBroken as problem:
            raise Unavailable("The office is closed.") from problem

    async def connect(self) -> Account:
        if hasattr(self, "_met") and self.office.failing is Failure.AUTH_BROKEN:
            return Account(key="us", name="Us")
        account = await super().connect()
        self._met = True
        return account


@breaks("events are well formed")
class ForgetsTheTimeZone(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        return replace(
            batch, events=[replace(each, at=each.at.replace(tzinfo=None)) for each in batch.events]
        )


@breaks("events are well formed")
class CarriesBytesInRaw(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        return replace(batch, events=[replace(event, raw={"body": b"..."}) for event in batch.events])


@breaks("events are well formed")
class NamesAThreadWithNothing(Good):
    async def poll(self, cursor: Cursor | None) -> Batch:
        batch = await super().poll(cursor)
        nowhere = [replace(event, thread=replace(event.thread, key="")) for event in batch.events]
        return replace(batch, events=nowhere)


@breaks("reading the worst input gives a readable message")
class ChokesOnRubbish(GoodRaw):
    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        return (event_of(json.loads(event.body)),)


@breaks("events are well formed")
class ReadsUnderAnotherKey(GoodRaw):
    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        return [replace(each, key=f"read-{each.key}") for each in super().read(event)]


# Webhooks.


@breaks("verify refuses changed bytes")
class SignsNothingButTheTime(Good):
    def verify(self, request: WebhookRequest) -> None:
        at = request.headers.get("X-At", "")
        if not request.headers.get("X-Signature", "").isalnum() or at != START.isoformat():
            raise SignatureInvalid("The request is not signed by the office.")


@breaks("verify refuses a missing or wrong signature")
class LetsUnsignedRequestsIn(Good):
    def verify(self, request: WebhookRequest) -> None:
        if "X-Signature" in request.headers:
            super().verify(request)


@breaks("verify refuses a missing or wrong signature")
class StumblesOverAMissingHeader(Good):
    def verify(self, request: WebhookRequest) -> None:
        request.headers["X-Signature"]
        super().verify(request)


@breaks("verify refuses an old signature")
class CanBeReplayed(Good):
    def verify(self, request: WebhookRequest) -> None:
        at, given = request.headers.get("X-At", ""), request.headers.get("X-Signature", "")
        if given != digest(at, request.body):
            raise SignatureInvalid("The request is not signed by the office.")


@breaks("the ownership check is answered")
class ProvesOwnershipToAnybody(Good):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        return WebhookReply(b"4711") if request.method == "GET" else None


@breaks("the platform's own requests are accepted")
class TakesEverythingForAChallenge(Good):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        return super().challenge(request) or WebhookReply()


@breaks("parsing twice gives equal events")
class ReadsTheClockWhileParsing(Good):
    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        return [replace(event, at=datetime.now(UTC)) for event in super().parse(request)]


@breaks("parsed events are well formed", "rubbish raises only contract errors")
class ParsesIntoLocalTime(Good):
    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        zone = datetime.strptime("+0300", "%z").tzinfo
        events = super().parse(request)
        return [replace(event, at=event.at.astimezone(zone)) for event in events]


@breaks("what is for another account is left alone")
class OpensOtherPeoplesLetters(Good):
    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        return super().parse(replace(request, body=request.body.replace(b'"them"', b'"us"')))


@breaks("rubbish raises only contract errors")
class BelievesEveryPayload(Good):
    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        letter = json.loads(request.body)
        return (event_of(letter),) if letter["for"] == "us" else ()


# What it sends.


@breaks("a message is sent once and gets names")
class SendsTwiceToBeSure(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        await super().send(message)
        return await super().send(message)


@breaks("send: rate_limited is said in the contract's words")
class TriesAgainByItself(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        try:
            return await super().send(message)
        except RateLimited:
            return await super().send(message)


@breaks("send: lost_answer is said in the contract's words")
class TakesALostAnswerForAFailure(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        try:
            return await super().send(message)
        except OutcomeUnknown as problem:
            raise Unavailable("The office is closed.") from problem


@breaks("send: auth_broken is said in the contract's words")
class BlamesTheMessage(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        try:
            return await super().send(message)
        except AuthBroken as problem:
            raise Rejected("The office does not take this.", reason=RejectReason.OTHER) from problem


@breaks("send: rejected is said in the contract's words")
class SpeaksInCodes(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        try:
            return await super().send(message)
        except Rejected as problem:
            raise Rejected("EPOLICY", reason=problem.reason) from problem


@breaks(
    "what comes in names what was sent",
    "what was sent is found under its name",
    "names given beforehand hold",
)
class InventsNames(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        sent = await super().send(message)
        return replace(sent, messages=(RemoteId(f"mine-{sent.messages[0]}"),))


@breaks("names given beforehand hold")
class NamesAMessageAnewEachTime(Good):
    def name_message(self, message: OutboundMessage) -> RemoteId:
        return RemoteId(uuid.uuid4().hex)


@breaks("what was never sent is not found")
class FindsWhateverItIsAskedFor(Good):
    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        return Sent(messages=(RemoteId(f"out-{message.key}"),), at=START)


@breaks("what was sent is found under its name")
class LooksUpBySendingAgain(Good):
    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        return await self.send(message) if message.key in self.office.sent else None


@breaks("where it dedupes a repeat is the same message")
class DedupesInNameOnly(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        repeat = message.key in self.office.sent
        sent = await super().send(message)
        return replace(sent, messages=(RemoteId(f"{sent.messages[0]}-again"),)) if repeat else sent

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        return None


@breaks("after an outage the same connector sends again")
class NeverRecovers(Good):
    gave_up = False

    async def send(self, message: OutboundMessage) -> Sent:
        if self.gave_up:
            raise Unavailable("The office was closed.")
        try:
            return await super().send(message)
        except Unavailable:
            self.gave_up = self.office.failing is Failure.UNAVAILABLE
            raise


# How it lives.


@breaks("connecting to a platform that is down says unavailable")
class ConnectsOnlyOnce(Good):
    async def connect(self) -> Account:
        if hasattr(self, "tried"):
            raise Unavailable("The office was closed.")
        try:
            return await super().connect()
        except AuthBroken:
            raise
        except ConnectorError:
            self.tried = True
            raise


@breaks("connecting with refused credentials says so")
class ConnectsWithoutAsking(Good):
    async def connect(self) -> Account:
        if self.office.failing is Failure.AUTH_BROKEN:
            return Account(key="us", name="Us")
        return await super().connect()


@breaks("close may be called before connect and twice")
class MustBeConnectedToClose(Good):
    async def connect(self) -> Account:
        account = await super().connect()
        self.line = "open"
        return account

    async def close(self) -> None:
        assert self.line


@breaks("close lets go while it reads")
class WaitsForItsReaders(Good):
    reading = False

    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        self.reading = True
        try:
            async for batch in super().stream(cursor):
                yield batch
        finally:
            self.reading = False

    async def close(self) -> None:
        while self.reading:
            await asyncio.sleep(0.01)


@breaks("a cancelled reading leaves nothing behind")
class LeavesATaskBehind(Good):
    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        self.pinging = asyncio.create_task(asyncio.sleep(5))
        async for batch in super().stream(cursor):
            yield batch


@breaks("close lets go while it reads", "a cancelled reading leaves nothing behind")
class CannotBeCancelled(Good):
    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        stream = super().stream(cursor)
        while True:
            try:
                yield await anext(stream)
            except asyncio.CancelledError:
                stubborn = asyncio.get_running_loop().time() + 0.5
                while asyncio.get_running_loop().time() < stubborn:
                    await asyncio.sleep(0.05)
                return


@breaks("secrets are seen nowhere")
class LogsItsToken(Good):
    async def connect(self) -> Account:
        self.kit.log.debug("connecting with %s", self.config.token.get_secret_value())
        return await super().connect()


@breaks("secrets are seen nowhere")
class KeepsItsTokenInTheOpen(Good):
    def __init__(self, config: TinyConfig, kit: Any) -> None:
        super().__init__(config, kit)
        self.headers = {"Authorization": f"Bearer {config.token.get_secret_value()}"}


@breaks("send: unavailable is said in the contract's words")
class LetsPythonSpeak(Good):
    async def send(self, message: OutboundMessage) -> Sent:
        try:
            return await super().send(message)
        except RateLimited:
            raise
        except Unavailable as problem:
            raise ConnectionError("ECONNREFUSED") from problem


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def failing(kind: type[Connector[Any]], http: aiohttp.ClientSession) -> dict[str, str]:
    """The checks this connector fails, and what each says. Anything but `Broken` is the kit's own fault."""
    harness_type = type("ThisHarness", (TinyHarness,), {"connector_type": kind})
    found: dict[str, str] = {}
    for check in checks_for(harness_type):
        try:
            await check(harness_type(http))
        except Broken as problem:
            found[check.name] = str(problem)
    return found


@pytest.mark.parametrize("kind", [Good, GoodRaw])
async def test_a_good_connector_passes_every_check(
    kind: type[Connector[Any]], http: aiohttp.ClientSession
) -> None:
    assert await failing(kind, http) == {}


@pytest.mark.parametrize(("kind", "expected"), [pytest.param(*row, id=row[0].__name__) for row in MUTANTS])
async def test_a_connector_broken_in_one_way_fails_just_there(
    kind: type[Connector[Any]], expected: frozenset[str], http: aiohttp.ClientSession
) -> None:
    assert set(await failing(kind, http)) == expected


def test_every_check_is_failed_by_some_broken_connector() -> None:
    caught = {name for _, expected in MUTANTS for name in expected}
    harness_type = type("RawHarness", (TinyHarness,), {"connector_type": GoodRaw})
    every = {check.name for check in checks_for(harness_type)}
    both_ways = {name.removeprefix("poll: ").removeprefix("stream: ") for name in caught}
    assert {
        name for name in every if name.removeprefix("poll: ").removeprefix("stream: ") not in both_ways
    } == set()


def test_what_a_platform_cannot_do_is_exempt_only_by_name() -> None:
    exempt = {"exempt": {Failure.RATE_LIMITED: "The office has all the time in the world."}}
    harness_type = type("PatientHarness", (TinyHarness,), exempt)
    left_out = {check.name for check in checks_for(TinyHarness)} - {
        check.name for check in checks_for(harness_type)
    }
    assert left_out == {"send: rate_limited is said in the contract's words"}


def test_a_secret_must_be_hidden_to_be_looked_for() -> None:
    class Visible(BaseModel):
        token: SecretStr

    assert SECRET not in repr(Visible(token=SecretStr(SECRET)))
