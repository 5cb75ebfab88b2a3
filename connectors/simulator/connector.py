"""The simulator's connector: a platform that lives in the process, for tests, trials and the demo.

In:  poll, stream or webhook, as the configuration chooses; all three read the same updates (`wire`).
Out: everything the contract has words for.

A platform has one way in at a time, and what a connector implements is what it can do: so the configuration
chooses the class, and `SimulatorConnector(config, kit)` is a poller, a streamer or a taker of webhooks.
"""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Self

from connectors.simulator.api import Api
from connectors.simulator.config import QUESTIONS, STEPS, SimulatorConfig, config_from
from connectors.simulator.feed import Raw
from connectors.simulator.imitations import EVERY_SURFACE, surfaces_of
from connectors.simulator.signing import verify
from connectors.simulator.society import Order
from connectors.simulator.troubles import Refusal
from connectors.simulator.wire import read, read_body
from connectors.simulator.world import world_named
from hub.contract.capabilities import Capabilities, Surface
from hub.contract.connector import Account, Connector, Kit, Manifest, Profile
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
    Batch,
    Cursor,
    InboundEvent,
    RemoteId,
    Thread,
    WebhookReply,
    WebhookRequest,
)
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Attachment, Content

LATE = ("way", "webhook_secret")  # answered in the last step
Failures = (Refusal, ConnectionError, TimeoutError)


class SimulatorConnector(Connector[SimulatorConfig]):
    manifest = Manifest(
        platform="simulator",
        name="Simulator",
        config=SimulatorConfig,
        surfaces=EVERY_SURFACE,
        poll_every=timedelta(seconds=1),
        source="https://hubbub.example/docs/simulator",
        checked=date(2026, 11, 23),
        questions=QUESTIONS,
        steps=STEPS,
    )

    def __new__(cls, config: SimulatorConfig, kit: Kit) -> Self:
        chosen = _WAYS[config.way] if cls is SimulatorConnector else cls
        return object.__new__(chosen)  # type: ignore[return-value]  # always a subclass of cls

    def __init__(self, config: SimulatorConfig, kit: Kit) -> None:
        super().__init__(config, kit)
        self.platform = world_named(config.world).platform(config.account, imitates=config.imitates)
        self.api = Api(self.platform, config.token.get_secret_value())

    @property
    def surfaces(self) -> Mapping[Surface, Capabilities]:
        config = self.config
        return surfaces_of(config.imitates, reply_hours=config.reply_hours, dedupes=config.dedupes)

    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        config = config_from({key: text for key, text in answers.items() if step == "way" or key not in LATE})
        account = await SimulatorConnector(config, kit).connect() if step != "account" else None
        if step == "way":
            return [f"Messages will come by {config.way}."]
        found = f"The token works: we are {account.name}." if account else ""
        return [found or f"There is an account {config.account} in the world {config.world}."]

    async def connect(self) -> Account:
        try:
            key, name = await self.api.who_am_i()
        except Failures as problem:
            raise translate(problem) from problem
        config, platform = self.config, self.platform
        platform.dedupes, platform.reply_hours = config.dedupes, config.reply_hours
        return Account(key=key, name=name)

    async def send(self, message: OutboundMessage) -> Sent:
        if message.template is not None:
            raise Rejected("The simulated platform has no templates.", reason=RejectReason.UNSUPPORTED)
        files = [(each.name, each.mime, await self.kit.read(each)) for each in message.content.attachments]
        try:
            post, refused = await self.api.send(order_for(message, files))
        except Failures as problem:
            raise translate(problem, writing=True) from problem
        moved = post.thread if post.thread != message.thread else None
        return Sent(messages=(RemoteId(post.id),), at=post.at, thread=moved, refused=refused)

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        if not self.config.finds_sent:
            return None
        try:
            post = await self.api.find(message.key)
        except Failures as problem:
            raise translate(problem) from problem
        return Sent(messages=(RemoteId(post.id),), at=post.at) if post else None

    async def edit(self, thread: Thread, message: RemoteId, content: Content) -> None:
        self._must_be_able(thread, "edit_within")
        try:
            await self.api.edit(message, content.text)
        except Failures as problem:
            raise translate(problem, writing=True) from problem

    async def delete(self, thread: Thread, message: RemoteId) -> None:
        self._must_be_able(thread, "delete_within")
        try:
            await self.api.delete(message)
        except Failures as problem:
            raise translate(problem, writing=True) from problem

    async def react(self, thread: Thread, message: RemoteId, emoji: str, *, on: bool) -> None:
        self._must_be_able(thread, "reactions")
        try:
            await self.api.react(message, emoji, on=on)
        except Failures as problem:
            raise translate(problem, writing=True) from problem

    def _must_be_able(self, thread: Thread, capability: str) -> None:
        can = surfaces_of(self.config.imitates).get(thread.surface)
        if can is None or getattr(can, capability) is None:
            raise Rejected(
                f"A platform that imitates {self.config.imitates} cannot do that.",
                reason=RejectReason.UNSUPPORTED,
            )

    async def mark_read(self, thread: Thread, message: RemoteId) -> None:
        try:
            await self.api.mark_read(thread.key, message)
        except Failures as problem:
            raise translate(problem) from problem

    async def typing(self, thread: Thread, *, on: bool) -> None:
        try:
            await self.api.typing(thread.key, on=on)
        except Failures as problem:
            raise translate(problem) from problem

    async def hide(self, thread: Thread, message: RemoteId, *, on: bool) -> None:
        try:
            await self.api.hide(message, on=on)
        except Failures as problem:
            raise translate(problem) from problem

    async def media(self, attachment: Attachment) -> AsyncIterator[bytes]:
        try:
            async for piece in self.api.file(attachment.remote or ""):
                yield piece
        except Failures as problem:
            raise translate(problem) from problem

    async def profile(self, author_key: str) -> Profile:
        try:
            found = await self.api.profile(author_key)
        except Failures as problem:
            raise translate(problem) from problem
        picture = found["picture"]
        avatar = Attachment(name="avatar.png", mime="image/png", size=len(picture), fresh=picture)
        return Profile(
            name=found["name"],
            handle=found["handle"],
            locale=found["locale"],
            avatar=avatar if picture else None,
        )

    async def _updates(self, cursor: Cursor | None) -> tuple[list[Raw], str]:
        """A platform that forgot our cursor is read from its beginning: the keys tell what we had."""
        from_start = self.config.from_start
        try:
            return await self.api.updates(cursor, self.config.batch, from_start=from_start)
        except Refusal as problem:
            if problem.code != "cursor_gone":
                raise
            self.kit.log.warning("cursor refused, reading again from the beginning")
        return await self.api.updates(None, self.config.batch, from_start=True)


class _Remembering(SimulatorConnector):
    """What the platform still tells can be asked for again."""

    async def held(self, cursor: Cursor) -> Sequence[str]:
        """Where we began to read "from now on" is not known any more: then nothing is claimed."""
        if not self.config.from_start:
            return ()
        return [event.key for event in await self._told_until(cursor)]

    async def fetch(self, keys: Sequence[str]) -> Sequence[InboundEvent]:
        wanted = set(keys)
        return [event for event in await self._told_until(None) if event.key in wanted]

    async def _told_until(self, cursor: Cursor | None) -> list[InboundEvent]:
        events: list[InboundEvent] = []
        place: str | None = None
        try:
            while place is None or place != cursor:
                updates, place = await self.api.updates(place, 1, from_start=True)
                if not updates:
                    break
                events += [read(update) for update in updates]
        except Failures as problem:
            raise translate(problem) from problem
        return events


class PollingSimulator(_Remembering):
    async def poll(self, cursor: Cursor | None) -> Batch:
        try:
            updates, after = await self._updates(cursor)
        except Failures as problem:
            raise translate(problem) from problem
        events = [read(update) for update in updates]
        return Batch(events, Cursor(after), more=len(updates) == self.config.batch)


class StreamingSimulator(_Remembering):
    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        try:
            while True:
                updates, after = await self._updates(cursor)
                if updates:
                    yield Batch([read(update) for update in updates], Cursor(after))
                cursor = Cursor(after)
                await self.api.news(cursor)
        except Failures as problem:
            raise translate(problem) from problem


class WebhookSimulator(SimulatorConnector):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        if request.method != "GET" or "challenge" not in request.query:
            return None
        given = request.query.get("verify", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret().encode()):
            return WebhookReply(b"The word is wrong.", status=403)
        return WebhookReply(request.query["challenge"].encode("utf-8", "replace"))

    def verify(self, request: WebhookRequest) -> None:
        verify(self._secret(), request.headers, request.body, self.kit.now())

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        return read_body(request.body, self.config.account)

    async def register_webhook(self, url: str) -> None:
        try:
            await self.api.set_webhook(url, self._secret())
        except Failures as problem:
            raise translate(problem) from problem

    async def unregister_webhook(self) -> None:
        try:
            await self.api.set_webhook(None, None)
        except Failures as problem:
            raise translate(problem) from problem

    def _secret(self) -> str:
        secret = self.config.webhook_secret
        if secret is None:
            raise SignatureInvalid("This channel has no webhook secret.")
        return secret.get_secret_value()


_WAYS: dict[str, type[SimulatorConnector]] = {
    "poll": PollingSimulator,
    "stream": StreamingSimulator,
    "webhook": WebhookSimulator,
}


def order_for(message: OutboundMessage, files: Sequence[tuple[str, str, bytes]]) -> Order:
    """What we ask the platform to send."""
    return Order(
        key=message.key,
        thread=message.thread,
        to=message.to,
        cc=message.cc,
        bcc=message.bcc,
        text=message.content.text,
        subject=message.content.subject,
        reply_to=message.reply_to,
        related=message.related,
        visibility=message.visibility,
        files=tuple(files),
    )


def translate(problem: Exception, *, writing: bool = False) -> ConnectorError:
    """Say a failure in the contract's words. `writing`: a lost answer may be a deed done."""
    match problem:
        case Refusal(status=429):
            wait = problem.retry_after or timedelta(seconds=1)
            return RateLimited("The simulated platform asks us to slow down.", retry_after=wait)
        case Refusal(status=401):
            return AuthBroken("The simulated platform refuses the token.")
        case Refusal(status=status, code=code) if status < 500:
            known: Any = code if code in list(RejectReason) else "other"
            return Rejected(f"The simulated platform: {problem}", reason=RejectReason(known))
        case TimeoutError() if writing:
            return OutcomeUnknown("The simulated platform did not answer in time; it may have been done.")
        case _:
            return Unavailable("The simulated platform cannot be reached.")
