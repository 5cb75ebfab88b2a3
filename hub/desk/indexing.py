"""Keeps search up to date: follows what happens and reads the words of every entry, about a second behind.

Nothing is lost by a crash: until when everything is indexed is kept in one write with the words, and what
happened since is read again. If that is too long ago, or on request, everything is read anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from hub.clock import Clock
from hub.desk.terms import terms_of
from hub.model.events import Event
from hub.model.inbox import Entry, Message, Side
from hub.model.people import Identity
from hub.store import Store, StoreUnavailable
from hub.store.search import Indexed, Overtaken, PieceMissing
from hub.store.shelves import ms_of

log = structlog.get_logger()

READS = ("message_received", "message_queued", "note_added", "message_edited", "message_deleted")
AT_ONCE = 200  # events
REBUILT = 1000  # entries that are indexed together when all are
READ = 30  # entries that are fetched, and whose words are read, before others may go on
REST = 0.5  # seconds between two looks
REST_EACH = 0.1  # longer for each event of the last look: many together cost much less
REST_MOST = 3.0
OVERLAP = timedelta(seconds=5)  # events of several processes come out of the order of their times
IDLE = timedelta(minutes=1)
KEPT = timedelta(days=6)  # events are kept for a week
LEASE = timedelta(seconds=30)  # one process indexes; another takes over after this
TIDIED = timedelta(hours=1)  # words of what was deleted are erased, and what a crash left behind


@dataclass(slots=True)
class Indexer:
    store: Store
    clock: Clock
    worker: str
    _recent: dict[str, None] = field(default_factory=dict)
    _held_until: datetime | None = None
    _tidied_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            found = 0
            try:
                if await self._hold():
                    found = await self.catch_up()
                    await self._tidy()
            except StoreUnavailable:
                log.warning("search cannot be kept up to date just now")
            await asyncio.sleep(min(REST + found * REST_EACH, REST_MOST))

    async def catch_up(self) -> int:
        """Index what happened since the last time. Returns how many events that were.

        What came shortly before is looked at again; whether it was seen is remembered. None, if somebody else
        indexes meanwhile.
        """
        try:
            return await self._catch_up()
        except Overtaken:
            self._held_until = None
            self._recent.clear()  # what was seen and not kept is looked at again
        except PieceMissing:
            await self._make_anew()
        return 0

    async def _catch_up(self) -> int:
        began = self.clock()
        position = await self.store.search.position()
        if position is None or began - position > KEPT:
            await self._rebuild()
            return 0
        latest = await self.store.events.latest(position - OVERLAP)
        events = [each for each in latest if each.id not in self._recent]
        for start in range(0, len(events), AT_ONCE):
            some = events[start : start + AT_ONCE]
            done = start + AT_ONCE >= len(events)
            await self._apply(some, max(position, began - OVERLAP) if done else None)
            self._remember(some)
        if not events and began - position > IDLE:
            await self.store.search.add([], began, began - OVERLAP)
        return len(events)

    async def _apply(self, events: Sequence[Event], position: datetime | None) -> None:
        wanted = list({each.entry for each in events if each.kind in READS and each.entry})
        entries: dict[str, Entry] = {}
        for at in range(0, len(wanted), READ):  # few at once: the embedded database compares each with each
            entries |= await self.store.inbox.find_entries(wanted[at : at + READ])
        rows = await _indexed(self.store, list(entries.values()))
        now = self.clock()
        deleted = [each for each in entries.values() if isinstance(each, Message) and each.deleted_at]
        if deleted:
            await self.store.search.remove([(ms_of(each.at), each.id) for each in deleted], now)
        await self.store.search.add(rows, now, position)

    def _remember(self, events: Sequence[Event]) -> None:
        self._recent.update(dict.fromkeys(each.id for each in events))
        if len(self._recent) > 20_000:
            for old in list(self._recent)[:10_000]:
                del self._recent[old]

    async def _hold(self) -> bool:
        """Renewed when half of the time has passed: every write costs."""
        now = self.clock()
        if self._held_until is not None and self._held_until - now > LEASE / 2:
            return True
        held = await self.store.search.hold(self.worker, now, LEASE)
        self._held_until = now + LEASE if held else None
        return held

    async def _keep(self) -> None:
        if not await self._hold():
            raise Overtaken

    async def _rebuild(self) -> None:
        began = self.clock()
        await rebuild(self.store, began, self._keep)
        await self.store.search.set_position(began)

    async def _tidy(self) -> None:
        now = self.clock()
        if self._tidied_at is None or now - self._tidied_at > TIDIED:
            self._tidied_at = now
            try:
                await self.store.search.erase(now)
                await self.store.search.sweep(now)
            except Overtaken:
                self._held_until = None
            except PieceMissing:
                await self._make_anew()

    async def _make_anew(self) -> None:
        log.warning("the search index is damaged: it is made anew")
        await self.store.search.distrust()


async def authors_of(store: Store, entries: Sequence[Entry]) -> dict[str, Identity]:
    """Who wrote what came from customers, by their ids."""
    own = {each.author for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER}
    wanted = sorted(own)
    found: dict[str, Identity] = {}
    for at in range(0, len(wanted), READ):
        found |= await store.people.find_identities(wanted[at : at + READ])
    return found


async def _indexed(store: Store, entries: Sequence[Entry]) -> list[Indexed]:
    authors = await authors_of(store, entries)
    rows = []
    for number, each in enumerate(entries):
        rows.append(indexed(each, authors))
        if number % READ == READ - 1:
            await asyncio.sleep(0)
    return rows


def indexed(entry: Entry, authors: Mapping[str, Identity] | None = None) -> Indexed:
    """`authors`: those who are known, by their ids."""
    author = (authors or {}).get(entry.author) if isinstance(entry, Message) else None
    deleted = isinstance(entry, Message) and entry.deleted_at is not None
    return Indexed(entry.id, entry.at, () if deleted else terms_of(entry, author))


async def rebuild(store: Store, now: datetime, keep: Callable[[], Awaitable[None]] | None = None) -> int:
    """Read every entry anew. Returns how many there were. Search knows less until it is done.

    `keep`: asked every now and then whether to go on. Raises Overtaken.
    """
    await store.search.clear()
    count = 0
    async for entries in store.inbox.every_entry(REBUILT):
        if keep is not None:
            await keep()
        await store.search.add(await _indexed(store, entries), now)
        count += len(entries)
    return count
