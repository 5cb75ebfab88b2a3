"""Answers to requests that were sent with an Idempotency-Key, kept so that a repeated one gets the same.

A key is claimed before the deed and filled after it. Whoever repeats the request meanwhile is told to wait; a
claim whose process died is taken over by compare-and-set once it is older than any deed lasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from hub.store.schema import Database

KEPT_FOR = timedelta(days=1)
ABANDONED_AFTER = timedelta(minutes=2)  # nobody works so long on one request


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key. `status` None: somebody is at work on it."""

    fingerprint: str
    status: int | None = None
    body: str = ""


class Answers:
    def __init__(self, db: Database) -> None:
        self.answers = db.answers

    async def claim(self, id: str, fingerprint: str, now: datetime) -> Kept | None:
        """None: it is ours now, to be ended with `keep` or `release`. Else what is kept under it."""
        claim = {"fingerprint": fingerprint, "claimed_at": now, "expires_at": now + KEPT_FOR}
        try:
            await self.answers.insert_one({"_id": id, **claim})
        except DuplicateKeyError:
            pass
        else:
            return None
        seen = await self.answers.find_one({"_id": id})
        if seen is None:  # released between the two
            return Kept(fingerprint)
        over = seen["expires_at"] <= now
        abandoned = "status" not in seen and seen["claimed_at"] <= now - ABANDONED_AFTER
        if over or (abandoned and seen["fingerprint"] == fingerprint):
            same = {"_id": id, "claimed_at": seen["claimed_at"]}
            taken = await self.answers.update_one(same, {"$set": claim, "$unset": {"status": "", "body": ""}})
            return None if taken.modified_count else Kept(fingerprint)
        return Kept(seen["fingerprint"], seen.get("status"), seen.get("body", ""))

    async def keep(self, id: str, status: int, body: str) -> None:
        await self.answers.update_one({"_id": id}, {"$set": {"status": status, "body": body}})

    async def note(self, id: str, progress: Mapping[str, int], now: datetime) -> None:
        """How far it has come. Whoever still tells that has not died."""
        await self.answers.update_one({"_id": id}, {"$set": {"progress": dict(progress), "claimed_at": now}})

    async def progress(self, id: str) -> tuple[dict[str, int], bool] | None:
        """What was noted, and whether it is over; None where there is no such request (any more)."""
        found = await self.answers.find_one({"_id": id}, {"progress": 1, "status": 1})
        return (found.get("progress", {}), "status" in found) if found else None

    async def release(self, id: str) -> None:
        """Nothing was done: the key may be used again."""
        await self.answers.delete_one({"_id": id, "status": {"$exists": False}})
