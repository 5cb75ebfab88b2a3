"""Conversations in which nothing has happened since a moment: what rules about time ask for."""

from datetime import datetime

from hub.model.inbox import Conversation, Status
from hub.store.codec import Document, from_document
from hub.store.schema import Database


class Lapsed:
    def __init__(self, db: Database) -> None:
        self.conversations = db.conversations

    async def quiet(self, since: datetime, until: datetime, limit: int) -> list[Conversation]:
        """Open ones with the last message between these moments, both left out, the oldest first."""
        return await self._between("activity_at", Status.OPEN, since, until, limit)

    async def resolved(self, since: datetime, until: datetime, limit: int) -> list[Conversation]:
        """Those that were resolved between these moments, both left out, the oldest first."""
        return await self._between("resolved_at", Status.RESOLVED, since, until, limit)

    async def _between(
        self, field: str, status: Status, since: datetime, until: datetime, limit: int
    ) -> list[Conversation]:
        wanted: Document = {"status": str(status), field: {"$gt": since, "$lt": until}}
        found = await self.conversations.find(wanted).sort(field, 1).limit(limit).to_list(limit)
        return [from_document(each, Conversation) for each in found]
