"""Making two customers one person, and two again. What it does to the database: `hub/store/customers.py`.

Any number may do this at once, about the same people: each merge is one guarded write, and whoever finds
things changed looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.model.customers import LinkKind, LinkRecord
from hub.model.ids import new_id
from hub.model.people import Identity
from hub.store import Store

TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """On whose word, and why."""

    by: str
    because: str
    reasons: tuple[str, ...] = ()


class Overtaken(Exception):
    """Others merge and unmerge the same people faster than we can look."""


async def merge_customers(
    store: Store, one: str, other: str, evidence: Evidence, now: datetime
) -> LinkRecord | None:
    """The record of the merge; None: they are one person already. Raises Overtaken."""
    people = store.people
    for _ in range(TRIES):
        roots = await people.roots_of([one, other])
        if roots[one] == roots[other]:
            return None
        kept, given = sorted((roots[one], roots[other]))
        found = await people.find_customers([kept, given])
        if kept not in found or given not in found:
            return None
        record = LinkRecord(
            id=new_id(now),
            kind=LinkKind.MERGED,
            kept=kept,
            given=given,
            by=evidence.by,
            because=evidence.because,
            evidence=evidence.reasons,
            names=(found[kept].name, found[given].name),
            at=now,
        )
        await store.likenesses.write(record)
        if await people.set_merged(given, kept, record.id):
            await settle_names(store, [kept])
            return record
        await store.likenesses.strike(record.id)
    raise Overtaken


async def unmerge_customers(store: Store, merge: str, evidence: Evidence, now: datetime) -> LinkRecord | None:
    """Take a merge back: both are what they were, with what came since. None: that has been done already."""
    was = await store.likenesses.find_record(merge)
    if was is None or was.kind is not LinkKind.MERGED:
        return None
    record = LinkRecord(
        id=new_id(now),
        kind=LinkKind.UNMERGED,
        kept=was.kept,
        given=was.given,
        of=was.id,
        by=evidence.by,
        because=evidence.because,
        names=was.names,
        at=now,
    )
    await store.likenesses.write(record)
    if not await store.people.set_unmerged(was.given, was.id):
        await store.likenesses.strike(record.id)
        return None
    await settle_names(store, [was.kept, was.given])
    return record


async def move_identity(
    store: Store, identity: Identity, to: str, evidence: Evidence, now: datetime
) -> LinkRecord | None:
    """An address is somebody else's: with it go the conversations it opened. None: it was moved meanwhile."""
    was = identity.customer
    found = await store.people.find_parts([was, to])
    if to not in found or was == to:
        return None
    record = LinkRecord(
        id=new_id(now),
        kind=LinkKind.MOVED,
        kept=to,
        given=was,
        identity=identity.id,
        by=evidence.by,
        because=evidence.because,
        evidence=evidence.reasons,
        names=(found[to].name, found[was].name if was in found else ""),
        at=now,
    )
    await store.likenesses.write(record)
    if not await store.people.move_identity(identity.id, was, to):
        await store.likenesses.strike(record.id)
        return None
    await store.inbox.give_conversations(was, identity.id, to)
    await settle_names(store, [to])
    return record


async def settle_names(store: Store, customers: Sequence[str]) -> None:
    """Conversations carry their customer's name and who that is by now, for lists: bring them up to date."""
    for each in customers:
        for _ in range(TRIES):
            person = (await store.people.find_customers([each])).get(each)
            members = await store.people.members_of(each)
            if person is not None:
                await store.inbox.rename_customer(members, person.name)
            if await store.people.members_of(each) == members:
                break
