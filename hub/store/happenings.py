"""What happened to customers elsewhere, as other programs tell it; and the types of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.model.customers import EventType, OutsideEvent
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database


class Happenings:
    def __init__(self, db: Database) -> None:
        self.types = db.event_types
        self.events = db.customer_events

    async def list_types(self) -> list[EventType]:
        found = [from_document(each, EventType) for each in await self.types.find().to_list(None)]
        return sorted(found, key=lambda each: each.name.casefold())

    async def save_type(self, type: EventType) -> None:
        await self.types.replace_one({"_id": type.id}, to_document(type), upsert=True)

    async def remove_type(self, type: str) -> bool:
        return bool((await self.types.delete_one({"_id": type})).deleted_count)

    async def add(self, events: Sequence[OutsideEvent]) -> frozenset[str]:
        """Returns the ids of those that were there already: they stay as they were told first."""
        return await insert_new(self.events, [to_document(each) for each in events])

    async def page(
        self, customers: Sequence[str], before: tuple[datetime, str] | None, limit: int
    ) -> list[OutsideEvent]:
        """Newest first. `before`: the moment and id of the last one that was seen."""
        rows: list[OutsideEvent] = []
        for customer in customers:
            query: Document = {"customer": customer}
            if before:
                # Not `$lte`: the embedded database loses what stands exactly on an included end.
                query["at"] = {"$lt": before[0] + timedelta(milliseconds=1)}
            found = self.events.find(query).sort([("at", -1), ("_id", -1)]).limit(limit + 50)
            rows += [from_document(each, OutsideEvent) for each in await found.to_list(limit + 50)]
        rows.sort(key=lambda each: (each.at, each.id), reverse=True)
        return [each for each in rows if before is None or (each.at, each.id) < before][:limit]
