"""What mail programs write around a quotation, in every language we know, compiled once for quick asking.

One TOML file per language in `phrases/`; a further language is a further file. In each of them `wrote` are
the verbs of an attribution line ("On … Ana wrote:") and `lead` the words one begins with, `original` and
`forwarded` stand between dashes above a copied mail, `from` to `subject` (and `other`) are the names of the
header lines under them, `device` are the lines a phone or a mail program adds (`*` stands for a few words),
`closing` are complimentary closes, `secret` are words of legal notices and `notice` the headings of such
notices. A `device` line counts only if it also names a device or a program (`devices.toml`): "Sent by
courier" does not.

All text is compared in the form `fold` gives it.
Compared with the patterns of email-forward-parser, email-reply-parser (Crisp), mail-parser-reply, talon and
quotequail, checked 2026-11-23; what those lack was added from knowledge of the programs.
"""

import re
import tomllib
import unicodedata
from importlib import resources

HEADER_KINDS = ("from", "subject", "sent", "to", "other")

_MARKS = re.compile(r"[\u0307\u200b\u200e\u200f\ufeff]")


def fold(text: str) -> str:
    """Lower case, one form of every accent, plain spaces, no invisible marks."""
    if not text.isascii():
        text = (
            unicodedata.normalize("NFC", text)
            .replace("\u2019", "'")
            .replace("\xa0", " ")
            .replace("\u202f", " ")
        )
        return _MARKS.sub("", text.lower())
    return text.lower()


def _load() -> dict[str, list[str]]:
    together: dict[str, list[str]] = {}
    folder = resources.files(__package__) / "phrases"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            for key, phrases in tomllib.loads(file.read_text(encoding="utf-8")).items():
                together.setdefault(key, []).extend(fold(phrase) for phrase in phrases)
    return together


def _any_word(phrases: list[str]) -> str:
    """An alternation that matches whole words where the script has spaces between them."""
    whole: list[str] = []
    parts: list[str] = []
    for phrase in sorted(set(phrases), key=lambda each: (-len(each), each)):
        (parts if phrase[0] >= "\u2e80" else whole).append(re.escape(phrase))
    return rf"(?<!\w)(?:{'|'.join(whole)})(?!\w)|(?:{'|'.join(parts)})"


def _any_line(patterns: list[str]) -> str:
    return "|".join(re.escape(each).replace(r"\*", ".{0,60}") for each in sorted(set(patterns)))


_PHRASES = _load()

WROTE = re.compile(_any_word(_PHRASES["wrote"]))
LEAD = re.compile(rf"(?:{_any_word(_PHRASES['lead'])})[\s,.:\d]")
ORIGINAL = frozenset(_PHRASES["original"])
FORWARDED = frozenset(_PHRASES["forwarded"])
HEADERS = {label: kind for kind in reversed(HEADER_KINDS) for label in _PHRASES[kind]}
CLOSINGS = frozenset(_PHRASES["closing"])
SECRET = re.compile("|".join(re.escape(each) for each in sorted(set(_PHRASES["secret"]))))
NOTICE = re.compile("(?:" + _any_line(_PHRASES["notice"]) + ")")
_DEVICE_LINE = re.compile("(?:" + _any_line(_PHRASES["device"]) + ")$")
_DEVICE = re.compile("|".join(re.escape(each) for each in sorted(set(_PHRASES["device_name"]))))


def is_device_line(line: str) -> bool:
    """Whether a phone or a mail program added this line ("Sent from my iPhone")."""
    if len(line) > 160:
        return False
    folded = re.sub(r"\s*[(<\[]?(?:https?|mailto):\S*", "", fold(line)).strip(" .!*_-[]()|")
    return bool(_DEVICE.search(folded) and _DEVICE_LINE.match(folded))
