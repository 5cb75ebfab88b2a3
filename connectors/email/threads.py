"""In which thread a mail stands, from a glance at its header: enough to keep a thread's mails in order."""

import hashlib
import re

_HEADER = re.compile(rb"(?im)^(references|in-reply-to|message-id)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")
_ID = re.compile(rb"<([^<>\s]{1,500})>")
_GLANCE = 256 * 1024


def thread_of(body: bytes) -> str:
    """The first of its References, else what it answers, else its own id, else one made from its bytes."""
    end = re.search(rb"\r?\n\r?\n", body[:_GLANCE])
    header = body[: end.start() if end else _GLANCE]
    found: dict[bytes, str] = {}
    for name, value in _HEADER.findall(header):
        first = _ID.search(value)
        if first:
            found.setdefault(name.lower(), first[1].decode("utf-8", "replace"))
    for name in (b"references", b"in-reply-to", b"message-id"):
        if name in found:
            return found[name]
    return hashlib.sha256(body).hexdigest()[:32]
