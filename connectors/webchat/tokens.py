"""What a visitor's browser carries, signed by us: who they are, and for a while addresses of files."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

ANONYMOUS_LASTS = timedelta(days=400)
SIGNED_IN_LASTS = timedelta(hours=24)  # then the site is asked again who they are
LINK_LASTS = timedelta(hours=12)
LONGEST = 1000  # characters of a token


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a token was made for. `verified`: the site vouched for them."""

    key: str
    verified: bool = False


def new_key() -> str:
    """Of somebody unknown: 128 bits that nobody guesses."""
    return f"v.{secrets.token_urlsafe(16)}"


def sign_token(secret: str, channel: str, holder: Holder, now: datetime) -> str:
    lasts = SIGNED_IN_LASTS if holder.verified else ANONYMOUS_LASTS
    body = {"k": holder.key, "v": holder.verified, "e": int((now + lasts).timestamp())}
    packed = base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{packed}.{_mark(secret, 'visitor', channel, packed)}"


def read_token(secret: str, channel: str, token: str, now: datetime) -> Holder | None:
    """None: forged, of another channel, or too old."""
    packed, dot, mark = token.partition(".")
    if not dot or len(token) > LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(mark, _mark(secret, "visitor", channel, packed)):
        return None
    try:
        body = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except (ValueError, binascii.Error):
        return None
    if body["e"] <= now.timestamp():
        return None
    return Holder(body["k"], body["v"])


def file_mark(secret: str, channel: str, file: str, name: str, until: int) -> str:
    """What makes the address of a file good until then."""
    return _mark(secret, "file", channel, file, name, str(until))[:32]


def _mark(secret: str, *parts: str) -> str:
    signed = "\x1f".join(parts).encode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
