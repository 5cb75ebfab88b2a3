"""Who did what: every deed of an admin, and who signed in from where."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from hub.auth.access import NotAllowed
from hub.clock import Clock
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sign_ins import AuditEntry
from hub.store import Store

MOST = 200  # entries of one page
LONGEST = 500  # characters of one detail
_FROM: ContextVar[str] = ContextVar("asked_from", default="")


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: list[AuditEntry]
    next_cursor: str | None


@contextmanager
def asked_from(address: str) -> Iterator[None]:
    """Deeds that are done here were asked for from this network address, if they do not say otherwise.

    Around every request, so that no deed has to hand it down to where it is written.
    """
    token = _FROM.set(address)
    try:
        yield
    finally:
        _FROM.reset(token)


async def record(
    store: Store,
    clock: Clock,
    by: Agent | None,
    deed: str,
    *,
    target: str = "",
    target_name: str = "",
    address: str = "",
    details: Mapping[str, str] | None = None,
) -> None:
    """Write down a deed. Without an agent it was the program, or somebody at its terminal."""
    now = clock()
    entry = AuditEntry(
        id=new_id(now),
        at=now,
        by=by.id if by else None,
        by_name=by.name if by else "",
        deed=deed,
        target=target,
        target_name=target_name,
        address=address or _FROM.get(),
        details={name: value[:LONGEST] for name, value in (details or {}).items()},
    )
    await store.audit.add(entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: all that is set must fit. `target`: an id."""

    by: str | None = None
    deed: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_audit(
    store: Store,
    agent: Agent,
    *,
    by: str | None = None,
    deed: str | None = None,
    target: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> AuditPage:
    """Newest first. Raises NotAllowed."""
    if agent.role is not Role.ADMIN or agent.disabled:
        raise NotAllowed("only_admins_audit")
    limit = max(1, min(limit, MOST))
    rows = await store.audit.list(
        by=by, deed=deed, target=target, since=since, until=until, before=cursor, limit=limit + 1
    )
    return AuditPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


async def export_audit(
    store: Store, clock: Clock, agent: Agent, wanted: Wanted, *, address: str = ""
) -> AsyncIterator[AuditEntry]:
    """All that fit, newest first, page after page: no more than one page is held. Raises NotAllowed.

    That it was exported is itself written down.
    """
    cursor, begun = None, False
    while cursor is not None or not begun:
        page = await list_audit(
            store,
            agent,
            by=wanted.by,
            deed=wanted.deed,
            target=wanted.target,
            since=wanted.since,
            until=wanted.until,
            cursor=cursor,
            limit=MOST,
        )
        if not begun:
            await record(store, clock, agent, "audit_exported", address=address)
            begun = True
        for entry in page.rows:
            yield entry
        cursor = page.next_cursor
