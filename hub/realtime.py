"""What happened, told to whoever follows: published after the write, resumable by event id."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from hub.model.events import Event
from hub.store import Store, StoreUnavailable

log = structlog.get_logger()

REMEMBERED = 10_000  # events kept in memory for those who come back after a short absence
BEHIND_MOST = 1_000  # events one follower may be behind before it is told to reload
AGAIN_AFTER = 1.0  # seconds until the stream is opened again after the database was away


async def publish(store: Store, events: Sequence[Event]) -> None:
    """Append to what happened. Call it after the write it speaks of."""
    if events:
        await store.events.add(events)


class TooOld(Exception):
    """The events since then are not kept any more: fetch everything anew."""


@dataclass(slots=True)
class Follower:
    """One process's view of what happens: a single change stream, handed to any number of subscribers."""

    store: Store
    _recent: deque[Event] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _queues: set[asyncio.Queue[Event | None]] = field(default_factory=set)
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Follow until cancelled. After the database was away, goes on where it was."""
        while True:
            try:
                async for event in self.store.events.follow(self._ready):
                    self._hand_out(event)
            except StoreUnavailable:
                log.warning("events cannot be followed just now")
            await asyncio.sleep(AGAIN_AFTER)
            await self._catch_up()

    @asynccontextmanager
    async def subscribe(self, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """Events from now on; with `last`, first those after that event. Raises TooOld, at once or later."""
        await self._ready.wait()
        queue: asyncio.Queue[Event | None] = asyncio.Queue(BEHIND_MOST)
        self._queues.add(queue)
        try:
            missed = await self._after(last) if last else []
            yield self._events(missed, queue)
        finally:
            self._queues.discard(queue)

    async def _after(self, last: str) -> list[Event]:
        recent = list(self._recent)
        for index, event in enumerate(recent):
            if event.id == last:
                return recent[index + 1 :]
        missed = await self.store.events.since(last)
        if missed is None:
            raise TooOld
        return missed

    async def _events(self, missed: list[Event], queue: asyncio.Queue[Event | None]) -> AsyncIterator[Event]:
        handed = set()
        for event in missed:
            handed.add(event.id)
            yield event
        while True:
            following = await queue.get()
            if following is None:
                raise TooOld
            if following.id not in handed:
                yield following

    def _hand_out(self, event: Event) -> None:
        self._recent.append(event)
        for queue in list(self._queues):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._queues.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    async def _catch_up(self) -> None:
        """What was published while we were not listening."""
        if not self._recent:
            return
        try:
            missed = await self.store.events.since(self._recent[-1].id)
        except StoreUnavailable:
            return
        known = {event.id for event in self._recent}
        for event in missed or ():
            if event.id not in known:
                self._hand_out(event)
