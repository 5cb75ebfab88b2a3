"""Passwords: which are good enough, and how they are kept.

Hashing takes a good part of a tenth of a second and 19 MiB on purpose: it runs in a few threads of its own,
never on the loop, and a flood of sign-ins cannot take the memory of the process.
"""

import asyncio
import functools
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from hub.model.sentences import Refusal

SHORTEST = 10
LONGEST = 1000
LOOKED_AT = 64  # characters; the time an estimate takes grows with the cube of the length
GUESSES = 10**7  # fewer, and a password counts as common: a list and its usual variations find it

# Argon2id with 19 MiB, two passes, one lane: OWASP, "Password Storage Cheat Sheet", checked 2026-11-23.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_THREADS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="passwords")

Given = ParamSpec("Given")
Got = TypeVar("Got")


class PasswordRefused(Refusal):
    """The password is not good enough. The text says why, to whoever chose it."""


def check_password(text: str, about: Sequence[str] = ()) -> None:
    """Raises PasswordRefused. `about`: the agent's name and address, which everybody knows."""
    normal = _normal(text)
    if len(normal) < SHORTEST:
        raise PasswordRefused("password_short", least=SHORTEST)
    if len(normal) > LONGEST:
        raise PasswordRefused("password_long", most=LONGEST)
    known = [word for each in about for word in _words(each)]
    if normal.casefold() in known:
        raise PasswordRefused("password_personal")
    estimate = zxcvbn(normal[:LOOKED_AT], user_inputs=known, max_length=LOOKED_AT)
    if estimate["guesses"] < GUESSES:
        raise PasswordRefused("password_common")


async def hash_password(password: str) -> str:
    return await _in_a_thread(_HASHER.hash, _bytes(password))


async def verify_password(hashed: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash the answer is no, after just as much work."""
    return await _in_a_thread(_verify, hashed, password)


def needs_rehash(hashed: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _HASHER.check_needs_rehash(hashed)


def _verify(hashed: str | None, password: str) -> bool:
    try:
        right = _HASHER.verify(hashed or _nobodys(), _bytes(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(right) and hashed is not None and len(password) <= LONGEST


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_bytes(16))


async def _in_a_thread(work: Callable[Given, Got], *args: Given.args, **more: Given.kwargs) -> Got:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, functools.partial(work, *args, **more))


def _normal(text: str) -> str:
    # The same password typed on another keyboard or system may come as other code points.
    return unicodedata.normalize("NFKC", text)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def _words(text: str) -> list[str]:
    folded = _normal(text).casefold()
    parts = [folded.partition("@")[0], *re.split(r"[\s@.\-_]+", folded)]
    return [folded, *(part for part in parts if len(part) > 2)]
