"""Small segments become larger ones.

When eight neighbours have come together, they become one, if that doubles the size of each: an entry is
written some four times until it stands in a segment of thousands, however fast entries come.
"""

import asyncio
from collections.abc import Sequence

from hub.store.search import postings as codec
from hub.store.search.manifest import Segment
from hub.store.search.postings import LARGEST, SHARDS
from hub.store.search.segments import Segments, described, read, read_places, write_places, write_shards

TOGETHER = 8  # segments that become one
AT_ONCE = 8  # shards that are in memory together
SMALL = 1024  # entries of which all shards may be


def choose(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours that shall become one, the smallest first. None: all is well.

    Only neighbours: of an entry that is in two segments, the one behind has it as it was later.
    """
    bound = TOGETHER
    while bound <= LARGEST:
        run: list[Segment] = []
        for each in (*segments, None):
            if each is not None and each.count < min(bound, LARGEST // 2):
                run.append(each)
                continue
            if fitting := _fitting(run):
                return fitting
            run = []
        bound *= TOGETHER
    return []


def _fitting(run: Sequence[Segment]) -> list[Segment]:
    if len(run) < TOGETHER:
        return []
    chosen: list[Segment] = []
    for each in run:
        if sum(other.count for other in chosen) + each.count > LARGEST:
            break
        chosen.append(each)
    grown = max(each.count for each in chosen) * 2 <= sum(each.count for each in chosen)
    return chosen if grown else []


async def merge(
    collection: Segments, name: str, sources: Sequence[Segment], gone: frozenset[str] = frozenset()
) -> Segment | None:
    """The sources as one segment, not yet published, without the entries that are gone. Raises PieceMissing.

    None: nothing is left.
    """
    before = [await read_places(collection, each) for each in sources]
    latest = {place: source for source, places in enumerate(before) for place in places}
    places = sorted(place for place in latest if place[1] not in gone)
    if not places:
        return None
    number = {place: at for at, place in enumerate(places)}
    renumbered = [
        [number.get(place, -1) if latest[place] == source else -1 for place in of_source]
        for source, of_source in enumerate(before)
    ]
    segment = described(name, places)
    await write_places(collection, segment, places)
    # One document has to be written as a whole.
    step = SHARDS if len(latest) <= SMALL or segment.spread == 1 else AT_ONCE
    for first in range(0, SHARDS, step):
        wanted = range(first, first + step)
        shards = await _merged(collection, sources, renumbered, wanted, segment.count)
        await write_shards(collection, segment, first, shards, places)
    return segment


async def _merged(
    collection: Segments,
    sources: Sequence[Segment],
    renumbered: Sequence[Sequence[int]],
    wanted: range,
    count: int,
) -> list[bytes]:
    """The wanted shards of the merged segment."""
    found = await read(collection, [source.piece(shard) for source in sources for shard in wanted])
    unpacked = {name: codec.unpack(each["s"]) for name, each in found.items()}
    merged = []
    for shard in wanted:
        await asyncio.sleep(0)  # some milliseconds each: others may go on
        together: dict[str, list[int]] = {}
        for source, numbers in zip(sources, renumbered, strict=True):
            each = SHARDS // source.spread
            part = codec.decode(unpacked[source.piece(shard)][shard % each], source.count)
            for term, old in part.items():
                new = [numbers[at] for at in old]
                together.setdefault(term, []).extend(new)
        postings = {term: sorted(at for at in new if at >= 0) for term, new in together.items()}
        merged.append(codec.encode({term: new for term, new in postings.items() if new}, count))
    return merged
