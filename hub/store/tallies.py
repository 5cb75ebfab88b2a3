"""How many conversations stand on each shelf, kept as they move: for the counts on the screen and for `Walk`.

One small document a shelf: the total, and for each day how many, the first and the last moment. Moves are
counted after the write they follow from; what a crash leaves uncounted is mended by `repair`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from time import monotonic

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from hub.model.inbox import Conversation
from hub.store.bulk import DUPLICATE_KEY
from hub.store.codec import Document, from_document
from hub.store.once import is_done, note_done
from hub.store.schema import Database
from hub.store.shelves import DAY, TAG_KEYS, Span, shelves_of
from hub.store.workloads import Workloads

Move = tuple[Conversation | None, Conversation | None]  # as it was, as it is; None: it was not, is no more
FIELDS = ("status", "agent", "team", "activity_at", "waiting_since", "due_at", "followers", "mentioned",
          "tags")  # fmt: skip
STEP = 500
SPANS_LAST = 5.0  # seconds
SPANS_KEPT = 1_000  # shelves
COUNTED = "tags counted"  # a new kind of shelf needs another name


class Tallies:
    def __init__(self, db: Database) -> None:
        self._db = db
        self.tallies = db.tallies
        self.conversations = db.conversations
        self._spans: dict[str, tuple[float, list[Span]]] = {}
        self.workloads = Workloads(db)

    async def totals(self, shelves: Sequence[str]) -> dict[str, int]:
        found = await self.tallies.find({"_id": {"$in": list(shelves)}}, {"total": 1}).to_list(None)
        return {each["_id"]: max(0, each.get("total", 0)) for each in found}

    async def tags(self) -> dict[str, int]:
        """Every tag in use, and on how many conversations."""
        of_tags = {"_id": {"$gte": TAG_KEYS, "$lt": TAG_KEYS[:-1] + ";"}}  # ";" follows ":"
        found = await self.tallies.find(of_tags, {"total": 1}).to_list(None)
        return {
            each["_id"].removeprefix(TAG_KEYS): count for each in found if (count := each.get("total", 0)) > 0
        }

    async def spans(self, shelves: Sequence[str]) -> dict[str, list[Span]]:
        """Some seconds old: they are a hint for reading."""
        now = monotonic()
        known = {each: self._spans[each] for each in shelves if each in self._spans}
        known = {each: kept for each, kept in known.items() if now - kept[0] < SPANS_LAST}
        if missing := [each for each in shelves if each not in known]:
            found = await self.tallies.find({"_id": {"$in": missing}}).to_list(None)
            if len(self._spans) > SPANS_KEPT:
                self._spans.clear()
            self._spans |= (read := {each["_id"]: (now, _spans(each)) for each in found})
            known |= read
        return {each: spans for each, (_, spans) in known.items()}

    async def count(self, moves: Iterable[Move]) -> None:
        """Bring the tallies up to date with conversations that moved, in one round trip; and the workloads of
        those who have them."""
        moves = list(moves)
        await self.workloads.follow(moves)
        changes = _changes(moves)
        updates = [
            UpdateOne({"_id": shelf}, change, upsert=True) for shelf, change in sorted(changes.items())
        ]
        if not updates:
            return
        try:
            await self.tallies.bulk_write(updates, ordered=False)
        except BulkWriteError as problem:  # two processes began the same tally at once: one of them again
            errors = (problem.details or {}).get("writeErrors", [])
            again = [updates[each["index"]] for each in errors if each["code"] == DUPLICATE_KEY]
            if again:
                await self.tallies.bulk_write(again, ordered=False)

    async def repair(self) -> int:
        """Count everything anew. Returns how many tallies were wrong. Reads every conversation."""
        right: dict[str, Document] = {}
        fields = {**dict.fromkeys(FIELDS, 1), **dict.fromkeys(NEEDED, 1)}
        async for document in self.conversations.find({}, fields, batch_size=STEP):
            for shelf, at in shelves_of(from_document(document, Conversation)):
                _add(right.setdefault(shelf, {"total": 0, "days": {}, "first": {}, "last": {}}), at)
        wrong = 0
        for old in await self.tallies.find().to_list(None):
            wrong += _counted(old) != _counted(right.get(old["_id"], {}))
            if old["_id"] not in right:
                await self.tallies.delete_one({"_id": old["_id"]})
        known = await self.totals(list(right))
        wrong += len(right.keys() - known.keys())
        for shelf, document in right.items():
            await self.tallies.replace_one({"_id": shelf}, document, upsert=True)
        return wrong

    async def begin(self) -> None:
        """Count a database that was filled before there were tallies, or before there were all of them."""
        if await is_done(self._db, COUNTED):
            return
        if await self.conversations.find().limit(1).to_list(1):
            await self.repair()
        await note_done(self._db, COUNTED)


# Whatever a Conversation cannot be without.
NEEDED = (
    "customer", "customer_name", "subject", "awaiting", "channel", "platform", "surface", "visibility",
    "created_at", "last",
)  # fmt: skip


def _changes(moves: Iterable[Move]) -> dict[str, Document]:
    changes: dict[str, Document] = {}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for before, after in moves:
        was = shelves_of(before) if before else []
        now = shelves_of(after) if after else []
        gone = {(shelf, at // DAY) for shelf, at in was} - {(shelf, at // DAY) for shelf, at in now}
        come = {(shelf, at // DAY) for shelf, at in now} - {(shelf, at // DAY) for shelf, at in was}
        for shelf, day in gone:
            counts[shelf][f"days.{day}"] -= 1
            counts[shelf]["total"] -= 1
        for shelf, day in come:
            counts[shelf][f"days.{day}"] += 1
            counts[shelf]["total"] += 1
        for shelf, at in now:
            if (shelf, at // DAY) in come or (after and before and after.activity_at != before.activity_at):
                _stretch(changes.setdefault(shelf, {}), at)
    for shelf, count in counts.items():
        if count := {key: value for key, value in count.items() if value}:
            changes.setdefault(shelf, {})["$inc"] = count
    return changes


def _stretch(change: Document, at: int) -> None:
    """A day's first and last moment, as far as they are known."""
    first, last = change.setdefault("$min", {}), change.setdefault("$max", {})
    first[f"first.{at // DAY}"] = min(at, first.get(f"first.{at // DAY}", at))
    last[f"last.{at // DAY}"] = max(at, last.get(f"last.{at // DAY}", at))


def _counted(tally: Document) -> tuple[int, Document]:
    return tally.get("total", 0), {day: count for day, count in tally.get("days", {}).items() if count}


def _add(tally: Document, at: int) -> None:
    day = str(at // DAY)
    tally["total"] += 1
    tally["days"][day] = tally["days"].get(day, 0) + 1
    tally["first"][day] = min(at, tally["first"].get(day, at))
    tally["last"][day] = max(at, tally["last"].get(day, at))


def _spans(tally: Document) -> list[Span]:
    first, last = tally.get("first", {}), tally.get("last", {})
    return [
        Span(first.get(day, int(day) * DAY), last.get(day, int(day) * DAY + DAY - 1), count)
        for day, count in tally.get("days", {}).items()
        if count > 0
    ]
