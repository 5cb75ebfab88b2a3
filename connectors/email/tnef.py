"""winmail.dat opened: the body and the attachments that Outlook wraps up in it (MS-OXTNEF, checked
2026-11-23).

Our own reader because the one on PyPI (tnefparse 1.4, 2021) loops as often as a length in the file tells it
to, opens nested messages without a limit and sums every byte in Python: a hostile file stops it for minutes.
This one reads lengths only within the bytes that are there.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.email import charsets
from connectors.email.mail import File
from connectors.email.rtf import decompress, rtf_to_text

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ATTRIBUTES = 5000
MAX_DEPTH = 3
_ATTACHMENT = 2  # the level
_BODY, _TITLE, _DATA, _BEGIN, _MAPI, _ATTACHED, _CODEPAGE = (
    0x800C,
    0x8010,
    0x800F,
    0x9002,
    0x9003,
    0x9005,
    0x9007,
)
_OBJECT_SIGNATURE = bytes.fromhex("0703020000000000c000000000000046")
_SIZES = {0: 0, 1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_LONG = {0x0D, 0x1E, 0x1F, 0x102}  # types that bring their own length
_P_BODY, _P_HTML, _P_RTF, _P_DATA = 0x1000, 0x1013, 0x1009, 0x3701
_P_NAME, _P_SHORT_NAME, _P_LONG_NAME, _P_MIME, _P_CID = 0x3001, 0x3704, 0x3707, 0x370E, 0x3712
_P_CPID = 0x3FDE


@dataclass(slots=True)
class Unwrapped:
    text: str = ""
    html: str = ""
    files: list[File] = field(default_factory=list)


def read_tnef(raw: bytes, depth: int = 0) -> Unwrapped | None:
    """What is in a TNEF stream, as far as it can be read; None if it is no such thing or holds nothing."""
    if not raw.startswith(SIGNATURE):
        return None
    out = Unwrapped()
    codepage = "cp1252"
    attached: dict[str, bytes | str] | None = None
    for level, name, value in _attributes(raw):
        if name == _CODEPAGE and len(value) >= 4:
            codepage = _codepage(value, codepage)
        elif name == _BEGIN:
            _keep(out, attached, depth)
            attached = {}
        elif level == _ATTACHMENT and attached is not None:
            _read_attached(attached, name, value, codepage)
        elif name == _BODY:
            out.text = _string(value, codepage)
        elif name == _MAPI:
            _read_message(out, value, codepage)
    _keep(out, attached, depth)
    return out if out.text or out.html or out.files else None


def _attributes(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(raw):
            return
        level, name, _kind, size = struct.unpack_from("<BHHI", raw, at)
        yield level, name, raw[at + 9 : at + 9 + size]
        at += 11 + size  # two bytes of checksum follow


def _read_message(out: Unwrapped, value: bytes, codepage: str) -> None:
    found = dict(_properties(value))
    if number := found.get(_P_CPID):
        codepage = _codepage(number[1], codepage)
    if _P_BODY in found:
        out.text = _typed_string(*found[_P_BODY], codepage)
    if _P_HTML in found:
        out.html = charsets.decode_html(found[_P_HTML][1].rstrip(b"\0"), codepage).replace("\0", "")
    if _P_RTF in found and not out.text and not out.html:
        out.text = rtf_to_text(decompress(found[_P_RTF][1]))


def _read_attached(attached: dict[str, bytes | str], name: int, value: bytes, codepage: str) -> None:
    if name == _TITLE:
        attached.setdefault("title", _string(value, codepage))
    elif name == _DATA:
        attached["data"] = value
    elif name == _ATTACHED:
        for tag, (kind, content) in _properties(value):
            if tag == _P_DATA:
                attached["embedded" if content.startswith(_OBJECT_SIGNATURE) else "data"] = content
            elif tag in (_P_NAME, _P_SHORT_NAME, _P_LONG_NAME, _P_MIME, _P_CID):
                attached[f"{tag:04x}"] = _typed_string(kind, content, codepage)


def _keep(out: Unwrapped, attached: dict[str, bytes | str] | None, depth: int) -> None:
    if not attached:
        return
    names = (attached.get(key) for key in ("3707", "title", "3704", "3001"))
    name = next((str(one) for one in names if one), "")
    embedded = attached.get("embedded")
    if isinstance(embedded, bytes):
        nested = read_tnef(embedded[16:], depth + 1) if depth < MAX_DEPTH else None
        if nested is not None:
            if nested.text or nested.html:
                kind, text = ("text/plain", nested.text) if nested.text else ("text/html", nested.html)
                suffix = ".txt" if nested.text else ".html"
                out.files.append(File((name or "message") + suffix, kind, text.encode("utf-8", "replace")))
            out.files.extend(nested.files)
            return
        attached.setdefault("data", embedded[16:])
    content = attached.get("data", b"")
    if isinstance(content, bytes) and (content or name):
        mime = str(attached.get("370e") or "application/octet-stream")
        out.files.append(File(name, mime.lower(), content, str(attached.get("3712") or "").strip("<> ")))


def _properties(value: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """MAPI properties: (tag, (type, content)). Stops where the stream stops making sense."""
    try:
        (count,) = struct.unpack_from("<I", value, 0)
        at = 4
        for _ in range(min(count, MAX_ATTRIBUTES)):
            kind, tag = struct.unpack_from("<HH", value, at)
            at += 4
            if tag >= 0x8000:
                at = _skip_name(value, at)
            many, kind = kind & 0x1000, kind & 0x0FFF
            values = 1
            if many or kind in _LONG:
                (values,) = struct.unpack_from("<I", value, at)
                at += 4
            for _ in range(min(values, MAX_ATTRIBUTES)):
                if kind in _LONG:
                    (size,) = struct.unpack_from("<I", value, at)
                    at += 4
                elif kind in _SIZES:
                    size = _SIZES[kind]
                else:
                    return
                if at + size > len(value):
                    return
                yield tag, (kind, value[at : at + size])
                at += size + -size % 4
    except struct.error:
        return


def _skip_name(value: bytes, at: int) -> int:
    """A named property brings a GUID and a number or a name."""
    kind, size = struct.unpack_from("<II", value, at + 16)
    return at + 24 if kind == 0 else at + 24 + size + -size % 4


def _codepage(value: bytes, otherwise: str) -> str:
    name = f"cp{int.from_bytes(value[:4], 'little')}"
    name = {"cp65001": "utf-8", "cp28591": "iso-8859-1", "cp20866": "koi8-r", "cp50220": "iso-2022-jp"}.get(
        name, name
    )
    return name if charsets.is_known(name) else otherwise


def _typed_string(kind: int, value: bytes, codepage: str) -> str:
    if kind == 0x1F:
        return value[: len(value) & ~1].decode("utf-16-le", "replace").split("\0")[0]
    return _string(value, codepage)


def _string(value: bytes, codepage: str) -> str:
    return charsets.decode(value.rstrip(b"\0"), codepage).replace("\0", "").replace("\r\n", "\n").strip()
