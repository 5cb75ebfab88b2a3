"""Works the journal off, lane by lane: in order within a thread, parallel across threads and workers.

A worker holds some of the lanes by lease. What waits in them is fetched, grouped by thread, and run in
batches that take the oldest waiting entry of each thread, until nothing waits.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from hub.clock import Clock
from hub.contract.connector import TakesWebhooks
from hub.contract.errors import PayloadUnrecognised
from hub.contract.inbound import InboundEvent
from hub.ingest.pipeline import Pipeline
from hub.ingest.preparing import Read
from hub.ingest.reasons import reason_of
from hub.model.channels import Channel
from hub.model.journal import Arrival, Outcome
from hub.model.sentences import sentence
from hub.registry import Registry
from hub.store import Store, StoreUnavailable
from hub.store.queues import Finished, Waiting, WaitingArrival

log = structlog.get_logger()

LEASE = timedelta(seconds=15)
RENEW_EVERY = 5.0  # seconds
ANSWER_WITHIN = 5.0  # seconds for a renewal: far below the lease, so that the lanes are let go in time
IDLE = 0.25  # seconds between two looks at the journal when nobody says that something came
BATCH = 50


@dataclass(slots=True)
class IngestWorker:
    store: Store
    pipeline: Pipeline
    registry: Registry
    clock: Clock
    name: str
    arrived: asyncio.Event = field(default_factory=asyncio.Event)  # set by whoever adds to the journal here
    held: frozenset[int] = frozenset()

    async def run(self) -> None:
        """Until cancelled; then everything held is given back."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hold())
                tasks.create_task(self._work())
        finally:
            await self._leave()

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self.store.leases.leave(self.name, self.clock())
        except (StoreUnavailable, TimeoutError):
            log.warning("leases are left to end by themselves")

    async def _hold(self) -> None:
        """Keep this worker registered and its share of the lanes leased."""
        while True:
            try:
                now = self.clock()
                async with asyncio.timeout(ANSWER_WITHIN):
                    workers = await self.store.leases.beat(self.name, now, LEASE)
                    held = await self.store.leases.hold_lanes(self.name, workers, now, LEASE)
                if held != self.held:
                    log.info("lanes held", lanes=len(held), workers=workers)
                self.held = held
                self.arrived.set()
            except (StoreUnavailable, TimeoutError):
                # Without the database our leases run out: whoever takes the lanes must not find us at work.
                self.held = frozenset()
                log.warning("the database cannot be reached; waiting for it")
            await asyncio.sleep(RENEW_EVERY)

    async def _work(self) -> None:
        while True:
            self.arrived.clear()
            worked = 0
            try:
                worked = await self.work_off(sorted(self.held)) if self.held else 0
            except StoreUnavailable:
                log.warning("the journal cannot be read; trying again")
                await asyncio.sleep(1)
            if not worked:
                try:
                    async with asyncio.timeout(IDLE):
                        await self.arrived.wait()
                except TimeoutError:
                    continue

    async def work_off(self, lanes: Sequence[int]) -> int:
        """One round over what waits in these lanes. Returns how much there was.

        A batch is read while the one before it is written. Writing several at once would not be quicker: they
        wait for one another in the database, and cost the embedded one a quarter more.
        """
        arrivals = await self.store.journal.waiting_arrivals(lanes)
        for start in range(0, len(arrivals), BATCH):
            await self._parse_all(arrivals[start : start + BATCH])
        waiting = await self.store.journal.waiting(lanes, self.clock())
        read: Sequence[Read] = ()
        for batch in [*batches(waiting, BATCH), []]:
            if not set(lanes) <= self.held:
                break
            read, _ = await asyncio.gather(self.pipeline.read(batch), self.pipeline.work(read))
        return len(arrivals) + len(waiting)

    async def _parse_all(self, arrivals: Sequence[WaitingArrival]) -> None:
        """Webhook bodies become journal entries; one that cannot be read is kept and shown."""
        channels = {each.id: each for each in await self.store.channels.list_channels(removed=True)}
        read: list[tuple[Arrival, Sequence[InboundEvent]]] = []
        ended: list[Finished] = []
        for each in arrivals:
            events = self._parse(each, channels.get(each.arrival.channel))
            if isinstance(events, Finished):
                ended.append(events)
            else:
                read.append((each.arrival, events))
        for (arrival, events), added in zip(read, await self.store.journal.add_read(read), strict=True):
            outcome = Outcome.DELIVERED if added else Outcome.DUPLICATE if events else Outcome.IGNORED
            count = len(events)
            words = sentence("events_new", added=added, all=count) if events else sentence("of_no_interest")
            ended.append(Finished(arrival.id, outcome, words=words, entries=count))
        await self.store.journal.finish_arrivals(ended, self.clock())
        self.arrived.set()

    def _parse(self, waiting: WaitingArrival, channel: Channel | None) -> Sequence[InboundEvent] | Finished:
        """What is in it; how it ended if it cannot be read."""
        arrival = waiting.arrival
        try:
            if channel is None:
                raise PayloadUnrecognised(sentence("arrival_channel_gone"))
            connector = self.registry.reader(channel)
            if not isinstance(connector, TakesWebhooks):
                raise PayloadUnrecognised(sentence("takes_no_webhooks", platform=channel.platform))
            return connector.parse(waiting.request)
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001 a parser's bug costs one arrival, kept and replayable
            words, error = reason_of(problem), type(problem).__name__
            log.error("arrival could not be read", channel=arrival.channel, arrival=arrival.id, error=error)
            return Finished(arrival.id, Outcome.FAILED, words=words, entries=0)


def batches(waiting: Sequence[Waiting], most: int) -> list[list[Waiting]]:
    """Split so that each batch has at most one entry of a thread, and each thread keeps its order."""
    threads: dict[tuple[str, str], deque[Waiting]] = {}
    for each in waiting:
        threads.setdefault((each.entry.channel, each.entry.thread), deque()).append(each)
    result: list[list[Waiting]] = []
    while threads:
        heads = [queue.popleft() for queue in threads.values()]
        threads = {thread: queue for thread, queue in threads.items() if queue}
        result += [heads[start : start + most] for start in range(0, len(heads), most)]
    return result
