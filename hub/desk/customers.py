"""Who is one person: merging customers, separating them, suggestions and what becomes of them.

Whoever may see a conversation of a customer may see the customer; who merges two must see both. Every deed
can be taken back, within a day by its token and at any time by separating.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.auth.access import NotAllowed, is_restricted, may_see
from hub.customers.merging import Evidence, Overtaken, merge_customers, move_identity, unmerge_customers
from hub.customers.telling import announce
from hub.desk.changing import Changed, NotPossible
from hub.desk.replying import Desk
from hub.model.customers import LinkKind, LinkRecord, Suggestion, Verdict
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Customer, Identity
from hub.model.sentences import sentence
from hub.realtime import publish

LOOKED_THROUGH = 200  # conversations, for one that a restricted agent may see
PAGE = 25
HISTORY = 50
TOP = 101  # above every score
PLACES = 4  # digits no score has


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that is one person by now. `members`: the customers, the oldest first."""

    customer: Customer
    members: Sequence[str]
    identities: Sequence[Identity]


@dataclass(frozen=True, slots=True)
class Joined:
    """What a deed came to; `token` takes it back through `undoing.undo`."""

    customer: str
    record: str
    token: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion, with the two persons as they are now."""

    suggestion: Suggestion
    one: Person
    other: Person


@dataclass(frozen=True, slots=True)
class Offers:
    rows: Sequence[Offer]
    next_cursor: str | None


async def get_person(desk: Desk, agent: Agent, customer: str) -> Person:
    """Raises NotPossible when there is none, NotAllowed."""
    found = (await desk.store.people.find_customers([customer])).get(customer)
    if found is None:
        raise NotPossible("customer_gone")
    members = await desk.store.people.members_of(customer)
    await access_members(desk, agent, members)
    return Person(found, members, await desk.store.people.identities_of_members(members))


async def access_members(desk: Desk, agent: Agent, members: Sequence[str]) -> None:
    """Raises NotAllowed unless the agent may see the customer that these are."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if is_restricted(agent):
        theirs = await desk.store.views.of_customer(members, LOOKED_THROUGH)
        if not any(may_see(agent, each) for each in theirs):
            raise NotAllowed("customer_other_team")


# Merging


async def merge(
    desk: Desk, agent: Agent, one: str, other: str, reasons: Sequence[str] = (), suggestion: str | None = None
) -> Joined:
    """Two customers are one person from now on. Raises NotPossible, NotAllowed, Changed."""
    await get_person(desk, agent, one)
    await get_person(desk, agent, other)
    now = desk.clock()
    evidence = Evidence(
        by=agent.id, because=sentence("said_by_agent", who=agent.name), reasons=tuple(reasons)
    )
    try:
        record = await merge_customers(desk.store, one, other, evidence, now)
    except Overtaken:
        raise Changed("changes_too_fast") from None
    if record is None:
        raise NotPossible("same_customer_already")
    if suggestion:
        await desk.store.likenesses.decide(suggestion, Verdict.ACCEPTED, agent.id, now, record.id)
    return await _joined(desk, agent, record, suggestion)


async def separate(desk: Desk, agent: Agent, merge: str) -> Joined:
    """Take a merge back, whenever it was and whoever did it. Raises NotPossible, NotAllowed."""
    was = await desk.store.likenesses.find_record(merge)
    if was is None or was.kind is not LinkKind.MERGED:
        raise NotPossible("merge_gone")
    await get_person(desk, agent, was.kept)
    evidence = Evidence(by=agent.id, because=sentence("said_by_agent", who=agent.name))
    record = await unmerge_customers(desk.store, merge, evidence, desk.clock())
    if record is None:
        raise NotPossible("merge_gone")
    return await _joined(desk, agent, record)


async def give_identity(desk: Desk, agent: Agent, identity: str, to: str | None) -> Joined:
    """An address is another customer's; None: of somebody of their own. Raises NotPossible, NotAllowed."""
    found = (await desk.store.people.find_identities([identity])).get(identity)
    if found is None:
        raise NotPossible("identity_gone")
    was = await get_person(desk, agent, found.customer)
    now = desk.clock()
    if to is None:
        if len(was.identities) < 2:
            raise NotPossible("only_identity")
        to = new_id(now)
        name = found.name or found.handle or found.key
        await desk.store.people.add_customers([Customer(id=to, name=name, created_at=now)])
    else:
        await get_person(desk, agent, to)
    evidence = Evidence(by=agent.id, because=sentence("said_by_agent", who=agent.name))
    record = await move_identity(desk.store, found, to, evidence, now)
    if record is None:
        raise Changed("changed_meanwhile")
    return await _joined(desk, agent, record)


async def take_back(desk: Desk, agent: Agent, record: str, suggestion: str | None) -> None:
    """Undo a merge, a separation or a move, by its record. Raises NotPossible when it was changed since."""
    was = await desk.store.likenesses.find_record(record)
    if was is None:
        raise NotPossible("undo_over")
    match was.kind:
        case LinkKind.MERGED:
            await separate(desk, agent, was.id)
        case LinkKind.UNMERGED:
            await merge(desk, agent, was.kept, was.given)
        case LinkKind.MOVED:
            assert was.identity is not None
            found = (await desk.store.people.find_identities([was.identity])).get(was.identity)
            if found is None or found.customer != was.kept:
                raise NotPossible("undo_changed")
            await give_identity(desk, agent, found.id, was.given)
    if suggestion and (kept := (await desk.store.likenesses.find_suggestions([suggestion])).get(suggestion)):
        await desk.store.likenesses.reopen(kept)


async def history(desk: Desk, agent: Agent, customer: str) -> list[LinkRecord]:
    """Who was linked to this person and who was not, the newest first. Raises NotPossible, NotAllowed."""
    person = await get_person(desk, agent, customer)
    return await desk.store.likenesses.records_of(person.members, HISTORY)


async def standing_merges(desk: Desk, person: Person) -> list[LinkRecord]:
    """The merges that make a person what they are: each can be taken back."""
    parts = await desk.store.people.find_parts(person.members)
    merges = {each.merge for each in parts.values() if each.merge}
    records = await desk.store.likenesses.records_of(person.members, HISTORY) if merges else []
    return [each for each in records if each.id in merges]


# Suggestions


async def list_suggestions(desk: Desk, agent: Agent, cursor: str | None = None, limit: int = PAGE) -> Offers:
    """Who may be one person, the likeliest first. What an agent may not see is left out."""
    below = int(cursor) if cursor and cursor.isdecimal() and len(cursor) < PLACES else TOP
    rows: list[Offer] = []
    while len(rows) < limit:
        found = await desk.store.likenesses.open_suggestions(below, limit)
        if not found:
            return Offers(rows, None)
        last = found[-1].score
        if len(found) == limit:  # those of one score stay together, so that a score is a place
            found = [each for each in found if each.score > last] or await _all_of(desk, last)
        rows += await _offers(desk, agent, found)
        below = found[-1].score
    return Offers(rows, str(below))


async def suggestions_for(desk: Desk, agent: Agent, person: Person) -> list[Offer]:
    """Who else a person may be, the likeliest first."""
    found = await desk.store.likenesses.suggestions_of(person.members)
    offers = await _offers(desk, agent, [each for each in found if each.open])
    return sorted(offers, key=lambda each: -each.suggestion.score)


async def accept(desk: Desk, agent: Agent, suggestion: str) -> Joined:
    """They are one person. Raises NotPossible, NotAllowed, Changed."""
    found = await _open(desk, suggestion)
    one, other = found.customers
    return await merge(desk, agent, one, other, found.reasons, found.id)


async def refuse(desk: Desk, agent: Agent, suggestion: str) -> str:
    """They are two, for good: it is never suggested again. Returns the token that takes it back."""
    found = await _open(desk, suggestion)
    for each in found.customers:
        await get_person(desk, agent, each)
    now = desk.clock()
    if not await desk.store.likenesses.decide(found.id, Verdict.REFUSED, agent.id, now):
        raise NotPossible("suggestion_decided")
    token = new_id(now)
    step = {"kind": "refusal", "suggestion": found.id}
    await desk.store.drafts.keep_undo(token, agent.id, now, step)
    await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])
    return token


async def reconsider(desk: Desk, agent: Agent, suggestion: str) -> None:
    """Take a refusal back."""
    kept = (await desk.store.likenesses.find_suggestions([suggestion])).get(suggestion)
    if kept is None or kept.verdict is not Verdict.REFUSED:
        raise NotPossible("undo_changed")
    for each in kept.customers:
        await get_person(desk, agent, each)
    await desk.store.likenesses.reopen(kept)
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])


async def _open(desk: Desk, suggestion: str) -> Suggestion:
    found = (await desk.store.likenesses.find_suggestions([suggestion])).get(suggestion)
    if found is None or found.open is None:
        raise NotPossible("suggestion_decided")
    return found


async def _all_of(desk: Desk, score: int) -> list[Suggestion]:
    found = await desk.store.likenesses.open_suggestions(score + 1, 500)
    return [each for each in found if each.score == score]


async def _offers(desk: Desk, agent: Agent, found: Sequence[Suggestion]) -> list[Offer]:
    """Those that are about two people still, both of whom the agent may see."""
    offers = []
    for each in found:
        try:
            one, other = [await get_person(desk, agent, customer) for customer in each.customers]
        except (NotAllowed, NotPossible):
            continue
        if one.customer.id == other.customer.id:
            await desk.store.likenesses.decide(each.id, Verdict.SETTLED, "routing", desk.clock())
            continue
        offers.append(Offer(each, one, other))
    return offers


async def _joined(desk: Desk, agent: Agent, record: LinkRecord, suggestion: str | None = None) -> Joined:
    now = desk.clock()
    token = new_id(now)
    step = {"kind": "customers", "record": record.id, "suggestion": suggestion}
    await desk.store.drafts.keep_undo(token, agent.id, now, step)
    await announce(desk.store, record, now, token)
    roots = await desk.store.people.roots_of([record.kept])
    return Joined(roots[record.kept], record.id, token)
