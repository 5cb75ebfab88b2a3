"""Finding all that is about one person, and taking it away in steps that can be repeated.

What is found here is found by an index: the customers' conversations, whatever their identities said
anywhere, and the threads in which their addresses are named.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from hub.model.ids import derived_id
from hub.model.inbox import Conversation
from hub.store.codec import Document, from_document
from hub.store.inbox import platform_key
from hub.store.marks import body_mark
from hub.store.media import Media
from hub.store.schema import Database
from hub.store.tallies import Tallies

AT_ONCE = 200
NOBODY = "–"  # who said what was emptied
EMPTIED = (
    "names", "remote_ids", "reply_to", "related", "edits", "reactions", "journal", "flags", "people",
    "amending", "spam_reasons",
)  # fmt: skip


class Erasing:
    def __init__(self, db: Database, media: Media) -> None:
        self.db = db
        self.media = media
        self.tallies = Tallies(db)

    # Finding

    async def conversations_of(self, customers: Sequence[str]) -> list[str]:
        found = self.db.conversations.find({"customer": {"$in": list(customers)}}, {"_id": 1})
        return [each["_id"] for each in await found.to_list(None)]

    async def said_in(self, identities: Sequence[str], until: datetime) -> list[str]:
        """Conversations in which they said something until then, whoever opened them."""
        query = {"author": {"$in": list(identities)}, "side": "customer"}
        found = self.db.entries.find(query, {"conversation": 1, "at": 1, "received_at": 1}, batch_size=1000)
        there = [each["conversation"] async for each in found if arrived(each) <= until]
        return list(dict.fromkeys(there))

    async def named_in(self, keys: Sequence[str]) -> list[str]:
        """Conversations whose threads these addresses have a part in."""
        found = self.db.threads.find({"people": {"$in": list(keys)}}, {"conversation": 1})
        return list(dict.fromkeys([each["conversation"] async for each in found]))

    async def others_write_in(self, conversation: str, identities: Sequence[str]) -> bool:
        """Whether another customer said something there."""
        mine = set(identities)
        said = {"conversation": conversation, "side": "customer"}
        async for each in self.db.entries.find(said, {"author": 1}, batch_size=1000):
            if each["author"] not in mine and each["author"] != NOBODY:
                return True
        return False

    async def threads_of(self, conversations: Sequence[str]) -> list[str]:
        found: list[str] = []
        for some in _pieces(conversations):
            query = {"conversation": {"$in": some}}
            found += [each["_id"] for each in await self.db.threads.find(query, {"_id": 1}).to_list(None)]
        return found

    async def some_entries(self, conversation: str, limit: int = AT_ONCE) -> list[Document]:
        return await self.db.entries.find({"conversation": conversation}).limit(limit).to_list(limit)

    async def every_entry(self, conversation: str) -> AsyncIterator[list[Document]]:
        """Piece by piece, in the order they were written."""
        piece: list[Document] = []
        found = self.db.entries.find({"conversation": conversation}, batch_size=AT_ONCE)
        async for each in found.sort([("at", 1), ("_id", 1)]):
            piece.append(each)
            if len(piece) == AT_ONCE:
                yield piece
                piece = []
        if piece:
            yield piece

    async def decisions_of(self, conversation: str) -> AsyncIterator[Document]:
        async for each in self.db.decisions.find({"conversation": conversation}, batch_size=AT_ONCE):
            yield each

    # A conversation of theirs alone

    async def detach(self, threads: Sequence[str], identities: Sequence[str]) -> int:
        """From now on whoever writes from there is somebody new, in a conversation of their own."""
        for some in _pieces(threads):
            await self.db.threads.delete_many({"_id": {"$in": some}})
        gone = await self.db.identities.delete_many({"_id": {"$in": list(identities)}})
        return gone.deleted_count

    async def drop_entries(self, entries: Sequence[str]) -> int:
        return (await self.db.entries.delete_many({"_id": {"$in": list(entries)}})).deleted_count

    async def files_of_drafts(self, conversation: str) -> list[str]:
        found = await self.db.drafts.find({"conversation": conversation}).to_list(None)
        return [
            file["stored"] for each in found for file in each.get("attachments", ()) if file.get("stored")
        ]

    async def drop_beside(self, conversation: str) -> dict[str, int]:
        """What stands beside a timeline. Counted by kind."""
        rooms = await self.db.rooms.find({}, {"_id": 1}).to_list(None)
        for each in rooms:
            key = derived_id("room conversation", each["_id"], conversation)
            if told := await self.db.room_threads.find_one({"_id": key}):
                room = await self.db.rooms.find_one({"_id": told["room"]}) or {}
                back = derived_id("room thread", room.get("channel", ""), told["thread"])
                await self.db.room_threads.delete_many({"_id": {"$in": [key, back]}})
        await self.db.spam_marks.delete_one({"_id": conversation})
        counts = {}
        for kind, name in BESIDE.items():
            counts[kind] = (await self.db[name].delete_many({"conversation": conversation})).deleted_count
        counts["joins"] = (await self.db.joins.delete_many({"conversations": conversation})).deleted_count
        return counts

    async def drop_visits(self, threads: Sequence[str]) -> dict[str, int]:
        """What the web chat knows, by the ids of threads."""
        lines = visitors = 0
        for some in _pieces(threads):
            lines += (await self.db.lines.delete_many({"thread": {"$in": some}})).deleted_count
            visitors += (await self.db.visitors.delete_many({"_id": {"$in": some}})).deleted_count
        return {"chat_lines": lines, "visitors": visitors}

    async def drop_conversation(self, conversation: str) -> int:
        document = await self.db.conversations.find_one({"_id": conversation})
        done = await self.db.conversations.delete_one({"_id": conversation})
        if document and done.deleted_count:
            await self.tallies.count([(from_document(document, Conversation), None)])
        return done.deleted_count

    async def drop_moves(self, records: Sequence[str]) -> None:
        """How conversations were merged and split: cannot be taken back any more."""
        if records:
            await self.db.moves.delete_many({"_id": {"$in": list(records)}})

    # A conversation that others write in

    async def change_entries(self, changes: Sequence[tuple[str, Document]]) -> None:
        if changes:
            await self.db.entries.bulk_write(
                [UpdateOne({"_id": entry}, change) for entry, change in changes], ordered=False
            )

    async def leave_threads(self, conversation: str, keys: Sequence[str], own: str) -> None:
        """Their addresses have no part in its threads any more. `own`: what parts a key from a writer."""
        query = {"conversation": conversation}
        await self.db.threads.update_many(query, {"$pull": {"people": {"$in": list(keys)}}})
        for each in await self.db.threads.find(query, {"key": 1}).to_list(None):
            _, sign, writer = each["key"].partition(own)
            if sign and writer in keys:
                await self.db.threads.delete_one({"_id": each["_id"]})

    async def find_conversation(self, conversation: str) -> Conversation | None:
        document = await self.db.conversations.find_one({"_id": conversation})
        return from_document(document, Conversation) if document else None

    async def set_conversation(self, conversation: str, changes: Document) -> None:
        await self.db.conversations.update_one(
            {"_id": conversation}, {"$set": changes, "$unset": {"person": ""}, "$inc": {"version": 1}}
        )

    # Files

    async def drop_file(self, file: str) -> bool:
        """Unless somebody else has the same bytes. Of what agents uploaded the mark goes as well."""
        if await self.is_used(file):
            return False
        there = await self.db.media.find_one({"_id": file}, {"_id": 1}) is not None
        await self.media.delete(file)
        await self.db.uploads.delete_one({"_id": file})
        return there

    async def drop_named(self, name: str, since: datetime) -> int:
        """Files of this name that were stored since then."""
        found = self.db.media.find({"at": {"$gte": since}}, {"name": 1}, batch_size=AT_ONCE)
        wanted = [each["_id"] async for each in found if each["name"] == name]
        for each in wanted:
            await self.media.delete(each)
        return len(wanted)

    async def is_used(self, file: str) -> bool:
        if await self.db.entries.find_one({"content.attachments.stored": file}, {"_id": 1}):
            return True
        return await self.db.journal.find_one({"marks": body_mark(file)}, {"_id": 1}) is not None

    # The person

    async def blank(self, customers: Sequence[str], now: datetime) -> None:
        """Until their conversations are gone, their customers are there without anything in them."""
        for each in await self.db.customers.find({"_id": {"$in": list(customers)}}).to_list(None):
            kept: Document = {key: each[key] for key in ("merged_into", "merge", "absorbed") if key in each}
            blank: Document = {"_id": each["_id"], "name": NOBODY, "created_at": now, **kept}
            await self.db.customers.replace_one({"_id": each["_id"]}, blank)

    async def drop_person(self, customers: Sequence[str], identities: Sequence[str]) -> dict[str, int]:
        ids, db = list(customers), self.db
        if not ids:
            return {}
        counts = {
            "suggestions": (await db.suggestions.delete_many({"customers": {"$in": ids}})).deleted_count,
            "events": (await db.customer_events.delete_many({"customer": {"$in": ids}})).deleted_count,
            "consents": (await db.consents.delete_many({"customer": {"$in": ids}})).deleted_count,
            "ratings": (await db.ratings.delete_many({"customer": {"$in": ids}})).deleted_count,
            "links": (await db.customer_links.delete_many({"kept": {"$in": ids}})).deleted_count,
        }
        counts["links"] += (await db.customer_links.delete_many({"given": {"$in": ids}})).deleted_count
        await db.import_log.delete_many({"customer": {"$in": ids}})
        counts["customers"] = (await db.customers.delete_many({"_id": {"$in": ids}})).deleted_count
        return counts


# What is kept beside a timeline, by the kind it is counted as.
BESIDE = {
    "decisions": "decisions",
    "drafts": "drafts",
    "notices": "notices",
    "webhook_deliveries": "hook_deliveries",
    "presence": "presence",
    "ratings": "ratings",
}


def arrived(document: Document) -> datetime:
    """When an entry came to be here."""
    at: datetime = document.get("received_at") or document["at"]
    return at


def emptied(document: Document, now: datetime) -> Document:
    """The update that leaves of somebody's message only that there was one."""
    kept: dict[str, Any] = {
        "content": {}, "author": NOBODY, "author_name": NOBODY, "because": "", "deleted_at": now,
        "thread": platform_key(document["thread"]),
    }  # fmt: skip
    return {"$set": kept, "$unset": dict.fromkeys(EMPTIED, "")}


def _pieces(ids: Iterable[str]) -> list[list[str]]:
    every = list(ids)
    return [every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)]
