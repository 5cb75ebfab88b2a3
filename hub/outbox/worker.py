"""Sends what a channel has to send: oldest first, one at a time per thread, and each message once.

Before the connector is called the delivery is marked `sending`. Who finds it so later (we died, or lost the
channel) knows that it may have arrived, and looks it up or asks a person; it is never simply sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from hub.clock import Clock
from hub.contract.capabilities import Capabilities, Surface, Visibility
from hub.contract.connector import Account, Connector, FindsSent
from hub.contract.errors import AuthBroken, ConnectorError, OutcomeUnknown, Rejected, RejectReason
from hub.contract.inbound import RemoteId, Thread
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Attempt, Delivery, DeliveryState, Message
from hub.model.sentences import sentence
from hub.outbox.amending import Amender
from hub.outbox.retry import GiveUp, HoldChannel, Later, LookUp, StopChannel, decide
from hub.realtime import publish
from hub.store import Store, StoreUnavailable
from hub.store.deliveries import Line
from hub.store.inbox import platform_key
from hub.store.people import identity_id

log = structlog.get_logger()

IDLE = 0.5  # seconds between two looks at the outbox when nobody says that something was queued
AT_ONCE = 8  # deliveries of one channel under way, each of another thread
FINISH_WITHIN = 8.0  # seconds for what is under way when the channel is given back
NOTED_EVERY = timedelta(minutes=1)
AGAIN_AFTER = 1.0  # seconds until the database is asked again
SEND_WITHIN = 360.0  # seconds for one call of the connector; longer is an unknown outcome


@dataclass(slots=True)
class Sender:
    """One channel's outbox, in the hands of whoever holds the channel."""

    store: Store
    channel: Channel
    connector: Connector[Any]
    account: Account
    clock: Clock
    queued: asyncio.Event = field(default_factory=asyncio.Event)  # set by whoever queues here
    _stopping: bool = False

    async def run(self) -> None:
        """Until cancelled. Raises AuthBroken when the platform refuses our credentials."""
        settled = False
        amender = Amender(self.store, self.channel, self.connector, self.clock)
        while True:
            told = self.queued.is_set()
            self.queued.clear()
            sent = 0
            try:
                if not settled:
                    await self._settle_interrupted()
                    settled = True
                sent = await self.work_off() + await amender.work_off(told=told)
            except StoreUnavailable:
                settled = False  # what was being written down then stands as `sending`
                log.warning("the outbox cannot be read; trying again", channel=self.channel.id)
                await asyncio.sleep(AGAIN_AFTER)
            if not sent:
                try:
                    async with asyncio.timeout(IDLE):
                        await self.queued.wait()
                except TimeoutError:
                    continue

    async def work_off(self) -> int:
        """Send the oldest due delivery of every thread. Returns how many were tried.

        One that fails leaves the others alone. When we are cancelled, those under way may end: broken off,
        nobody would know whether they arrived.
        """
        if self._held_back():
            return 0
        due = await self.store.deliveries.load(
            heads(await self.store.deliveries.lines(self.channel.id), self.clock())
        )
        limit = asyncio.Semaphore(AT_ONCE)
        self._stopping = False
        tasks = [asyncio.create_task(self._in_turn(message, limit)) for message in due]
        if not tasks:
            return 0
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            self._stopping = True
            await asyncio.wait(tasks, timeout=FINISH_WITHIN)
            raise
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        problems = [each for each in results if isinstance(each, Exception)]
        problems.sort(key=lambda problem: not isinstance(problem, AuthBroken))
        if problems:
            raise problems[0]
        return len(due)

    async def _in_turn(self, message: Message, limit: asyncio.Semaphore) -> None:
        async with limit:
            if not self._stopping and not self._held_back():
                await self._deliver(message)

    def _held_back(self) -> bool:
        return bool(self.channel.hold_until and self.channel.hold_until > self.clock())

    async def _settle_interrupted(self) -> None:
        """What an earlier holder had under way when it stopped: it may have arrived."""
        lines = await self.store.deliveries.lines(self.channel.id)
        ids = [line.id for line in lines if line.state is DeliveryState.SENDING]
        for message in await self.store.deliveries.load(ids):
            await self._look_up(message, sentence("sending_interrupted"))

    async def _deliver(self, message: Message) -> None:
        if not await self._claim(message):
            return
        tries = _delivery(message).tries + 1
        try:
            async with asyncio.timeout(SEND_WITHIN):
                sent = await self.connector.send(outbound(message))
        except TimeoutError:
            unanswered = OutcomeUnknown(sentence("sending_silent"))
            await self._written(lambda: self._failed(message, unanswered, tries))
        except ConnectorError as problem:
            refused = problem
            await self._written(lambda: self._failed(message, refused, tries))
        except Exception as problem:  # a connector's bug must not send twice or stop the others
            log.exception("connector failed while sending", channel=self.channel.id, delivery=message.id)
            unknown = OutcomeUnknown(sentence("sending_broke", kind=type(problem).__name__))
            await self._written(lambda: self._failed(message, unknown, tries))
        else:
            await self._written(lambda: self._sent(message, sent))

    async def _claim(self, message: Message) -> bool:
        """Mark it `sending`. If the answer to that is lost, it is unmarked again: nothing has been sent."""
        queued, sending = DeliveryState.QUEUED, DeliveryState.SENDING
        try:
            return await self.store.deliveries.move(message, (queued,), sending)
        except StoreUnavailable:
            await self._written(lambda: self._unclaim(message))
            return False

    async def _unclaim(self, message: Message) -> None:
        await self.store.deliveries.move(message, (DeliveryState.SENDING,), DeliveryState.QUEUED)

    async def _written(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write down what became of a delivery, however long the database is away: we alone know it."""
        while True:
            try:
                await write()
                return
            except StoreUnavailable:
                log.warning("an outcome waits for the database", channel=self.channel.id)
                await asyncio.sleep(AGAIN_AFTER)

    async def _sent(self, message: Message, sent: Sent) -> None:
        now = self.clock()
        refused = [list(pair) for pair in sent.refused.items()]
        moved = await self.store.deliveries.move(
            message,
            (DeliveryState.SENDING, DeliveryState.UNSURE),
            DeliveryState.SENT,
            attempt=Attempt(now, "sent"),
            counts=True,
            also={"refused": refused} if refused else None,
            remote_ids=tuple(sent.messages),
        )
        log.info("sent", channel=self.channel.id, conversation=message.conversation, delivery=message.id)
        await self._note_sending(now)
        if moved:
            await self._tell(message, DeliveryState.SENT)
        else:  # a receipt or an echo was faster
            await self.store.deliveries.add_names(message, tuple(sent.messages))

    async def _note_sending(self, now: datetime) -> None:
        """When the channel last sent something, to the minute: for its page."""
        last = self.channel.sent_at
        if last is None or now - last > NOTED_EVERY:
            self.channel = replace(self.channel, sent_at=now)
            await self.store.channels.change(self.channel.id, {"sent_at": now})

    async def _failed(self, message: Message, problem: ConnectorError, tries: int) -> None:
        delivery = _delivery(message)
        now = self.clock()
        words = str(problem)
        decision = decide(problem, tries, now, delivery.give_up_at)
        log.warning(
            "not sent",
            channel=self.channel.id,
            conversation=message.conversation,
            delivery=message.id,
            error=type(problem).__name__,
            then=type(decision).__name__,
        )
        attempt = Attempt(now, type(problem).__name__, words)
        back, state = (DeliveryState.SENDING,), DeliveryState.QUEUED
        match decision:
            case Later(at=at):
                also = {"due_at": at, "problem": words}
                await self.store.deliveries.move(
                    message, back, state, attempt=attempt, counts=True, also=also
                )
            case HoldChannel(until=until):
                await self._hold(until - now)
                await self.store.deliveries.move(message, back, state, attempt=attempt)
            case StopChannel():
                await self.store.deliveries.move(message, back, state, attempt=attempt)
                raise problem
            case LookUp():
                await self._look_up(message, words)
                return
            case GiveUp(words=last_words):
                state = DeliveryState.FAILED
                also = {"problem": last_words}
                await self.store.deliveries.move(
                    message, back, state, attempt=attempt, counts=True, also=also
                )
                await self._mark_unreachable(message, problem)
        await self._tell(message, state)

    async def _hold(self, wait: timedelta) -> None:
        """The whole channel is paced, here at once and in the database for whoever holds it next."""
        until = self.clock() + wait
        self.channel = replace(self.channel, hold_until=until)
        await self.store.channels.change(self.channel.id, {"hold_until": until})

    async def _look_up(self, message: Message, words: str) -> None:
        """Of unknown outcome: found there, sent again where repeats are dropped, or left to a person."""
        now = self.clock()
        sending = (DeliveryState.SENDING,)
        if (found := await self._find(message)) is not None:
            await self._sent(message, found)
            return
        limits = self._limits(message)
        if limits is not None and limits.dedupes:
            also = {"due_at": now + timedelta(seconds=5), "problem": words}
            attempt = Attempt(now, "OutcomeUnknown", words)
            await self.store.deliveries.move(
                message, sending, DeliveryState.QUEUED, attempt=attempt, counts=True, also=also
            )
            await self._tell(message, DeliveryState.QUEUED)
            return
        attempt = Attempt(now, "OutcomeUnknown", words)
        await self.store.deliveries.move(
            message, sending, DeliveryState.UNSURE, attempt=attempt, counts=True, also={"problem": words}
        )
        log.warning("outcome unknown", channel=self.channel.id, delivery=message.id)
        await self._tell(message, DeliveryState.UNSURE)

    async def _find(self, message: Message) -> Sent | None:
        if not isinstance(self.connector, FindsSent):
            return None
        try:
            async with asyncio.timeout(SEND_WITHIN):
                return await self.connector.find_sent(outbound(message))
        except (ConnectorError, TimeoutError):
            return None

    def _limits(self, message: Message) -> Capabilities | None:
        surface = Surface(message.surface)
        found = self.account.surfaces.get(surface)
        return found or self.connector.limits(Thread(message.thread, surface))

    async def _mark_unreachable(self, message: Message, problem: ConnectorError) -> None:
        gone = isinstance(problem, Rejected) and problem.reason is RejectReason.UNREACHABLE
        delivery = _delivery(message)
        if gone and len(delivery.to) == 1:
            identity = identity_id(message.platform, delivery.to[0])
            await self.store.people.set_reachable(identity, False)

    async def _tell(self, message: Message, state: DeliveryState) -> None:
        now = self.clock()
        event = Event(
            id=new_id(now),
            kind="delivery_changed",
            at=now,
            conversation=message.conversation,
            entry=message.id,
            channel=message.channel,
            details={"state": state},
        )
        await publish(self.store, [event])


def outbound(message: Message) -> OutboundMessage:
    """What the connector gets: the same at every attempt."""
    delivery = _delivery(message)
    return OutboundMessage(
        key=message.id,
        thread=Thread(platform_key(message.thread), Surface(message.surface)),
        to=delivery.to,
        cc=delivery.cc,
        bcc=delivery.bcc,
        content=message.content,
        at=message.at,
        visibility=Visibility(message.visibility),
        reply_to=RemoteId(message.reply_to) if message.reply_to else None,
        related=tuple(RemoteId(each) for each in message.related),
        automated=delivery.automated,
        agent_name=None if delivery.automated else message.author_name,
        signature=delivery.signature,
    )


def _delivery(message: Message) -> Delivery:
    if message.delivery is None:
        raise ValueError(f"{message.id} is not to be sent")
    return message.delivery


def heads(lines: Sequence[Line], now: datetime) -> list[str]:
    """The ids of what is to be sent now: of each thread the oldest, if it is due.

    What nobody has tried yet and is not due (written to be sent later, or still to be undone) holds up
    nothing that was written after it; what failed and waits for its next try does.
    """
    first: dict[str, Line] = {}
    for line in lines:
        due = line.state is DeliveryState.QUEUED and line.due_at <= now
        for_later = line.state is DeliveryState.QUEUED and not line.tried and not due
        if not for_later:
            first.setdefault(line.thread, line)
    return [line.id for line in first.values() if line.state is DeliveryState.QUEUED and line.due_at <= now]
