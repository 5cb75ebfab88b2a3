"""Content-Transfer-Encoding undone, also where it is wrong, cut or mixed. Never raises, copies little."""

import binascii
import re

_WORDS = re.compile(rb"[A-Za-z][,.;:!?]? (?=[A-Za-z])")
# What a mailing list or a virus scanner hung on below, in plain text.
_FOOTER = re.compile(rb"\n(?=-- ?\r?\n|_{10}|[^\n]{0,200}[a-z][,.]? [A-Za-z]+[,.]? [A-Za-z])")
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
        return _quoted_printable(raw, start, end)
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
    if is_text and _is_plain(raw[start : min(end, start + 2000)]):
        return raw[start:end]
    if is_text and (footer := _FOOTER.search(raw, start, end)):
        return _base64(raw, start, footer.start(), False) + raw[footer.start() : end]
    view = memoryview(raw)[start:end]
    padding = raw.find(b"=", start, end)
    tail = padding if padding >= 0 else end
    if raw[tail : min(end, tail + 200)].strip(b"= \t\r\n") == b"" and end - tail < 200:
        try:
            return binascii.a2b_base64(view)
        except binascii.Error:
            pass
    return _pieces(raw, start, end)


def _pieces(raw: bytes, start: int, end: int) -> bytes:
    """Base64 that is spoilt: several texts in a row, or padding that is missing."""
    out: list[bytes] = []
    at = start
    while at < end:
        padding = raw.find(b"=", at, min(end, at + _PIECE))
        stop = padding if padding >= 0 else min(end, at + _PIECE)
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
    beginning = sample.lstrip().split(b"\n", 1)[0][:300]
    return len(_WORDS.findall(beginning)) > 1 or not beginning.isascii()


def _quoted_printable(raw: bytes, start: int, end: int) -> bytes:
    if raw.find(b"= ", start, end) >= 0 or raw.find(b"=\t", start, end) >= 0:
        return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", raw[start:end]))
    return binascii.a2b_qp(memoryview(raw)[start:end])


def _uuencoded(body: bytes) -> bytes:
    begin = _UU_BEGIN.search(body)
    return uudecode_lines(body[begin.end() :].split(b"\n")) if begin else body
