"""What can be said of the database itself and of what waits in it: for `hubbub check` and `store info`."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import OperationFailure

from hub.store.codec import Document
from hub.store.deliveries import TROUBLE
from hub.store.queues import GAVE_UP
from hub.store.schema import Database


@dataclass(frozen=True, slots=True)
class Server:
    """Which database answers. `ahead`: how far its clock is before ours."""

    version: str
    embedded: bool
    replica_set: str | None
    sharded: bool
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """One collection."""

    name: str
    documents: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in one queue, and what gave up."""

    waiting: int
    oldest: datetime | None  # since when
    failed: int


async def describe_server(db: Database) -> Server:
    admin = db.client.admin
    build = await admin.command("buildInfo")
    before = datetime.now(UTC)
    hello: Document = await admin.command("hello")
    middle = before + (datetime.now(UTC) - before) / 2
    theirs = hello["localTime"]
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    own = build.get("secantusVersion")
    return Server(
        version=f"SecantusDB {own}" if own else f"MongoDB {build['version']}",
        embedded=own is not None,
        replica_set=hello.get("setName"),
        sharded=hello.get("msg") == "isdbgrid",
        ahead=theirs - middle,
    )


async def list_collections(db: Database) -> list[Kept]:
    names = [each for each in await db.list_collection_names() if not each.startswith("system.")]
    return list(await asyncio.gather(*(_kept(db, each) for each in sorted(names))))


async def _kept(db: Database, name: str) -> Kept:
    try:
        stats: dict[str, Any] = await db.command({"collStats": name})
    except OperationFailure:  # not everybody may ask
        stats = {"count": await db[name].estimated_document_count(), "size": 0}
    return Kept(name, int(stats.get("count", 0)), int(stats.get("size", 0)))


async def backlogs(db: Database) -> dict[str, Backlog]:
    """Of the journal, the arrivals (webhook bodies) and the outbox."""
    trouble = await db.entries.count_documents({"outbox": {"$in": list(TROUBLE)}})
    channels = [each["_id"] for each in await db.channels.find({}, {"_id": 1}).to_list(None)]
    return {
        "journal": await _queue(db, "journal", {"pending": {"$gte": 0}}, "received_at"),
        "arrivals": await _queue(db, "arrivals", {"pending": {"$gte": 0}}, "received_at"),
        "outbox": await _queue(db, "entries", {"outbox": {"$in": channels}}, "delivery.due_at", trouble),
    }


async def _queue(db: Database, name: str, query: Document, since: str, failed: int | None = None) -> Backlog:
    oldest = await db[name].find(query, {since: 1}).sort(since, 1).limit(1).to_list(1)
    at: Any = oldest[0] if oldest else None
    for part in since.split("."):
        at = at and at.get(part)
    if failed is None:
        failed = await db[name].count_documents({"pending": GAVE_UP})
    return Backlog(await db[name].count_documents(query), at, failed)


async def workers_alive(db: Database, now: datetime) -> int:
    """How many workers have lately said that they are at work."""
    workers = await db.workers.find().to_list(None)
    return len({each["_id"].rpartition(":")[0] for each in workers if each["until"] > now})
