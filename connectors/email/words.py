"""Encoded words (RFC 2047) and parameters (RFC 2231), as mailers really write them. Never raises.

Read leniently: words cut in the middle of a character or of a base64 group, folded, inside quotes, with
spaces in them, in charsets nobody knows, without an end; and encoded words inside parameters, which no RFC
allows and every mailer sends.
"""

import binascii
import re

from connectors.email import charsets

_WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?"
    r"((?:(?!=\?[^?\s]{1,60}\?[bBqQ]\?).)*?)(?:\?=|(?==\?[^?\s]{1,60}\?[bBqQ]\?)|\?$|$)",
    re.S,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_PARAMETER = re.compile(
    r"""([^\s=;"]{1,100})\s{0,5}=\s{0,80}(?:"((?:[^"\\]|\\.){0,8000})"|"?([^;]*?)(?=;|\s{1,5}[\w*-]{1,40}=|$))[^;]*""",
    re.S,
)
_ESCAPED = re.compile(r"\\([\"\\])")
_SEGMENT = re.compile(r"^(.+?)(?:\*(\d{1,4}))?(\*)?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
MAX_PARAMETERS = 200
MAX_PARAMETER_TEXT = 32 * 1024


def decode_words(text: str, hint: str = "") -> str:
    """`text` with its encoded words decoded, on one line."""
    if "=?" in text:
        text = _decoded(text, hint)
        if _WORD.match(text):  # encoded twice
            text = _decoded(text, hint)
    return _CONTROL.sub(" ", text).strip() if not text.isprintable() else text.strip()


def read_parameters(value: str, hint: str = "") -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` as ("text/plain", {"charset": "utf-8"}); names in lower case."""
    main, _, rest = value[:MAX_PARAMETER_TEXT].partition(";")
    if "=" in main:  # a missing semicolon, or no type at all
        match = re.match(r"\s*([\w.+-]+/[\w.+-]+)\s+", main)
        rest = value[match.end() if match else 0 : MAX_PARAMETER_TEXT]
        main = match[1] if match else ""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(rest)):
        if count >= MAX_PARAMETERS:
            break
        text = _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else match[3].strip().strip('"')
        segment = _SEGMENT.match(match[1].lower())
        if segment is None or not (segment[2] or segment[3]):
            plain.setdefault(match[1].lower(), text)
        else:
            numbered = pieces.setdefault(segment[1], {})
            numbered.setdefault(int(segment[2] or 0), (text, segment[3] is not None))
    found = {name: decode_words(text, hint) for name, text in plain.items()}
    for name, numbered in pieces.items():
        if joined := _joined(numbered, hint):
            found[name] = joined
    return main.strip().lower(), found


def _decoded(text: str, hint: str) -> str:
    out: list[str] = []
    run: list[tuple[str, str]] = []  # neighbouring words of one charset: (encoding, text)
    charset, end = "", 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        apart = bool(between.strip()) or end == 0
        if run and (apart or match[1].lower() != charset):
            out.append(_flush(charset, run, hint))
            run = []
        if apart:
            out.append(between)
        charset, end = match[1].lower(), match.end()
        run.append((match[2].lower(), match[3]))
    if run:
        out.append(_flush(charset, run, hint))
    return "".join(out) + text[end:]


def _flush(charset: str, run: list[tuple[str, str]], hint: str) -> str:
    """The text of neighbouring words: bytes are joined before they are decoded, as characters may be cut."""
    raw = b"".join(_bytes(encoding, text, charset) for encoding, text in run)
    cut = [
        text
        for encoding, text in run
        if encoding == "b" and len(text.rstrip("=")) % 4 and not text.endswith("=")
    ]
    if len(cut) > 1 and all(encoding == "b" for encoding, _ in run) and not charsets.fits(raw, charset):
        joined = _bytes("b", "".join(text for _, text in run), charset)
        raw = joined if charsets.fits(joined, charset) else raw
    return charsets.decode(raw, charset, hint)


def _bytes(encoding: str, text: str, charset: str) -> bytes:
    if encoding == "q":
        return binascii.a2b_qp(_as_bytes(text, charset), header=True)
    return unbase64(text.encode("ascii", "ignore"))


def unbase64(text: bytes) -> bytes:
    """A short base64 text, whatever its padding and whatever stands between its letters."""
    out: list[bytes] = []
    for piece in re.split(rb"=+", text.replace(b"-", b"+").replace(b"_", b"/")):
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", piece)
        letters = letters[:-1] if len(letters) % 4 == 1 else letters
        out.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
    return b"".join(out)


def _joined(numbered: dict[int, tuple[str, bool]], hint: str) -> str:
    """The value of a parameter in RFC 2231's segments."""
    charset, raw, extended = "", b"", False
    for position, number in enumerate(sorted(numbered)):
        text, is_extended = numbered[number]
        if is_extended and position == 0:
            label, quote, tail = text.partition("'")
            if quote and ("'" in tail or charsets.is_known(label)):
                charset, text = label, tail.partition("'")[2] if "'" in tail else tail
        piece = _as_bytes(text, charset)
        if is_extended:
            extended = True
            piece = _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), piece)
        raw += piece
    text = charsets.decode(raw, charset or ("utf-8" if extended else ""), hint)
    return decode_words(text, hint)


def _as_bytes(text: str, charset: str) -> bytes:
    """What should be ASCII by now; if it is not, it was 8-bit text that has been read already."""
    if text.isascii():
        return text.encode("ascii")
    return charsets.encode(text, charset)
