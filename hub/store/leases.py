"""Who works on what: leases with an owner, an expiry and a fencing number.

Taking one is a guarded `update_one` with `_id` first; nothing here uses `find_one_and_*`, which the embedded
store answers by reading the whole collection.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateOne

from hub.store.bulk import insert_new
from hub.store.codec import Document
from hub.store.queues import LANES
from hub.store.schema import Database

NOBODY = ""


class Leases:
    """The registry of workers and the leases on lanes. Channels carry their lease themselves."""

    def __init__(self, db: Database) -> None:
        self.lanes = db.lanes
        self.workers = db.workers

    async def prepare(self, now: datetime) -> None:
        await insert_new(
            self.lanes, [{"_id": lane, "owner": NOBODY, "until": now, "fence": 0} for lane in range(LANES)]
        )

    async def beat(self, worker: str, now: datetime, lasts: timedelta) -> int:
        """Say that a worker lives. Returns how many do."""
        until = now + lasts
        await self.workers.update_one({"_id": worker}, {"$set": {"until": until}}, upsert=True)
        workers = await self.workers.find().to_list(None)
        if dead := [each["_id"] for each in workers if each["until"] < now - timedelta(hours=1)]:
            await self.workers.delete_many({"_id": {"$in": dead}})
        return sum(each["until"] > now for each in workers)

    async def leave(self, worker: str, now: datetime) -> None:
        """Give back everything at once, so that others need not wait for the leases to end."""
        await self.workers.delete_one({"_id": worker})
        await self._give_back(await self.lanes.find({"owner": worker}).to_list(None), now)

    async def hold_lanes(self, worker: str, workers: int, now: datetime, lasts: timedelta) -> frozenset[int]:
        """Renew the lanes a worker has; take or give back until it has its share. Returns what it holds."""
        share = -(-LANES // max(workers, 1))
        lanes = await self.lanes.find().to_list(None)
        mine = [each for each in lanes if each["owner"] == worker and each["until"] > now]
        await self._give_back(mine[share:], now)
        held = [each["_id"] for each in mine[:share]]
        if held:
            # $max: a renewal that arrives late must not shorten a newer one.
            await self.lanes.update_many(
                {"_id": {"$in": held}, "owner": worker}, {"$max": {"until": now + lasts}}
            )
        for each in lanes:
            if len(held) >= share:
                break
            free = each["until"] <= now or each["owner"] == NOBODY
            if free and await take(self.lanes, each, worker, now, lasts):
                held.append(each["_id"])
        # Read back: what somebody else took since the first look is not ours.
        ours = await self.lanes.find({"_id": {"$in": held}, "owner": worker}).to_list(None)
        return frozenset(each["_id"] for each in ours if each["until"] > now)

    async def _give_back(self, seen: Sequence[Document], now: datetime) -> None:
        """Only as they were seen: one that arrives late must not free what was taken again since."""
        if seen:
            await self.lanes.bulk_write(
                [
                    UpdateOne(
                        {"_id": each["_id"], "owner": each["owner"], "fence": each["fence"]},
                        {"$set": {"owner": NOBODY, "until": now}},
                    )
                    for each in seen
                ],
                ordered=False,
            )


async def take(
    collection: AsyncIOMotorCollection[Document],
    seen: Document,
    worker: str,
    now: datetime,
    lasts: timedelta,
) -> bool:
    """Take the lease in a document as it was `seen`. False when somebody else was faster."""
    taken = await collection.update_one(
        {"_id": seen["_id"], "fence": seen["fence"], "owner": seen["owner"]},
        {"$set": {"owner": worker, "until": now + lasts}, "$inc": {"fence": 1}},
    )
    return bool(taken.modified_count)
