"""Attachments: every file once, under the checksum of its content.

A small file stands in its document in `media`: one round trip stores it, or finds that it is there. A large
one is streamed into `media.files` and `media.chunks`, which are laid out as GridFS prescribes, so that every
MongoDB tool can read them; its document in `media`, written last, makes it exist. We write that layout
ourselves because the driver's own bucket asks both collections for any document before each upload, for which
the embedded store reads all files there are. An upload, and the removal of a large file, leaves a mark in
`media_uploads` until it is finished: what was interrupted is found by it and swept away.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from hub.store.media_type import HEAD, judged_type

CHUNK = 255 * 1024  # bytes, GridFS's usual size; a file of no more is small
AT_ONCE = 4  # chunks per write: memory stays bounded, round trips few
DUPLICATE_KEY = 11000


class MediaTooLarge(Exception):
    def __init__(self, largest: int) -> None:
        super().__init__(f"The file is larger than {largest / 1024 / 1024:.3g} MB.")
        self.largest = largest


class MediaMissing(LookupError):
    """There is no such file, or not any more."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    id: str
    name: str  # as it came; `safe_file_name` is for whoever shows it
    mime: str  # as judged from the content
    size: int  # bytes
    sha256: str  # of what it was kept apart by, and the content


@dataclass(frozen=True, slots=True)
class NewFile:
    content: bytes
    name: str
    declared_mime: str
    apart: str = ""  # kept apart from the same content of others, under an id of its own


class Media:
    def __init__(
        self,
        db: AsyncIOMotorDatabase[dict[str, Any]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.media = db["media"]
        self.files = db["media.files"]
        self.chunks = db["media.chunks"]
        self.uploads = db["media_uploads"]
        self._now = now

    async def add(
        self,
        chunks: AsyncIterator[bytes] | bytes,
        name: str,
        declared_mime: str,
        largest: int,
        *,
        apart: str = "",
    ) -> MediaFile:
        """Store a file of at most `largest` bytes, else raise MediaTooLarge and keep nothing of it.

        With `apart` it is nobody else's, even of the same content, and may be deleted without asking.
        """
        start, whole = (chunks, True) if isinstance(chunks, bytes) else await _beginning(chunks, largest)
        new = NewFile(start, name, declared_mime, apart)
        if not whole and not isinstance(chunks, bytes):
            return await self._add_large(new, chunks, largest)
        [file] = await self.add_all([new], largest)
        if isinstance(file, MediaTooLarge):
            raise file
        return file

    async def add_all(self, files: Sequence[NewFile], largest: int) -> list[MediaFile | MediaTooLarge]:
        """Store several files, the small ones in one round trip; the answers are in the files' order."""
        described = [
            _describe(file) if len(file.content) <= largest else MediaTooLarge(largest) for file in files
        ]
        small: dict[str, dict[str, Any]] = {}
        large: dict[str, NewFile] = {}
        for file, found in zip(files, described, strict=True):
            if isinstance(found, MediaTooLarge):
                continue
            if found.size <= CHUNK:
                small[found.id] = self._document(found) | {"bytes": file.content}
            else:
                large[found.id] = file
        if small:
            await self._insert_small(list(small.values()))
        if large:
            known = self.media.find({"_id": {"$in": list(large)}}, {"_id": 1})
            for missing in large.keys() - {document["_id"] async for document in known}:
                await self._add_large(large[missing], None, largest)
        return described

    async def find(self, id: str) -> MediaFile | None:
        """What we know of a file; its name and type are those of its first arrival."""
        document = await self.media.find_one({"_id": id}, {"bytes": 0})
        if document is None:
            return None
        return MediaFile(id, document["name"], document["mime"], document["size"], id)

    async def read(self, id: str) -> bytes:
        """The whole content. Raises MediaMissing."""
        return b"".join([piece async for piece in self.open(id)])

    async def open(self, id: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The content, piece by piece; with `start` and `stop`, these bytes of it.

        Raises MediaMissing, also in the middle if it is deleted meanwhile.
        """
        document = await self.media.find_one({"_id": id}, {"bytes": 1, "upload": 1, "size": 1})
        if document is None:
            raise MediaMissing(id)
        if (content := document.get("bytes")) is not None:
            yield bytes(content)[start:stop]
            return
        stop = document["size"] if stop is None else min(stop, document["size"])
        # One at a time: a sorted cursor makes the embedded store hold the whole file.
        for number in range(start // CHUNK, -(-stop // CHUNK)):
            chunk = await self.chunks.find_one({"files_id": document["upload"], "n": number})
            if chunk is None:
                raise MediaMissing(id)
            at = number * CHUNK
            yield bytes(chunk["data"])[max(0, start - at) : stop - at]

    async def delete(self, id: str) -> None:
        """Remove a file, whoever refers to it. No error if it is not there."""
        document = await self.media.find_one({"_id": id}, {"upload": 1})
        upload = document and document.get("upload")
        if upload:
            await self._mark(upload)
        await self.media.delete_one({"_id": id})
        if upload:
            await self._discard(upload)

    async def sweep_unfinished(self, older_than: datetime) -> int:
        """Remove what uploads and removals begun before `older_than` left behind; how many there were."""
        marks = await self.uploads.find({"at": {"$lt": older_than}}).to_list(None)
        for mark in marks:
            file = await self.files.find_one({"_id": mark["_id"]})
            published = file and await self.media.find_one({"_id": file["metadata"]["sha256"]}, {"upload": 1})
            if published and published.get("upload") == mark["_id"]:
                await self.uploads.delete_one({"_id": mark["_id"]})
            else:
                await self._discard(mark["_id"])
        return len(marks)

    async def _insert_small(self, documents: list[dict[str, Any]]) -> None:
        try:
            await self.media.insert_many(documents, ordered=False)
        except BulkWriteError as problem:
            # "Already there" is what the checksum as the key is for.
            if any(error["code"] != DUPLICATE_KEY for error in problem.details["writeErrors"]):
                raise

    async def _add_large(self, new: NewFile, rest: AsyncIterator[bytes] | None, largest: int) -> MediaFile:
        """`rest`: what follows the content that `new` begins with."""
        upload = ObjectId()
        await self._mark(upload)
        try:
            size, sha256 = await self._write_chunks(upload, new, rest, largest)
        except asyncio.CancelledError:
            raise  # a write may still be under way in the driver's thread: only the sweep comes late enough
        except BaseException:
            await self._discard(upload)
            raise
        mime = judged_type(new.content[:HEAD], new.declared_mime)
        file = MediaFile(sha256, new.name, mime, size, sha256)
        await self._publish(upload, file)
        return file

    async def _write_chunks(
        self, upload: ObjectId, new: NewFile, rest: AsyncIterator[bytes] | None, largest: int
    ) -> tuple[int, str]:
        checksum = hashlib.sha256(new.apart.encode())
        size = number = 0
        async for block in _blocks(new.content, rest, CHUNK * AT_ONCE):
            size += len(block)
            if size > largest:
                raise MediaTooLarge(largest)
            checksum.update(block)
            pieces = [block[at : at + CHUNK] for at in range(0, len(block), CHUNK)]
            await self.chunks.insert_many(
                [{"files_id": upload, "n": number + each, "data": piece} for each, piece in enumerate(pieces)]
            )
            number += len(pieces)
        return size, checksum.hexdigest()

    async def _publish(self, upload: ObjectId, file: MediaFile) -> None:
        await self.files.insert_one(
            {
                "_id": upload,
                "length": file.size,
                "chunkSize": CHUNK,
                "uploadDate": self._now(),
                "filename": file.name,
                "metadata": {"sha256": file.sha256, "mime": file.mime},
            }
        )
        try:
            await self.media.insert_one(self._document(file) | {"upload": upload})
        except DuplicateKeyError:
            await self._discard(upload)
        else:
            await self.uploads.delete_one({"_id": upload})

    def _document(self, file: MediaFile) -> dict[str, Any]:
        return {"_id": file.id, "name": file.name, "mime": file.mime, "size": file.size, "at": self._now()}

    async def _mark(self, upload: ObjectId) -> None:
        await self.uploads.update_one({"_id": upload}, {"$set": {"at": self._now()}}, upsert=True)

    async def _discard(self, upload: ObjectId) -> None:
        # The file first: without it the chunks are nothing, whoever looks.
        await self.files.delete_one({"_id": upload})
        await self.chunks.delete_many({"files_id": upload})
        await self.uploads.delete_one({"_id": upload})


def _describe(file: NewFile) -> MediaFile:
    sha256 = hashlib.sha256(file.apart.encode() + file.content).hexdigest()
    mime = judged_type(file.content[:HEAD], file.declared_mime)
    return MediaFile(sha256, file.name, mime, len(file.content), sha256)


async def _beginning(chunks: AsyncIterator[bytes], largest: int) -> tuple[bytes, bool]:
    """The first bytes, more than a small file has if there are more; and whether that was all."""
    start = bytearray()
    async for piece in chunks:
        start += piece
        if len(start) > largest:
            raise MediaTooLarge(largest)
        if len(start) > CHUNK:
            return bytes(start), False
    return bytes(start), True


async def _blocks(start: bytes, rest: AsyncIterator[bytes] | None, length: int) -> AsyncIterator[bytes]:
    """The same bytes in blocks of `length`; the last may be shorter."""
    waiting = bytearray(start)
    if rest is not None:
        async for piece in rest:
            waiting += piece
            while len(waiting) >= length:
                yield bytes(waiting[:length])
                del waiting[:length]
    for at in range(0, len(waiting), length):
        yield bytes(waiting[at : at + length])
