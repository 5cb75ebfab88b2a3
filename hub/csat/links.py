"""Links by which a customer answers, without signing in: the id of the question, signed with our key. Pure.

Each key that we have verifies, so that a link in a mail outlives a change of keys.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from hub.desk.replying import Desk

_TOKEN = re.compile(r"(?P<rating>[0-9a-f]{1,64})\.(?P<signature>[0-9a-f]{32})")


def token_for(desk: Desk, rating: str) -> str:
    return f"{rating}.{_sign(_keys(desk)[0], rating)}"


def rating_named(desk: Desk, token: str) -> str | None:
    """None when we did not sign it."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    signed = [hmac.compare_digest(_sign(key, found["rating"]), found["signature"]) for key in _keys(desk)]
    return found["rating"] if any(signed) else None


def _keys(desk: Desk) -> Sequence[bytes]:
    return desk.registry.sealer.derive_all("csat")


def _sign(key: bytes, rating: str) -> str:
    return hmac.new(key, rating.encode(), hashlib.sha256).hexdigest()[:32]
