"""Decides, line by line, what was newly written and what was there before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.email.reply.markers import Begins, Marker, is_quoted, marker_at
from connectors.email.reply.signature import signature_start

MOST_LINES = 20_000
"""Lines that are looked at; what follows them goes where the last of them went."""

_WRAPPED_AT = 58
_REMNANT = 45


@dataclass(frozen=True, slots=True)
class Marks:
    """What the structure of an HTML mail says about its lines, by line number."""

    quoted: frozenset[int] = frozenset()
    attribution: frozenset[int] = frozenset()
    copy_from: int | None = None
    forward_from: int | None = None
    signature: frozenset[int] = frozenset()
    indented: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Split:
    """Whether each line was newly written, and how the mail answers (a value of `Kind`)."""

    kept: list[bool]
    kind: str = "new"


@dataclass(slots=True)
class _Region:
    """Consecutive lines that were there before."""

    first: int
    last: int
    marked: bool


@dataclass(slots=True)
class _Reading:
    regions: list[_Region] = field(default_factory=list)
    forward: int | None = None


def split_lines(lines: Sequence[str], marks: Marks, forwarded: bool = False) -> Split:
    """Say for every line whether it was newly written.
     `forwarded` says that the subject names the mail a forward ("Fwd:"), which a header block alone cannot
    tell.
    """
    count = min(len(lines), MOST_LINES)
    reading = _read(lines, count, marks)
    if reading.forward is not None or (forwarded and reading.regions):
        return Split([True] * len(lines), "forwarded")
    kind = "new"
    regions = reading.regions
    top, end = 0, _signature(lines, regions[-1].last + 1 if regions else 0, count, marks)
    dropped: list[tuple[int, int]] = [(end, count)]
    while regions and _cut_last(regions, lines, end):
        first = regions.pop().first
        kind = "top-posted"
        dropped.append((first, end))
        end = _signature(lines, regions[-1].last + 1 if regions else 0, first, marks)
        dropped.append((end, first))
    if len(regions) == 1 and not _written(lines, 0, regions[0].first):
        top = regions[0].last + 1
        kind = "bottom-posted"
    elif regions:
        kind = "interleaved"
    kept = [top <= i < end for i in range(count)]
    for first, last in dropped:
        kept[first:last] = [False] * (last - first)
    if not any(kept[i] and lines[i].strip() for i in range(count)):
        return Split([True] * len(lines))
    kept += [kept[-1]] * (len(lines) - count)
    return Split(kept, kind)


def _signature(lines: Sequence[str], begin: int, end: int, marks: Marks) -> int:
    signed = end
    while signed > begin and (signed - 1 in marks.signature or not lines[signed - 1].strip()):
        signed -= 1
    has_mark = any(at in marks.signature for at in range(signed, end))
    found = signature_start(lines, begin, end, signed if has_mark else None)
    return found if found < end and any(lines[at].strip() for at in range(found, end)) else end


def _written(lines: Sequence[str], begin: int, end: int) -> bool:
    return any(lines[at].strip() for at in range(begin, end))


def _read(lines: Sequence[str], count: int, marks: Marks) -> _Reading:
    """Find the regions of earlier text from top to bottom."""
    reading = _Reading()
    regions = reading.regions
    floor = i = 0
    while i < count:
        line = lines[i]
        if i == marks.forward_from and not regions:
            reading.forward = i
            break
        if i == marks.copy_from:
            regions.append(_Region(_with_attribution(lines, i, floor), count - 1, True))
            break
        if i in marks.quoted or i in marks.attribution or is_quoted(line):
            last = _quote_end(lines, i, count, marks)
            first = _with_attribution(lines, i, floor)
            if first == i and marks.indented and marks.indented.issuperset(_filled(lines, i, last)):
                i = last + 1
                continue
            regions.append(_Region(first, last, first < i or i in marks.attribution))
            floor = i = last + 1
            continue
        marker = marker_at(lines, i, floor)
        if marker and marker.begins is Begins.FORWARD and not regions:
            reading.forward = i
            break
        if marker and marker.begins is Begins.QUOTE:
            last = _quote_end(lines, marker.last + 1, count, marks)
            regions.append(_Region(marker.first, last, True))
            floor = i = last + 1
            continue
        if marker:
            regions.append(_Region(marker.first, count - 1, True))
            break
        i += 1
    return reading


def _filled(lines: Sequence[str], first: int, last: int) -> list[int]:
    return [at for at in range(first, last + 1) if lines[at].strip()]


def _with_attribution(lines: Sequence[str], quoted: int, floor: int) -> int:
    """Where the attribution above the quotation begins, if there is one that the structure did not mark."""
    above = quoted - 1
    while above >= floor and above >= quoted - 3 and not lines[above].strip():
        above -= 1
    if above < floor or above < quoted - 3:
        return quoted
    marker: Marker | None = marker_at(
        [*lines[max(floor, above - 8) : above + 1], "> "], min(above - floor, 8), 0
    )
    return max(floor, above - 8) + marker.first if marker else quoted


def _quote_end(lines: Sequence[str], i: int, count: int, marks: Marks) -> int:
    """The last line of the quotation that begins at or just below line `i`."""
    last = i
    at = i
    while at < count:
        line = lines[at]
        if at in marks.quoted or at in marks.attribution or is_quoted(line):
            last = at
        elif line.strip():
            remnant = (
                at == last + 1
                and at + 1 < count
                and len(line) < _REMNANT
                and len(lines[last]) > _WRAPPED_AT
                and is_quoted(lines[at + 1])
            )
            if not remnant:
                break
            last = at
        at += 1
    return last


_LIST_ABOVE = re.compile(r"[:：]\s*$")


def _cut_last(regions: Sequence[_Region], lines: Sequence[str], end: int) -> bool:
    """Whether the last region closes the mail and is the earlier mail, not something cited on purpose."""
    last = regions[-1]
    if _written(lines, last.last + 1, end) or not _written(lines, 0, last.first):
        return False
    if last.marked:
        return True
    above = lines[last.first - 1] if last.first else ""
    return len(regions) == 1 and not (above.strip() and len(above) < 400 and _LIST_ABOVE.search(above))
