"""Who the site says is signed in there, signed with the secret it shares with us. Pure.

Two ways, as sites have them: a JSON Web Token (HS256) with `sub`, and `name`, `email`, `exp` if they like; or
an id with its HMAC-SHA256 in hexadecimal, which proves the id alone.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

LONGEST_ID, LONGEST_NAME, LONGEST_TOKEN = 128, 100, 4000
LEEWAY = 60  # seconds between the clocks of their server and ours


class NotProven(Exception):
    """Nobody vouches for it; the text is for whoever builds the site."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    id: str
    name: str = ""
    email: str = ""
    email_verified: bool = False

    @property
    def key(self) -> str:
        return f"u.{self.id}"


def read_identity(claimed: Mapping[str, str], secret: str | None, now: datetime) -> SignedIn:
    """`claimed`: {"token"} or {"id", "hash"} with perhaps a name and an address. Raises NotProven."""
    if not secret:
        raise NotProven("This chat has no secret shared with your site: enter one in its settings.")
    if token := claimed.get("token"):
        return _from_token(token, secret, now)
    user, given = claimed.get("id", ""), claimed.get("hash", "").lower()
    if not user or len(user) > LONGEST_ID:
        raise NotProven("An identity needs a token, or an id and its hash.")
    wanted = hmac.new(secret.encode(), user.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise NotProven("The hash is not the HMAC-SHA256 of this id, in hexadecimal.")
    # The hash covers the id alone: a name and an address beside it are what the browser says.
    return SignedIn(user, _text(claimed.get("name")), _text(claimed.get("email")))


def _from_token(token: str, secret: str, now: datetime) -> SignedIn:
    if len(token) > LONGEST_TOKEN:
        raise NotProven("The token is too long.")
    try:
        claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
    except (JoseError, ValueError, UnicodeError) as problem:
        raise NotProven("The token is not signed with the shared secret (HS256).") from problem
    for name, sign in (("exp", 1), ("nbf", -1)):
        moment = claims.get(name)
        if moment is None and name == "nbf":
            continue
        if not isinstance(moment, int | float):
            raise NotProven("The token needs exp, the second in which it ends.")
        if sign * (now.timestamp() - moment) > LEEWAY:
            raise NotProven("The token has expired, or is not valid yet.")
    user = claims.get("sub")
    if isinstance(user, int) and not isinstance(user, bool):
        user = str(user)
    if not isinstance(user, str) or not 0 < len(user) <= LONGEST_ID:
        raise NotProven("The token needs sub, the id of the person, of at most 128 characters.")
    email = _text(claims.get("email"))
    verified = "@" in email and claims.get("email_verified", True) is True
    return SignedIn(user, _text(claims.get("name")), email, verified)


def _text(value: object) -> str:
    return " ".join(value.split())[:LONGEST_NAME] if isinstance(value, str) else ""
