"""Finding documents by the beginning of their id, as people type it."""

from hub.store.codec import Document
from hub.store.schema import Database

MOST = 5
ID_LENGTH = 24


async def ids_beginning(
    db: Database, collection: str, prefix: str, query: Document | None = None
) -> list[str]:
    """Up to MOST ids that begin so; the index on `_id` serves it. `query`: what else must hold."""
    if len(prefix) >= ID_LENGTH:
        wanted: Document = {"_id": prefix}
    else:
        wanted = {"_id": {"$gte": prefix, "$lt": f"{prefix}g"}}  # ids are hex: "g" comes after all of them
    found = await db[collection].find({**wanted, **(query or {})}, {"_id": 1}).limit(MOST).to_list(MOST)
    return [each["_id"] for each in found]
