"""Attachments in a real database: stored once, bounded, recognised, and cleaned up after."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from hub.store.media import CHUNK, Media, MediaMissing, MediaTooLarge, NewFile
from hub.store.schema import prepare
from tests.database import Database

MB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def media(database: Database, clock: Clock) -> Media:
    await prepare(database)
    return Media(database, clock)


async def in_pieces(content: bytes, length: int = 60_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), length):
        yield content[at : at + length]


async def broken_off(content: bytes) -> AsyncIterator[bytes]:
    yield content
    raise ConnectionResetError("the platform hung up")


def noise(length: int) -> bytes:
    return hashlib.shake_256(str(length).encode()).digest(length)


async def counts(database: Database) -> dict[str, int]:
    names = ("media", "media.files", "media.chunks", "media_uploads")
    return {name: await database[name].count_documents({}) for name in names}


@pytest.mark.parametrize(
    "length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 1, 9 * CHUNK - 7]
)
async def test_what_is_stored_comes_back_whole(media: Media, length: int) -> None:
    content = noise(length)
    for source in (content, in_pieces(content)):
        file = await media.add(source, "blob.bin", "application/x-blob", 10 * MB)
        assert await media.read(file.id) == content
        assert (file.size, file.sha256) == (length, hashlib.sha256(content).hexdigest())
        assert await media.find(file.id) == file
        for part in (slice(0, 1), slice(length // 3, 2 * length // 3), slice(max(0, length - 5), length)):
            read = [piece async for piece in media.open(file.id, part.start, part.stop)]
            assert b"".join(read) == content[part]


async def test_the_same_bytes_are_stored_once_whatever_they_are_called(
    media: Media, database: Database
) -> None:
    large = noise(3 * CHUNK)
    for content in (PNG, large):
        first = await media.add(content, "logo.png", "image/png", MB)
        again = await media.add(in_pieces(content), "image001.png", "image/jpeg", MB)
        assert again.id == first.id
        assert again.name == "image001.png"
    assert await counts(database) == {"media": 2, "media.files": 1, "media.chunks": 3, "media_uploads": 0}


async def test_twenty_at_once_with_the_same_bytes_leave_one(media: Media, database: Database) -> None:
    for content in (PNG, noise(2 * CHUNK + 1)):
        files = await asyncio.gather(
            *(media.add(in_pieces(content), f"{number}.bin", "", MB) for number in range(20))
        )
        assert len({file.id for file in files}) == 1
        assert await media.read(files[0].id) == content
    assert await counts(database) == {"media": 2, "media.files": 1, "media.chunks": 3, "media_uploads": 0}


async def test_a_file_that_is_too_large_is_refused_as_soon_as_that_shows(
    media: Media, database: Database
) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield noise(100_000)

    with pytest.raises(MediaTooLarge, match="larger than 2 MB"):
        await media.add(endless(), "endless.bin", "", 2 * MB)
    assert asked * 100_000 < 4 * MB
    with pytest.raises(MediaTooLarge):
        await media.add(endless(), "endless.bin", "", 10_000)
    with pytest.raises(MediaTooLarge):
        await media.add(noise(2 * MB + 1), "whole.bin", "", 2 * MB)
    assert not any((await counts(database)).values())


async def test_many_files_of_one_message_are_stored_together(media: Media, database: Database) -> None:
    large, excessive = noise(CHUNK + 5), noise(MB + 1)
    await media.add(PNG, "known already.png", "image/png", MB)
    files = await media.add_all(
        [
            NewFile(PNG, "logo.png", "image/png"),
            NewFile(b"Hello", "a.txt", "text/plain"),
            NewFile(excessive, "film.mp4", "video/mp4"),
            NewFile(b"Hello", "copy of a.txt", "text/plain"),
            NewFile(large, "scan.bin", ""),
        ],
        MB,
    )
    assert [file if isinstance(file, MediaTooLarge) else file.name for file in files] == [
        "logo.png",
        "a.txt",
        files[2],
        "copy of a.txt",
        "scan.bin",
    ]
    assert isinstance(files[2], MediaTooLarge)
    for file, content in zip(files, (PNG, b"Hello", b"", b"Hello", large), strict=True):
        if not isinstance(file, MediaTooLarge):
            assert await media.read(file.id) == content
    assert (await counts(database))["media"] == 3


async def test_an_upload_the_sender_breaks_off_leaves_nothing(media: Media, database: Database) -> None:
    with pytest.raises(ConnectionResetError):
        await media.add(broken_off(noise(5 * CHUNK)), "half.bin", "", 10 * MB)
    assert not any((await counts(database)).values())


async def test_an_upload_that_was_interrupted_is_swept_away_later(
    media: Media, database: Database, clock: Clock
) -> None:
    arrived = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield noise(6 * CHUNK)
        yield noise(1)
        arrived.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(media.add(stalling(), "stalled.bin", "", 10 * MB))
    await arrived.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert await media.sweep_unfinished(NOON) == 0
    assert (await counts(database))["media.chunks"] == 4
    assert await media.sweep_unfinished(NOON + timedelta(hours=1)) == 1
    assert not any((await counts(database)).values())


async def test_the_sweep_spares_a_file_whose_upload_ended_just_before_its_mark_was_removed(
    media: Media, database: Database
) -> None:
    content = noise(2 * CHUNK)
    file = await media.add(content, "kept.bin", "", MB)
    document = await database["media"].find_one({"_id": file.id})
    assert document is not None
    await database["media_uploads"].insert_one({"_id": document["upload"], "at": NOON})
    await media.sweep_unfinished(NOON + timedelta(hours=1))
    assert await media.read(file.id) == content
    assert (await counts(database))["media_uploads"] == 0


async def test_a_deleted_file_is_gone_with_all_its_pieces(media: Media, database: Database) -> None:
    for content in (PNG, noise(3 * CHUNK)):
        file = await media.add(content, "gone.bin", "", MB)
        await media.delete(file.id)
        assert await media.find(file.id) is None
        with pytest.raises(MediaMissing):
            await media.read(file.id)
        await media.delete(file.id)
    assert not any((await counts(database)).values())


async def test_the_driver_reads_a_large_file_as_gridfs(media: Media, database: Database) -> None:
    from motor.motor_asyncio import AsyncIOMotorGridFSBucket

    content = noise(2 * CHUNK + 9)
    await media.add(content, "plan.bin", "", MB)
    bucket = AsyncIOMotorGridFSBucket(database, "media")
    stream = await bucket.open_download_stream_by_name("plan.bin")
    assert await stream.read() == content
