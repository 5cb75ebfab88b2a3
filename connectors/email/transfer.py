"""Content-Transfer-Encoding undone, also where it is wrong, cut or mixed. Never raises; copies as little as it can."""

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
_UU_BEGIN = re.compile(rb"(?:^|\n)begin(?:-base64)? [0-7]{3,4} [^\r\n]+\r?\n")
_PADDING = re.compile(rb"=*")
MAX_PIECES = 20_000
_PIECE = 4 * 1024 * 1024


def decode_transfer(raw: bytes, start: int, end: int, encoding: str, is_text: bool) -> bytes:
    """The content of `raw[start:end]`, which says that it is in `encoding`."""
    name = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if name in ("base64", "b64", "basesixtyfour"):
        return _base64(raw, start, end, is_text)
    if name in ("quotedprintable", "qp"):
        return _quoted_printable(raw[start:end])
    if name in ("xuuencode", "uuencode", "uue", "xuue"):
        return _uuencoded(raw[start:end])
    return raw[start:end]


def uudecode_lines(lines: list[bytes]) -> bytes:
    """The content of uuencoded lines; a spoilt line gives what can be had of it."""
    out: list[bytes] = []
    for line in lines:
        line = line.rstrip(b"\r\n")
        if not line or line in (b"`", b" ", b"end"):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders pad their lines with junk: take as many letters as the line's own length asks for.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(out)


def _base64(raw: bytes, start: int, end: int, is_text: bool) -> bytes:
    view = memoryview(raw)[start:end]
    padding = raw.find(b"=", start, end)
    tail = padding if padding >= 0 else end
    if is_text and _is_plain(raw[start : min(end, start + 2000)]):
        return bytes(view)
    if raw[tail : min(end, tail + 200)].strip(b"= \t\r\n") == b"" and end - tail < 200:
        try:
            return binascii.a2b_base64(view)
        except binascii.Error:
            pass
    return _pieces(raw, start, end, is_text)


def _pieces(raw: bytes, start: int, end: int, is_text: bool) -> bytes:
    """Base64 of which parts are spoilt: several texts in a row, padding missing, a footer hung on in plain text."""
    out: list[bytes] = []
    at = start
    while at < end:
        padding = raw.find(b"=", at, min(end, at + _PIECE))
        stop = padding if padding >= 0 else min(end, at + _PIECE)
        if is_text and at > start and _is_plain(raw[at : min(end, at + 2000)]):
            out.append(b"\n" + raw[at:end])
            break
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw[at:stop])
        if padding < 0 and stop < end:  # cut where the groups of four end
            keep = len(letters) - len(letters) % 4
            spare = len(letters) - keep
            while spare and stop > at:
                stop -= 1
                spare -= raw[stop : stop + 1].isalnum() or raw[stop : stop + 1] in (b"+", b"/")
            letters = letters[:keep]
        if len(letters) % 4 == 1:
            letters = letters[:-1]
        out.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
        at = max(_PADDING.match(raw, stop, end).end(), at + 1)  # type: ignore[union-attr]  # it matches anything
        if len(out) > MAX_PIECES:
            break
    return b"".join(out)


def _is_plain(sample: bytes) -> bool:
    """Words with spaces and full stops: this text was never base64, whatever its header says."""
    sample = sample.strip()
    if not sample:
        return False
    odd = len(_NOT_BASE64.findall(sample))
    spaces = sample.count(b" ")
    return odd * 50 > len(sample) or spaces * 12 > len(sample)


def _quoted_printable(body: bytes) -> bytes:
    if b"= " in body or b"=\t" in body:
        body = _SOFT_BREAK.sub(b"=", body)
    return binascii.a2b_qp(body)


def _uuencoded(body: bytes) -> bytes:
    begin = _UU_BEGIN.search(body)
    return uudecode_lines(body[begin.end() :].split(b"\n")) if begin else body
