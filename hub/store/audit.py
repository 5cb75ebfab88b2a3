"""Who did what: appended to, read by pages, never changed and never forgotten."""

from datetime import UTC, datetime, timedelta

from hub.model.ids import time_of
from hub.model.sign_ins import AuditEntry
from hub.store.codec import Document, from_document, scrubbed, to_document
from hub.store.schema import Database
from hub.store.shelves import EPOCH, moment_of

Entries = list[AuditEntry]
FIRST_STRETCH, GROWS = timedelta(hours=1), 4


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
    ) -> Entries:
        """Newest first, those `before` an entry's id. Ids sort by time: a span of time is a range of them."""
        span = {"$lt": before or "g"}  # after every id
        if since is not None:
            span["$gte"] = time_of(since)
        if until is not None:
            span["$lt"] = min(time_of(until + timedelta(milliseconds=1)), before or "g")
        wanted = {name: value for name, value in (("by", by), ("target", target), ("deed", deed)) if value}
        if wanted:
            return await self._find({**wanted, "_id": span}, limit)
        newest = min(each for each in (until, _moment(before), datetime.now(UTC)) if each)
        return await self._in_stretches(span, newest, max(since or EPOCH, EPOCH), limit)

    async def _in_stretches(self, span: Document, newest: datetime, oldest: datetime, limit: int) -> Entries:
        # The embedded database answers "the last fifty" by reading and sorting all there are.
        rows: Entries = []
        end: datetime | None = None
        length = FIRST_STRETCH
        start = max(newest - length, oldest)
        while True:
            at = {"$gte": start} if end is None else {"$gte": start, "$lt": end}
            rows += await self._find({"at": at, "_id": span}, limit - len(rows))
            if len(rows) >= limit or start <= oldest:
                return rows
            length *= GROWS
            end, start = start, max(start - length, oldest)

    async def _find(self, wanted: Document, limit: int) -> Entries:
        found = await self.entries.find(wanted).sort("_id", -1).limit(limit).to_list(None)
        return [from_document(each, AuditEntry) for each in found]


def _moment(entry: str | None) -> datetime | None:
    """When an entry was written, by its id; None when it is no id."""
    try:
        return moment_of(int(entry[:12], 16)) if entry else None
    except ValueError:
        return None
