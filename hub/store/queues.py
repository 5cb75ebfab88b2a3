"""The way in, as the database keeps it: the journal of events and the arrivals (webhook bodies) behind it.

`pending` holds the lane while a document waits, GAVE_UP once it failed, and is absent when all is well: the
index over it is as small as the backlog, however much has passed. What was read of a mailbox's past waits
BEHIND its lane: it is worked on when nothing that came in by itself waits, or when its thread goes on.

Long because both ways into it end, give up and are worked on again alike.
"""

import zlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from multidict import CIMultiDict, MultiDict

from hub.contract.inbound import ArrivedRaw, InboundEvent, WebhookRequest
from hub.model.ids import derived_id, new_id
from hub.model.journal import Arrival, JournalEntry, Outcome
from hub.store.bulk import insert_new, update_each
from hub.store.codec import Document, event_from_document, event_to_document, from_document
from hub.store.gathering import Gathered
from hub.store.marks import LINE, marks_of
from hub.store.media import Media
from hub.store.paging import ids_by_page
from hub.store.schema import Database
from hub.store.turns import Turns, in_order

LANES = 16
BEHIND = 100  # added to the lane of what may wait
GAVE_UP = -1  # in the place of the lane: nobody works on it until it is replayed
INLINE_LARGEST = 64 * 1024  # bytes of a raw mail kept in the entry itself; larger ones go to the media store
FETCH_MOST = 200
FETCH_BEHIND = 100  # fewer: whatever comes in meanwhile waits for these
COUNTED_MOST = 10_000
LOAD_MOST = 16 * 1024 * 1024
TICK = timedelta(milliseconds=1)  # between entries received together: they keep their order
JUST_NOW = timedelta(minutes=1)
_WITHOUT_BODY = {"event": 0, "body": 0}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A journal entry to be worked on, with its event."""

    entry: JournalEntry
    event: InboundEvent


@dataclass(frozen=True, slots=True)
class WaitingArrival:
    arrival: Arrival
    request: WebhookRequest


@dataclass(frozen=True, slots=True)
class Finished:
    """How a journal entry ended."""

    id: str
    outcome: Outcome
    ref: str | None = None
    words: str = ""
    entries: int | None = None  # of an arrival: how many were in it


def lane_of(channel: str, thread: str) -> int:
    """The lane of a thread: one worker at a time works on a lane, so a thread keeps its order."""
    return zlib.crc32(f"{channel}\x1f{thread}".encode("utf-8", "replace")) % LANES


class Journal:
    def __init__(self, db: Database, media: Media) -> None:
        self.entries = db.journal
        self.arrivals = db.arrivals
        self.media = media
        self._turns = Turns(db.journal)
        self._arrival_turns = Turns(db.arrivals)
        self._last_at: dict[str, datetime] = {}
        self._arriving = Gathered(db.arrivals)

    async def add(
        self,
        channel: str,
        events: Sequence[InboundEvent],
        now: datetime,
        arrival: str | None = None,
        *,
        behind: bool = False,
    ) -> int:
        """Keep the events. Those known already are not kept again. Returns how many were new.

        `behind`: they are from before the channel was connected; what comes in by itself goes first.
        """
        return len(await self._insert(await self._documents(channel, events, now, arrival, behind=behind)))

    async def add_read(self, read: Sequence[tuple[Arrival, Sequence[InboundEvent]]]) -> list[int]:
        """Keep the events of these arrivals. Returns how many of each were new."""
        documents: list[Document] = []
        for arrival, events in read:
            documents += await self._documents(
                arrival.channel, events, arrival.received_at, arrival.id, behind=False
            )
        new = Counter(each["arrival"] for each in await self._insert(documents))
        return [new[arrival.id] for arrival, _ in read]

    async def _insert(self, documents: Sequence[Document]) -> list[Document]:
        """Returns those that were new."""
        first = {each["_id"]: each for each in reversed(documents)}  # in the place where it came first
        known = await insert_new(self.entries, list(first.values()))
        return [each for each in first.values() if each["_id"] not in known]

    async def _documents(
        self,
        channel: str,
        events: Sequence[InboundEvent],
        now: datetime,
        arrival: str | None,
        *,
        behind: bool,
    ) -> list[Document]:
        at = self._moment(channel, now, len(events))
        return [
            await self._document(channel, event, at + order * TICK, arrival, behind=behind)
            for order, event in enumerate(events)
        ]

    def _moment(self, channel: str, now: datetime, count: int) -> datetime:
        """When the first of these was received: after the last of those before, however soon they follow."""
        last = self._last_at.get(channel)
        if last is not None and now <= last < now + JUST_NOW:
            now = last + TICK
        end = now + max(count - 1, 0) * TICK
        self._last_at[channel] = max(end, last or end)
        return now

    async def _document(
        self, channel: str, event: InboundEvent, now: datetime, arrival: str | None, *, behind: bool
    ) -> Document:
        lane = lane_of(channel, event.thread.key)
        document: Document = {
            "_id": derived_id(channel, event.key),
            "channel": channel,
            "key": event.key,
            "thread": event.thread.key,
            "lane": lane,
            "received_at": now,
            "kind": type(event).__name__,
            "pending": BEHIND + lane if behind else lane,
            "since": now,
            "event": event_to_document(event),
        }
        if behind:
            document["behind"] = derived_id(channel, event.thread.key)
        if arrival:
            document["arrival"] = arrival
        if isinstance(event, ArrivedRaw):
            document["size"] = len(event.body)
            if len(event.body) <= INLINE_LARGEST:
                document["body"] = event.body
            else:
                kept = await self.media.add(event.body, "original.eml", "message/rfc822", len(event.body))
                document["body_media"] = kept.id
        document["marks"] = marks_of(document)
        return document

    async def waiting(self, lanes: Sequence[int], now: datetime) -> list[Waiting]:
        """Up to FETCH_MOST entries that wait in these lanes, in the order they were received.

        No more than LOAD_MOST bytes of raw mail at once, unless the first alone is larger.
        """
        ready = _due(await self._turns.oldest(lanes, FETCH_MOST), now)
        if ready:
            ready = _due(await self._with_earlier(ready), now)
        else:
            behind = [BEHIND + lane for lane in lanes]
            ready = _due(await self._turns.oldest(behind, FETCH_BEHIND), now)
        waiting: list[Waiting] = []
        loaded = 0
        for each in ready:
            loaded += each.get("size", 0)
            if waiting and loaded > LOAD_MOST:
                break
            waiting.append(await self._load(each))
        return waiting

    async def _with_earlier(self, ready: Sequence[Document]) -> list[Document]:
        """What came in, and before it what still waits behind in the same threads: each keeps its order."""
        threads = {derived_id(each["channel"], each["thread"]) for each in ready}
        query = {"behind": {"$in": list(threads)}}
        earlier = await self.entries.find(query).sort("since", 1).limit(FETCH_MOST).to_list(FETCH_MOST)
        return in_order(earlier if len(earlier) == FETCH_MOST else [*earlier, *ready])

    async def _load(self, document: Document) -> Waiting:
        body = document.get("body", b"")
        if media := document.get("body_media"):
            body = await self.media.read(media)
        event = event_from_document(document["kind"], document["event"], body)
        return Waiting(from_document(document, JournalEntry), event)

    async def finish(self, finished: Sequence[Finished], now: datetime) -> None:
        """Say how entries ended. The last step of the pipeline."""
        await update_each(self.entries, [(each.id, _ending(each, now)) for each in finished])

    async def later(self, entry: JournalEntry, now: datetime) -> None:
        """Leave it waiting: it needs something that has not happened yet."""
        not_before = now + timedelta(seconds=2**entry.tries)
        changed = {"not_before": not_before, "since": not_before, "tries": entry.tries + 1}
        await self.entries.update_one({"_id": entry.id}, {"$set": changed})

    async def get(self, entry: str) -> tuple[JournalEntry, InboundEvent] | None:
        document = await self.entries.find_one({"_id": entry})
        waiting = await self._load(document) if document else None
        return (waiting.entry, waiting.event) if waiting else None

    async def list_entries(
        self, *, channel: str | None = None, failed: bool = False, limit: int = 50
    ) -> list[JournalEntry]:
        """Newest first. `failed`: only those that gave up."""
        query: Document = {"pending": GAVE_UP} if failed else {}
        if channel:
            query |= {"channel": channel} if failed else {"marks": LINE, "channel": channel}
        found = self.entries.find(query, _WITHOUT_BODY).sort("received_at", -1).limit(limit)
        return [from_document(document, JournalEntry) for document in await found.to_list(limit)]

    def failed(self, channel: str | None = None) -> AsyncIterator[list[str]]:
        """The ids of all that gave up, page by page."""
        return ids_by_page(self.entries, _gave_up(channel), "since")

    def failed_arrivals(self, channel: str | None = None) -> AsyncIterator[list[str]]:
        return ids_by_page(self.arrivals, _gave_up(channel), "since")

    async def count_failed(self, channel: str | None = None) -> int:
        """Entries and arrivals."""
        return sum([await each.count_documents(_gave_up(channel)) for each in (self.entries, self.arrivals)])

    async def missing(self, channel: str, keys: Sequence[str]) -> list[str]:
        """Those of the platform's keys that were never kept, in their order."""
        missing: list[str] = []
        for start in range(0, len(keys), FETCH_MOST):
            some = {derived_id(channel, key): key for key in keys[start : start + FETCH_MOST]}
            found = self.entries.find({"_id": {"$in": list(some)}}, {"_id": 1})
            known = {each["_id"] async for each in found}
            missing += [key for entry, key in some.items() if entry not in known]
        return missing

    async def unfinished(self) -> tuple[Counter[str], Counter[str]]:
        """By channel: how many entries and arrivals wait, and how many failed. No more than COUNTED_MOST."""
        waiting: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for collection in (self.entries, self.arrivals):
            pending = collection.find({"pending": {"$gte": GAVE_UP}}, {"channel": 1, "pending": 1})
            async for each in pending.limit(COUNTED_MOST):
                (failed if each["pending"] == GAVE_UP else waiting)[each["channel"]] += 1
        return waiting, failed

    async def replay(self, entry: str) -> bool:
        """Let the pipeline work on an entry again, whatever it ended as. False: there is no such entry."""
        document = await self.entries.find_one({"_id": entry}, _WITHOUT_BODY)
        if document is None:
            return False
        again = _waits_again(document["lane"], document["received_at"])
        again["$set"]["marks"] = marks_of({**document, **dict.fromkeys(again["$unset"])})
        await self.entries.update_one({"_id": entry}, again)
        return True

    async def add_arrival(self, channel: str, request: WebhookRequest, now: datetime) -> str:
        """Keep a webhook body as it came, before anybody looks into it."""
        arrival = new_id(now)
        await self._arriving.insert(
            {
                "_id": arrival,
                "channel": channel,
                "received_at": now,
                "pending": lane_of(channel, ""),
                "since": now,
                "size": len(request.body),
                "method": request.method,
                "url": request.url,
                "headers": list(map(list, request.headers.items())),
                "query": list(map(list, request.query.items())),
                "body": request.body,
            }
        )
        return arrival

    async def waiting_arrivals(self, lanes: Sequence[int]) -> list[WaitingArrival]:
        """Up to FETCH_MOST webhook bodies of these lanes, in the order they were received."""
        return [_load_arrival(each) for each in await self._arrival_turns.oldest(lanes, FETCH_MOST)]

    async def finish_arrival(
        self, arrival: str, outcome: Outcome, now: datetime, *, entries: int = 0, words: str = ""
    ) -> None:
        await self.finish_arrivals([Finished(arrival, outcome, words=words, entries=entries)], now)

    async def finish_arrivals(self, finished: Sequence[Finished], now: datetime) -> None:
        await update_each(self.arrivals, [(each.id, _ending(each, now)) for each in finished])

    async def get_arrival(self, arrival: str) -> WaitingArrival | None:
        document = await self.arrivals.find_one({"_id": arrival})
        return _load_arrival(document) if document else None

    async def list_failed_arrivals(self, channel: str | None = None, limit: int = 50) -> list[Arrival]:
        found = self.arrivals.find(_gave_up(channel), {"body": 0}).sort("received_at", -1).limit(limit)
        return [from_document(each, Arrival) for each in await found.to_list(limit)]

    async def replay_arrival(self, arrival: str) -> bool:
        document = await self.arrivals.find_one({"_id": arrival}, {"channel": 1, "received_at": 1})
        if document is None:
            return False
        again = _waits_again(lane_of(document["channel"], ""), document["received_at"])
        await self.arrivals.update_one({"_id": arrival}, again)
        return True


def _gave_up(channel: str | None) -> Document:
    return {"pending": GAVE_UP, **({"channel": channel} if channel else {})}


def _due(found: Sequence[Document], now: datetime) -> list[Document]:
    return [each for each in found if each.get("not_before", now) <= now]


def _ending(finished: Finished, now: datetime) -> Document:
    changed: Document = {"outcome": finished.outcome, "finished_at": now}
    if finished.ref:
        changed["ref"] = finished.ref
    if finished.words:
        changed["words"] = finished.words
    if finished.entries is not None:  # of an arrival, which is found by nothing of this
        return _ended(finished.outcome, {**changed, "entries": finished.entries})
    return {**_ended(finished.outcome, changed), "$addToSet": {"marks": {"$each": marks_of(changed)}}}


def _ended(outcome: Outcome, changed: Document) -> Document:
    if outcome is Outcome.FAILED:
        return {"$set": {**changed, "pending": GAVE_UP}, "$unset": {"behind": ""}}
    return {"$set": changed, "$unset": {"pending": "", "since": "", "behind": ""}}


def _waits_again(lane: int, received_at: datetime) -> Document:
    gone = ("outcome", "ref", "words", "tries", "not_before")
    return {"$set": {"pending": lane, "since": received_at}, "$unset": dict.fromkeys(gone, "")}


def _load_arrival(document: Document) -> WaitingArrival:
    request = WebhookRequest(
        method=document["method"],
        url=document["url"],
        headers=CIMultiDict(map(tuple, document["headers"])),  # as they came: case-insensitive
        query=MultiDict(map(tuple, document["query"])),
        body=document["body"],
    )
    return WaitingArrival(from_document(document, Arrival), request)
