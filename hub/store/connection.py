"""Connecting to MongoDB, or to the embedded database that speaks like it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConfigurationError, ConnectionFailure, InvalidURI, OperationFailure

from hub.store.codec import Document
from hub.store.errors import StoreError
from hub.store.schema import Database

ANSWER_WITHIN = 5_000  # ms to find a server before an operation fails
# ms a connection may be silent within an operation: a database behind a dead line is noticed, not waited for.
SILENT_MOST = 20_000


@asynccontextmanager
async def connect(url: str, database: str) -> AsyncIterator[Database]:
    """A proven connection. Writes are acknowledged once they are in the database's own journal.

    Raises StoreError when there is no database to be had at the URL.
    """
    try:
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            url,
            tz_aware=True,
            journal=True,
            serverSelectionTimeoutMS=ANSWER_WITHIN,
            connectTimeoutMS=ANSWER_WITHIN,
            socketTimeoutMS=SILENT_MOST,
            appname="hubbub",
        )
    except (ConfigurationError, InvalidURI) as problem:
        raise StoreError(f"mongo.url is not a MongoDB connection string: {problem}") from problem
    try:
        try:
            await client.admin.command("ping")
        except ConnectionFailure as problem:
            raise StoreError(
                "The database at mongo.url does not answer: check that it runs and that the address is right."
            ) from problem
        except OperationFailure as problem:
            raise StoreError(
                "The database at mongo.url refuses us: check the user and password in it."
            ) from problem
        yield client[database]
    finally:
        client.close()
