"""Sends what a channel has to send: oldest first, one at a time per thread, and each message once.

Before the connector is called the delivery is marked `sending`. Who finds it so later (we died, or lost the
channel) knows that it may have arrived, and looks it up or asks a person; it is never simply sent again.
"""

import asyncio
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
from hub.outbox.retry import GiveUp, HoldChannel, Later, LookUp, StopChannel, decide
from hub.realtime import publish
from hub.store import Store, StoreUnavailable
from hub.store.inbox import platform_key
from hub.store.people import identity_id

log = structlog.get_logger()

IDLE = 0.5  # seconds between two looks at the outbox when nobody says that something was queued
AT_ONCE = 8  # deliveries of one channel under way, each of another thread
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

    async def run(self) -> None:
        """Until cancelled. Raises AuthBroken when the platform refuses our credentials."""
        await self._settle_interrupted()
        while True:
            self.queued.clear()
            sent = 0
            try:
                sent = await self.work_off()
            except StoreUnavailable:
                log.warning("the outbox cannot be read; trying again", channel=self.channel.id)
                await asyncio.sleep(1)
            if not sent:
                try:
                    async with asyncio.timeout(IDLE):
                        await self.queued.wait()
                except TimeoutError:
                    continue

    async def work_off(self) -> int:
        """Send the oldest due delivery of every thread. Returns how many were tried."""
        now = self.clock()
        if self.channel.hold_until and self.channel.hold_until > now:
            return 0
        waiting = await self.store.deliveries.waiting(self.channel.id)
        heads: dict[str, Message] = {}
        for message in waiting:
            if _is_due(message, now) or not _is_for_later(message):
                heads.setdefault(message.thread, message)
        due = [message for message in heads.values() if _is_due(message, now)]
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(message: Message) -> None:
            async with limit:
                if not self._held_back():
                    await self._deliver(message)

        try:
            async with asyncio.TaskGroup() as tasks:
                for message in due:
                    tasks.create_task(one(message))
        except* AuthBroken as group:
            raise group.exceptions[0] from None
        except* StoreUnavailable as group:
            raise group.exceptions[0] from None
        return len(due)

    def _held_back(self) -> bool:
        return bool(self.channel.hold_until and self.channel.hold_until > self.clock())

    async def _settle_interrupted(self) -> None:
        """What an earlier holder had under way when it stopped: it may have arrived."""
        for message in await self.store.deliveries.waiting(self.channel.id):
            if message.delivery and message.delivery.state is DeliveryState.SENDING:
                await self._look_up(message, "Interrupted while sending; the message may have arrived.")

    async def _deliver(self, message: Message) -> None:
        queued, sending = (DeliveryState.QUEUED,), DeliveryState.SENDING
        if message.delivery is None or not await self.store.deliveries.move(message, queued, sending):
            return
        tries = message.delivery.tries + 1
        try:
            async with asyncio.timeout(SEND_WITHIN):
                sent = await self.connector.send(outbound(message))
        except TimeoutError:
            await self._failed(message, OutcomeUnknown("No answer within six minutes."), tries)
        except ConnectorError as problem:
            await self._failed(message, problem, tries)
        except Exception as problem:  # a connector's bug must not send twice or stop the others
            log.exception("connector failed while sending", channel=self.channel.id, delivery=message.id)
            unknown = OutcomeUnknown(f"The connector failed while sending ({type(problem).__name__}).")
            await self._failed(message, unknown, tries)
        else:
            await self._sent(message, sent)

    async def _sent(self, message: Message, sent: Sent) -> None:
        now = self.clock()
        refused = [list(pair) for pair in sent.refused.items()]
        moved = await self.store.deliveries.move(
            message,
            (DeliveryState.SENDING,),
            DeliveryState.SENT,
            attempt=Attempt(now, "sent"),
            counts=True,
            also={"refused": refused} if refused else None,
            remote_ids=tuple(sent.messages),
        )
        if not moved:  # a receipt or an echo was faster
            await self.store.deliveries.add_names(message, tuple(sent.messages))
        log.info("sent", channel=self.channel.id, conversation=message.conversation, delivery=message.id)
        await self._tell(message, DeliveryState.SENT)

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
        return self.account.surfaces.get(surface) or self.connector.surfaces.get(surface)

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
    )


def _delivery(message: Message) -> Delivery:
    if message.delivery is None:
        raise ValueError(f"{message.id} is not to be sent")
    return message.delivery


def _is_for_later(message: Message) -> bool:
    """Nobody has tried to send it: it holds up nothing that was written after it."""
    delivery = _delivery(message)
    return delivery.state is DeliveryState.QUEUED and not delivery.attempts


def _is_due(message: Message, now: datetime) -> bool:
    delivery = _delivery(message)
    return delivery.state is DeliveryState.QUEUED and delivery.due_at <= now
