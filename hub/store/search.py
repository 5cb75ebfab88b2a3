"""What entries are found by: their terms, in a collection of its own beside the timeline.

Entries are put in buckets of some hundreds as they come, and each term is kept with its bucket
(`invoice/17`): one index over one array answers "this word, in these buckets" by equality, on the embedded
database too. A rare word is asked for in all buckets at once, a frequent one in a few at a time. Words are
counted roughly (by doubling), so that a search can begin with its rarest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pymongo import ReplaceOne

from hub.store.bulk import insert_new, update_each
from hub.store.codec import Document
from hub.store.schema import Database
from hub.store.shelves import ms_of

PREFIX = 3  # letters a prefix needs
PREFIXED_MOST = 3000  # words with the same first letters that are looked through
REMEMBERED = 200_000  # words whose count this process knows
BUCKET = 500  # entries, about


@dataclass(frozen=True, slots=True)
class Bucket:
    """Entries that were indexed one after the other; `first` and `last`: their moments in ms."""

    number: int
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Held:
    """An entry found by a term. `terms`: as they are kept, with their bucket."""

    entry: str
    at: datetime
    terms: Sequence[str]

    def holds(self, words: Sequence[str], prefix: str | None) -> bool:
        """Whether it has all the words, and one that begins so."""
        bucket = self.terms[0].rpartition("/")[2]
        if not all(f"{word}/{bucket}" in self.terms for word in words):
            return False
        return prefix is None or any(term.startswith(prefix) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Indexed:
    entry: str
    at: datetime
    terms: Sequence[str]


@dataclass(slots=True)
class Search:
    db: Database
    _known: dict[str, int] = field(default_factory=dict)  # word -> count as it is kept
    _more: dict[str, int] = field(default_factory=dict)  # word -> seen since

    async def add(self, rows: Sequence[Indexed]) -> None:
        """Keep the terms of new entries. Those that are there already stay as they are."""
        wanted = [each for each in rows if each.terms]
        if not wanted:
            return
        number = await self._filling()
        taken = await insert_new(self.db.search, [_document(each, number) for each in wanted])
        fresh = [each for each in wanted if each.entry not in taken]
        if fresh:
            moments = [ms_of(each.at) for each in fresh]
            change = {
                "$inc": {f"n.{number}": len(fresh)},
                "$min": {f"first.{number}": min(moments)},
                "$max": {f"last.{number}": max(moments)},
            }
            await self.db.search_state.update_one({"_id": "buckets"}, change, upsert=True)
        await self._count(each for row in fresh for each in row.terms)

    async def _filling(self) -> int:
        """The bucket that new entries go into."""
        newest = max(await self.buckets(), key=lambda each: each.number, default=None)
        if newest is None:
            return 0
        return newest.number if newest.count < BUCKET else newest.number + 1

    async def replace(self, row: Indexed) -> None:
        """The terms of an entry that was edited."""
        if row.terms:
            old = await self.db.search.find_one({"_id": row.entry})
            if old is None:
                await self.add([row])
                return
            document = _document(row, int(old["terms"][0].rpartition("/")[2]))
            document["at"] = old["at"]
            await self.db.search.bulk_write([ReplaceOne({"_id": row.entry}, document, upsert=True)])
        else:
            await self.db.search.delete_one({"_id": row.entry})
        await self._count(row.terms)

    async def remove(self, entries: Sequence[str]) -> None:
        if entries:
            await self.db.search.delete_many({"_id": {"$in": list(entries)}})

    async def clear(self) -> None:
        """Forget everything, before it is read anew."""
        for name in ("search", "search_words"):
            await self.db[name].delete_many({})
        await self.db.search_state.delete_one({"_id": "buckets"})
        self._known.clear()
        self._more.clear()

    async def buckets(self) -> list[Bucket]:
        found = await self.db.search_state.find_one({"_id": "buckets"}) or {}
        first, last = found.get("first", {}), found.get("last", {})
        return [
            Bucket(int(key), count, first.get(key, 0), last.get(key, 1 << 50))
            for key, count in found.get("n", {}).items()
        ]

    async def counts(self, words: Sequence[str]) -> dict[str, int]:
        """About how many entries hold each word; absent: none."""
        found = await self.db.search_words.find({"_id": {"$in": list(words)}}, {"n": 1}).to_list(None)
        return {each["_id"]: each["n"] for each in found}

    async def beginning(self, prefix: str) -> dict[str, int]:
        """Words that begin so, with their counts."""
        if len(prefix) < PREFIX:
            return await self.counts([prefix])
        found = self.db.search_words.find({"p": prefix[:PREFIX]}, {"n": 1}).limit(PREFIXED_MOST)
        return {each["_id"]: each["n"] async for each in found if each["_id"].startswith(prefix)}

    async def holding(self, words: Sequence[str], buckets: Sequence[int]) -> list[Held]:
        """Entries in these buckets with any of the words."""
        keys = [f"{word}/{number}" for number in buckets for word in words]
        found = await self.db.search.find({"terms": {"$in": keys}}).to_list(None)
        return [Held(each["_id"], each["at"], each["terms"]) for each in found]

    async def hold(self, worker: str, now: datetime, lasts: timedelta) -> bool:
        """Be the one who indexes. False: somebody else is."""
        lease = {"$set": {"owner": worker, "until": now + lasts}}
        await insert_new(self.db.search_state, [{"_id": "lease", "owner": "", "until": now}])
        for guard in ({"owner": worker}, {"until": {"$lte": now}}):
            if (await self.db.search_state.update_one({"_id": "lease", **guard}, lease)).matched_count:
                return True
        return False

    async def position(self) -> datetime | None:
        """Until when everything that happened is indexed."""
        found = await self.db.search_state.find_one({"_id": "position"})
        return found["at"] if found else None

    async def set_position(self, at: datetime) -> None:
        await self.db.search_state.update_one({"_id": "position"}, {"$set": {"at": at}}, upsert=True)

    async def _count(self, terms: Iterable[str]) -> None:
        """Count words; what is kept is brought up to date when it has doubled, so a word costs few writes."""
        for term in terms:
            if not term.startswith("#"):
                self._more[term] = self._more.get(term, 0) + 1
        unknown = [word for word in self._more if word not in self._known]
        if unknown:
            self._known.update(await self.counts(unknown))
        new = [word for word in unknown if word not in self._known]
        await insert_new(
            self.db.search_words, [{"_id": word, "p": word[:PREFIX], "n": self._more[word]} for word in new]
        )
        for word in new:
            self._known[word] = self._more.pop(word)
        doubled = {word: more for word, more in self._more.items() if more >= self._known[word]}
        await self._raise(doubled)
        if len(self._known) > REMEMBERED:
            self._known.clear()
            self._more.clear()

    async def _raise(self, doubled: Mapping[str, int]) -> None:
        if doubled:
            changes = [(word, {"$inc": {"n": more}}) for word, more in doubled.items()]
            await update_each(self.db.search_words, changes)
        for word, more in doubled.items():
            self._known[word] += more
            del self._more[word]


def _document(row: Indexed, bucket: int) -> Document:
    return {"_id": row.entry, "at": row.at, "terms": [f"{term}/{bucket}" for term in row.terms]}
