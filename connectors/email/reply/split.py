"""Decides, line by line, what was newly written and what was there before."""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.email.reply.markers import Begins, Marker, begins_forward, is_quoted, marker_at
from connectors.email.reply.signature import signature_start

MOST_CHECKED = 5_000
"""Lines that are asked whether a copied mail begins there; further down only the quotation marks count."""

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


class Kind(enum.StrEnum):
    """How the mail answers an earlier one, as far as its text shows."""

    NEW = "new"
    TOP_POSTED = "top-posted"
    BOTTOM_POSTED = "bottom-posted"
    INTERLEAVED = "interleaved"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Split:
    """Whether each line was newly written, and how the mail answers."""

    kept: list[bool]
    kind: Kind = Kind.NEW


@dataclass(frozen=True, slots=True)
class _Region:
    """Consecutive lines that were there before; `marked` if an attribution or a header says so."""

    first: int
    last: int
    marked: bool


@dataclass(slots=True)
class _Reading:
    regions: list[_Region] = field(default_factory=list)
    forwards: bool = False


def split_lines(lines: Sequence[str], marks: Marks, forwarded: bool = False) -> Split:
    """Say for every line whether it was newly written.

    `forwarded` says that the subject names the mail a forward ("Fwd:"): Outlook's header block alone cannot.
    """
    reading = _read(lines, marks)
    regions = reading.regions
    if reading.forwards or (forwarded and regions):
        return Split([True] * len(lines), Kind.FORWARDED)
    written_from = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    kind = Kind.NEW
    end = _signature(lines, regions[-1].last + 1 if regions else 0, len(lines), marks)
    while regions and _closes(regions, lines, end, written_from):
        kind = Kind.TOP_POSTED
        cut = regions.pop().first
        end = _signature(lines, regions[-1].last + 1 if regions else 0, cut, marks)
    top = 0
    if len(regions) == 1 and written_from >= regions[0].first:
        kind = Kind.BOTTOM_POSTED
        top = regions[0].last + 1
    elif regions:
        kind = Kind.INTERLEAVED
    if not any(line.replace(">", "").strip() for line in lines[top:end]):
        return Split([True] * len(lines))
    return Split([top <= i < end for i in range(len(lines))], kind)


def _signature(lines: Sequence[str], begin: int, end: int, marks: Marks) -> int:
    """The line at which the signature in `lines[begin:end]` begins; `end` if there is none."""
    signed, marked = end, False
    while signed > begin and (signed - 1 in marks.signature or not lines[signed - 1].strip()):
        signed -= 1
        marked = marked or signed in marks.signature
    return signature_start(lines, begin, signed if marked else end)


def _written(lines: Sequence[str], begin: int, end: int) -> bool:
    return any(lines[at].strip() for at in range(begin, end))


def _read(lines: Sequence[str], marks: Marks) -> _Reading:
    """Find the regions of earlier text from top to bottom."""
    reading = _Reading()
    regions = reading.regions
    floor = i = checked = 0
    while i < len(lines):
        if i == marks.forward_from and not regions:
            reading.forwards = True
            break
        region = None
        if i == marks.copy_from:
            region = _Region(_with_attribution(lines, i, floor), len(lines) - 1, True)
        elif i in marks.quoted or i in marks.attribution or is_quoted(lines[i]):
            if not regions and begins_forward(lines[i].lstrip("> ")):
                reading.forwards = True
                break
            region = _quotation(lines, i, floor, marks)
        elif lines[i] and checked < MOST_CHECKED:
            checked += 1
            marker = marker_at(lines, i, floor)
            if marker and marker.begins is Begins.FORWARD and not regions:
                reading.forwards = True
                break
            if marker:
                quote = marker.begins is Begins.QUOTE
                last = _quote_end(lines, marker.last + 1, marks) if quote else len(lines) - 1
                region = _Region(marker.first, last, True)
        if region is None:
            i += 1
            continue
        i = region.last + 1
        if region.marked or not marks.indented.issuperset(_filled(lines, region)) or not marks.indented:
            regions.append(region)
            floor = i
    return reading


def _quotation(lines: Sequence[str], i: int, floor: int, marks: Marks) -> _Region:
    first = _with_attribution(lines, i, floor)
    return _Region(first, _quote_end(lines, i, marks), first < i or i in marks.attribution)


def _filled(lines: Sequence[str], region: _Region) -> list[int]:
    return [at for at in range(region.first, region.last + 1) if lines[at].strip("> ")]


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


def _quote_end(lines: Sequence[str], i: int, marks: Marks) -> int:
    """The last line of the quotation that begins at or just below line `i`."""
    last = i
    at = i
    while at < len(lines):
        line = lines[at]
        if at in marks.quoted or at in marks.attribution or is_quoted(line):
            last = at
        elif line.strip():
            remnant = (
                at == last + 1
                and at + 1 < len(lines)
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


def _closes(regions: Sequence[_Region], lines: Sequence[str], end: int, written_from: int) -> bool:
    """Whether the last region closes the mail and is the earlier mail, not something cited on purpose."""
    last = regions[-1]
    if written_from >= last.first or _written(lines, last.last + 1, end):
        return False
    if last.marked:
        return True
    above = lines[last.first - 1]
    return len(regions) == 1 and not (len(above) < 400 and _LIST_ABOVE.search(above))
