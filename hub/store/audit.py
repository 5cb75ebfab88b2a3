"""Who did what: appended to, read by pages, never changed and never forgotten."""

from datetime import datetime, timedelta
from typing import Any

from hub.model.ids import time_of
from hub.model.sign_ins import AuditEntry
from hub.store.codec import from_document, scrubbed, to_document
from hub.store.schema import Database


class Audit:
    def __init__(self, db: Database) -> None:
        self.entries = db.audit

    async def add(self, entry: AuditEntry) -> None:
        await self.entries.insert_one(scrubbed(to_document(entry)))

    async def list(
        self,
        *,
        by: str | None,
        deed: str | None,
        target: str | None,
        since: datetime | None,
        until: datetime | None,
        before: str | None,
        limit: int,
    ) -> list[AuditEntry]:
        """Newest first, those `before` an entry's id. Ids sort by time: a span of time is a range of them."""
        span: dict[str, Any] = {}
        if since is not None:
            span["$gte"] = time_of(since)
        if before is not None:
            span["$lt"] = before
        if until is not None:
            span["$lt"] = min(time_of(until + timedelta(milliseconds=1)), before or "g")
        wanted: dict[str, Any] = {
            name: value for name, value in (("by", by), ("target", target), ("deed", deed)) if value
        }
        found = self.entries.find({**wanted, **({"_id": span} if span else {})}).sort("_id", -1).limit(limit)
        return [from_document(each, AuditEntry) for each in await found.to_list(None)]
