"""Guessing made slow, without a way to lock others out.

Attempts are counted per lock, and each lock belongs to whoever tries: their network address together with the
account they want; the network address alone, for those who try one password on many accounts; a browser that
has signed in before, which is asked nothing of the other two. So a stranger's failures never stand in the way
of the agent's own browser, or of the agent at another address. An attempt is counted before it is looked at,
by compare-and-set: a thousand guesses at once are as slow as one after another.

After "Slow Down Online Guessing Attacks with Device Cookies" (OWASP), checked 2026-11-23.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.auth import Auth
from hub.auth.addresses import network_of
from hub.auth.seal import SealError
from hub.model.ids import derived_id
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.store.sign_ins import Attempts

FORGOTTEN_AFTER = timedelta(days=1)
DEVICE_KNOWN_FOR = timedelta(days=365)
TRIES = 5  # at counting, when others count at the same time


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are free; then each waits twice as long as the one before."""

    free: int
    first: timedelta = timedelta(seconds=15)
    most: timedelta = timedelta(minutes=15)

    def wait_after(self, count: int) -> timedelta:
        """Before the next attempt, when there have been `count`."""
        if count < self.free:
            return timedelta()
        doublings: int = min(count - self.free, 20)
        return min(self.first * (1 << doublings), self.most)


@dataclass(frozen=True, slots=True)
class Lock:
    id: str
    limit: Limit
    own: bool = True  # of one account alone: forgotten once that account has signed in


ACCOUNT_FROM_ADDRESS = Limit(5)
ADDRESS = Limit(50)
DEVICE = Limit(10)
# Whoever gets to the code has given the right password, so a lock of the account as a whole shuts out no
# stranger's victim; without it, six digits would fall to many addresses.
CODE = Limit(5, timedelta(seconds=30), timedelta(hours=1))


class TooManyAttempts(Refusal):
    def __init__(self, wait: timedelta) -> None:
        super().__init__("too_many_attempts")
        self.wait = wait


def password_locks(email: str, address: str, device: str | None) -> list[Lock]:
    """`device`: the name of a browser that this very account has used before."""
    if device is not None:
        return [Lock(derived_id("device", email, device), DEVICE)]
    network = network_of(address)
    return [
        Lock(derived_id("address", network), ADDRESS, own=False),
        Lock(derived_id("account from address", email, network), ACCOUNT_FROM_ADDRESS),
    ]


def code_lock(agent: str, device: str | None) -> Lock:
    return Lock(derived_id("code", agent, device or ""), CODE)


async def take(auth: Auth, locks: Sequence[Lock]) -> timedelta:
    """Count an attempt. Returns how long the next one has to wait; raises TooManyAttempts."""
    return max([await _take(auth, lock) for lock in locks])


async def _take(auth: Auth, lock: Lock) -> timedelta:
    now = auth.clock()
    for _ in range(TRIES):
        seen = await auth.store.sign_ins.find_attempts(lock.id)
        if seen is not None and seen.until > now:
            raise TooManyAttempts(seen.until - now)
        count = seen.count + 1 if seen else 1
        wait = lock.limit.wait_after(count)
        taken = Attempts(count, now + wait)
        if await auth.store.sign_ins.count_attempt(lock.id, seen, taken, now + wait + FORGOTTEN_AFTER):
            return wait
    raise TooManyAttempts(lock.limit.first)


async def succeed(auth: Auth, locks: Sequence[Lock]) -> None:
    """The attempt was no guess."""
    for lock in locks:
        if lock.own:
            await auth.store.sign_ins.forget_attempts(lock.id)
        else:
            await auth.store.sign_ins.give_back_attempt(lock.id)


def known_device(auth: Auth, cookie: str | None, agent: Agent | None) -> str | None:
    """The name of the browser, if this agent has signed in with it within a year."""
    if not cookie or agent is None:
        return None
    try:
        name, _, at = auth.sealer.open(cookie, _context(agent)).partition(" ")
        seen_at = datetime.fromisoformat(at)
    except (SealError, ValueError):
        return None
    return name if auth.clock() - seen_at < DEVICE_KNOWN_FOR else None


def device_cookie(auth: Auth, agent: Agent, name: str | None) -> str:
    """What a browser keeps to be known again; under its former name if it had one."""
    return auth.sealer.seal(f"{name or secrets.token_hex(8)} {auth.clock().isoformat()}", _context(agent))


def _context(agent: Agent) -> str:
    return f"device of {agent.id}"
