"""What happened to customers elsewhere, as other programs tell it; and the types of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub.model.customers import EventType, OutsideEvent, Telling
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database


class Happenings:
    def __init__(self, db: Database) -> None:
        self.types = db.event_types
        self.events = db.customer_events
        self.tellings = db.event_tellings  # one for each type and program: few

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

    async def latest(self, type: str, since: datetime, limit: int) -> list[OutsideEvent]:
        """What was told of a type since then, the newest first."""
        query = {"type": type, "told_at": {"$gte": since}}
        found = self.events.find(query).sort([("told_at", -1)]).limit(limit)
        return [from_document(each, OutsideEvent) for each in await found.to_list(limit)]

    async def count(self, telling: Telling) -> None:
        """Add to what is known of this program and type."""
        kept: Mapping[str, object] = {
            key: value
            for key, value in to_document(telling).items()
            if key not in ("_id", "added", "known", "refused")
            and (telling.refused or key not in ("refused_at", "because"))
            and (telling.added or key != "added_at")
        }
        more = {"added": telling.added, "known": telling.known, "refused": telling.refused}
        await self.tellings.update_one({"_id": telling.id}, {"$set": kept, "$inc": more}, upsert=True)

    async def dismiss_refused(self, telling: str) -> None:
        await self.tellings.update_one({"_id": telling}, {"$set": {"refused": 0}})

    async def list_tellings(self) -> list[Telling]:
        found = [from_document(each, Telling) for each in await self.tellings.find().to_list(None)]
        return sorted(found, key=lambda each: each.last_at, reverse=True)
