"""Bytes to text, whatever the label says: right, wrong, unknown or missing. Never raises.

Mail is labelled by people who never saw it. What is done about it: a label that is a subset of what is really
sent is widened (gb2312 is read as GB18030, iso-8859-1 as windows-1252, as browsers do: WHATWG Encoding
Standard, checked 2026-11-23); valid UTF-8 beats a single-byte label; and only what contradicts its label or
has none is handed to the detector, because detecting costs a hundred times more than decoding.
"""

import codecs
import re
from functools import lru_cache

import cchardet

# The label as written, in lower case, and the Python codecs to try for it, the widest first.
_WIDER = {
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 windows-1252 ansi",
    "gb18030": "gb2312 gb_2312-80 gb2312-80 gb_2312 euc-cn euccn gbk cp936 ms936 936 windows-936 chinese",
    "big5hkscs cp950": "big5 big5-tw big-5 cn-big5 csbig5 x-x-big5 cp950 ms950 big5-hkscs",
    "cp932 shift_jis_2004": "shift_jis shift-jis sjis ms_kanji cp932 ms932 windows-31j cp943 shift_jisx0213",
    "cp949": "ks_c_5601-1987 ks_c_5601 ksc5601 ksc_5601 euc-kr euckr cp949 ms949 uhc windows-949 korean",
    "euc_jp euc_jis_2004": "euc-jp eucjp x-euc-jp euc-jp-ms eucjpms ujis",
    "iso2022_jp_ext iso2022_jp_2": "iso-2022-jp iso2022-jp csiso2022jp cp50220 cp50221 iso-2022-jp-1",
    "cp1254": "iso-8859-9 iso8859-9 latin5 latin-5 l5 windows-1254",
    "cp874": "tis-620 tis620 iso-8859-11 windows-874 cp874 x-cp874 dos-874",
    "iso8859_8": "iso-8859-8-i iso-8859-8-e logical visual iso-8859-8",
    "cp1256": "windows-1256 cp1256 arabic-windows",
    "mac_roman": "macintosh mac x-mac-roman x-macroman",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "koi8_u": "koi8-ru koi8-u",
    "utf_8": "utf8 utf-8 utf8mb4 utf-8-sig unicode-1-1-utf-8 u8 utf unicode utf_8 utf-8mac",
    "utf_7": "utf-7 utf7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 csunicode11utf7",
    "hz": "hz-gb-2312 hz hzgb",
    "johab": "johab cp1361",
}
_CODECS = {label: codecs_.split() for codecs_, labels in _WIDER.items() for label in labels.split()}
# Text with these labels is ASCII, or anything at all: the label says nothing.
_EMPTY_LABELS = {
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "646",
    "unknown-8bit",
    "8bit",
    "binary",
    "default",
    "none",
}
# Text encodings to Python, and a trap or an attack in a mail.
_REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "charmap"}
# Labels under which ASCII bytes do not mean ASCII.
_SHIFTING = re.compile(r"2022|^utf_?(7|16|32)|^hz$")
_MULTIBYTE = re.compile(r"^(gb|big5|cp9(32|36|49|50)|shift|euc|johab|utf)")
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B()]|\([BIJ]|\$A|\.[AF])")
_SHIFT = re.compile(rb"\$[@B]|\$\(.|\([A-Z]")
_HTML_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)
_LATIN = frozenset(
    ("windows-1252", "iso-8859-1", "iso-8859-15", "windows-1250", "iso-8859-2", "windows-1254", "iso-8859-9",
     "windows-1257", "iso-8859-4", "iso-8859-13", "iso-8859-10", "iso-8859-16", "iso-8859-3", "windows-1258")
)  # fmt: skip
_UNLIKELY = ("ibm852", "ibm855", "ibm865", "mac-centraleurope", "georgian-academy")
_HIGH = bytes(range(0x80, 0x100))
_DETECT = 20_000  # bytes shown to the detector


def decode(raw: bytes, label: str = "", hint: str = "") -> str:
    """The text of `raw`. `label` is what it claims to be; `hint` what its surroundings are written in."""
    codecs_ = _codecs(label)
    if raw.isascii() and b"\x1b" not in raw and not (codecs_ and _SHIFTING.search(codecs_[0])):
        return raw.decode("ascii")
    text = _declared(raw, codecs_) if codecs_ else None
    return _clean(_detected(raw, hint) if text is None else text)


def decode_html(raw: bytes, label: str = "", hint: str = "") -> str:
    """Like `decode`, and listens to a `<meta charset>` where the part itself names none."""
    if not label and not raw.isascii() and (meta := _HTML_CHARSET.search(raw, 0, 3000)):
        label = meta[1].decode("ascii", "replace")
        if label.lower().startswith("utf-16"):  # it could not have been read if that were so
            label = "utf-8"
    return decode(raw, label, hint)


def is_known(label: str) -> bool:
    return bool(_codecs(label))


def _declared(raw: bytes, names: tuple[str, ...]) -> str | None:
    """`raw` in one of the codecs `names`, or None if that cannot be what it is."""
    first = names[0]
    if first.startswith(("utf_16", "utf_32")):
        return _wide(raw, first)
    if not _MULTIBYTE.match(first) and not _SHIFTING.search(first) and _is_utf8(raw, first):
        return raw.decode("utf-8")
    if "2022" not in first and _ISO_2022.search(raw) and not _beyond_ascii(raw):
        return _iso_2022(raw)
    if first == "cp1252":
        return None if _is_hardly_latin(raw) else _western(raw)
    for name in names:
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    if first.startswith("iso2022_jp"):
        return _iso_2022(raw)
    return _damaged(raw, first)


def _western(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing in it
        return raw.decode("latin-1")


def _damaged(raw: bytes, codec: str) -> str | None:
    """The text of `raw` if only some of its bytes are spoilt, as by a cut in the middle of a character."""
    text = raw.decode(codec, "replace")
    foreign = sum(1 for char in text[:_DETECT] if char > "\x7f")
    if text[:_DETECT].count("\ufffd") * 5 <= foreign:
        return text
    return None


def _detected(raw: bytes, hint: str) -> str:
    if _ISO_2022.search(raw) and not _beyond_ascii(raw):
        return _iso_2022(raw)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_wide(raw):
        return _wide(raw, "utf_16")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        if problem.end >= len(raw) - 3 and problem.start > 2 and _beyond_ascii(raw[: problem.start]):
            return raw.decode("utf-8", "replace")  # only its last character is cut
    for name in (*_codecs(hint), *_codecs(_guess(raw)), *(("cp874",) if _is_hardly_latin(raw) else ())):
        if name in ("cp1252", "utf_8"):
            continue
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError):
            continue
    damaged = _damaged(raw, "utf-8")
    if damaged is not None:
        return damaged
    return _western(raw)


def _guess(raw: bytes) -> str:
    sample = raw if len(raw) <= _DETECT else b" ".join(_foreign_stretches(raw))[:_DETECT]
    found = str(cchardet.detect(sample).get("encoding") or "").lower()
    latin = found in _LATIN
    # Few letters above 0x7f between many below are Latin script, whatever the detector makes of them.
    if found in _UNLIKELY or not (latin or _is_hardly_latin(raw)):
        return ""
    return "koi8-u" if found == "koi8-r" else found  # the same, with Ukrainian letters for box drawings


def _foreign_stretches(raw: bytes) -> list[bytes]:
    """The lines of a long text that say something about its charset."""
    return [line for line in raw[: 40 * _DETECT].split(b"\n") if not line.isascii()]


@lru_cache(maxsize=512)
def _codecs(label: str) -> tuple[str, ...]:
    """Python's codecs for a label, the best first; empty if there is none for it."""
    name = label.strip().strip("\"'<>;,()[]").strip().lower()[:60]
    name = re.sub(r"^(charset|cs)=", "", name).replace(" ", "-")
    if name.startswith("x-") and name not in _CODECS:
        name = name[2:]
    for form in (name, name.replace("_", "-"), re.sub(r"^(?:cp|win|windows)[-_]?(?=\d)", "windows-", name)):
        if form in _CODECS:
            return tuple(_CODECS[form])
    name = re.sub(r"^windows-?(?=\d)", "cp", name)
    name = re.sub(r"^(?:iso-?)?8859-?(?=\d)", "iso8859-", name)
    if name in _EMPTY_LABELS or not re.fullmatch(r"[a-z0-9][a-z0-9_.:+-]*", name):
        return ()
    try:
        found = codecs.lookup(name.replace("-", "_"))
    except (LookupError, ValueError):
        return ()
    codec = found.name.replace("-", "_")
    # The flag is what `bytes.decode` itself asks before it refuses "zip" and "rot13".
    if codec in _REFUSED or not getattr(found, "_is_text_encoding", True):
        return ()
    if codec == "iso8859_1":
        return ("cp1252",)
    return (codec,)


def _is_utf8(raw: bytes, codec: str) -> bool:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    foreign = len(raw) - len(text)  # continuation bytes: one or more per character
    # In ISO-8859-5 two capital letters can happen to be UTF-8, so a short text is not enough there.
    return foreign >= (6 if codec == "iso8859_5" else 1)


def _beyond_ascii(raw: bytes) -> bool:
    return not raw.isascii()


def _is_hardly_latin(raw: bytes) -> bool:
    """More than every third letter lies above 0x7f, in a text that calls itself Western."""
    letters = len(raw.translate(None, b" \t\r\n.,;:!?-_=*/<>()0123456789"))
    high = len(raw) - len(raw.translate(None, _HIGH))
    return high * 3 > letters and high > 2


def _looks_wide(raw: bytes) -> bool:
    """Every other byte is NUL, nearly: UTF-16 that nobody declared."""
    sample = raw[:2000]
    return len(sample) >= 4 and sample.count(0) * 5 >= len(sample) * 2


def _wide(raw: bytes, codec: str) -> str:
    if codec == "utf_16" and raw[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        codec = "utf_16_be" if raw[0:400:2].count(0) > raw[1:400:2].count(0) else "utf_16_le"
    if b"\0" not in raw and raw.isascii():
        return raw.decode("ascii")  # labelled by mistake
    return raw.decode(codec, "replace").lstrip("\ufeff")


def _iso_2022(raw: bytes) -> str:
    """ISO-2022-JP with what Windows mailers put into it: NEC's row 13, half-width kana, an open end."""
    for codec in ("iso2022_jp_ext", "iso2022_kr"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    out: list[bytes] = []
    mode = b"(B"
    for piece in re.split(rb"\x1b(" + _SHIFT.pattern + rb")", raw):
        if _SHIFT.fullmatch(piece):
            mode = piece
        elif mode in (b"$B", b"$@"):
            out.extend(_shifted(piece))
        elif mode == b"(I":
            out.append(bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in piece))
        else:
            out.append(piece)
    return b"".join(out).decode("cp932", "replace")


def _shifted(jis: bytes) -> list[bytes]:
    """JIS X 0208 as seven-bit pairs, in Shift_JIS."""
    out: list[bytes] = []
    at = 0
    while at < len(jis):
        row, cell = jis[at], jis[at + 1] if at + 1 < len(jis) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            out.append(jis[at : at + 1])
            at += 1
            continue
        lead = ((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1)
        trail = cell + 0x7E if row % 2 == 0 else cell + (0x1F if cell < 0x60 else 0x20)
        out.append(bytes((lead, trail)))
        at += 2
    return out


def _clean(text: str) -> str:
    """Without what neither database nor screen can hold: lone surrogates, a leading byte order mark."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.removeprefix("\ufeff")


def fits(raw: bytes, label: str) -> bool:
    """Whether `raw` is faultless in the charset that it claims."""
    for name in _codecs(label):
        try:
            raw.decode(name)
        except (UnicodeError, LookupError):
            continue
        return True
    return False


def encode(text: str, label: str) -> bytes:
    """`text` in the charset it will be read with again."""
    for name in _codecs(label):
        try:
            return text.encode(name)
        except (UnicodeError, LookupError):
            continue
    return text.encode("utf-8", "replace")
