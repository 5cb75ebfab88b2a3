"""What is old enough to go, a batch at a time, by the indexes over its moments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.model.inbox import Status
from hub.store.codec import Document
from hub.store.schema import Database
from hub.store.shelves import EPOCH, by_channel


class Expiring:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def conversations(self, channel: str, status: str, before: datetime, limit: int) -> list[str]:
        """The longest without anything new first."""
        query: Document = dict(by_channel(channel, Status(status))[0].where)  # began there
        query["activity_at"] = {"$gt": EPOCH, "$lt": before}
        found = self.db.conversations.find(query, {"_id": 1}).sort("activity_at", 1).limit(limit)
        return [each["_id"] for each in await found.to_list(limit)]

    async def happenings(self, before: datetime, limit: int) -> list[str]:
        query = {"at": {"$gt": EPOCH, "$lt": before}}
        found = await self.db.customer_events.find(query, {"_id": 1}).limit(limit).to_list(limit)
        return [each["_id"] for each in found]

    async def drop_happenings(self, ids: Sequence[str]) -> int:
        return (await self.db.customer_events.delete_many({"_id": {"$in": list(ids)}})).deleted_count

    async def visitors(self, channel: str, since: datetime, before: datetime, limit: int) -> list[Document]:
        """Those who came first in this span, with whether there is anything to forget of them."""
        query = {"channel": channel, "first_at": {"$gt": since, "$lt": before}}
        return await self.db.visitors.find(query).sort("first_at", 1).limit(limit).to_list(limit)

    async def forget_visits(self, visitors: Sequence[Document]) -> int:
        """Who never wrote is forgotten; of the others, which pages they saw."""
        ids = [each["_id"] for each in visitors]
        threads = await self.db.threads.find({"_id": {"$in": ids}}, {"_id": 1}).to_list(None)
        wrote = {each["_id"] for each in threads}
        strangers = [each for each in ids if each not in wrote]
        gone = (await self.db.visitors.delete_many({"_id": {"$in": strangers}})).deleted_count
        trails = [each["_id"] for each in visitors if each["_id"] in wrote and each.get("trail")]
        thinned = await self.db.visitors.update_many(
            {"_id": {"$in": trails}}, {"$unset": {"trail": "", "referrer": ""}}
        )
        return gone + thinned.modified_count

    async def files(self, since: datetime, before: datetime, limit: int) -> list[tuple[str, datetime]]:
        """Those that came first in this span, the oldest first."""
        query = {"at": {"$gt": since, "$lt": before}}
        found = self.db.media.find(query, {"at": 1}).sort("at", 1).limit(limit)
        return [(each["_id"], each["at"]) for each in await found.to_list(limit)]

    async def users_of(self, file: str) -> list[Document]:
        """The messages that hold a file."""
        fields = {"channel": 1, "at": 1, "side": 1, "content.attachments": 1}
        return await self.db.entries.find({"content.attachments.stored": file}, fields).to_list(None)

    async def let_go(self, entry: Document, file: str, because: str) -> None:
        """The message stays, and says why the file is not there."""
        attached: list[dict[str, Any]] = []
        for each in entry["content"]["attachments"]:
            if each.get("stored") == file:
                each = {key: value for key, value in each.items() if key not in ("stored", "remote")}
                each["refused"] = because
            attached.append(each)
        change = {"$set": {"content.attachments": attached}}
        await self.db.entries.update_one({"_id": entry["_id"]}, change)
