"""Which entries of a segment hold which word, as bytes. Pure.

The entries of a segment are numbered by their moments. A word's entries are a bitmap: a Python integer, so
that "both words" is `&`. Kept are few entries as a list of numbers and many as the bitmap. Words are spread
over SHARDS by how they begin, so that a word and what begins like it are read from one shard.
"""

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

SHARDS = 64
LARGEST = 8192  # entries in a segment; a number has to fit into 16 bits
BLOCK = 256  # entries whose ids and moments are kept, and read, together
NAMED = 2 * 1024 * 1024  # bytes of all words of a shard: a flood of made-up words must not fill a document
_FULL_SCRIPTS = "\u2e80"  # from here on one sign says as much as two letters
_FEW = 48  # numbers up to which setting bits one by one is quicker

Place = tuple[int, str]  # moment in ms, id of the entry


def begins_enough(prefix: str) -> bool:
    """Whether the words that begin so are all in one shard."""
    return len(prefix) > 1 or prefix >= _FULL_SCRIPTS


def shard_of(term: str) -> int:
    key = term[:1] if term >= _FULL_SCRIPTS else term[:2]
    return zlib.crc32(key.encode("utf-8", "replace")) % SHARDS


def bits_of(numbers: Sequence[int], count: int) -> int:
    """The bitmap of some numbers below `count`."""
    if len(numbers) <= _FEW:
        bits = 0
        for each in numbers:
            bits |= 1 << each
        return bits
    signs = bytearray(b"0") * count
    for each in numbers:
        signs[-1 - each] = 49  # "1"
    return int(signs, 2)


def numbers_of(bits: int) -> list[int]:
    """Ascending."""
    return [number for number, sign in enumerate(bin(bits)[:1:-1]) if sign == "1"]


def newest(bits: int, most: int) -> list[int]:
    """The highest numbers, highest first."""
    found: list[int] = []
    while bits and len(found) < most:
        found.append(bits.bit_length() - 1)
        bits ^= 1 << found[-1]
    return found


def encode(postings: Mapping[str, Sequence[int]], count: int) -> bytes:
    """A shard of a segment of `count` entries. Numbers ascend. Of too many words the commonest are kept."""
    if not postings:
        return b""
    kept = sorted((term.encode("utf-8", "replace"), numbers) for term, numbers in postings.items())
    if sum(len(name) + 1 for name, _ in kept) > NAMED:
        kept.sort(key=lambda each: -len(each[1]))
        until = bisect_left(list(accumulate(len(name) + 1 for name, _ in kept)), NAMED)
        kept = sorted(kept[:until])
    width = -(-count // 8)
    lengths: list[int] = []
    few: list[int] = []
    many: list[bytes] = []
    for _, numbers in kept:
        if len(numbers) * 2 < width:
            lengths.append(len(numbers))
            few += numbers
        else:
            lengths.append(0)
            many.append(bits_of(numbers, count).to_bytes(width, "little"))
    names = b"\n" + b"\n".join(name for name, _ in kept) + b"\n"
    head = struct.pack("<III", len(names), len(kept), len(few))
    return b"".join(
        (head, names, struct.pack(f"<{len(kept)}H", *lengths), struct.pack(f"<{len(few)}H", *few), *many)
    )


@dataclass(frozen=True, slots=True)
class Shard:
    """`names`: the words in their order, a line each. `lengths`: how many numbers each has in `few`; 0: it
    has a bitmap in `many`."""

    count: int
    names: bytes
    lengths: Sequence[int]
    few: Sequence[int]
    many: bytes

    def holding(self, term: str) -> int:
        """The bitmap of the entries with a word."""
        return self._bits(b"\n" + term.encode("utf-8", "replace") + b"\n")

    def beginning(self, prefix: str) -> int:
        """The bitmap of the entries with any word that begins so."""
        return self._bits(b"\n" + prefix.encode("utf-8", "replace"))

    def items(self) -> Iterator[tuple[str, Sequence[int]]]:
        """Every word with its numbers."""
        width = -(-self.count // 8)
        few = many = 0
        terms = self.names[1:-1].decode("utf-8").split("\n") if self.lengths else []
        for term, length in zip(terms, self.lengths, strict=True):
            if length:
                yield term, self.few[few : few + length]
                few += length
            else:
                yield term, numbers_of(int.from_bytes(self.many[many : many + width], "little"))
                many += width

    def _bits(self, sought: bytes) -> int:
        at = self.names.find(sought)
        if at < 0:
            return 0
        first = self.names.count(b"\n", 0, at)
        last = self.names.count(b"\n", 0, self.names.rfind(sought))  # equal beginnings stand together
        before, these = self.lengths[:first], self.lengths[first : last + 1]
        start = sum(before)
        bits = bits_of(self.few[start : start + sum(these)], self.count)
        width = -(-self.count // 8)
        skipped = before.count(0)
        for number in range(skipped, skipped + these.count(0)):
            bits |= int.from_bytes(self.many[number * width : (number + 1) * width], "little")
        return bits


def decode(shard: bytes, count: int) -> Shard:
    if not shard:
        return Shard(count, b"", (), (), b"")
    named, terms, few = struct.unpack_from("<III", shard)
    at = 12 + named
    middle, end = at + 2 * terms, at + 2 * (terms + few)
    return Shard(count, shard[12:at], _shorts(shard[at:middle]), _shorts(shard[middle:end]), shard[end:])


def _shorts(kept: bytes) -> "array[int]":
    numbers = array("H", kept)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def pack(shards: Sequence[bytes]) -> bytes:
    """Shards that are read together."""
    lengths = struct.pack(f"<I{len(shards)}I", len(shards), *map(len, shards))
    return zlib.compress(lengths + b"".join(shards), 1)


def unpack(packed: bytes) -> list[bytes]:
    whole = zlib.decompress(packed)
    [count] = struct.unpack_from("<I", whole)
    at = 4 + 4 * count
    shards = []
    for length in struct.unpack_from(f"<{count}I", whole, 4):
        shards.append(whole[at : at + length])
        at += length
    return shards


def encode_places(places: Sequence[Place]) -> bytes:
    moments = struct.pack(f"<I{len(places)}q", len(places), *(at for at, _ in places))
    return moments + "\n".join(entry for _, entry in places).encode("utf-8", "replace")


def decode_places(block: bytes) -> list[Place]:
    [count] = struct.unpack_from("<I", block)
    moments = struct.unpack_from(f"<{count}q", block, 4)
    return list(zip(moments, block[4 + 8 * count :].decode("utf-8").split("\n"), strict=True))


def blocks_until(edges: Sequence[int], last: int) -> int:
    """How many blocks may hold entries up to a moment, where `edges` are the first moments of the blocks."""
    return bisect_left(edges, last + 1)
