"""Inserts of many callers gathered into one statement: whoever comes while one is written goes with the next.

Nobody waits for others to come, and everybody returns only when their own document is safe. A statement costs
the embedded store most of what it costs by being one, so a rush of webhooks is kept as quickly as a few.
"""

import asyncio
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import AutoReconnect

from hub.store.bulk import insert_new
from hub.store.codec import Document

MOST = 200  # documents in one statement


class Gathered:
    """Inserts into one collection."""

    def __init__(self, collection: AsyncIOMotorCollection[Document]) -> None:
        self._collection = collection
        self._waiting: list[tuple[Document, asyncio.Future[None]]] = []
        self._writing = asyncio.Lock()

    async def insert(self, document: Document) -> None:
        """Kept when this returns. Raises what the statement it went with raised."""
        kept: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, kept))
        async with self._writing:
            while not kept.done():
                some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write(some)
        kept.result()

    async def _write(self, some: list[tuple[Document, asyncio.Future[None]]]) -> None:
        try:
            await insert_new(self._collection, [document for document, _ in some])
        except Exception as problem:  # noqa: BLE001 everybody who went with it is told
            for _, kept in some:
                kept.set_exception(problem)
                kept.exception()  # looked at: whoever left meanwhile leaves no complaint behind
        except BaseException:
            # Whoever wrote for all was cancelled: the others do not know what became of theirs.
            for _, kept in some:
                kept.set_exception(AutoReconnect("The insert was broken off."))
                kept.exception()
            raise
        else:
            for _, kept in some:
                kept.set_result(None)
