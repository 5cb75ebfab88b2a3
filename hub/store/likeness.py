"""The book of links and merges, to which is only added; and the suggestions who may be whom."""

from collections.abc import Sequence
from datetime import datetime

from hub.model.customers import LinkRecord, Suggestion, Verdict
from hub.model.ids import derived_id
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.schema import Database


def suggestion_id(one: str, other: str) -> str:
    return derived_id("suggestion", *sorted((one, other)))


class Likenesses:
    def __init__(self, db: Database) -> None:
        self.records = db.customer_links
        self.suggestions = db.suggestions

    # The book

    async def write(self, record: LinkRecord) -> None:
        await insert_new(self.records, [to_document(record)])

    async def strike(self, record: str) -> None:
        """Only for a record of something that did not come about after all."""
        await self.records.delete_one({"_id": record})

    async def find_record(self, record: str) -> LinkRecord | None:
        found = await self.records.find_one({"_id": record})
        return from_document(found, LinkRecord) if found else None

    async def records_of(self, customers: Sequence[str], limit: int) -> list[LinkRecord]:
        """Whatever names one of these customers, the newest first."""
        ids = list(customers)
        found = await self.records.find({"kept": {"$in": ids}}).to_list(None)
        found += await self.records.find({"given": {"$in": ids}}).to_list(None)
        records = {each["_id"]: from_document(each, LinkRecord) for each in found}
        return sorted(records.values(), key=lambda each: each.id, reverse=True)[:limit]

    # Suggestions

    async def suggest(self, suggestions: Sequence[Suggestion]) -> None:
        """Those that are new. What was decided about a pair stays decided."""
        taken = await insert_new(self.suggestions, [to_document(each) for each in suggestions])
        for each in suggestions:
            if each.id in taken:
                better = {"score": each.score, "open": each.score, "reasons": list(each.reasons)}
                query = {"_id": each.id, "open": {"$lt": each.score}}
                await self.suggestions.update_one(query, {"$set": better})

    async def find_suggestions(self, ids: Sequence[str]) -> dict[str, Suggestion]:
        found = await self.suggestions.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Suggestion) for each in found}

    async def suggestions_of(self, customers: Sequence[str]) -> list[Suggestion]:
        """All that name one of these, decided or not."""
        found = await self.suggestions.find({"customers": {"$in": list(customers)}}).to_list(None)
        return [from_document(each, Suggestion) for each in found]

    async def open_suggestions(self, below: int, limit: int) -> list[Suggestion]:
        """Those nobody has decided, with a score below that, the likeliest first."""
        found = self.suggestions.find({"open": {"$gt": 0, "$lt": below}}).sort([("open", -1), ("_id", -1)])
        return [from_document(each, Suggestion) for each in await found.limit(limit).to_list(limit)]

    async def decide(
        self, suggestion: str, verdict: Verdict, by: str, now: datetime, merge: str | None = None
    ) -> bool:
        """False: somebody else has decided."""
        change = {"verdict": verdict, "decided_at": now, "decided_by": by} | (
            {"merge": merge} if merge else {}
        )
        done = await self.suggestions.update_one(
            {"_id": suggestion, "open": {"$gt": 0}}, {"$set": change, "$unset": {"open": ""}}
        )
        return bool(done.modified_count)

    async def reopen(self, suggestion: Suggestion) -> None:
        gone = {"decided_at": "", "decided_by": "", "merge": "", "verdict": ""}
        await self.suggestions.update_one(
            {"_id": suggestion.id}, {"$set": {"open": suggestion.score}, "$unset": gone}
        )
