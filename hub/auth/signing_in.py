"""Signing in with a password and, where an agent has one, a second factor.

Whoever fails learns nothing: an account that does not exist is refused with the same words, after the same
work, as a wrong password. Logs name agents by their id and carry no addresses: those are in the audit log.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from hub.auth import Auth
from hub.auth.attempts import (
    Lock,
    TooManyAttempts,
    code_lock,
    known_device,
    password_locks,
    succeed,
    take,
)
from hub.auth.audit import record
from hub.auth.passwords import check_password, hash_password, needs_rehash, verify_password
from hub.auth.seal import SealError
from hub.auth.sessions import (
    end_other_sessions,
    end_session,
    find_session,
    list_sessions,
    sign_out,
    start_session,
)
from hub.auth.telling import tell_change
from hub.auth.totp import remove_factor, use_code
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.model.sign_ins import Credentials, Session

__all__ = [
    "CodeNeeded",
    "SignInRefused",
    "change_password",
    "confirm_password",
    "end_other_sessions",
    "end_session",
    "enter",
    "find_session",
    "finish_sign_in",
    "has_password",
    "list_sessions",
    "remove_own_factor",
    "set_password",
    "sign_in",
    "sign_out",
]

log = structlog.get_logger()

TICKET_GOOD_FOR = timedelta(minutes=10)
EMAIL_LONGEST = 320


class SignInRefused(Refusal):
    """The text is for whoever tried. `wait`: until it makes sense to try again."""

    def __init__(self, code: str, *, wait: timedelta | None = None) -> None:
        super().__init__(code)
        self.wait = wait


class CodeNeeded(Refusal):
    """The password was right. `ticket` proves it to `finish_sign_in` for ten minutes; no page keeps it."""

    def __init__(self, ticket: str) -> None:
        super().__init__("code_needed")
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class _From:
    """Who asks: never their words about themselves, but what the server knows."""

    address: str
    browser: str
    device: str | None  # name of the browser, if the agent has used it before


async def sign_in(
    auth: Auth,
    email: str,
    password: str,
    *,
    code: str | None = None,
    address: str,
    browser: str,
    device: str | None = None,
) -> Session:
    """A session, its token for the browser's cookie. `device`: the cookie a former session left there.

    Raises SignInRefused; CodeNeeded when there is a second factor and no `code`.
    """
    email = email.strip().casefold()[:EMAIL_LONGEST].encode("utf-8", "replace").decode()
    agent = await auth.store.people.find_agent_by_email(email)
    visitor = _From(address, browser, known_device(auth, device, agent))
    locks = password_locks(email, address, visitor.device)
    wait = await _count(auth, locks, agent)
    credentials = await auth.store.sign_ins.find_credentials(agent.id if agent else "")
    kept = credentials.password if credentials else None
    right = await verify_password(kept, password)
    if agent is None or agent.disabled or credentials is None or kept is None or not right:
        await _refuse(auth, agent, wait, visitor, "password")
        raise SignInRefused("wrong_sign_in", wait=wait or None)
    await succeed(auth, locks)
    if needs_rehash(kept):
        await auth.store.sign_ins.replace_hash(agent.id, kept, await hash_password(password))
    return await enter(auth, agent, credentials, "password", code, address, browser, visitor.device)


async def finish_sign_in(
    auth: Auth, ticket: str, code: str, *, address: str, browser: str, device: str | None = None
) -> Session:
    """The second step after CodeNeeded. Raises SignInRefused."""
    try:
        said = json.loads(auth.sealer.open(ticket, "ticket for the second factor"))
        fresh = auth.clock() - datetime.fromisoformat(said["at"]) < TICKET_GOOD_FOR
    except (SealError, ValueError):
        said, fresh = {}, False
    agent = await auth.store.people.find_agent(said["agent"]) if fresh else None
    credentials = await auth.store.sign_ins.find_credentials(agent.id) if agent else None
    if agent is None or agent.disabled or credentials is None or _state(credentials) != said["state"]:
        raise SignInRefused("ticket_stale")
    known = known_device(auth, device, agent)
    return await enter(auth, agent, credentials, said["how"], code, address, browser, known)


async def enter(
    auth: Auth,
    agent: Agent,
    credentials: Credentials | None,
    how: str,
    code: str | None,
    address: str,
    browser: str,
    device: str | None,
) -> Session:
    """Let in whoever has proved to be this agent, after the second factor if there is one.

    Raises CodeNeeded, SignInRefused.
    """
    details = {"how": how}
    if credentials is not None and credentials.factor is not None:
        if code is None:
            raise CodeNeeded(_ticket(auth, agent, credentials, how))
        lock = code_lock(agent.id, device)
        wait = await _count(auth, [lock], agent)
        factor = await use_code(auth, credentials, code)
        if factor is None:
            await _refuse(auth, agent, wait, _From(address, browser, device), "code")
            raise SignInRefused("wrong_code", wait=wait or None)
        await succeed(auth, [lock])
        details["second_factor"] = factor
    session = await start_session(auth, agent, how, address=address, browser=browser, device=device)
    details["browser"] = session.browser
    await record(auth.store, auth.clock, agent, "signed_in", address=address, details=details)
    log.info("signed in", agent=agent.id, how=how)
    return session


async def has_password(auth: Auth, agent: Agent) -> bool:
    """False for somebody who comes in by single sign-on alone."""
    credentials = await auth.store.sign_ins.find_credentials(agent.id)
    return credentials is not None and credentials.password is not None


async def confirm_password(auth: Auth, session: Session, agent: Agent, password: str) -> None:
    """Ask for the password once more, before something that matters. Raises SignInRefused."""
    locks = password_locks(agent.email, session.address, f"session {session.id}")
    wait = await _count(auth, locks, agent)
    credentials = await auth.store.sign_ins.find_credentials(agent.id)
    if not await verify_password(credentials.password if credentials else None, password):
        raise SignInRefused("wrong_password", wait=wait or None)
    await succeed(auth, locks)


async def change_password(auth: Auth, session: Session, agent: Agent, password: str, new: str) -> None:
    """An agent's own password; all their other sessions end. Raises PasswordRefused, SignInRefused."""
    check_password(new, (agent.name, agent.email))
    await confirm_password(auth, session, agent, password)
    await set_password(auth, agent, new, keep=session)
    await record(auth.store, auth.clock, agent, "password_changed", address=session.address)


async def remove_own_factor(auth: Auth, session: Session, agent: Agent, password: str) -> None:
    """Do without the second factor from now on. Raises SignInRefused."""
    await confirm_password(auth, session, agent, password)
    await remove_factor(auth, agent)
    await record(auth.store, auth.clock, agent, "second_factor_removed", address=session.address)


async def set_password(auth: Auth, agent: Agent, password: str, *, keep: Session | None = None) -> None:
    """Whoever was signed in with the former one is signed out. Raises PasswordRefused."""
    check_password(password, (agent.name, agent.email))
    hashed = await hash_password(password)
    await auth.store.sign_ins.set_credentials(agent.id, password=hashed, password_at=auth.clock())
    await auth.store.sign_ins.end_sessions(agent.id, keep.id if keep else None)
    await tell_change(auth, agent.id, agent.id)


async def _count(auth: Auth, locks: list[Lock], agent: Agent | None) -> timedelta:
    try:
        return await take(auth, locks)
    except TooManyAttempts as problem:
        log.info("sign-in refused", agent=agent.id if agent else None, because="too many attempts")
        raise SignInRefused(problem.code, wait=problem.wait) from problem


async def _refuse(auth: Auth, agent: Agent | None, wait: timedelta, visitor: _From, what: str) -> None:
    log.info("sign-in refused", agent=agent.id if agent else None, because=f"wrong {what}")
    # Only when it begins to be slow: nobody can fill the audit log faster than they may guess.
    if wait and agent is not None:
        details = {"wrong": what, "browser": visitor.browser}
        await record(
            auth.store,
            auth.clock,
            None,
            "sign_in_failed",
            target=agent.id,
            target_name=agent.name,
            address=visitor.address,
            details=details,
        )


def _ticket(auth: Auth, agent: Agent, credentials: Credentials, how: str) -> str:
    said = {"agent": agent.id, "at": auth.clock().isoformat(), "state": _state(credentials), "how": how}
    return auth.sealer.seal(json.dumps(said), "ticket for the second factor")


def _state(credentials: Credentials) -> str:
    """Changes with the password: a ticket of the former one is worth nothing."""
    return credentials.password_at.isoformat() if credentials.password_at else ""
