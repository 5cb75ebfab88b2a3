"""What entries are found by: an inverted index of our own, in segments, beside the timeline.

    postings   a segment's bytes (pure)
    segments   its documents
    manifest   which segments there are: changed by one guarded update
    merging    small ones become larger ones
    finding    entries with all the words, newest first

One process indexes at a time (`hold`). Anybody reads: the manifest, and of each segment the shards of the
words. An entry may be in two segments (edited, or read twice around a crash) and is found once; whether it
still says what it is found by, the finder looks up in the entry.
"""

from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from hub.model.ids import new_id, time_of
from hub.store.bulk import insert_new
from hub.store.schema import Database
from hub.store.search import segments
from hub.store.search.finding import Wanted, find
from hub.store.search.manifest import EDITION, Manifest, Overtaken, Segment, load, publish
from hub.store.search.merging import choose, merge
from hub.store.search.postings import Place, decode_places
from hub.store.search.segments import Indexed, PieceMissing

log = structlog.get_logger()

__all__ = ["Indexed", "Overtaken", "PieceMissing", "Place", "Search", "Wanted"]

READ_FOR = timedelta(minutes=1)  # a segment that was replaced is kept for those who are reading it
ABANDONED = timedelta(minutes=10)  # what was written and not published is nobody's after this
ADDED = 2000  # entries in a new segment at most
REMOVED = 1000  # removed entries in one document
ERASED = 20  # such documents worked off at once
TRIES = 5


@dataclass(frozen=True, slots=True)
class Search:
    db: Database

    # Indexing. Each of these raises Overtaken when somebody else indexes meanwhile: what was to be done is
    # not, and has to be looked at anew. PieceMissing: the index is damaged and has to be made anew.

    async def add(self, rows: Sequence[Indexed], now: datetime, position: datetime | None = None) -> None:
        """Index entries, those again that were edited; then merge what is due.

        `position`: until when everything is in it now.
        """
        wanted = [each for each in rows if each.terms]
        manifest = await load(self.db.search_manifest)
        for start in range(0, len(wanted), ADDED):
            some = wanted[start : start + ADDED]
            last = start + len(some) == len(wanted)
            new = await segments.write(self.db.search_segments, new_id(now), some)
            grown = manifest.adding(new, position if last else None)
            manifest = await self._publish(manifest, grown, new)
        if not wanted and position is not None:
            manifest = await self._publish(manifest, replace(manifest, position=position))
        while sources := choose(manifest.segments):
            manifest = await self._replace(manifest, sources, frozenset(), now)

    async def clear(self) -> None:
        """Forget everything, before it is read anew."""
        manifest = await load(self.db.search_manifest)
        await publish(self.db.search_manifest, manifest, Manifest())
        for name in ("search_segments", "search_gone"):
            await self.db[name].delete_many({})

    async def remove(self, places: Sequence[Place], now: datetime) -> None:
        """Entries that were deleted. They are not found any more as it is; their words are erased later."""
        documents = [
            {"_id": new_id(now), "at": now, "places": [list(each) for each in places[at : at + REMOVED]]}
            for at in range(0, len(places), REMOVED)
        ]
        await insert_new(self.db.search_gone, documents)

    async def erase(self, now: datetime) -> int:
        """Take the words of deleted entries out of the segments. Returns how many entries those were."""
        before = {"at": {"$lt": now}}
        documents = await self.db.search_gone.find(before).limit(ERASED).to_list(ERASED)
        gone = {(int(at), str(entry)) for each in documents for at, entry in each["places"]}
        manifest = await load(self.db.search_manifest)
        for segment in manifest.segments:
            if held := await self._held(segment, gone):
                manifest = await self._replace(manifest, [segment], frozenset(held), now)
        await self.db.search_gone.delete_many({"_id": {"$in": [each["_id"] for each in documents]}})
        return len(gone)

    async def erase_all(self, now: datetime) -> None:
        """The same at once, and nothing stays of the segments they were in: who reads goes on elsewhere."""
        while await self.erase(now):
            continue
        manifest = await load(self.db.search_manifest)
        if manifest.replaced:
            await self._publish(manifest, manifest.without(manifest.replaced))
            await segments.drop(self.db.search_segments, [each.segment for each in manifest.replaced])

    async def sweep(self, now: datetime) -> int:
        """Delete what was written and never published. Returns how many segments those were."""
        old = {"head": {"$lt": time_of(now - ABANDONED)}}
        heads = await self.db.search_segments.find(old, {"head": 1, "n": 1}).to_list(None)
        manifest = await load(self.db.search_manifest)
        known = {each.id for each in manifest.known}
        lost = [segments.abandoned(each) for each in heads if each["head"] not in known]
        if lost:
            # Published anew first: whoever comes back to one of these now can publish it no more.
            await publish(self.db.search_manifest, manifest, manifest)
            await segments.drop(self.db.search_segments, lost)
        return len(lost)

    async def position(self) -> datetime | None:
        """Until when everything that happened is indexed. None: it has to be made anew."""
        manifest = await load(self.db.search_manifest)
        return manifest.position if manifest.edition == EDITION else None

    async def set_position(self, at: datetime) -> None:
        manifest = await load(self.db.search_manifest)
        await publish(self.db.search_manifest, manifest, replace(manifest, position=at))

    async def distrust(self) -> None:
        """Let everything be indexed anew by whoever indexes."""
        manifest = await load(self.db.search_manifest)
        try:
            await publish(self.db.search_manifest, manifest, replace(manifest, position=None))
        except Overtaken:  # the next one who finds it damaged says so again
            return

    async def hold(self, worker: str, now: datetime, lasts: timedelta) -> bool:
        """Be the one who indexes. False: somebody else is."""
        lease = {"$set": {"owner": worker, "until": now + lasts}}
        await insert_new(self.db.search_manifest, [{"_id": "lease", "owner": "", "until": now}])
        for guard in ({"owner": worker}, {"until": {"$lte": now}}):
            if (await self.db.search_manifest.update_one({"_id": "lease", **guard}, lease)).matched_count:
                return True
        return False

    # Finding

    async def find(self, wanted: Wanted) -> AsyncIterator[list[Place]]:
        """Entries with all the words, newest first, each once, some at a time.

        Of a damaged index it gives what it can, and lets it be made anew.
        """
        tries = 0
        while True:
            manifest = await load(self.db.search_manifest)
            try:
                async for places in find(self.db.search_segments, manifest.segments, wanted):
                    yield places
                    wanted = replace(wanted, start=places[-1])
                return
            except PieceMissing:  # merged away since: go on where we are, in what took its place
                tries += 1
                if tries == TRIES:
                    log.warning("the search index is damaged: it is made anew")
                    await self.distrust()
                    return

    async def _publish(self, seen: Manifest, wanted: Manifest, new: Segment | None = None) -> Manifest:
        try:
            return await publish(self.db.search_manifest, seen, wanted)
        except Overtaken:
            await segments.drop(self.db.search_segments, [new] if new else [])
            raise

    async def _replace(
        self, manifest: Manifest, sources: Sequence[Segment], gone: frozenset[str], now: datetime
    ) -> Manifest:
        """Merge, publish, and delete what was replaced long enough ago."""
        merged = await merge(self.db.search_segments, new_id(now), sources, gone)
        unread = [each for each in manifest.replaced if each.at <= now - READ_FOR]
        replaced = manifest.replacing(sources, merged, now)
        published = await self._publish(manifest, replaced.without(unread), merged)
        # Behind it: documents that a crash leaves here are found by `sweep`.
        await segments.drop(self.db.search_segments, [each.segment for each in unread])
        return published

    async def _held(self, segment: Segment, places: set[Place]) -> list[str]:
        """Which of these entries a segment has."""
        within = [each for each in places if segment.first <= each[0] <= segment.last]
        blocks = {
            segment.block(number)
            for at, _ in within
            for number in range(max(0, bisect_left(segment.edges, at) - 1), bisect_right(segment.edges, at))
        }
        found = await segments.read(self.db.search_segments, blocks)
        there = {place for each in found.values() for place in decode_places(each["e"])}
        return [entry for at, entry in within if (at, entry) in there]
