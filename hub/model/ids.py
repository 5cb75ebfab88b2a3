"""Identifiers: sortable by time where we choose them, derived where a platform already did."""

import hashlib
import os
from datetime import datetime


def new_id(now: datetime) -> str:
    """24 hex digits: milliseconds since 1970 (12), then randomness (12). Sorts by time of creation."""
    return f"{time_of(now)}{os.urandom(6).hex()}"


def time_of(moment: datetime) -> str:
    """How ids that are chosen at this moment begin: for ranges of them."""
    return f"{int(moment.timestamp() * 1000):012x}"


def derived_id(*parts: str) -> str:
    """24 hex digits that are the same whenever the parts are; what makes a repeated step an upsert."""
    joined = "\x1f".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
