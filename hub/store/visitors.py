"""Web chat: the lines that visitors' pages show, and what is known of the visitors.

Both go by the id of the thread they belong to, so that deleting a conversation finds them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.contract.visitors import Line, Visit, Visitor
from hub.model.ids import derived_id
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.inbox import thread_id
from hub.store.schema import Database
from hub.store.shelves import EPOCH

TYPED = ("name", "email", "language", "browser", "referrer", "device", "answers")
TRAIL = 30  # steps of a visitor that are kept
SAME_MOMENT = 50  # lines that may stand at the very moment a page ends


class VisitorBook:
    def __init__(self, db: Database) -> None:
        self.lines = db.lines
        self.visitors = db.visitors

    # Lines

    async def add_line(self, channel: str, line: Line) -> bool:
        """False: there is one of this id."""
        document = {
            **to_document(line),
            "_id": line_id(channel, line.id),
            "channel": channel,
            "key": line.thread,
            "thread": thread_id(channel, line.thread),
        }
        return not await insert_new(self.lines, [document])

    async def find_line(self, channel: str, line: str) -> Line | None:
        document = await self.lines.find_one({"_id": line_id(channel, line)})
        return _line(document) if document else None

    async def change_line(self, channel: str, line: str, changes: Document) -> bool:
        changed = await self.lines.update_one({"_id": line_id(channel, line)}, {"$set": changes})
        return bool(changed.matched_count)

    async def list_lines(
        self, channel: str, thread: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Line]:
        """The newest before a moment and id, oldest first."""
        query: Document = {"thread": thread_id(channel, thread)}
        if before is not None:
            # Not `$lte`: the embedded store loses what stands exactly on an included end (0.7.0b3).
            query["at"] = {"$lt": before[0] + timedelta(milliseconds=1)}
        found = self.lines.find(query).sort([("at", -1), ("_id", -1)])
        page: list[Line] = []
        async for document in found.limit(limit if before is None else limit + SAME_MOMENT):
            if before is not None and (document["at"], document["_id"]) >= (
                before[0],
                line_id(channel, before[1]),
            ):
                continue
            page.append(_line(document))
            if len(page) == limit:
                break
        page.reverse()
        return page

    # Visitors

    async def find_visitor(self, channel: str, key: str) -> Visitor | None:
        document = await self.visitors.find_one({"_id": thread_id(channel, key)})
        return _visitor(document) if document else None

    async def find_by_thread(self, thread: str) -> Visitor | None:
        """By the id of the thread record."""
        document = await self.visitors.find_one({"_id": thread})
        return _visitor(document) if document else None

    async def note(
        self, channel: str, key: str, changes: Mapping[str, Any], trail: Sequence[Visit], now: datetime
    ) -> None:
        """Set what is given, forget what is None, add to the trail; made where there is none."""
        update: Document = {
            "$set": {"channel": channel, "key": key, **_plain(changes)},
            "$setOnInsert": {"first_at": now},
        }
        if gone := {name: "" for name, value in changes.items() if value is None}:
            update["$unset"] = gone
        if trail:
            steps = [to_document(each) for each in trail]
            update["$push"] = {"trail": {"$each": steps, "$slice": -TRAIL}}
        await self.visitors.update_one({"_id": thread_id(channel, key)}, update, upsert=True)

    async def waits_to_be_read(self, channel: str, key: str, since: datetime) -> None:
        """Something of ours is unread since then, if nothing has been before; for the mail, where they
        left an address."""
        visitor = {"_id": thread_id(channel, key)}
        await self.visitors.update_one({**visitor, "unread_since": None}, {"$set": {"unread_since": since}})
        await self.visitors.update_one(
            {**visitor, "unmailed_since": None, "email": {"$gt": ""}}, {"$set": {"unmailed_since": since}}
        )

    async def unmailed(self, before: datetime, most: int) -> list[tuple[str, Visitor]]:
        """Channel and visitor, where something of ours is unseen and not mailed; the oldest first."""
        query = {"unmailed_since": {"$gt": EPOCH, "$lt": before}}
        found = await self.visitors.find(query).sort("unmailed_since", 1).limit(most).to_list(most)
        return [(each["channel"], _visitor(each)) for each in found]

    async def mailed(self, channel: str, key: str) -> None:
        """Nothing is left to be mailed."""
        await self.visitors.update_one({"_id": thread_id(channel, key)}, {"$unset": {"unmailed_since": ""}})

    async def move(self, channel: str, old: str, new: str) -> None:
        """Lines of the old key belong to the new one from now on, with where they were and what they told."""
        was, now = thread_id(channel, old), thread_id(channel, new)
        await self.lines.update_many({"thread": was}, {"$set": {"thread": now, "key": new}})
        before = await self.visitors.find_one({"_id": was}) or {}
        after = await self.visitors.find_one({"_id": now}) or {}
        known = {name: before[name] for name in TYPED if before.get(name) and not after.get(name)}
        steps = sorted([*before.get("trail", ()), *after.get("trail", ())], key=lambda each: each["at"])
        await self.visitors.update_one({"_id": now}, {"$set": {**known, "trail": steps[-TRAIL:]}})
        await self.visitors.update_one(
            {"_id": was}, {"$set": {"moved_to": new}, "$unset": {"unread_since": "", "unmailed_since": ""}}
        )


def line_id(channel: str, line: str) -> str:
    return derived_id("line", channel, line)


def _line(document: Document) -> Line:
    return from_document({**document, "thread": document["key"]}, Line)


def _visitor(document: Document) -> Visitor:
    return from_document(document, Visitor)


def _plain(changes: Mapping[str, Any]) -> Document:
    return {name: value for name, value in changes.items() if value is not None}
