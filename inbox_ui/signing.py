"""Links to files that work without a cookie: signed, so that only we can have made them."""

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

TOKEN_BYTES = 24
LINKS_LAST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class FileLink:
    """One stored file, to be fetched by whoever holds the link, until it is over."""

    media: str
    mime: str
    until: int  # seconds since 1970
    shown: bool = False  # an image on the page, not a download


def link_to(key: bytes, media: str, mime: str, now: datetime, *, shown: bool = False) -> str:
    """The same for some hours, so that a browser finds its copy again."""
    step = LINKS_LAST.total_seconds()
    until = int((now.timestamp() // step + 2) * step)
    content = json.dumps(asdict(FileLink(media, mime, until, shown)), separators=(",", ":")).encode()
    return f"{_text(content)}.{_text(_sign(key, b'file', content))}"


def read_link(key: bytes, link: str, now: datetime) -> FileLink | None:
    """None when it is not ours, or over."""
    content, _, signature = link.partition(".")
    try:
        raw = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))
    except ValueError:
        return None
    if not hmac.compare_digest(_text(_sign(key, b"file", raw)).encode(), signature.encode()):
        return None
    found = FileLink(**json.loads(raw))
    return found if found.until > now.timestamp() else None


def _sign(key: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.digest(key, purpose + b"\0" + content, hashlib.sha256)[:TOKEN_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
