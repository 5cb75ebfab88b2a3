"""Writing many documents in one round trip, where some may be there already."""

from collections.abc import Sequence
from typing import Any

from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import BulkWriteError

from hub.store.codec import Document, scrubbed

DUPLICATE_KEY = 11000


async def insert_new(
    collection: AsyncIOMotorCollection[Document], documents: Sequence[Document]
) -> frozenset[str]:
    """Insert those whose `_id` is not there yet. Returns the ids that were."""
    if not documents:
        return frozenset()
    try:
        return await _insert(collection, documents)
    except (UnicodeEncodeError, OverflowError, InvalidDocument):
        return await _insert(collection, [scrubbed(document) for document in documents])


async def _insert(
    collection: AsyncIOMotorCollection[Document], documents: Sequence[Document]
) -> frozenset[str]:
    try:
        await collection.insert_many(documents, ordered=False)
    except BulkWriteError as problem:
        errors: list[dict[str, Any]] = (problem.details or {}).get("writeErrors", [])
        if any(error["code"] != DUPLICATE_KEY for error in errors):
            raise
        return frozenset(documents[error["index"]]["_id"] for error in errors)
    return frozenset()
