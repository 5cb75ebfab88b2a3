"""Amendments on their way: what we change of what was said already, until the platform has taken it.

One at a time for each message: who changes their mind before it left changes what leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.model.inbox import Amending, Message
from hub.store.codec import Document, to_document
from hub.store.schema import Database

AT_ONCE = 50
TICK = timedelta(
    milliseconds=1
)  # not `$lte`: the embedded store loses what stands exactly on an included end (0.7.0b3)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An amendment to be carried out. `number` tells it from one that took its place meanwhile."""

    message: str
    number: str
    give_up_at: datetime
    tries: int


class Amendments:
    def __init__(self, db: Database) -> None:
        self.waiting = db.amendments
        self.entries = db.entries

    async def put(
        self, message: Message, amending: Amending, number: str, now: datetime, give_up_at: datetime
    ) -> None:
        """Before anything else on the message itself: a crash in between leaves work that does nothing."""
        kept: Document = {"channel": message.channel, "number": number, "due_at": now, "tries": 0}
        kept["give_up_at"] = give_up_at
        await self.entries.update_one({"_id": message.id}, {"$set": {"amending": to_document(amending)}})
        await self.waiting.update_one({"_id": message.id}, {"$set": kept}, upsert=True)

    async def due(self, channel: str, now: datetime) -> Sequence[Waiting]:
        """The longest due first."""
        query: Document = {"channel": channel, "due_at": {"$lt": now + TICK}}
        found = await self.waiting.find(query).sort("due_at", 1).limit(AT_ONCE).to_list(AT_ONCE)
        return [Waiting(each["_id"], each["number"], each["give_up_at"], each["tries"]) for each in found]

    async def next_due(self, channel: str) -> datetime | None:
        found = await self.waiting.find({"channel": channel}).sort("due_at", 1).limit(1).to_list(1)
        return found[0]["due_at"] if found else None

    async def later(self, waiting: Waiting, due_at: datetime, *, counts: bool) -> None:
        update: Document = {"$set": {"due_at": due_at}}
        if counts:
            update["$inc"] = {"tries": 1}
        await self.waiting.update_one({"_id": waiting.message, "number": waiting.number}, update)

    async def end(self, waiting: Waiting, problem: str = "") -> bool:
        """It is done; or, with a problem, it never will be. False: another took its place, and waits."""
        gone = await self.waiting.delete_one({"_id": waiting.message, "number": waiting.number})
        if not gone.deleted_count:
            return False
        update: Document = {"$unset": {"amending": ""}}
        if problem:
            update = {"$set": {"amending.problem": problem}}
        await self.entries.update_one({"_id": waiting.message, "amending.at": {"$gt": NEVER}}, update)
        return True

    async def dismiss(self, message: str) -> None:
        """Nobody needs to see any more that it was refused."""
        await self.entries.update_one({"_id": message}, {"$unset": {"amending": ""}})
