"""Keeps channels alive: lease, connect, receive, send, back off, report health.

Any number of workers share the channels of a database; each channel is held by one of them at a time. A
worker that dies stops renewing its leases, and another takes its channels over when they run out.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from pydantic import ValidationError

from hub.auth.seal import SealError
from hub.clock import Clock
from hub.contract.connector import CatchesUp, Connector, Polls, RegistersWebhooks, Streams, TakesWebhooks
from hub.contract.errors import AuthBroken, ConnectorError, RateLimited
from hub.contract.inbound import Batch, Cursor
from hub.ingest.worker import IngestWorker
from hub.model.channels import Channel, Health, Lease
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.sentences import sentence
from hub.outbox.worker import Sender
from hub.realtime import publish
from hub.registry import Registry, UnknownPlatform
from hub.store import Store, StoreUnavailable
from hub.watching import first_problem, keep_up, trouble_of, watch_trouble, watch_webhook

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
LOOK_EVERY = 3.0  # seconds between two looks at the channels; also renews the leases
CONNECT_WITHIN = 60.0
POLL_WITHIN = 120.0
BACK_OFF_MOST = 60.0
CLOSE_WITHIN = 5.0
ANSWER_WITHIN = 3.0  # for the database: far below the lease, so that what cannot be renewed is let go in time


class LeaseLost(Exception):
    """Somebody else holds the channel now."""


class SettingsBroken(Exception):
    """No connector can be made of what is kept of the channel."""


@dataclass(slots=True)
class Runner:
    """One channel in our hands."""

    channel: Channel
    lease: Lease
    task: asyncio.Task[None]
    sender_wake: asyncio.Event


@dataclass(slots=True)
class Supervisor:
    store: Store
    registry: Registry
    clock: Clock
    name: str
    public_url: str
    ingest: IngestWorker | None
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # set when channels were added or changed
    connected: dict[str, Connector[Any]] = field(default_factory=dict)  # by channel, while it is in our hands
    _runners: dict[str, Runner] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled; then every channel is closed and given back."""
        try:
            while True:
                self.changed.clear()
                try:
                    await self.look()
                except (StoreUnavailable, TimeoutError):
                    log.warning("channels cannot be read; trying again")
                await self._drop_expired()
                try:
                    async with asyncio.timeout(LOOK_EVERY):
                        await self.changed.wait()
                except TimeoutError:
                    continue
        finally:
            await self.let_go()

    async def let_go(self) -> None:
        """Close every channel we hold and give it back."""
        await self._stop_all(list(self._runners))

    def wake(self, channel: str) -> None:
        """Something was queued for a channel: if it is ours, it is sent at once."""
        if runner := self._runners.get(channel):
            runner.sender_wake.set()

    def wake_all(self) -> None:
        """What was queued or changed is not known: look at everything."""
        self.changed.set()
        for runner in self._runners.values():
            runner.sender_wake.set()

    async def look(self) -> None:
        """Renew what we hold, stop what changed, take what is free: up to our share.

        Renewed first: nothing that follows, however slow, may cost the others their leases.
        """
        async with asyncio.timeout(ANSWER_WITHIN):
            lost = await self._renew()
            now = self.clock()
            channels = {each.id: each for each in await self.store.channels.list_channels()}
            workers = await self.store.leases.beat(self.name, now, LEASE)
        wanted = [each for each in channels.values() if not each.paused and each.health is not Health.BROKEN]
        share = -(-len(wanted) // max(workers, 1))
        over = {held for held, runner in self._runners.items() if _is_over(runner, channels.get(held))}
        over |= lost
        surplus = [held for held in self._runners if held not in over][share:]
        await self._stop_all([*over, *surplus])
        async with asyncio.timeout(ANSWER_WITHIN):
            await self._take_free(wanted, share)

    async def _renew(self) -> set[str]:
        """All in one go. Returns those that somebody else holds now."""
        now = self.clock()
        held = list(self._runners.items())
        renewed = await asyncio.gather(
            *(self.store.channels.renew(channel, runner.lease, now + LEASE) for channel, runner in held)
        )
        for (channel, runner), ours in zip(held, renewed, strict=True):
            if ours:
                runner.lease = replace(runner.lease, until=now + LEASE)
            else:
                log.warning("lease lost", channel=channel)
        return {channel for (channel, _), ours in zip(held, renewed, strict=True) if not ours}

    async def _take_free(self, wanted: Sequence[Channel], share: int) -> None:
        for channel in wanted:
            if len(self._runners) >= share:
                return
            now = self.clock()
            free = channel.lease is None or channel.lease.until <= now
            if free and channel.id not in self._runners:
                lease = await self.store.channels.take(channel, self.name, now, LEASE)
                if lease is not None:
                    self._start(channel, lease)

    async def _drop_expired(self) -> None:
        """Whatever the reason for not having renewed: past its end, a channel may be somebody else's.

        Let go of before, while there is time to close it: the next look may take as long as this one.
        """
        late = self.clock() + timedelta(seconds=LOOK_EVERY + ANSWER_WITHIN)
        expiring = [held for held, runner in self._runners.items() if runner.lease.until <= late]
        for held in expiring:
            log.warning("lease runs out", channel=held)
        await self._stop_all(expiring)

    def _start(self, channel: Channel, lease: Lease) -> None:
        wake = asyncio.Event()
        task = asyncio.create_task(self._keep(channel, lease, wake), name=f"channel {channel.id}")
        self._runners[channel.id] = Runner(channel, lease, task, wake)

    async def _stop_all(self, channels: Collection[str]) -> None:
        """At the same time: one that hangs must not cost the others their leases."""
        await asyncio.gather(*(self._stop(each) for each in channels))

    async def _stop(self, channel: str) -> None:
        if (runner := self._runners.pop(channel, None)) is None:
            return  # somebody who looked at the same moment does it
        runner.task.cancel()
        _, hanging = await asyncio.wait({runner.task}, timeout=CLOSE_WITHIN + 1)
        if hanging:
            log.error("channel does not stop; its lease is left to end by itself", channel=channel)
            return
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self.store.channels.release(channel, runner.lease, self.clock())
        except (StoreUnavailable, TimeoutError):
            log.warning("lease is left to end by itself", channel=channel)

    async def _keep(self, channel: Channel, lease: Lease, wake: asyncio.Event) -> None:
        """Run one channel; after each failure wait a little longer, until its credentials are refused."""
        pause = 1.0
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await self._run_once(channel, lease, wake)
                return
            except (AuthBroken, UnknownPlatform, SettingsBroken) as problem:
                await self._report(channel, lease, Health.BROKEN, str(problem))
                return
            except LeaseLost:
                return
            except ConnectorError as problem:
                words = str(problem)
                if isinstance(problem, RateLimited):
                    pause = max(pause, problem.retry_after.total_seconds())
            except StoreUnavailable:
                words = sentence("database_away")
            except Exception as problem:  # a connector's bug stops its own channel, not the others
                log.exception("connector failed", channel=channel.id)
                words = sentence("connector_broke", kind=type(problem).__name__)
            if asyncio.get_running_loop().time() - started > BACK_OFF_MOST:
                pause = 1.0
            await self._report(channel, lease, Health.RETRYING, words)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, BACK_OFF_MOST)
            channel = await self._fresh(channel)

    async def _fresh(self, channel: Channel) -> Channel:
        """The channel as it is now: its cursor has moved."""
        try:
            return await self.store.channels.find(channel.id) or channel
        except StoreUnavailable:
            return channel

    async def _run_once(self, channel: Channel, lease: Lease, wake: asyncio.Event) -> None:
        connector = self._build(channel)
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                account = await connector.connect()
            told = {"account": account.key, "account_name": account.name}
            await self._report(channel, lease, Health.CONNECTED, trouble_of(connector), **told)
            self.connected[channel.id] = connector
            sender = Sender(self.store, channel, connector, account, self.clock, wake)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(channel, lease, connector))
                tasks.create_task(sender.run())
                report, now = partial(self._report, channel, lease), partial(self._fresh, channel)
                tasks.create_task(watch_trouble(connector, now, self.registry.reader, report))
        except (TimeoutError, BaseExceptionGroup) as problem:
            first = first_problem(problem)
            if isinstance(first, TimeoutError):
                raise ConnectorError(sentence("platform_silent")) from problem
            raise first from problem
        finally:
            self.connected.pop(channel.id, None)
            await asyncio.shield(_close(connector, channel.id))

    def _build(self, channel: Channel) -> Connector[Any]:
        try:
            return self.registry.build(channel)
        except (ValidationError, SealError) as problem:
            # The error itself names values; they may be secrets.
            log.error(
                "settings of a channel cannot be read", channel=channel.id, error=type(problem).__name__
            )
            raise SettingsBroken(sentence("settings_unreadable")) from problem

    async def _receive(self, channel: Channel, lease: Lease, connector: Connector[Any]) -> None:
        if isinstance(connector, Streams):
            async with aclosing(_closable(connector.stream(_cursor(channel)))) as batches:
                async for batch in batches:
                    await self._take(channel, lease, batch)
            raise ConnectorError(sentence("stream_ended"))
        if isinstance(connector, Polls):
            await self._poll(channel, lease, connector)
        if isinstance(connector, TakesWebhooks):
            url = f"{self.public_url}/hooks/{channel.id}"
            if isinstance(connector, RegistersWebhooks):
                await connector.register_webhook(url)
            async with asyncio.TaskGroup() as tasks:
                if isinstance(connector, CatchesUp):
                    taking = partial(self._take, channel, lease)
                    tasks.create_task(keep_up(connector, _cursor(channel), taking))
                await watch_webhook(connector, url, partial(self._report, channel, lease))

    async def _poll(self, channel: Channel, lease: Lease, connector: Polls) -> None:
        cursor = _cursor(channel)
        every = connector.manifest.poll_every if isinstance(connector, Connector) else None
        while True:
            async with asyncio.timeout(POLL_WITHIN):
                batch = await connector.poll(cursor)
            await self._take(channel, lease, batch)
            cursor = batch.cursor
            if not batch.more:
                await asyncio.sleep(every.total_seconds() if every else 0)

    async def _take(self, channel: Channel, lease: Lease, batch: Batch) -> None:
        """Journal first, then the cursor: what was handed to us is safe before we say that we have it."""
        now = self.clock()
        if batch.events:
            added = await self.store.journal.add(channel.id, batch.events, now, behind=batch.old)
            if self.ingest and added:
                self.ingest.arrived.set()
            log.info("received", channel=channel.id, events=len(batch.events), new=added)
        progress = [batch.progress.done, batch.progress.total] if batch.progress else None
        if batch.events or batch.cursor != channel.cursor or progress:
            changes = {"cursor": batch.cursor, "progress": progress}
            if not await self.store.channels.change_as_holder(channel.id, lease, changes):
                raise LeaseLost

    async def _report(
        self, channel: Channel, lease: Lease, health: Health, problem: str, **also: str
    ) -> None:
        """Keep a channel's health, and tell everybody when it changed: an admin hears of it once."""
        try:
            before = await self.store.channels.find(channel.id)
            changes = {"health": health, "problem": problem, "health_at": self.clock(), **also}
            if not await self.store.channels.change_as_holder(channel.id, lease, changes):
                return
            if before and (before.health, before.problem or "") != (health, problem):
                log.info("channel", channel=channel.id, health=str(health), reason=problem)
                now, told = self.clock(), {"health": str(health)}
                event = Event(
                    id=new_id(now), kind="channel_changed", at=now, channel=channel.id, details=told
                )
                await publish(self.store, [event])
        except StoreUnavailable:
            log.warning("health cannot be kept", channel=channel.id, health=str(health))


def _is_over(runner: Runner, channel: Channel | None) -> bool:
    """Whether it ended, or the channel is not any more what was started."""
    if channel is None or channel.paused or runner.task.done():
        return True
    return _settings(channel) != _settings(runner.channel)


def _settings(channel: Channel) -> tuple[object, ...]:
    """What a running connector was built from; tokens it refreshed itself do not count."""
    return channel.platform, channel.paused, channel.removed, channel.settings_version


def _cursor(channel: Channel) -> Cursor | None:
    return Cursor(channel.cursor) if channel.cursor else None


async def _closable(batches: AsyncIterator[Batch]) -> AsyncGenerator[Batch, None]:
    """The contract asks for any iterator; this one can be closed, and closes it."""
    try:
        async for batch in batches:
            yield batch
    finally:
        if isinstance(batches, AsyncGenerator):
            await batches.aclose()


async def _close(connector: Connector[Any], channel: str) -> None:
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await connector.close()
    except (TimeoutError, ConnectorError):
        log.warning("connector did not close in time", channel=channel)
