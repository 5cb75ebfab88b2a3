"""Which segments there are: one small document, changed only as a whole and only as it was seen.

Whoever has written a segment publishes it by raising the version that it has seen. If somebody else was
faster, nothing happens and `Overtaken` is raised: two processes that both believe they index do no harm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection

from hub.store.bulk import insert_new
from hub.store.codec import Document
from hub.store.search.postings import BLOCK, SHARDS

MANIFEST = "manifest"
# Of the words that entries are found by (`hub.desk.terms`). Raised when there are more: an index of an
# earlier edition is made anew by whoever indexes first. 1: authors' addresses, all words of a long mail.
EDITION = 1


class Overtaken(Exception):
    """Somebody else changed the index meanwhile; what was to be published is not."""


@dataclass(frozen=True, slots=True)
class Segment:
    """`edges`: the first moment (ms) of every block of its entries; `last`: of its newest entry.

    `spread`: over how many documents its shards are spread.
    """

    id: str
    count: int
    spread: int
    edges: tuple[int, ...]
    last: int

    @property
    def first(self) -> int:
        return self.edges[0]

    def piece(self, shard: int) -> str:
        """The document that has a shard."""
        return f"{self.id}/{shard * self.spread // SHARDS}"

    def block(self, number: int) -> str:
        """The document that has a block of entries. A small segment is one document."""
        return f"{self.id}/0" if self.spread == 1 else f"{self.id}/e{number}"

    def documents(self) -> list[str]:
        pieces = [f"{self.id}/{number}" for number in range(self.spread)]
        blocks = [self.block(number) for number in range(-(-self.count // BLOCK))]
        return list(dict.fromkeys([*pieces, *blocks]))


@dataclass(frozen=True, slots=True)
class Replaced:
    """A segment whose entries are in another one now; readers may still be at it."""

    segment: Segment
    at: datetime


@dataclass(frozen=True, slots=True)
class Manifest:
    """`segments`: in the order they were made. `position`: until when everything that happened is in them.

    `edition`: of the words in them.
    """

    version: int = 0
    segments: tuple[Segment, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    position: datetime | None = None
    edition: int = EDITION

    @property
    def known(self) -> tuple[Segment, ...]:
        """Those that have documents."""
        return (*self.segments, *(each.segment for each in self.replaced))

    def adding(self, segment: Segment, position: datetime | None) -> "Manifest":
        return replace(self, segments=(*self.segments, segment), position=position or self.position)

    def replacing(self, sources: Sequence[Segment], merged: Segment | None, now: datetime) -> "Manifest":
        """`sources`: neighbours."""
        at = self.segments.index(sources[0])
        behind = self.segments[at + len(sources) :]
        kept = (*self.segments[:at], *([merged] if merged else []), *behind)
        return replace(
            self, segments=kept, replaced=(*self.replaced, *(Replaced(each, now) for each in sources))
        )

    def without(self, replaced: Sequence[Replaced]) -> "Manifest":
        """Once nobody reads them any more."""
        return replace(self, replaced=tuple(each for each in self.replaced if each not in replaced))


async def load(collection: AsyncIOMotorCollection[Document]) -> Manifest:
    found = await collection.find_one({"_id": MANIFEST})
    if found is None:
        return Manifest()
    return Manifest(
        found["version"],
        tuple(map(_segment, found["segments"])),
        tuple(Replaced(_segment(each["segment"]), each["at"]) for each in found["replaced"]),
        found.get("position"),
        found.get("edition", 0),
    )


async def publish(collection: AsyncIOMotorCollection[Document], seen: Manifest, wanted: Manifest) -> Manifest:
    """Put `wanted` in the place of what was seen. Raises Overtaken."""
    document: dict[str, Any] = {
        "version": seen.version + 1,
        "segments": [_document(each) for each in wanted.segments],
        "replaced": [{"segment": _document(each.segment), "at": each.at} for each in wanted.replaced],
        "position": wanted.position,
        "edition": wanted.edition,
    }
    if seen.version == 0:
        if await insert_new(collection, [{"_id": MANIFEST, **document}]):
            raise Overtaken
    else:
        same = {"_id": MANIFEST, "version": seen.version}
        if not (await collection.update_one(same, {"$set": document})).matched_count:
            raise Overtaken
    return replace(wanted, version=seen.version + 1)


def _document(segment: Segment) -> Document:
    return {
        "id": segment.id,
        "n": segment.count,
        "spread": segment.spread,
        "edges": list(segment.edges),
        "last": segment.last,
    }


def _segment(document: Document) -> Segment:
    return Segment(
        document["id"], document["n"], document["spread"], tuple(document["edges"]), document["last"]
    )
