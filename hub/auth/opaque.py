"""Tokens that mean nothing by themselves: 32 random bytes. The database knows only their hash."""

import hashlib
import secrets

LONGEST = 200  # nothing longer was made here


def new_token(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(32)


def token_id(token: str) -> str:
    """What a token is kept under. 32 random bytes cannot be guessed, so a plain hash is enough."""
    return hashlib.sha256(token[: LONGEST + 1].encode("utf-8", "surrogatepass")).hexdigest()
