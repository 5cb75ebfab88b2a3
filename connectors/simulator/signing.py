"""How the simulated platform signs what it posts: HMAC-SHA256 over the moment and the very bytes. Pure."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from hub.contract.errors import SignatureInvalid

SIGNATURE = "X-Simulator-Signature"  # "v1=" and 64 hex digits
TIMESTAMP = "X-Simulator-Timestamp"  # whole seconds since 1970
FRESH = timedelta(minutes=5)


def sign(secret: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with `body`."""
    moment = str(int(at.timestamp()))
    return {TIMESTAMP: moment, SIGNATURE: f"v1={_digest(secret, moment, body)}"}


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise SignatureInvalid unless `body` was signed with `secret` within five minutes of `now`."""
    moment, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise SignatureInvalid("The request carries no timestamp.")
    wanted = f"v1={_digest(secret, moment, body)}"
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise SignatureInvalid("The request is not signed with this channel's secret.")
    if abs(now.timestamp() - int(moment)) > FRESH.total_seconds():
        raise SignatureInvalid("The request was signed too long ago.")


def _digest(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
