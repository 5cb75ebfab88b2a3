"""Forms of ours, and not of a page that uses our agents' cookies. Pure.

A form of somebody who is signed in carries `csrf_token` of their session. A form before that, such as signing
in itself, has no session to be bound to: there `from_elsewhere` tells what the browser says about its origin.
"""

import base64
import hashlib
import hmac

from hub.model.sign_ins import Session


class Forged(Exception):
    """The form is not of this session: it is from elsewhere, or the session it was of has ended."""


def csrf_token(session: Session) -> str:
    """The same for all forms of a session; worthless in any other one."""
    if not session.token:
        raise ValueError("only the session of the request has the token that its forms are bound to")
    digest = hmac.digest(session.token.encode(), b"hubbub form", hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_csrf(session: Session, given: str | None) -> None:
    """Raises Forged."""
    if not given or not hmac.compare_digest(csrf_token(session).encode(), given.encode("utf-8", "replace")):
        raise Forged("This page was open for too long, or the form came from another page. Try again.")


def from_elsewhere(origin: str | None, fetch_site: str | None, own_origins: frozenset[str]) -> bool:
    """Whether a browser sent the request on behalf of another page: by Origin and Sec-Fetch-Site.

    `own_origins`: such as "https://hub.example.com". A program that sends neither header is no browser, and
    has nobody's cookies.
    """
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    return origin is not None and origin not in own_origins
