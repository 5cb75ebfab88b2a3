"""Recognises the lines with which a copied mail begins: attributions, header blocks, dashed separators.

Every check looks at a bounded number of characters and lines, so reading a mail costs time in proportion
to its length, whatever is in it.
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.email.reply.phrases import FORWARDED, HEADERS, LEAD, ORIGINAL, WROTE, fold

LONGEST_ATTRIBUTION = 420
LINES_OF_ATTRIBUTION = 5
LINES_OF_HEADERS = 24


class Begins(enum.Enum):
    """What begins at a marker."""

    QUOTE = "lines quoted with >"
    COPY = "a copy of the earlier mail, down to the end"
    FORWARD = "a forwarded mail"


@dataclass(frozen=True, slots=True)
class Marker:
    first: int
    last: int
    begins: Begins


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DATE = re.compile(r"(?<!\d)\d{1,4}([./-]) ?\d{1,2}\1 ?\d{2,4}(?!\d)")
_DAY = re.compile(r"(?<![\d:.])\d{1,2}(?![\d:])")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[:.h]\d{2}(?!\d)|\s?[時时시点點])")
_ADDRESS = re.compile(r"[^\s<>()\"']@[^\s<>()\"']")
_BRACKETED = re.compile(r"[<(\[＜（]\s?(?:mailto:)?[^\s<>()\[\]]{1,100}@[^\s<>()\[\]]{1,120}\s?[\])>＞）]")
_LABEL = re.compile(r"[\s*_>|]{0,8}([^:：*\n]{1,32}?)[\s*_]{0,4}[:：][\s*_]{0,4}(.{0,200})")
_DASHED = re.compile(r"\s{0,8}[-_=*~]{2,40}\s{0,4}([^-_=*~\s].{2,200}?)\s{0,4}(?:[-_=*~]{2,40}|$)")
_RULE = re.compile(r"\s{0,8}[-_=*]{5,200}\s*$")
_REPLY_ABOVE = re.compile(
    r"\s{0,8}(?:##- .{3,160} -##|[-=*]{3,40} ?(?:reply|please reply) above .{3,80})", re.I
)


def is_quoted(line: str) -> bool:
    """Whether the line begins with a quotation mark of mail. `>From` is mbox's way to write `From`."""
    bare = line.lstrip(" \t\xa0")
    return bare.startswith((">", "＞")) and not bare.startswith(">From ") and len(line) - len(bare) < 6


def is_rule(line: str) -> bool:
    return len(line) < 250 and _RULE.match(line) is not None


def marker_at(lines: Sequence[str], i: int, floor: int) -> Marker | None:
    """The marker which is complete at line `i`, reaching back no further than `floor`."""
    line = lines[i].strip()
    if not line or len(line) > LONGEST_ATTRIBUTION:
        return None
    if line[0] in "-_=*~#" and (found := _separator(lines, i, line)):
        return found
    if line[-1] in ":：" or (line[-1] == "-" and line[0] == "-"):
        return _attribution(lines, i, floor) or _begin_of_forward(line, i)
    if ":" in line or "：" in line:
        return _header_block(lines, i)
    return None


def _separator(lines: Sequence[str], i: int, line: str) -> Marker | None:
    if _REPLY_ABOVE.match(line):
        return Marker(i, i, Begins.COPY)
    if match := _DASHED.match(line):
        words = fold(match[1]).rstrip(" :：")
        if words in FORWARDED:
            return Marker(i, i, Begins.FORWARD)
        if words in ORIGINAL:
            return Marker(i, i, Begins.COPY)
        if len(words) > 10 and _ADDRESS.search(words) and WROTE.search(words):
            return Marker(i, i, Begins.COPY)
    if is_rule(line):
        below = i + 1
        while below < len(lines) and below < i + 3 and not lines[below].strip():
            below += 1
        if below < len(lines) and (block := _header_block(lines, below)):
            return Marker(i, block.last, block.begins)
    elif line[0] in "*_" and (block := _header_block(lines, i)):
        return block
    return None


def begins_forward(text: str) -> bool:
    """Whether the words above a copied mail say that it is forwarded."""
    match = _DASHED.match(text)
    return fold(match[1] if match else text.split("\n")[0][:80]).strip(" :：-") in FORWARDED


def _begin_of_forward(line: str, i: int) -> Marker | None:
    return Marker(i, i, Begins.FORWARD) if fold(line).rstrip(" :：") in FORWARDED else None


def _header_block(lines: Sequence[str], i: int) -> Marker | None:
    """Outlook's "From / Sent / To / Subject", in any language and order, wrapped or not."""
    kinds: dict[str, str] = {}
    last, unlabelled, blanks = i, 0, 0
    for at in range(i, min(i + LINES_OF_HEADERS, len(lines))):
        line = lines[at]
        if not line.strip():
            blanks += 1
            if blanks > 1 or "subject" in kinds:
                break
            continue
        match = _LABEL.match(line)
        kind = HEADERS.get(fold(match[1]).strip()) if match else None
        if match and kind and (kind not in kinds or kind == "other"):
            kinds[kind] = match[2]
            last, unlabelled, blanks = at, 0, 0
            continue
        if at == i or blanks or "subject" in kinds:
            break
        unlabelled += 1
        if unlabelled > 3:
            break
    enough = "from" in kinds and "subject" in kinds and ("sent" in kinds or "to" in kinds)
    enough = enough or ("from" in kinds and "sent" in kinds and _ADDRESS.search(kinds["from"]) is not None)
    return Marker(i, last, Begins.COPY) if enough else None


def _attribution(lines: Sequence[str], i: int, floor: int) -> Marker | None:
    """ "On Tuesday … Ana <a@b.example> wrote:", over as many lines as the sender's program wrapped it to."""
    quoted_below = _quoted_below(lines, i)
    text, weak = "", False
    for first in range(i, max(floor, i - LINES_OF_ATTRIBUTION + 1) - 1, -1):
        line = lines[first].strip()
        if not line or len(text) + len(line) > LONGEST_ATTRIBUTION or (first < i and is_quoted(line)):
            break
        text = f"{line} {text}"
        strength = _strength(text)
        if strength >= (2 if quoted_below else 3):
            return Marker(_with_lead(lines, first, floor), i, Begins.QUOTE if quoted_below else Begins.COPY)
        weak = weak or (first == i and strength == 1)
    if weak and quoted_below and len(lines[i]) < 120:
        return Marker(i, i, Begins.QUOTE)
    return None


def _strength(text: str) -> int:
    """How surely it is an attribution: 3 stands alone, 2 with a quotation below, 1 if short and with one."""
    folded = fold(text)
    without_date, dates = _DATE.subn(" ", folded)
    address = _ADDRESS.search(folded) is not None
    clock = _CLOCK.search(without_date) is not None
    date = bool(dates) or (
        _YEAR.search(folded) is not None and _DAY.search(_CLOCK.sub(" ", without_date)) is not None
    )
    wrote = WROTE.search(folded) is not None
    # Without brackets it may be prose: "I wrote to help@shop.example on 3.11.2026 at 10:12 and got this:".
    if address and (date or clock) and (wrote or (date and clock)) and _BRACKETED.search(folded):
        return 3
    if (wrote and (date or clock or address)) or (date and clock):
        return 2
    return 1 if wrote else 0


def _with_lead(lines: Sequence[str], first: int, floor: int) -> int:
    """One line further up if that is where "On …" stands."""
    above = lines[first - 1].strip() if first > floor else ""
    dated = above and len(above) < 100 and above[-1] not in ".!?:" and _DAY.search(above)
    return first - 1 if dated and LEAD.match(fold(above)) else first


def _quoted_below(lines: Sequence[str], i: int) -> bool:
    for at in range(i + 1, min(i + 4, len(lines))):
        if lines[at].strip():
            return is_quoted(lines[at])
    return False
