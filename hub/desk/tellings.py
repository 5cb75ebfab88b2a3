"""What became of what other programs told: how much, by whom, and why the last was refused.

Counts for each program and type. A call costs one write for each type in it, and the page in the
office reads a handful of documents.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.auth.access import NotAllowed
from hub.desk.replying import Desk
from hub.model.customers import OutsideEvent, Telling
from hub.model.ids import derived_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal

LATEST = 20
BEFORE_LAST = timedelta(minutes=10)  # so much of the newest is read for a page: an import may tell many


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as a program tells it."""

    type: str
    key: str
    at: datetime
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Which of the events that were told is not kept, by its place, and why."""

    place: int
    refusal: Refusal


async def count_told(
    desk: Desk,
    agent: Agent,
    told: Sequence[Told],
    events: Sequence[OutsideEvent],
    known: Collection[str],
    wrong: Sequence[Wrong],
) -> None:
    """Note what became of one call. `known`: the ids of events that were there before."""
    now = desk.clock()
    refused: dict[str, list[Wrong]] = {}
    for each in wrong:
        # What is no type at all is counted together: programs may think of any number of them.
        gone = each.refusal.code == "event_type_gone"
        refused.setdefault("" if gone else told[each.place].type, []).append(each)
    kept = Counter(each.type for each in events if each.id not in known)
    tried = Counter(each.type for each in told) - Counter(told[each.place].type for each in wrong)
    for named in sorted(tried.keys() | refused.keys()):
        mistakes = refused.get(named, [])
        made = Telling(
            id=derived_id("telling", named, agent.id),
            type=named,
            by=agent.id,
            added=kept[named],
            known=tried[named] - kept[named],
            refused=len(mistakes),
            last_at=now,
            added_at=now if kept[named] else None,
            refused_at=now if mistakes else None,
            because=str(mistakes[-1].refusal) if mistakes else "",
        )
        await desk.store.happenings.count(made)


async def list_tellings(desk: Desk, agent: Agent) -> list[Telling]:
    """The latest first. Raises NotAllowed (admins only)."""
    _check_admin(agent)
    return await desk.store.happenings.list_tellings()


async def dismiss_refused(desk: Desk, agent: Agent, telling: str) -> None:
    """Count anew from now on: it is dealt with. Raises NotAllowed (admins only)."""
    _check_admin(agent)
    await desk.store.happenings.dismiss_refused(telling)


async def latest_events(desk: Desk, agent: Agent, type: str) -> list[OutsideEvent]:
    """What was told of a type at last, the newest first. Raises NotAllowed (admins only)."""
    tellings = await list_tellings(desk, agent)
    moments = [each.added_at for each in tellings if each.type == type and each.added_at]
    if not moments:
        return []
    return await desk.store.happenings.latest(type, max(moments) - BEFORE_LAST, LATEST)


def _check_admin(agent: Agent) -> None:
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_event_types")
