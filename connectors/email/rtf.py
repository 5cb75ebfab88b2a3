"""The text of an RTF body, compressed or not, as Outlook puts it into winmail.dat (MS-OXRTFCP, checked
2026-11-23).

Bounded in time and size, which is why it is not a library: those on PyPI refuse a wrong checksum, raise bare
`Exception`, or need quadratic time on one long line.
"""

import re
import struct

from connectors.email import charsets

MAX_TEXT = 1_000_000  # bytes after decompression
_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr fldinst "
    b"xe tc "
    b"themedata datastore listtable listoverridetable rsidtbl generator".split()
)
_CHARS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t",
    b"emdash": "\u2014", b"endash": "\u2013", b"bullet": "\u2022", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d",
}  # fmt: skip
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


def decompress(packed: bytes) -> bytes:
    """The RTF in a compressed RTF stream, as far as it goes."""
    if len(packed) < 16:
        return b""
    size, kind = struct.unpack_from("<4xI4s", packed)
    if kind == b"MELA":
        return packed[16 : 16 + size][:MAX_TEXT]
    if kind != b"LZFu":
        return b""
    ring = bytearray(_START.ljust(4096, b" "))
    put, at = len(_START), 16
    out = bytearray()
    while at < len(packed) and len(out) < MAX_TEXT:
        control = packed[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                taken = packed[at : at + 1]
                at += 1
            else:
                token = int.from_bytes(packed[at : at + 2], "big")
                offset, length = token >> 4, (token & 15) + 2
                if offset == put or at + 2 > len(packed):
                    return bytes(out)
                at += 2
                taken = _repeat(ring, offset, length, put)
            for byte in taken:
                ring[put] = byte
                put = (put + 1) % 4096
            out += taken
    return bytes(out)


def rtf_to_text(rtf: bytes) -> str:
    """The words of an RTF document, paragraphs on lines of their own."""
    codepage, out = "cp1252", list[str]()
    encoded = bytearray()  # 8-bit characters: a double-byte one arrives in two tokens
    groups: list[tuple[bool, int]] = []
    skipped, per_unicode, to_skip = False, 1, 0
    for match in _TOKEN.finditer(rtf[:MAX_TEXT]):
        word, number, code, symbol, brace, plain = match.groups()
        if code and not skipped:
            if to_skip:
                to_skip -= 1
            else:
                encoded.append(int(code, 16))
            continue
        if encoded:
            out.append(charsets.decode(bytes(encoded), codepage))
            encoded.clear()
        if brace == b"{":
            groups.append((skipped, per_unicode))
        elif brace == b"}":
            skipped, per_unicode = groups.pop() if groups else (False, 1)
        elif symbol == b"*" or word in _SKIPPED:
            skipped = True
        elif word == b"ansicpg" and charsets.is_known(f"cp{int(number or 0)}"):
            codepage = f"cp{int(number)}"
        elif word == b"uc":
            per_unicode = int(number or 1)
        elif not skipped and word == b"u" and number:
            out.append(_unicode(int(number)))
            to_skip = per_unicode
        elif not skipped and word in _CHARS:
            out.append(_CHARS[word])
        elif not skipped and symbol:
            out.append(_SYMBOLS.get(symbol, ""))
        elif not skipped and plain:
            out.append(plain[to_skip:].decode("latin-1"))
            to_skip = 0
    out.append(charsets.decode(bytes(encoded), codepage))
    text = "".join(out).replace("\0", "").encode("utf-16", "surrogatepass")
    return text.decode("utf-16", "replace").strip()


def _repeat(ring: bytearray, offset: int, length: int, put: int) -> bytes:
    """`length` bytes from `offset`; a run may read what it writes itself."""
    out = bytearray()
    for step in range(length):
        at = (offset + step) % 4096
        behind = (at - put) % 4096
        out.append(out[behind] if behind < len(out) else ring[at])
    return bytes(out)


def _unicode(number: int) -> str:
    return chr(number & 0xFFFF)
