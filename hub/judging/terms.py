"""What a text is made of, for the filter: words, hosts of links, pairs of signs without spaces. Pure."""

import re
from collections.abc import Mapping
from zlib import crc32

READ = 6000  # characters
MOST = 300  # terms of one text
_WORD = re.compile(r"[^\W_]{3,24}")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_LINK = re.compile(r"https?://(?:[^\s/@]*@)?([^\s/:?#<>\"']{3,80})", re.IGNORECASE)


def terms_of(text: str, buckets: int) -> Mapping[int, str]:
    """By the number of its bucket, each term once, at most MOST of them."""
    text = text[:READ]
    found = dict.fromkeys(f"//{host.casefold()}" for host in _LINK.findall(text))
    for wide in _WIDE.findall(text):
        found |= dict.fromkeys(wide[at : at + 2] for at in range(len(wide) - 1))
    found |= dict.fromkeys(word for word in _WORD.findall(text.casefold()) if not word.isdigit())
    terms = list(found)[:MOST]
    return {crc32(each.encode("utf-8", "replace")) % buckets: each for each in terms}
