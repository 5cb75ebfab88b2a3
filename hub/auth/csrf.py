"""Forms of ours, and not of a page that uses our agents' cookies.

A form of somebody who is signed in carries `csrf_token` of their session. A form before that, such as signing
in itself, has no session to be bound to: there `from_elsewhere` tells what the browser says about its origin.
"""

import base64
import hmac
import secrets

from hub.model.sentences import Refusal
from hub.model.sign_ins import Session

SIZE = 32  # bytes


class Forged(Refusal):
    """The form is not of this session: it is from elsewhere, or the session it was of has ended."""


def csrf_token(session: Session) -> str:
    """For any form of the session; worthless in any other one.

    Written under a new mask each time: the sizes of compressed pages tell nothing about it (BREACH).
    """
    mask = secrets.token_bytes(SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, _digest(session))).decode()


def check_csrf(session: Session, given: str | None) -> None:
    """Raises Forged."""
    try:
        sent = base64.b64decode(given or "", altchars=b"-_", validate=True)
    except ValueError:
        sent = b""
    right = len(sent) == 2 * SIZE and hmac.compare_digest(_xor(sent[:SIZE], sent[SIZE:]), _digest(session))
    if not right:
        raise Forged("form_stale")


def _digest(session: Session) -> bytes:
    if not session.token:
        raise ValueError("only the session of the request has the token that its forms are bound to")
    return hmac.digest(session.token.encode(), b"hubbub form", "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def from_elsewhere(origin: str | None, fetch_site: str | None, own_origins: frozenset[str]) -> bool:
    """Whether a browser sent the request on behalf of another page: by Origin and Sec-Fetch-Site.

    `own_origins`: such as "https://hub.example.com". A program that sends neither header is no browser, and
    has nobody's cookies.
    """
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    return origin is not None and origin not in own_origins
