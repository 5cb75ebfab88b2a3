"""A mail's header fields: found, unfolded, and decoded only when somebody asks. Never raises.

The bytes are kept as they came, since what they mean depends on the field: in an address list the commas
inside an encoded word must not separate addresses, so structure is read first and words are decoded last.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.email import charsets
from connectors.email.words import decode_words

MAX_FIELDS = 1000
MAX_HEADER = 1024 * 1024  # bytes of header read; what lies beyond is skipped
MAX_VALUE = 256 * 1024
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(?!//)")
_KNOWN = re.compile(
    rb"(?:received|return-path|delivered-to|envelope-to|from|to|cc|subject|date|message-id|mime-version|reply-to"
    rb"|content-[a-z-]+|x-[a-z0-9-]+|dkim-signature|authentication-results|arc-[a-z-]+|sender|in-reply-to|references"
    rb"|list-[a-z-]+|auto-submitted|precedence)[ \t]*:",
    re.I,
)
_FOLD = re.compile(rb"[\r\n]+[ \t]*")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_ID = re.compile(r"<([^<>]{1,2000})>")
_BETWEEN_IDS = re.compile(r"[\s<>,;\"']+")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one mail or part, by lower-case name. `hint`: the charset of raw 8-bit ones."""

    fields: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    hint: str = ""

    def raw(self, name: str) -> bytes:
        """The first field of that name, unfolded, not decoded; b"" if there is none."""
        found = self.fields.get(name)
        return found[0] if found else b""

    def text(self, name: str) -> str:
        """Like `raw`, with 8-bit bytes read but encoded words left as they are: for fields with a grammar."""
        return charsets.decode(self.raw(name), "", self.hint)

    def texts(self, name: str) -> list[str]:
        return [charsets.decode(value, "", self.hint) for value in self.fields.get(name, ())]

    def get(self, name: str) -> str:
        """The first field of that name, decoded for reading; "" if there is none."""
        found = self.fields.get(name)
        return decode_words(charsets.decode(found[0], "", self.hint), self.hint) if found else ""

    def all(self, name: str) -> list[str]:
        found = self.fields.get(name, ())
        return [decode_words(charsets.decode(value, "", self.hint), self.hint) for value in found]

    def __contains__(self, name: str) -> bool:
        return name in self.fields


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header fields from `start` on, and where the body begins."""
    found: list[tuple[str, list[bytes]]] = []
    at = start
    while at < end:
        if at - start > MAX_HEADER:
            blank = _BLANK.search(raw, at, end)
            return _unfolded(found), blank.end() if blank else end
        newline = raw.find(b"\n", at, end)
        stop, after = (end, end) if newline < 0 else (newline, newline + 1)
        line = raw[at : min(stop, at + MAX_VALUE)]
        if match := _FIELD.match(line):
            if len(found) < MAX_FIELDS:
                found.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif not line.strip():
            if line in (b"", b"\r") or not _KNOWN.match(raw, after, end):
                return _unfolded(found), after
        elif found and (line[0] in b" \t" or _KNOWN.match(raw, after, end)):
            found[-1][1].append(line)  # a fold, or one that lost its leading space
        else:
            return _unfolded(found), at  # no blank line: the body begins here
        at = after
    return _unfolded(found), end


def find_start(raw: bytes) -> int:
    """Where the header of a mail begins: after a byte order mark, blank lines, an mbox line, other junk."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    for _ in range(20):
        while raw[at : at + 1] in (b"\r", b"\n", b" ", b"\t", b"\0") and at < len(raw):
            at += 1
        if _KNOWN.match(raw, at) or (_FIELD.match(raw, at) and not raw.startswith(b">From ", at)):
            return at
        newline = raw.find(b"\n", at, at + 2000)
        if newline < 0:
            break
        at = newline + 1
    return 0


def read_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs in a Message-ID, In-Reply-To or References field, without brackets, each once."""
    if "=?" in value:  # Exchange and some gateways encode the whole field when it is long
        value = decode_words(value)
    found = ["".join(match.split()) for match in _ID.findall(value)]
    if not found:
        found = [one for one in _BETWEEN_IDS.split(value) if "@" in one.strip("@")]
    return tuple(dict.fromkeys(one for one in found if one and len(one) <= 998))


def _unfolded(found: list[tuple[str, list[bytes]]]) -> Headers:
    fields: dict[str, list[bytes]] = {}
    for name, lines in found:
        value = lines[0] if len(lines) == 1 else b"\n".join(lines)[:MAX_VALUE]
        fields.setdefault(name, []).append(_FOLD.sub(b" ", value.replace(b"\0", b"")).strip())
    return Headers(fields)
