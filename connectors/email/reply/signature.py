"""Finds where what was written ends and what the program or the company added begins.

Cut off: everything under "-- ", "Sent from my iPhone" and its kin, legal notices, footers of mailing lists
and of virus scanners, and the block of telephone numbers and addresses under a name. A complimentary close
and the name stay: they were written to be read.
"""

import re
from collections.abc import Sequence

from connectors.email.reply.markers import is_rule
from connectors.email.reply.phrases import CLOSINGS, NOTICE, SECRET, fold, is_device_line

MOST_LINES = 30
_LONGEST_NOTICE = 6000
_DELIMITER = re.compile(r"(?:--|—|– –|__)[ \t\xa0]{0,4}$")
_SCREEN_LINK = re.compile(r"\s*[(<\[]?(?:https?|mailto):\S+$")
_CONTACT = re.compile(
    r"https?://|\bwww\.|\S@\S|\+\d[\d ()/.-]{6,}|\(?0\d[\d ()/.-]{6,}"
    r"|(?:^|\W)(?:tel|fon|phone|fax|mobil|mobile|telefon|handelsregister|hrb|ust-?id|vat|geschäftsführer|gmbh|ltd|inc|llc|"
    r"s\.?r\.?l|s\.?a\.?s|sp\. z o|a/s|电话|電話|传真|전화|тел)\W"
)
_LIST_FOOTER = re.compile(r"(?:mailing list|mailinglist|unsubscribe|google groups|abbestellen|se désabonner)")


def signature_start(lines: Sequence[str], begin: int, end: int) -> int:
    """The line at which signature and notices begin within `lines[begin:end]`.

    Blank lines above it belong to it; without a signature they are all there is.
    """
    for _ in range(8):
        bottom = _without_blanks(lines, begin, end)
        if bottom == begin:
            break
        cut = _device(lines, begin, bottom)
        cut = min(
            cut,
            _notice(lines, begin, bottom),
            _delimiter(lines, begin, bottom),
            _contacts(lines, begin, bottom),
        )
        if cut == bottom:
            return bottom
        end = cut
    return _without_blanks(lines, begin, end)


def _without_blanks(lines: Sequence[str], begin: int, end: int) -> int:
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return end


def _device(lines: Sequence[str], begin: int, end: int) -> int:
    if is_device_line(lines[end - 1].strip()):
        return end - 1
    linked = end - begin > 1 and len(lines[end - 1]) < 300 and _SCREEN_LINK.match(lines[end - 1])
    return end - 2 if linked and is_device_line(lines[end - 2].strip()) else end


def _delimiter(lines: Sequence[str], begin: int, end: int) -> int:
    """The uppermost "-- " near the end: a signature may hold another one, a letter above it may not."""
    found, used = end, 0
    for at in range(end - 1, begin - 1, -1):
        line = lines[at]
        used += len(line)
        if end - at > MOST_LINES or used > _LONGEST_NOTICE:
            break
        # "--" without its space is also how people draw a line: then only a short block counts.
        if len(line) < 12 and _DELIMITER.match(line) and (line in ("-- ", "--\xa0") or end - at <= 16):
            found = at
    return found


def _notice(lines: Sequence[str], begin: int, end: int) -> int:
    """The start of the last paragraph if it is a legal notice or a list's footer."""
    top, size = end, 0
    while top > begin and lines[top - 1].strip() and end - top < MOST_LINES and size < _LONGEST_NOTICE:
        top -= 1
        size += len(lines[top])
    if (footer := _list_footer(lines, top, end)) < end or (top == begin == 0 and size < 200):
        return footer
    paragraph = fold(" ".join(lines[top:end])[:_LONGEST_NOTICE])
    bare = paragraph.lstrip(" *_-=#>•[(")
    wide = sum(1 for letter in paragraph[:200] if letter >= "\u2e80") * 4 > min(len(paragraph), 200)
    long_enough = len(paragraph) > (30 if wide else 110)
    if NOTICE.match(bare) and (len(bare) < 400 or long_enough):
        return top
    if long_enough and len({match[0] for match in SECRET.finditer(paragraph)}) >= (2 if wide else 3):
        return _heading_above(lines, begin, top)
    return end


def _list_footer(lines: Sequence[str], top: int, end: int) -> int:
    """The rule under which a mailing list tells how to leave it; or a rule under which there is nothing."""
    for at in range(top, end):
        if is_rule(lines[at]) and (at == end - 1 or _LIST_FOOTER.search(fold(" ".join(lines[at:end])))):
            return at
    return end


def _heading_above(lines: Sequence[str], begin: int, top: int) -> int:
    above = _without_blanks(lines, begin, top)
    if above > begin and (NOTICE.match(fold(lines[above - 1]).lstrip(" *_-=#")) or is_rule(lines[above - 1])):
        return above - 1
    return top


def _contacts(lines: Sequence[str], begin: int, end: int) -> int:
    """The block under "Kind regards / Ana Silva" when it is telephone numbers, addresses and registers."""
    seen = 0
    for at in range(end - 1, max(begin, end - MOST_LINES) - 1, -1):
        line = lines[at].strip()
        if len(line) > 200:
            return end
        seen += bool(line)
        if line and len(line) < 60 and fold(line).rstrip(" ,.!;，。！") in CLOSINGS:
            return _under_name(lines, at, end) if seen >= 4 else end
    return end


def _under_name(lines: Sequence[str], closing: int, end: int) -> int:
    filled = [at for at in range(closing + 1, end) if lines[at].strip()]
    below = filled[1:]
    contacts = sum(1 for at in below if _CONTACT.search(fold(lines[at]) + " "))
    return below[0] if len(below) >= 3 and contacts >= 2 else end
