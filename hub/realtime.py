"""What happened, told to whoever follows: published after the write, resumable by event id."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from hub.model.events import Event
from hub.store import Store, StoreUnavailable
from hub.store.errors import StreamLost

log = structlog.get_logger()

REMEMBERED = 10_000  # events kept in memory for those who come back after a short absence
BEHIND_MOST = 1_000  # events one follower may be behind before it is told to reload
AT_A_TIME = 100  # of those missed; then the subscribers have their turn
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
    _begun: str = ""  # stands for the moment before the first of what is kept in memory

    @property
    def newest(self) -> str:
        """Where somebody goes on later who has heard of everything so far."""
        return self._recent[-1].id if self._recent else self._begun

    async def run(self) -> None:
        """Follow until cancelled. After the database was away, goes on where it was."""
        while True:
            try:
                async with self.store.events.following() as events:
                    # Only now, with the stream open: what is published meanwhile is in it, or is read here.
                    known = await self._catch_up()
                    self._ready.set()
                    async for event in events:
                        if event.id not in known:
                            self._hand_out(event)
            except StoreUnavailable:
                log.warning("events cannot be followed just now")
            except StreamLost as problem:
                log.warning("the stream of events broke; opening a new one", reason=str(problem))
                self._forget()  # what was missed cannot be told: who listens fetches all anew
            await asyncio.sleep(AGAIN_AFTER)

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
        if last == self._begun and len(recent) < REMEMBERED:
            return recent
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

    def _forget(self) -> None:
        self.store.forget()
        self._recent.clear()
        self._begun = f"begun-{secrets.token_hex(8)}"

    def _hand_out(self, event: Event) -> None:
        self.store.heard(event.kind)
        self._recent.append(event)
        for queue in list(self._queues):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._let_reload(queue)

    def _let_reload(self, queue: asyncio.Queue[Event | None]) -> None:
        self._queues.discard(queue)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(None)

    async def _catch_up(self) -> frozenset[str]:
        """Hand out what was published while we were not listening. Returns the ids the stream may repeat."""
        missed = await self.store.events.since(self._recent[-1].id) if self._recent else None
        if missed is None:
            self._forget()
            for queue in list(self._queues):
                self._let_reload(queue)
            return frozenset()
        known = {event.id for event in self._recent}
        new = [event for event in missed if event.id not in known]
        for number, event in enumerate(new, start=1):
            self._hand_out(event)
            if number % AT_A_TIME == 0:
                await asyncio.sleep(0)
        return frozenset(known | {event.id for event in new})
