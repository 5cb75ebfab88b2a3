"""Names of people, compared across spellings, scripts and orders. Pure.

A name becomes a few tokens in plain letters: accents off, ae for ä and a alike, Chinese as pinyin in
syllables, Arabic as its consonants. Two names fit when one could be a way to write the other.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from anyascii import anyascii
from rapidfuzz.distance import DamerauLevenshtein

_TITLES = """
    dipl dr doctor eng frau frl hajj haji herr ing ir lic mag med miss mr mrs ms msc mba phd prof
    professor rer nat sheikh sir von van der den de del dos da la le el al bin ibn bint abu zu zum
"""
TITLES = frozenset(_TITLES.split())
PARTICLES = frozenset({"al", "bin", "ibn", "bint", "abu"})  # also as a part of Al-Zahra
PET_NAMES = {
    "bea": ("beate", "beatrix"), "bernd": ("bernhard",), "bill": ("william",), "bob": ("robert",),
    "dick": ("richard",), "gabi": ("gabriele",), "hannes": ("johannes",), "hans": ("johannes",),
    "heinz": ("heinrich",), "jim": ("james",), "joe": ("joseph",), "jupp": ("josef",),
    "kate": ("katherine", "catherine"), "kathi": ("katharina",), "katja": ("katharina",),
    "liz": ("elizabeth",), "lisa": ("elisabeth",), "micha": ("michael",), "mike": ("michael",),
    "mo": ("mohammed", "mohamed", "muhammad"), "nick": ("nicholas",), "peggy": ("margaret",),
    "sepp": ("josef",), "steffi": ("stefanie", "stephanie"), "tina": ("christina", "martina"),
    "tom": ("thomas",), "tony": ("anthony",), "uli": ("ulrich", "ulrike"), "uschi": ("ursula",),
    "willi": ("wilhelm",),
}  # fmt: skip
_SYLLABLES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORDS = re.compile(r"[^\W\d_]+(?:['’`-][^\W\d_]+)*", re.UNICODE)
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_VOWELS = str.maketrans("", "", "aeiouy")
_ALIKE = (
    ("sch", "s"), ("tsch", "s"), ("ch", "h"), ("kh", "h"), ("sh", "s"), ("gh", "g"), ("dh", "d"), ("th", "t"),
    ("ph", "f"),     ("ck", "k"), ("q", "k"), ("c", "k"), ("w", "v"), ("x", "ks"), ("z", "s"), ("dt", "t"),
)  # fmt: skip
NEAR = 0.84  # of 1: what two spellings of one name have in common at least
LONG = 4  # letters from which a name may be misspelt
SURE = 3  # consonants that tell a name
FIRST_WIDE = 0x2E80  # of the scripts of East Asia


class Fit(StrEnum):
    SAME = "same"
    COULD_BE = "could_be"  # one of them says less: only a first name
    SHORTENED = "shortened"  # by an initial or a pet name: Alex may be Alexander, J. may be Jan or Jana
    UNKNOWN = "unknown"  # there is no name to compare
    OTHER = "other"


def tokens_of(name: str | None) -> tuple[str, ...]:
    """The parts of a person's name in plain small letters, titles left out."""
    if not name or "@" in name:
        return ()
    text = unicodedata.normalize("NFKC", name)
    if "," in text and text.count(",") == 1:  # Schmidt, Anna
        last, _, first = text.partition(",")
        text = f"{first} {last}"
    words = _WORDS.findall(text)
    named = [each for each in words if each.lower() not in TITLES]
    tokens = [token for word in named or words for token in _plain(word)]
    return tuple([each for each in tokens if each not in PARTICLES] or tokens)


def fits(one: str | None, other: str | None) -> Fit:
    """Whether two names can be the same person's."""
    first, second = tokens_of(one), tokens_of(other)
    if not first or not second:
        return Fit.UNKNOWN
    if _one_word(first, second):
        return Fit.SAME
    fewer, more = sorted((first, second), key=len)
    left, whole = list(more), True
    for token in fewer:
        partner = next((each for each in left if alike(token, each)), None)
        if partner is None:
            partner = next((each for each in left if _shortened(token, each)), None)
            whole = False
        if partner is None:
            return Fit.OTHER
        left.remove(partner)
    if not whole:
        return Fit.SHORTENED
    return Fit.SAME if len(fewer) > 1 else Fit.COULD_BE


def alike(one: str, other: str) -> bool:
    """Two spellings of one token: Schmitt and Schmidt, Mohammed and Muhamad; not Christian and Christina."""
    if one == other:
        return True
    if _without_vowels(one) or _without_vowels(other):  # from a script that leaves them out
        return skeleton(one).replace("v", "") == skeleton(other).replace("v", "") != ""
    if not _ends_alike(one, other) or one[0] != other[0]:
        return False
    if skeleton(one) == skeleton(other) and len(skeleton(one)) >= SURE:
        return True
    near = DamerauLevenshtein.normalized_similarity(one, other) >= NEAR
    return bool(near) and min(len(one), len(other)) >= LONG


def skeleton(token: str) -> str:
    """Its consonants, alike ones as one, none twice in a row."""
    text = token.removesuffix("h") if len(token) > 2 else token
    for spelling, sound in _ALIKE:
        text = text.replace(spelling, sound)
    bare = text.translate(_VOWELS) or text
    return "".join(each for at, each in enumerate(bare) if at == 0 or bare[at - 1] != each)


def name_key(tokens: Sequence[str]) -> str | None:
    """What all spellings of a full name have in common, in any order. None: it is no full name."""
    if len(tokens) < 2:
        return None
    return " ".join(sorted(skeleton(each) for each in (tokens[0], tokens[-1])))


def _plain(word: str) -> list[str]:
    wide = any(unicodedata.category(each) == "Lo" and ord(each) > FIRST_WIDE for each in word)
    spelt = anyascii(word.removeprefix("ال") if len(word) > LONG else word)
    parts = _SYLLABLES.findall(spelt) if wide else re.split(r"[^A-Za-z]+", re.sub("['`’]", "", spelt))
    return [token for part in parts if (token := evened(part.lower()))]


def evened(token: str) -> str:
    """ü, ue and u alike."""
    for spelling, letter in _UMLAUTS:
        token = token.replace(spelling, letter)
    return token


def _without_vowels(token: str) -> bool:
    return not set("aeiou") & set(token)


def _ends_alike(one: str, other: str) -> bool:
    ends = {each.removesuffix("h")[-1:] for each in (one, other)}
    return len(ends) == 1 or not ends & set("aeo")


def _shortened(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return long.startswith(short)
    begins = len(short) >= SURE and len(long) - len(short) > 1 and long.startswith(short)
    return begins or long in PET_NAMES.get(short, ())


def _one_word(first: Sequence[str], second: Sequence[str]) -> bool:
    """For names whose parts one writes as one word: Xiao Long Li and Li Xiaolong."""
    turned = ("".join((*second[at:], *second[:at])) for at in range(len(second)))
    return len(first) != len(second) and "".join(first) in turned
