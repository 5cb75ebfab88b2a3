"""What kind of file some bytes are. Pure: the sender's word counts only where the content does not contradict
it.
"""

import re
from collections.abc import Mapping

import filetype  # type: ignore[import-untyped]

UNKNOWN = "application/octet-stream"
HEAD = 8192  # bytes that are enough to tell
MIME = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]{0,100}")

# A browser runs what is in them, or finds out by itself that it could.
ACTIVE = frozenset(
    {
        "application/ecmascript",
        "application/hta",
        "application/javascript",
        "application/x-javascript",
        "application/x-shockwave-flash",
        "application/xml",
        "multipart/x-mixed-replace",
        "text/ecmascript",
        "text/html",
        "text/javascript",
        "text/xml",
        "text/xsl",
    }
)
OTHER_NAMES: Mapping[str, str] = {
    "application/x-gzip": "application/gzip",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "application/zip-compressed": "application/zip",
    "audio/mp3": "audio/mpeg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
}
# The same first bytes stand at the beginning of all types of a family.
FAMILIES = tuple(
    frozenset(family.split())
    for family in (
        "video/mp4 audio/mp4 audio/aac video/quicktime video/3gpp audio/3gpp video/x-m4v",
        "audio/ogg video/ogg application/ogg audio/opus",
        "video/webm audio/webm video/x-matroska audio/x-matroska",
        "image/heic image/heif image/heic-sequence image/heif-sequence",
        "application/msword application/vnd.ms-excel application/vnd.ms-powerpoint "
        "application/vnd.ms-outlook",
    )
)
ARCHIVES = frozenset({"application/zip", "application/gzip"})  # of which many documents are made
IN_ARCHIVES = ("application/vnd.", "application/x-", "application/epub+zip", "application/java-archive")
RECOGNISED = frozenset(str(kind.mime) for kind in filetype.types)
BEGIN_LIKE_WORDS = frozenset(
    {"image/bmp", "application/x-msdownload"}
)  # "BM", "MZ": too short to believe in a text

_TEXT = bytes({*range(7, 14), 27, *range(32, 127), *range(128, 256)})
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def judged_type(head: bytes, declared: str) -> str:
    """The media type of a file that begins with `head` (8 kB are enough) and was sent as `declared`.

    Never one that a browser would run: HTML, SVG, scripts and other XML are `application/octet-stream`.
    """
    head = head[:HEAD]
    claimed = _normalised(declared)
    text = _is_text(head)
    found = filetype.guess_mime(head) if head else None
    if found and not (text and found in BEGIN_LIKE_WORDS):
        judged = _reconciled(_normalised(found), claimed)
    elif text:
        judged = claimed if _may_be_text(claimed) else "text/plain"
    else:
        judged = claimed if _may_be_unrecognised(claimed) else UNKNOWN
    return UNKNOWN if is_active(judged) else judged


def is_active(mime: str) -> bool:
    return mime in ACTIVE or mime.endswith("+xml")


def _reconciled(found: str, claimed: str) -> str:
    if any(found in family and claimed in family for family in FAMILIES):
        return claimed
    if found in ARCHIVES and claimed.startswith(IN_ARCHIVES):
        return claimed
    return found


def _may_be_text(claimed: str) -> bool:
    """JSON, calendars, mails and the like; also what would be active, which the caller then refuses."""
    return claimed.startswith(("text/", "message/")) or is_active(claimed) or _may_be_unrecognised(claimed)


def _may_be_unrecognised(claimed: str) -> bool:
    if claimed == UNKNOWN:
        return False
    return claimed.startswith(("application/", "message/")) and claimed not in RECOGNISED


def _normalised(mime: str) -> str:
    mime = mime.partition(";")[0].strip().lower()
    mime = OTHER_NAMES.get(mime, mime)
    return mime if MIME.fullmatch(mime) else UNKNOWN


def _is_text(head: bytes) -> bool:
    return head.startswith(_BYTE_ORDER_MARKS) or not head.translate(None, _TEXT)
