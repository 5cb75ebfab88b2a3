"""What became of everything a channel received lately: the numbers that say whether anything is missing."""

from collections import Counter
from datetime import datetime

from hub.store.marks import LINE
from hub.store.schema import Database

MOST = 100_000  # entries looked at, newest first


async def count_outcomes(db: Database, channel: str, since: datetime) -> Counter[str]:
    """How many journal entries ended as what; "waiting" for those that have not ended."""
    wanted = {"marks": LINE, "channel": channel, "received_at": {"$gte": since}}
    found = db.journal.find(wanted, {"_id": 0, "outcome": 1}).sort("received_at", -1).limit(MOST)
    return Counter([str(each.get("outcome") or "waiting") async for each in found])
