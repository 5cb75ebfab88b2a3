"""How platforms count the length of a text. Pure; the pages' `measures.js` counts alike, by these names."""

import unicodedata

import regex

_CLUSTER = regex.compile(r"\X")
# Shown as a picture: by itself, made so by U+FE0F, or a key.
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}.*\uFE0F|\u20E3", regex.DOTALL)
_LINK = regex.compile(
    r"https?://[^ \t\r\n\u00A0\u3000<>\"]*[^ \t\r\n\u00A0\u3000<>\".,:;!?)\]}'…]", regex.IGNORECASE
)
_LINK_COUNTS = 23
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram, Meta and most scripts count: many emoji are two or more."""
    return len(text) + sum(char > "\uffff" for char in text)


def graphemes(text: str) -> int:
    """Length in what a reader takes for one character, however it is put together; as Bluesky counts."""
    return len(_CLUSTER.findall(text))


def utf8_bytes(text: str) -> int:
    """Length in bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def weighted(text: str) -> int:
    """Length as X counts it: a link 23, Latin letters and their neighbours 1, other scripts and an emoji 2.

    Links without http:// or https:// before them are counted letter by letter.
    Source: X developer docs, "Counting characters", and twitter-text's configuration 3, checked 2026-11-23.
    """
    plain, links = _LINK.subn("", unicodedata.normalize("NFC", text))
    return links * _LINK_COUNTS + sum(_weight(each) for each in _CLUSTER.findall(plain))


def _weight(cluster: str) -> int:
    if _EMOJI.search(cluster):
        return 2
    return sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in cluster)
