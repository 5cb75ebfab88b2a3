"""Segments as documents: written once, never changed.

A small segment is one document. Of a larger one, the shards and the blocks of entries are documents of their
own, so that a search reads only what it needs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorCollection

from hub.store.bulk import insert_new
from hub.store.codec import Document
from hub.store.search import postings as codec
from hub.store.search.manifest import Segment
from hub.store.search.postings import BLOCK, SHARDS, Place
from hub.store.shelves import ms_of

Segments = AsyncIOMotorCollection[Document]


class PieceMissing(Exception):
    """A document of a segment is not there: it was merged away meanwhile."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an entry is found by."""

    entry: str
    at: datetime
    terms: Sequence[str]

    @property
    def place(self) -> Place:
        return ms_of(self.at), self.entry


def described(name: str, places: Sequence[Place]) -> Segment:
    """A segment of these entries, in their order."""
    count = len(places)
    return Segment(name, count, spread_of(count), tuple(at for at, _ in places[::BLOCK]), places[-1][0])


def spread_of(count: int) -> int:
    """Over how many documents: a search shall read little, a writer write few."""
    return 1 if count < 64 else 8 if count < 512 else SHARDS


def abandoned(head: Document) -> Segment:
    """A segment that was never published, by its first document; only where its documents are is true."""
    count = head["n"]
    return Segment(head["head"], count, spread_of(count), (0,) * -(-count // BLOCK), 0)


async def write(collection: Segments, name: str, rows: Sequence[Indexed]) -> Segment:
    """New entries as a segment, not yet published. Of an entry that comes twice, the last counts."""
    ordered = sorted({each.entry: each for each in rows}.values(), key=lambda each: each.place)
    found: dict[str, list[int]] = {}
    for number, each in enumerate(ordered):
        for term in each.terms:
            if term in found:
                found[term].append(number)
            else:
                found[term] = [number]
    spread: list[dict[str, list[int]]] = [{} for _ in range(SHARDS)]
    for term, numbers in found.items():
        spread[codec.shard_of(term)][term] = numbers
    places = [each.place for each in ordered]
    segment = described(name, places)
    await write_places(collection, segment, places)
    shards = [codec.encode(each, len(ordered)) for each in spread]
    await write_shards(collection, segment, 0, shards, places)
    return segment


async def write_places(collection: Segments, segment: Segment, places: Sequence[Place]) -> None:
    """Before the shards: the first document bears the mark by which one that is never published is found."""
    if segment.spread == 1:
        return
    blocks = [codec.encode_places(places[at : at + BLOCK]) for at in range(0, len(places), BLOCK)]
    documents: list[Document] = [{"_id": segment.block(at), "e": block} for at, block in enumerate(blocks)]
    await insert_new(collection, [{**documents[0], "head": segment.id, "n": segment.count}])
    await insert_new(collection, documents[1:])


async def write_shards(
    collection: Segments, segment: Segment, first: int, shards: Sequence[bytes], places: Sequence[Place]
) -> None:
    """`first`: the number of the first of these shards."""
    if segment.spread == 1:
        one = {"s": codec.pack(shards), "e": codec.encode_places(places), "n": segment.count}
        await insert_new(collection, [{"_id": segment.piece(0), "head": segment.id, **one}])
        return
    each = SHARDS // segment.spread
    pieces: list[Document] = [
        {"_id": segment.piece(first + at), "s": codec.pack(shards[at : at + each])}
        for at in range(0, len(shards), each)
    ]
    await insert_new(collection, pieces)


async def read(collection: Segments, wanted: Iterable[str]) -> dict[str, Document]:
    """Documents of segments. Raises PieceMissing."""
    ids = list(dict.fromkeys(wanted))
    if not ids:
        return {}
    found = {each["_id"]: each for each in await collection.find({"_id": {"$in": ids}}).to_list(None)}
    if len(found) < len(ids):
        raise PieceMissing
    return found


async def read_places(collection: Segments, segment: Segment) -> list[Place]:
    """All entries of a segment, in their order. Raises PieceMissing."""
    blocks = [segment.block(number) for number in range(len(segment.edges))]
    found = await read(collection, blocks)
    return [place for each in blocks for place in codec.decode_places(found[each]["e"])]


async def drop(collection: Segments, segments: Sequence[Segment]) -> None:
    """Delete the documents of segments that nobody reads any more."""
    for each in segments:
        await collection.delete_many({"_id": {"$in": each.documents()}})
