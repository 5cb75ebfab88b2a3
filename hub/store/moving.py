"""Moving threads, with all that belongs to them, from one conversation to another; what moved is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.model.inbox import Conversation, Entry, Message
from hub.model.ratings import BY
from hub.store.codec import Document, entry_from_document
from hub.store.inbox import ThreadRecord, thread_id
from hub.store.schema import Database
from hub.store.shelves import Shelf, Span, Walk, ms_of

IN_ONE = 1000  # ids in one update


class Moving:
    def __init__(self, db: Database) -> None:
        self.threads = db.threads
        self.entries = db.entries
        self.records = db.moves

    async def threads_of(self, conversation: str) -> list[ThreadRecord]:
        return await self.threads_in([conversation])

    async def threads_in(self, conversations: Sequence[str]) -> list[ThreadRecord]:
        """Of several conversations."""
        whose = conversations[0] if len(conversations) == 1 else {"$in": list(conversations)}
        found = await self.threads.find({"conversation": whose}).to_list(None)
        return [
            ThreadRecord(
                each["_id"], each["channel"], each["key"], each["conversation"], tuple(each["people"])
            )
            for each in found
        ]

    async def conversations_of(self, entries: Sequence[str]) -> dict[str, str]:
        """In which conversation each of them is; nothing else of them is read out."""
        wanted = {"_id": {"$in": list(entries)}, "conversation": {"$type": "string"}}
        found = await self.entries.find(wanted, {"conversation": 1}).to_list(None) if entries else []
        return {each["_id"]: each["conversation"] for each in found}

    async def entry_ids(self, conversation: str, threads: Sequence[str] | None = None) -> list[str]:
        """Of a conversation; with `threads`, only the messages of these (thread ids)."""
        fields = {"channel": 1, "thread": 1, "type": 1}
        found = await self.entries.find({"conversation": conversation}, fields).to_list(None)
        if threads is None:
            return [each["_id"] for each in found]
        wanted = set(threads)
        return [
            each["_id"]
            for each in found
            if each["type"] == "message" and thread_id(each["channel"], each["thread"]) in wanted
        ]

    async def move(self, threads: Sequence[str], entries: Sequence[str], to: str) -> None:
        """Can be repeated."""
        for thread in threads:
            await self.threads.update_one({"_id": thread}, {"$set": {"conversation": to}})
        for start in range(0, len(entries), IN_ONE):
            some = list(entries[start : start + IN_ONE])
            await self.entries.update_many({"_id": {"$in": some}}, {"$set": {"conversation": to}})

    async def page(self, conversation: Conversation, start: tuple[int, str] | None, want: int) -> list[Entry]:
        """Entries newest first, from a place (ms, id) backwards: at least `want`, or all there are."""
        shelf = Shelf("", (("conversation", conversation.id),), "at")
        last = ms_of(conversation.activity_at)
        first = min(ms_of(conversation.created_at), last)
        walk = Walk(shelf, [Span(first, last, max(conversation.messages, 1))], start[0] if start else None)
        rows: list[Entry] = []
        while not walk.over and len(rows) < want:
            query: Document = {"conversation": conversation.id}
            if stretch := walk.next(want - len(rows)):
                query["at"] = stretch
            found = await self.entries.find(query).sort([("at", -1), ("_id", -1)]).to_list(None)
            walk.found(len(found))
            entries = [entry_from_document(each) for each in found]
            rows += [each for each in entries if start is None or (ms_of(each.at), each.id) < start]
        return rows

    async def newest_message(self, conversation: str) -> Message | None:
        """Without questions how content somebody is: they leave their conversation as it is."""
        found = self.entries.find({"conversation": conversation}).sort([("at", -1), ("_id", -1)])
        async for document in found:
            if document["type"] == "message" and document["author"] != BY:
                entry = entry_from_document(document)
                return entry if isinstance(entry, Message) else None
        return None

    async def keep(self, record: str, what: Mapping[str, Any]) -> None:
        await self.records.insert_one({"_id": record, **what})

    async def take(self, record: str) -> Document | None:
        """The record, once."""
        found: Document | None = await self.records.find_one({"_id": record})
        if found is None or not (await self.records.delete_one({"_id": record})).deleted_count:
            return None
        return found
