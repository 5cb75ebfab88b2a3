"""Questions how content customers are, and their answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.model.ratings import Rating
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database


class Ratings:
    def __init__(self, db: Database) -> None:
        self.ratings = db.ratings

    async def add(self, rating: Rating) -> Rating:
        """What is there: this one, or the one that has been there with its id."""
        taken = await insert_new(self.ratings, [to_document(rating)])
        return (await self.find(rating.id) or rating) if taken else rating

    async def find(self, rating: str) -> Rating | None:
        document = await self.ratings.find_one({"_id": rating})
        return from_document(document, Rating) if document else None

    async def sent_of(self, ratings: Sequence[str]) -> frozenset[str]:
        """Those of these that were asked already."""
        found = await self.ratings.find({"_id": {"$in": list(ratings)}}, {"sent": 1}).to_list(None)
        return frozenset(each["_id"] for each in found if each.get("sent"))

    async def of_customers(self, customers: Sequence[str]) -> list[Rating]:
        """All that these were ever asked, the newest first."""
        found = await self.ratings.find({"customer": {"$in": list(customers)}}).to_list(None)
        ratings = [from_document(each, Rating) for each in found]
        return sorted(ratings, key=lambda each: (each.asked_at, each.id), reverse=True)

    async def in_places(self, places: Sequence[str]) -> list[Rating]:
        """What was asked in these threads, the newest first."""
        found = await self.ratings.find({"place": {"$in": list(places)}}).to_list(None)
        ratings = [from_document(each, Rating) for each in found]
        return sorted(ratings, key=lambda each: each.asked_at, reverse=True)

    async def page(self, before: tuple[datetime, str] | None, limit: int) -> list[Rating]:
        """Those that were answered, the newest answer first. `before`: moment and id of the last one seen."""
        query: Document = {"state": "answered"}
        if before:
            # Not `$lte`: the embedded database loses what stands exactly on an included end.
            query["answered_at"] = {"$lt": before[0] + timedelta(milliseconds=1)}
        found = self.ratings.find(query).sort([("answered_at", -1), ("_id", -1)]).limit(limit + 50)
        rows = [from_document(each, Rating) for each in await found.to_list(limit + 50)]
        return [
            each
            for each in rows
            if before is None or (each.answered_at and (each.answered_at, each.id) < before)
        ][:limit]

    async def change(self, rating: Rating, changes: Mapping[str, Any]) -> bool:
        """Compare and set: False when it was answered anew since it was read."""
        same = {"changes": rating.changes} if rating.changes else {"changes": {"$in": [None, 0]}}
        result = await self.ratings.update_one({"_id": rating.id, **same}, {"$set": dict(changes)})
        return bool(result.matched_count)

    async def drop(self, rating: str) -> None:
        await self.ratings.delete_one({"_id": rating})
