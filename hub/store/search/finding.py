"""Reading the index: the entries that have all the words, newest first, no more than are asked for."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from hub.store.codec import Document
from hub.store.search import postings as codec
from hub.store.search.manifest import Segment
from hub.store.search.postings import BLOCK, SHARDS, Place
from hub.store.search.segments import Segments, read

FIRST = 8  # segments that are looked into together at first; then twice as many each time
DRAWN = 32  # entries taken from one segment at once
SEGMENTS_DRAWN = 8
END = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`start`: only what comes behind this place. `after`, `before`: moments in ms, the first included."""

    words: Sequence[str] = ()
    prefix: str | None = None
    start: Place | None = None
    after: int = -END
    before: int = END

    @property
    def latest(self) -> int:
        """No entry later than this."""
        return min(self.before - 1, self.start[0] if self.start else END)

    def fits(self, place: Place) -> bool:
        behind = self.start is None or place < self.start
        return behind and self.after <= place[0] < self.before

    def shards(self) -> set[int]:
        words = [*self.words, *([self.prefix] if self.prefix else [])]
        return {codec.shard_of(each) for each in words}


@dataclass(slots=True)
class _Open:
    """A segment that is being looked into. `bits`: entries not taken yet; none is later than `reached`."""

    segment: Segment
    bits: int
    reached: int
    blocks: dict[int, list[Place]]

    def take(self, most: int) -> list[int]:
        taken = codec.newest(self.bits, most)
        for each in taken:
            self.bits ^= 1 << each
        return taken


async def find(
    collection: Segments, segments: Sequence[Segment], wanted: Wanted
) -> AsyncIterator[list[Place]]:
    """Places newest first, each once, some at a time. Raises PieceMissing."""
    fitting = [each for each in segments if each.first <= wanted.latest and each.last >= wanted.after]
    unread = sorted(fitting, key=lambda each: each.last)
    looked: list[_Open] = []
    pool: set[Place] = set()
    together = FIRST
    while unread or looked:
        if unread and unread[-1].last >= max((each.reached for each in looked), default=-END):
            some, unread = unread[-together:], unread[:-together]
            together *= 2
            looked += await _look(collection, some, wanted)
        else:
            looked.sort(key=lambda each: each.reached, reverse=True)
            pool |= await _draw(collection, looked[:SEGMENTS_DRAWN], wanted)
        looked = [each for each in looked if each.bits and each.reached >= wanted.after]
        border = max([each.last for each in unread[-1:]] + [each.reached for each in looked], default=-END)
        # What stands exactly on the border waits: another segment may have the same entry.
        settled = {place for place in pool if place[0] > border}
        pool -= settled
        if settled:
            yield sorted(settled, reverse=True)


async def _look(collection: Segments, segments: Sequence[Segment], wanted: Wanted) -> list[_Open]:
    """Which entries of these segments have all the words."""
    shards = wanted.shards()
    found = await read(collection, [each.piece(shard) for each in segments for shard in shards])
    unpacked = {name: codec.unpack(each["s"]) for name, each in found.items()}
    looked = []
    for segment in segments:
        pieces = {shard: unpacked[segment.piece(shard)] for shard in shards}
        blocks: dict[int, list[Place]] = {}
        if segment.spread == 1 and shards:
            blocks[0] = codec.decode_places(found[segment.piece(0)]["e"])
        bits = _matching(segment, pieces, wanted)
        looked.append(_Open(segment, bits, min(segment.last, wanted.latest), blocks))
    return looked


def _matching(segment: Segment, pieces: Mapping[int, Sequence[bytes]], wanted: Wanted) -> int:
    each = SHARDS // segment.spread
    shards = {number: codec.decode(shards[number % each], segment.count) for number, shards in pieces.items()}
    within = codec.blocks_until(segment.edges, wanted.latest) * BLOCK
    bits = (1 << min(within, segment.count)) - 1
    for word in wanted.words:
        bits &= shards[codec.shard_of(word)].holding(word)
    if wanted.prefix:
        shard = shards[codec.shard_of(wanted.prefix)]
        begun = codec.begins_enough(wanted.prefix)
        bits &= shard.beginning(wanted.prefix) if begun else shard.holding(wanted.prefix)
    return bits


async def _draw(collection: Segments, looked: Sequence[_Open], wanted: Wanted) -> set[Place]:
    """The newest entries of some segments."""
    taken = [(each, each.take(DRAWN)) for each in looked]
    needed = {
        each.segment.block(number // BLOCK): (each, number // BLOCK)
        for each, numbers in taken
        for number in numbers
        if number // BLOCK not in each.blocks
    }
    found: Mapping[str, Document] = await read(collection, needed)
    for name, (each, block) in needed.items():
        each.blocks[block] = codec.decode_places(found[name]["e"])
    places: set[Place] = set()
    for each, numbers in taken:
        own = [each.blocks[number // BLOCK][number % BLOCK] for number in numbers]
        each.reached = own[-1][0]
        each.blocks = {block: rows for block, rows in each.blocks.items() if block <= numbers[-1] // BLOCK}
        places.update(place for place in own if wanted.fits(place))
    return places
