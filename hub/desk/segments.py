"""Segments: customers who have something in common, by a name that rules can ask for. Made by admins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.desk.changing import NotPossible
from hub.desk.customers import Person
from hub.desk.replying import Desk
from hub.desk.rules import NAME_LONGEST, check_group, tell
from hub.desk.teams import only_admins
from hub.dispatch.fillers import of_customer
from hub.model.ids import new_id
from hub.model.people import Agent, Identity
from hub.model.rules import ABOUT_CUSTOMERS, Condition, Group, Rule, Segment
from hub.store.codec import to_document

MOST = 100
PAGE = 50
LOOKED_THROUGH, LOOKED_AT_ONCE = 2000, 1000  # customers


@dataclass(frozen=True, slots=True)
class Members:
    rows: Sequence[Person]
    next_cursor: str | None


async def list_segments(desk: Desk, by: Agent) -> list[Segment]:
    """By their names. Raises NotAllowed."""
    only_admins(by)
    return sorted(await desk.store.rules.all_of(Segment), key=lambda each: (each.name.casefold(), each.id))


async def get_segment(desk: Desk, by: Agent, segment: str) -> Segment:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    found = await desk.store.rules.find(Segment, segment)
    if found is None:
        raise NotPossible("segment_gone")
    return found


async def segments_of(desk: Desk, person: Person) -> list[Segment]:
    """Those that somebody is in, by one of their addresses at least; whoever may see them may know it."""
    office, router = await desk.dispatch.office(), desk.dispatch.router
    found: set[str] = set()
    if office.segments:
        for identity in person.identities or (None,):
            found.update(of_customer(person.customer, identity, office, router)["segment"])
    inside = [each for key, each in office.segments.items() if key in found]
    return sorted(inside, key=lambda each: (each.name.casefold(), each.id))


async def members_of(
    desk: Desk, by: Agent, segment: str, cursor: str | None = None, limit: int = PAGE
) -> Members:
    """Who is in it, the oldest customer first.

    Looks through so many customers at once and no more: a page may be short, and there is more as long as
    there is a cursor. Raises NotAllowed, NotPossible.
    """
    await get_segment(desk, by, segment)
    office, router, people = await desk.dispatch.office(), desk.dispatch.router, desk.store.people
    rows: list[Person] = []
    place, looked = cursor or "", 0
    while looked < LOOKED_THROUGH and len(rows) < limit:
        some = await people.customers_after(place, LOOKED_AT_ONCE)
        if not some:
            return Members(rows, None)
        identities: dict[str, list[Identity]] = {}
        for each in await people.identities_of_members([one.id for one in some]):
            identities.setdefault(each.customer, []).append(each)
        wholes = await people.find_customers([one.id for one in some])
        for one in some:
            place, looked = one.id, looked + 1
            if one.merged_into is None:
                theirs = identities.get(one.id, [])
                whose = await people.identities_of(one.id) if one.absorbed else theirs
                facts = [of_customer(wholes[one.id], each, office, router) for each in whose or (None,)]
                if any(segment in each["segment"] for each in facts):
                    members = await people.members_of(one.id) if one.absorbed else [one.id]
                    rows.append(Person(wholes[one.id], members, whose))
            if len(rows) >= limit:
                break
    return Members(rows, place)


async def put_segment(desk: Desk, by: Agent, name: str, when: Group, *, address: str = "") -> Segment:
    """Make one. Raises NotAllowed, NotPossible."""
    only_admins(by)
    name = check_segment(name, when)
    known = await list_segments(desk, by)
    if len(known) >= MOST:
        raise NotPossible("kept_many", most=MOST)
    _check_name(name, None, known)
    now = desk.clock()
    made = Segment(id=new_id(now), name=name, when=when, created_at=now)
    await desk.store.rules.save(made)
    await tell(desk, by, "segment_added", made.id, made.name, address, _written(made))
    return made


async def change_segment(
    desk: Desk, by: Agent, segment: str, name: str, when: Group, *, address: str = ""
) -> Segment:
    """Raises NotAllowed, NotPossible."""
    old = await get_segment(desk, by, segment)
    name = check_segment(name, when)
    _check_name(name, segment, await list_segments(desk, by))
    changed = replace(old, name=name, when=when)
    if changed != old:
        await desk.store.rules.save(changed)
        await tell(desk, by, "segment_changed", segment, name, address, _written(changed))
    return changed


async def remove_segment(desk: Desk, by: Agent, segment: str, *, address: str = "") -> None:
    """Raises NotAllowed, NotPossible while a rule asks for it."""
    old = await get_segment(desk, by, segment)
    for rule in await desk.store.rules.all_of(Rule):
        if _asks_for(rule.when, segment):
            raise NotPossible("segment_used", rule=rule.name)
    await desk.store.rules.remove(Segment, segment)
    await tell(desk, by, "segment_removed", segment, old.name, address, _written(old))


def check_segment(name: str, when: Group) -> str:
    """Returns the name as it is kept. Raises NotPossible."""
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LONGEST:
        raise NotPossible("name_needed", most=NAME_LONGEST)
    if not when.parts:
        raise NotPossible("segment_when")
    check_group(when)
    _check_about(when)
    return name


def _check_about(group: Group) -> None:
    for each in group.parts:
        if isinstance(each, Group):
            _check_about(each)
        elif each.fact not in ABOUT_CUSTOMERS and not each.fact.startswith("customer."):
            raise NotPossible("segment_fact", fact=each.fact)


def _check_name(name: str, segment: str | None, known: list[Segment]) -> None:
    if any(each.name.casefold() == name.casefold() and each.id != segment for each in known):
        raise NotPossible("segment_name")


def _asks_for(part: Group | Condition, segment: str) -> bool:
    if isinstance(part, Condition):
        return part.fact == "segment" and segment in part.values
    return any(_asks_for(each, segment) for each in part.parts)


def _written(segment: Segment) -> dict[str, str]:
    return {"when": str(to_document(segment)["when"])}
