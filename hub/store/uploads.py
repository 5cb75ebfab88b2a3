"""Files that agents have uploaded to attach them: who may, and which of them nothing holds any more."""

from collections.abc import Sequence
from datetime import datetime

from hub.model.desk import Upload
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database


class Uploads:
    def __init__(self, db: Database) -> None:
        self.uploads = db.uploads

    async def add(self, upload: Upload) -> None:
        await self.uploads.insert_one(to_document(upload))

    async def find(self, ids: Sequence[str]) -> dict[str, Upload]:
        found = await self.uploads.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Upload) for each in found}

    async def hold(self, ids: Sequence[str], agent: str) -> bool:
        """A draft or a message of this agent holds them now. False: not all of them are there for them."""
        return await self._set(ids, {"agents": agent}, {"$unset": {"loose_at": ""}})

    async def let_go(self, ids: Sequence[str], now: datetime) -> None:
        await self._set(ids, {}, {"$set": {"loose_at": now}})

    async def let_in(self, ids: Sequence[str], agent: str) -> None:
        """Another agent may attach them too."""
        await self._set(ids, {}, {"$addToSet": {"agents": agent}})

    async def close(self, upload: str, before: datetime) -> bool:
        """Nobody may attach it from now on, unless something holds it."""
        query = {"_id": upload, "loose_at": {"$lt": before}}
        return bool((await self.uploads.update_one(query, {"$set": {"agents": []}})).matched_count)

    async def loose(self, before: datetime, most: int = 200) -> list[str]:
        """What nothing has held since `before`."""
        found = self.uploads.find({"loose_at": {"$lt": before}}, {"_id": 1}).limit(most)
        return [each["_id"] async for each in found]

    async def remove(self, upload: str) -> None:
        await self.uploads.delete_one({"_id": upload})

    async def _set(self, ids: Sequence[str], query: Document, update: Document) -> bool:
        if not ids:
            return True
        done = await self.uploads.update_many({"_id": {"$in": list(ids)}, **query}, update)
        return done.matched_count == len(set(ids))
