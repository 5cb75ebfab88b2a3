"""Reading shelves a stretch at a time: a page costs the same with a thousand conversations as with a million.

The embedded database sorts all that an index range holds, so ranges are kept short (`Walk`); MongoDB is
served by the same queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from hub.model.inbox import Conversation, Status
from hub.store.codec import Document, from_document
from hub.store.schema import Database
from hub.store.shelves import EPOCH, Shelf, Walk, ms_of, word
from hub.store.tallies import Tallies

STRETCHES = 40  # read for one page at most
SEVERAL = 4  # conversations, of customers who are asked for together


@dataclass(frozen=True, slots=True)
class Read:
    """Rows in the shelf's order, and the moment (ms) to go on with; None: that was all."""

    rows: Sequence[Conversation]
    position: int | None


class Views:
    def __init__(self, db: Database) -> None:
        self.conversations = db.conversations
        self.tallies = Tallies(db)

    async def read(self, shelves: Sequence[Shelf], start: int | None, want: int) -> Read:
        """About `want` conversations of shelves of the same order, from a moment (ms, included) on."""
        spans = await self.tallies.spans([each.key for each in shelves])
        steps = max(2, STRETCHES // max(1, len(shelves)))
        parts = [
            await self._read_one(shelf, Walk(shelf, spans.get(shelf.key, []), start), want, steps)
            for shelf in shelves
        ]
        if len(parts) == 1:
            return parts[0]
        newest = shelves[0].newest if shelves else True
        # Beyond the position of the shelf that is read least far, rows of that one may be missing.
        reached = [part.position for part in parts if part.position is not None]
        position = (max(reached) if newest else min(reached)) if reached else None
        field = shelves[0].field if shelves else "activity_at"
        rows = list({each.id: each for part in parts for each in part.rows}.values())
        if position is not None:
            rows = [each for each in rows if _before(key_of(each, field)[0], position, newest)]
        return Read(sorted(rows, key=lambda each: key_of(each, field), reverse=newest), position)

    async def _read_one(self, shelf: Shelf, walk: Walk, want: int, steps: int) -> Read:
        direction = DESCENDING if shelf.newest else ASCENDING
        rows: list[Conversation] = []
        for _ in range(steps):
            found = self.conversations.find(_query(shelf, walk.next(want - len(rows))))
            documents = await found.sort([(shelf.field, direction), ("_id", direction)]).to_list(None)
            walk.found(len(documents))
            rows += [from_document(each, Conversation) for each in documents]
            if walk.over or len(rows) >= want:
                break
        return Read(rows, walk.position)

    async def wished(self, team: str) -> list[Conversation]:
        """What of a team nobody has, and a rule asks for somebody, or a way of handing it out."""
        found = self.conversations.find({"under": word("wish", team), "status": str(Status.OPEN)})
        return [from_document(each, Conversation) for each in await found.to_list(None)]

    async def of_customer(
        self, customers: Sequence[str], limit: int, before: datetime | None = None
    ) -> list[Conversation]:
        """Of a person, who may be several customers; the latest active first, those active before then."""
        query: Document = {"customer": customers[0] if len(customers) == 1 else {"$in": list(customers)}}
        if before is not None:
            query["activity_at"] = {"$lt": before}
        found = self.conversations.find(query).sort("activity_at", DESCENDING).limit(limit)
        return [from_document(each, Conversation) for each in await found.to_list(limit)]

    async def latest_of(self, customers: Sequence[str]) -> dict[str, Conversation]:
        """The latest active one of each customer, as they were before merges."""
        most = len(customers) * SEVERAL
        query = self.conversations.find({"customer": {"$in": list(customers)}})
        found = [from_document(each, Conversation) for each in await query.limit(most).to_list(most)]
        if len(found) == most and len(customers) > 1:  # somebody with very many: each by themselves
            alone = [each for one in customers for each in await self.of_customer([one], 1)]
            return {each.customer: each for each in alone}
        return {each.customer: each for each in sorted(found, key=lambda each: each.activity_at)}

    async def to_wake(self, now: datetime, limit: int) -> list[Conversation]:
        """Snoozed conversations whose time has come, the longest due first."""
        query: Document = {"status": "snoozed", "snoozed_until": {"$gt": EPOCH, "$lte": now}}
        found = self.conversations.find(query).sort("snoozed_until", ASCENDING).limit(limit)
        return [from_document(each, Conversation) for each in await found.to_list(limit)]


def key_of(conversation: Conversation, field: str) -> tuple[int, str]:
    moment = getattr(conversation, field)
    return (ms_of(moment) if moment else 0, conversation.id)


def _before(ms: int, position: int, newest: bool) -> bool:
    return ms > position if newest else ms < position


def _query(shelf: Shelf, stretch: Document) -> Document:
    query: Document = dict(shelf.where)
    if shelf.field != "activity_at":  # says what the partial index holds, so that it may serve
        stretch = {"$gt": EPOCH, **stretch}
    if stretch:
        query[shelf.field] = stretch
    return query
