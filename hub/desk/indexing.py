"""Keeps search up to date: follows what happens and reads the words of every entry, a second behind at most.

Nothing is lost by a crash: the position is kept after the words, and what happened since is read again. If
that is too long ago, or on request, everything is read anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from hub.clock import Clock
from hub.desk.terms import terms_of
from hub.model.events import Event
from hub.model.inbox import Entry, Message
from hub.store import Store, StoreUnavailable
from hub.store.search import Indexed

log = structlog.get_logger()

READS = ("message_received", "message_queued", "note_added", "message_edited", "message_deleted")
AT_ONCE = 200
REST = 0.5  # seconds between two looks
REST_BUSY = 3.0  # while much happens: every look reads the last ten seconds again
BUSY = 20  # events in one look
OVERLAP = timedelta(seconds=5)  # events of several processes come out of the order of their times
IDLE = timedelta(minutes=1)
KEPT = timedelta(days=6)  # events are kept for a week
LEASE = timedelta(seconds=30)  # one process indexes; another takes over after this


@dataclass(slots=True)
class Indexer:
    store: Store
    clock: Clock
    worker: str
    _recent: dict[str, None] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            found = 0
            try:
                if await self.store.search.hold(self.worker, self.clock(), LEASE):
                    found = await self.catch_up()
            except StoreUnavailable:
                log.warning("search cannot be kept up to date just now")
            await asyncio.sleep(REST_BUSY if found >= BUSY else REST)

    async def catch_up(self) -> int:
        """Index what happened since the last time. Returns how many events that were.

        What came shortly before is looked at again; whether it was seen is remembered.
        """
        began = self.clock()
        position = await self.store.search.position()
        if position is None or began - position > KEPT:
            await rebuild(self.store)
            await self.store.search.set_position(began)
            return 0
        latest = await self.store.events.latest(position - OVERLAP)
        events = [each for each in latest if not self._seen(each.id)]
        for start in range(0, len(events), AT_ONCE):
            await self._apply(events[start : start + AT_ONCE])
        if events or began - position > IDLE:
            await self.store.search.set_position(max(position, began - OVERLAP))
        return len(events)

    def _seen(self, event: str) -> bool:
        if event in self._recent:
            return True
        self._recent[event] = None
        if len(self._recent) > 20_000:
            for old in list(self._recent)[:10_000]:
                del self._recent[old]
        return False

    async def _apply(self, events: Sequence[Event]) -> None:
        wanted = {each.entry: each.kind for each in events if each.kind in READS and each.entry}
        entries = await self.store.inbox.find_entries(list(wanted))
        new = [entries[each] for each, kind in wanted.items() if each in entries and not _changed(kind)]
        await self.store.search.add([indexed(each) for each in new])
        for each, kind in wanted.items():
            if _changed(kind) and each in entries:
                await self.store.search.replace(indexed(entries[each]))
        await self.store.search.remove([each for each in wanted if each not in entries])


def indexed(entry: Entry) -> Indexed:
    deleted = isinstance(entry, Message) and entry.deleted_at is not None
    return Indexed(entry.id, entry.at, () if deleted else terms_of(entry))


async def rebuild(store: Store) -> int:
    """Read every entry anew. Returns how many there were. Search knows less until it is done."""
    await store.search.clear()
    count = 0
    async for entries in store.inbox.every_entry(AT_ONCE):
        await store.search.add([indexed(each) for each in entries])
        count += len(entries)
    return count


def _changed(kind: str) -> bool:
    return kind in ("message_edited", "message_deleted")
