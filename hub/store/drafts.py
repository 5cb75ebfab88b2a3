"""What agents keep: drafts, saved replies, saved views, undo steps, and who is at which conversation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from hub.model.desk import Presence, SavedReply, SavedView, StoredDraft
from hub.model.ids import derived_id
from hub.store.codec import Document, from_document, to_document
from hub.store.remembered import Remembered
from hub.store.schema import Database


class Drafts:
    def __init__(self, db: Database) -> None:
        self.drafts = db.drafts
        self.replies = db.saved_replies
        self.views = db.saved_views
        self.undo = db.undo
        self.presence = db.presence
        self.known_views = Remembered(self._every_view)

    # Drafts

    async def find(self, draft: str) -> StoredDraft | None:
        document = await self.drafts.find_one({"_id": draft})
        return from_document(document, StoredDraft) if document else None

    async def of_conversation(self, conversation: str) -> list[StoredDraft]:
        found = await self.drafts.find({"conversation": conversation}).to_list(None)
        return [from_document(each, StoredDraft) for each in found]

    async def conversations_of(self, agent: str) -> list[str]:
        """Where this agent is writing something."""
        found = await self.drafts.find({"agent": agent}, {"conversation": 1}).to_list(None)
        return list(dict.fromkeys(each["conversation"] for each in found))

    async def save(self, draft: StoredDraft, seen: int | None) -> bool:
        """Keep a draft. `seen`: the version its writer saw; False when there is another. None: overwrite."""
        document = to_document(draft)
        if seen is None:
            await self.drafts.replace_one({"_id": draft.id}, document, upsert=True)
            return True
        if seen == 0:
            try:
                await self.drafts.insert_one(document)
            except DuplicateKeyError:
                return False
            return True
        result = await self.drafts.replace_one({"_id": draft.id, "version": seen}, document)
        return bool(result.matched_count)

    async def remove(self, draft: str, seen: int | None = None) -> bool:
        """False: there is another version than the one `seen`."""
        query: Document = {"_id": draft} if seen is None else {"_id": draft, "version": seen}
        return bool((await self.drafts.delete_one(query)).deleted_count)

    # Saved replies and views

    async def save_reply(self, reply: SavedReply) -> None:
        await self.replies.replace_one({"_id": reply.id}, to_document(reply), upsert=True)

    async def find_reply(self, reply: str) -> SavedReply | None:
        document = await self.replies.find_one({"_id": reply})
        return from_document(document, SavedReply) if document else None

    async def list_replies(self, agent: str, teams: Sequence[str]) -> list[SavedReply]:
        found = await _several(
            self.replies, {"owner": agent}, {"team": {"$in": list(teams)}}, {"shared": True}
        )
        return [from_document(each, SavedReply) for each in found]

    async def remove_reply(self, reply: str) -> None:
        await self.replies.delete_one({"_id": reply})

    async def save_view(self, view: SavedView) -> None:
        await self.views.replace_one({"_id": view.id}, to_document(view), upsert=True)
        self.known_views.forget()

    async def find_view(self, view: str) -> SavedView | None:
        document = await self.views.find_one({"_id": view})
        return from_document(document, SavedView) if document else None

    async def list_views(self, agent: str, teams: Sequence[str]) -> list[SavedView]:
        """Their own, those of these teams, and those for everybody."""
        views = await self.known_views.get()
        return [each for each in views if each.owner == agent or each.team in teams or each.shared]

    async def _every_view(self) -> list[SavedView]:
        return [from_document(each, SavedView) for each in await self.views.find().to_list(None)]

    async def replace_tag(self, old: str, new: str | None) -> None:
        """In the filters of all saved views."""
        for document in await self.views.find().to_list(None):
            if old in (tags := document.get("filter", {}).get("tags", ())):
                kept = list(dict.fromkeys(new if tag == old else tag for tag in tags if new or tag != old))
                await self.views.update_one({"_id": document["_id"]}, {"$set": {"filter.tags": kept}})
        self.known_views.forget()

    async def remove_view(self, view: str) -> None:
        await self.views.delete_one({"_id": view})
        self.known_views.forget()

    # Undo

    async def keep_undo(self, token: str, agent: str, at: datetime, step: Document) -> None:
        await self.undo.insert_one({"_id": token, "agent": agent, "at": at, **step})

    async def take_undo(self, token: str, agent: str) -> Document | None:
        """The step, once: whoever asks second gets None."""
        found: Document | None = await self.undo.find_one({"_id": token})
        if found is None or found["agent"] != agent:
            return None
        taken = await self.undo.delete_one({"_id": token, "agent": agent})
        return found if taken.deleted_count else None

    async def undoable(self, tokens: Sequence[str], agent: str) -> frozenset[str]:
        found = self.undo.find({"_id": {"$in": list(tokens)}}, {"agent": 1})
        return frozenset([each["_id"] async for each in found if each["agent"] == agent])

    # Presence

    async def be_at(self, presence: Presence) -> str | None:
        """Renew. Returns what the agent was doing there before."""
        before = await self.presence.find_one({"_id": presence.id})
        await self.presence.replace_one({"_id": presence.id}, to_document(presence), upsert=True)
        return str(before["doing"]) if before else None

    async def leave(self, presence: str) -> bool:
        return bool((await self.presence.delete_one({"_id": presence})).deleted_count)

    async def at_conversation(self, conversation: str, now: datetime) -> list[Presence]:
        found = await self.presence.find({"conversation": conversation}).to_list(None)
        present = [from_document(each, Presence) for each in found]
        return sorted((each for each in present if each.until > now), key=lambda each: each.agent_name)


def draft_id(conversation: str, agent: str, kind: str) -> str:
    return derived_id("draft", conversation, agent, kind)


async def _several(collection: Any, *queries: Document) -> list[Document]:
    """What fits any of the queries, each served by its own index."""
    found: dict[str, Document] = {}
    for query in queries:
        found.update({each["_id"]: each for each in await collection.find(query).to_list(None)})
    return list(found.values())
