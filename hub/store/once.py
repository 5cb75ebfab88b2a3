"""What is done once with a database that was filled before: whether it has been done, and to what."""

from collections.abc import AsyncIterator

from hub.model.inbox import Conversation
from hub.store.codec import from_document
from hub.store.schema import Database


async def is_done(db: Database, what: str) -> bool:
    found = await db.meta.find_one({"_id": "once"})
    return bool(found and found.get(what))


async def note_done(db: Database, what: str) -> None:
    await db.meta.update_one({"_id": "once"}, {"$set": {what: True}}, upsert=True)


async def in_pieces(db: Database, size: int) -> AsyncIterator[list[Conversation]]:
    """Every conversation, so many at a time."""
    piece: list[Conversation] = []
    async for document in db.conversations.find({}, batch_size=size):
        piece.append(from_document(document, Conversation))
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece
