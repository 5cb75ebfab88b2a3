"""Writing many documents in one round trip.

The embedded store makes each statement a transaction with a sync of its own; many documents in one statement
cost it half of what as many statements do.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bson.errors import InvalidDocument
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from hub.store.codec import Document, scrubbed

DUPLICATE_KEY = 11000
TOGETHER = 100  # documents in one statement: each looks for itself among them
Shape = tuple[tuple[str, tuple[str, ...]], ...]  # operators, and the fields below each


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


async def update_each(
    collection: AsyncIOMotorCollection[Document], changes: Sequence[tuple[str, Document]]
) -> None:
    """Give each document, by its id, an update of its own: `$set`, `$unset`, `$max`, `$inc` of whole fields.

    Updates of one shape become one statement. Several for the same document are applied in their order.
    """
    try:
        await _update(collection, changes)
    except (UnicodeEncodeError, OverflowError, InvalidDocument):
        await _update(collection, [(each, scrubbed(change)) for each, change in changes])


async def _update(
    collection: AsyncIOMotorCollection[Document], changes: Sequence[tuple[str, Document]]
) -> None:
    ids = [each for each, _ in changes]
    if len(set(ids)) < len(ids) or len(ids) < 3:
        await collection.bulk_write([UpdateOne({"_id": each}, change) for each, change in changes])
        return
    shapes: defaultdict[Shape, list[tuple[str, Document]]] = defaultdict(list)
    for each, change in changes:
        shapes[tuple((name, tuple(change[name])) for name in sorted(change))].append((each, change))
    parts = [alike[at : at + TOGETHER] for alike in shapes.values() for at in range(0, len(alike), TOGETHER)]
    statements = [UpdateMany({"_id": {"$in": [each for each, _ in part]}}, _stages(part)) for part in parts]
    await collection.bulk_write(statements, ordered=False)


def _stages(alike: Sequence[tuple[str, Document]]) -> list[Document]:
    """An update pipeline that gives each of these documents what its own update, of one shape, says."""
    place = {"$indexOfArray": [{"$literal": [each for each, _ in alike]}, "$_id"]}

    def of_each(operator: str, field: str) -> Document:
        return {"$arrayElemAt": [{"$literal": [change[operator][field] for _, change in alike]}, place]}

    shape = alike[0][1]
    stage: Document = {field: of_each("$set", field) for field in shape.get("$set", ())}
    stage |= {field: {"$max": [f"${field}", of_each("$max", field)]} for field in shape.get("$max", ())}
    for field in shape.get("$inc", ()):
        stage[field] = {"$add": [{"$ifNull": [f"${field}", 0]}, of_each("$inc", field)]}
    gone = list(shape.get("$unset", ()))
    return [{"$set": stage}, *([{"$unset": gone}] if gone else [])]
