"""What was learnt from marks: in how many bad and good conversations a term stood, and who was counted.

Terms are kept as numbers of buckets, never as words: the filter cannot grow without end, and what somebody
wrote cannot be read from it. The counts fill a few dozen documents, read as a whole, and only after somebody
marked something.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo import UpdateOne

from hub.model.inbox import Side, Status
from hub.store.bulk import insert_new
from hub.store.codec import Document
from hub.store.remembered import Remembered
from hub.store.schema import Database

BUCKETS = 1 << 15
SHELF = 1 << 10  # buckets in one document
TOTALS = "totals"


@dataclass(frozen=True, slots=True)
class Learnt:
    """`bad`, `good`: conversations. `counts`: of a bucket, in how many bad and in how many good ones."""

    bad: int = 0
    good: int = 0
    counts: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a conversation was counted as, by which buckets; `was`: before that."""

    verdict: str | None  # bad, good; None: not counted any more
    was: str | None
    buckets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What became of earlier conversations of a customer."""

    answered: bool = False  # somebody of us wrote last in one
    marked: bool = False  # one is spam


class Spam:
    def __init__(self, db: Database) -> None:
        self.terms = db.spam_terms
        self.marks = db.spam_marks
        self.conversations = db.conversations
        self.entries = db.entries
        self._totals = Remembered(self._read_totals)
        self._learnt: tuple[int, Learnt] = (0, Learnt())  # as of which change

    async def learnt(self) -> Learnt:
        """What another process learnt is known here some seconds later."""
        totals = await self._totals.get()
        changes = int(totals.get("changes", 0))
        if changes != self._learnt[0]:
            counts: dict[int, tuple[int, int]] = {}
            for shelf in await self.terms.find({}).to_list(None):
                if shelf["_id"] != TOTALS:
                    counts |= _counts_of(shelf)
            bad, good = int(totals.get("bad", 0)), int(totals.get("good", 0))
            self._learnt = (changes, Learnt(bad, good, counts))
        return self._learnt[1]

    async def _read_totals(self) -> Document:
        return await self.terms.find_one({"_id": TOTALS}) or {}

    async def find_mark(self, conversation: str) -> Mark | None:
        found = await self.marks.find_one({"_id": conversation})
        return Mark(found.get("verdict"), found.get("was"), tuple(found["buckets"])) if found else None

    async def known(self, conversations: Sequence[str]) -> frozenset[str]:
        """Those of them that were counted, or were once."""
        found = await self.marks.find({"_id": {"$in": list(conversations)}}, {"_id": 1}).to_list(None)
        return frozenset(each["_id"] for each in found)

    async def mark(self, conversation: str, before: Mark | None, now: Mark, at: datetime) -> bool:
        """False: somebody else marked it meanwhile. Else count it with `count`."""
        document = {"verdict": now.verdict, "was": now.was, "buckets": list(now.buckets), "at": at}
        if before is None:
            return not await insert_new(self.marks, [{"_id": conversation, **document}])
        done = await self.marks.update_one(
            {"_id": conversation, "verdict": before.verdict}, {"$set": document}
        )
        return done.modified_count == 1

    async def count(self, verdict: str, buckets: Iterable[int], by: int) -> None:
        """One conversation more, or less (`by` -1)."""
        shelves: defaultdict[int, Document] = defaultdict(dict)
        for each in buckets:
            shelves[each // SHELF][f"{verdict}.{each}"] = by
        changes = [
            UpdateOne({"_id": str(shelf)}, {"$inc": each}, upsert=True) for shelf, each in shelves.items()
        ]
        total = UpdateOne({"_id": TOTALS}, {"$inc": {verdict: by, "changes": 1}}, upsert=True)
        await self.terms.bulk_write([*changes, total])
        self._totals.forget()

    async def forget_mark(self, conversation: str) -> None:
        await self.marks.delete_one({"_id": conversation})

    async def histories(self, customers: Sequence[str]) -> dict[str, History]:
        """What became of earlier conversations of these; nothing of those who have none."""
        if not customers:
            return {}
        asked = {"customer": {"$in": list(customers)}}
        fields = {"customer": 1, "status": 1, "last.side": 1, "last.entry": 1}
        newest = self.conversations.find(asked, fields).sort([("activity_at", -1)])
        rows = await newest.limit(20 * len(customers)).to_list(None)
        ours = {row["_id"]: row["last"]["entry"] for row in rows if row["last"]["side"] == Side.US}
        automatic: set[str] = set()
        if ours:  # a machine of ours answers spam, too
            wanted = {"_id": {"$in": list(ours.values())}}
            found = await self.entries.find(wanted, {"delivery.automated": 1}).to_list(None)
            automatic = {each["_id"] for each in found if each.get("delivery", {}).get("automated")}
        histories: dict[str, History] = {}
        for row in rows:
            was = histories.get(row["customer"], History())
            bad = row["status"] == Status.SPAM
            answered = not bad and row["_id"] in ours and ours[row["_id"]] not in automatic
            histories[row["customer"]] = History(was.answered or answered, was.marked or bad)
        return histories


def _counts_of(shelf: Document) -> dict[int, tuple[int, int]]:
    bad, good = shelf.get("bad", {}), shelf.get("good", {})
    counts = {int(each): (int(many), int(good.get(each, 0))) for each, many in bad.items()}
    return counts | {int(each): (0, int(many)) for each, many in good.items() if each not in bad}
