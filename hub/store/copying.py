"""Moving everything to another database, as it stands: any kept document, byte for byte, files included.

A copy may be interrupted and begun again. Documents go by their `_id`: what does not change after it was
written (files and their chunks) is skipped when it is there, everything else is written over. A mark in the
target, made first and closed last, tells a half copy from a database that is in use.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ReplaceOne

from hub.store.bulk import insert_new
from hub.store.errors import StoreError
from hub.store.schema import Database, prepare

MARK = "copying"  # the collection in the target that holds the mark
# Who is at work here right now: of no meaning there.
LEFT_OUT = frozenset({"workers", "lanes", MARK})
UNCHANGING = frozenset({"media", "media.files", "media.chunks"})
CHUNKS = "media.chunks"
STEP = 50  # documents per round trip, each of at most a quarter of a mebibyte
CHUNKS_AT_ONCE = 8  # 2 MiB

Raw = AsyncIOMotorCollection[RawBSONDocument]
Show = Callable[[str, int, int], None]  # collection, done, total


@dataclass(frozen=True, slots=True)
class Copied:
    """One collection, when all is done. `written`: in this run."""

    collection: str
    documents: int
    written: int


async def copy_all(
    source: Database, target: Database, now: datetime, show: Show, *, again: bool = False
) -> list[Copied]:
    """Copy, then count on both sides. `again`: also over a copy that was finished.

    Raises StoreError when the target has data of its own, or when the counts differ in the end.
    """
    await _claim(target, now, again=again)
    await prepare(target)
    report = []
    for name in await _collections(source):
        if name == CHUNKS:
            continue
        report.append(await _copy(source, target, name, show))
    report.append(await _copy_chunks(source, target, show))
    names = [each.collection for each in report]
    if wrong := [each for each in names if not await _same_count(source, target, each)]:
        raise StoreError(
            f"Not all is the same on both sides ({', '.join(wrong)}): something was written meanwhile. "
            "Stop what is at work there and copy again; what is there already is not copied twice."
        )
    await target[MARK].update_one({"_id": MARK}, {"$set": {"finished_at": now}})
    return report


async def _claim(target: Database, now: datetime, *, again: bool) -> None:
    mark = await target[MARK].find_one({"_id": MARK})
    if mark is None:
        for name in ("conversations", "channels", "agents", "journal"):
            if await target[name].find_one({}, {"_id": 1}):
                raise StoreError("The target has data of its own: choose an empty database to copy into.")
        await target[MARK].insert_one({"_id": MARK, "began_at": now})
    elif "finished_at" in mark and not again:
        raise StoreError(
            "It has been copied there already. To write over what may have changed there since, say --again."
        )


async def _collections(source: Database) -> list[str]:
    names = await source.list_collection_names()
    return sorted(name for name in names if not name.startswith("system.") and name not in LEFT_OUT)


async def _copy(source: Database, target: Database, name: str, show: Show) -> Copied:
    there, here = _raw(source, name), _raw(target, name)
    total = await there.estimated_document_count()
    done = written = 0
    show(name, 0, total)
    async for ids in _ids(source, name):
        missing = ids
        if name in UNCHANGING:
            known = {each["_id"] async for each in target[name].find({"_id": {"$in": ids}}, {"_id": 1})}
            missing = [each for each in ids if each not in known]
        if missing:
            documents = await there.find({"_id": {"$in": missing}}).to_list(None)
            await here.bulk_write(
                [ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents], ordered=False
            )
            written += len(documents)
        done += len(ids)
        show(name, done, max(total, done))
    await _drop_extra(source, target, name)
    return Copied(name, done, written)


async def _drop_extra(source: Database, target: Database, name: str) -> None:
    """What an earlier run copied and was deleted at the source since."""
    if await _same_count(source, target, name):
        return
    async for ids in _ids(target, name):
        kept = {each["_id"] async for each in source[name].find({"_id": {"$in": ids}}, {"_id": 1})}
        if gone := [each for each in ids if each not in kept]:
            await target[name].delete_many({"_id": {"$in": gone}})


async def _copy_chunks(source: Database, target: Database, show: Show) -> Copied:
    """File by file and by number: the embedded store reads whole collections where it is asked for all."""
    files = await source["media.files"].find({}, {"length": 1, "chunkSize": 1}).to_list(None)
    here = target[CHUNKS]
    done = written = 0
    for number, file in enumerate(files):
        show("files", number, len(files))
        count = -(-int(file["length"]) // int(file["chunkSize"]))
        for start in range(0, count, CHUNKS_AT_ONCE):
            wanted = range(start, min(start + CHUNKS_AT_ONCE, count))
            keys = [{"files_id": file["_id"], "n": each} for each in wanted]
            missing = [each for each in keys if not await here.find_one(each, {"_id": 1})]
            chunks = [await source[CHUNKS].find_one(each) for each in missing]
            found = [each for each in chunks if each is not None]
            await insert_new(here, found)
            written += len(found)
            done += len(wanted)
    show("files", len(files), len(files))
    await _drop_extra(source, target, CHUNKS)
    return Copied(CHUNKS, done, written)


async def _ids(db: Database, name: str) -> AsyncIterator[list[Any]]:
    """All ids of a collection, STEP at a time."""
    page: list[Any] = []
    async for each in db[name].find({}, {"_id": 1}).batch_size(STEP):
        page.append(each["_id"])
        if len(page) == STEP:
            yield page
            page = []
    if page:
        yield page


async def _same_count(source: Database, target: Database, name: str) -> bool:
    return await source[name].estimated_document_count() == await target[name].estimated_document_count()


def _raw(db: Database, name: str) -> Raw:
    """Documents unread: what we do not know survives as well."""
    options: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    collection: Raw = db.get_collection(name, codec_options=options)  # type: ignore[assignment]  # see options
    return collection
