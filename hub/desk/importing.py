"""Customers brought in from elsewhere, a batch of rows at a time.

An address is an identity, whose id is derived from it: a row that is brought in again finds its customer, so
an import that was broken off is simply begun again. Rows fill in what is empty; what is known already stays,
unless they are to win. Each batch is read with three queries and written with two, changes aside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.customers.links import with_keys
from hub.desk.changing import NotPossible
from hub.desk.detail_values import WORDS_LONGEST, check_domain
from hub.desk.fields import check_value, list_fields
from hub.desk.import_log import Writer
from hub.desk.profiles import NAME_LONGEST, NOTE_LONGEST, check_language, check_zone
from hub.desk.replying import Desk
from hub.desk.tags import spelled, tag_name
from hub.model.addresses import normal_email, normal_phone
from hub.model.events import Event
from hub.model.fields import CustomField, FieldOn
from hub.model.ids import new_id
from hub.model.people import Agent, Customer, Identity, Role
from hub.model.sentences import Refusal, sentence
from hub.realtime import publish
from hub.store.fields import tag_id
from hub.store.people import identity_id

ROWS_MOST = 1000
TEXTS = ("salutation", "pronouns")
COLUMNS = ("name", "email", "phone", "language", "zone", "note", *TEXTS, "company", "vip", "tags")
FIELD = "fields."
YES = frozenset({"yes", "true", "1", "x", "ja"})


@dataclass(frozen=True, slots=True)
class Wrong:
    """Which row is not brought in, by its place, and why."""

    place: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    changed: int
    same: int
    wrong: Sequence[Wrong]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row that can be brought in. `values`: by the name of what they are kept under (`fields.tier`)."""

    platform: str
    key: str
    claimed: tuple[str, ...]
    name: str
    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        return identity_id(self.platform, self.key)


async def check_columns(desk: Desk, agent: Agent, columns: Sequence[str]) -> None:
    """Raises NotAllowed (admins only), NotPossible for a column that means nothing."""
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_import")
    fields = [FIELD + each.key for each in await list_fields(desk, agent, FieldOn.CUSTOMER)]
    for each in columns:
        if each not in (*COLUMNS, *fields):
            raise NotPossible("import_column", name=each, known=", ".join((*COLUMNS, *fields)))


async def import_customers(
    desk: Desk,
    agent: Agent,
    rows: Sequence[Mapping[str, str]],
    *,
    rehearse: bool = False,
    overwrite: bool = False,
    country: str = "",
    job: str = "",
) -> Imported:
    """Bring in a batch. `rehearse`: tell what would become of it and write nothing. `country`: of numbers
    without an international prefix. `job`: of which all that is done is noted first, to be undone.

    Raises NotAllowed (admins only), NotPossible.
    """
    if len(rows) > ROWS_MOST:
        raise NotPossible("import_many", most=ROWS_MOST)
    await check_columns(desk, agent, sorted({column for row in rows for column in row}))
    defined = {each.key: each for each in await list_fields(desk, agent, FieldOn.CUSTOMER)}
    good: list[_Read] = []
    wrong: list[Wrong] = []
    for place, row in enumerate(rows):
        try:
            good.append(_read(row, defined, country))
        except NotPossible as problem:
            wrong.append(Wrong(place, problem))
    writer = Writer(desk, agent, job)
    added, changed = await _bring_in(writer, good, rehearse=rehearse, overwrite=overwrite)
    if not rehearse and (added or changed):
        told = {"added": str(added), "changed": str(changed), "wrong": str(len(wrong))}
        if not job:
            await record(desk.store, desk.clock, agent, "customers_imported", details=told)
        now = desk.clock()
        await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])
    return Imported(added, changed, len(good) - added - changed, wrong)


async def customers_at(
    desk: Desk, agent: Agent, addresses: Sequence[str], country: str = ""
) -> dict[str, str]:
    """Whose these addresses and numbers are, as far as that is known. Raises NotAllowed (admins only)."""
    await check_columns(desk, agent, ())
    rows: dict[str, _Read] = {}
    for each in set(addresses):
        if email := normal_email(each):
            rows[each] = _Read("email", email, (), "", {})
        elif phone := normal_phone(each, country):
            rows[each] = _Read("phone", phone, (), "", {})
    known = await desk.store.people.find_identities([row.id for row in rows.values()])
    known |= await _verified(desk, [row for row in rows.values() if row.id not in known])
    return {each: known[row.id].customer for each, row in rows.items() if row.id in known}


# Reading a row


def _read(row: Mapping[str, str], defined: Mapping[str, CustomField], country: str) -> _Read:
    given = {column: value.strip() for column, value in row.items() if value.strip()}
    email, phone = normal_email(given.get("email", "")), normal_phone(given.get("phone", ""), country)
    if (given.get("email") and not email) or (given.get("phone") and not phone) or not (email or phone):
        raise NotPossible("import_nobody")
    name = " ".join(given.get("name", "").split())
    if len(name) > NAME_LONGEST:
        raise NotPossible("customer_name", most=NAME_LONGEST)
    address = email or phone or ""
    claimed = tuple(each for each in (email, phone) if each)
    values = {column: _value(column, given[column], defined) for column in given if column not in ADDRESSED}
    tags = [tag_name(each) for each in given.get("tags", "").split(",") if each.strip()]
    values |= {f"tags.{tag_id(each)}": each for each in tags}
    kept = {what: value for what, value in values.items() if value}
    return _Read("email" if email else "phone", address, claimed, name, kept)


ADDRESSED = frozenset({"name", "email", "phone", "tags"})


def _value(column: str, text: str, defined: Mapping[str, CustomField]) -> str | bool:
    if column.startswith(FIELD):
        return check_value(defined[column.removeprefix(FIELD)], text)
    match column:
        case "language":
            return check_language(text)
        case "zone":
            return check_zone(text)
        case "company":
            return check_domain(text)
        case "vip":
            return text.casefold() in YES
    most = NOTE_LONGEST if column == "note" else WORDS_LONGEST
    if len(text) > most:
        raise NotPossible("customer_words", most=most)
    return text


# Writing


async def _bring_in(
    writer: Writer, rows: Sequence[_Read], *, rehearse: bool, overwrite: bool
) -> tuple[int, int]:
    """How many were added, and how many changed."""
    desk, agent = writer.desk, writer.agent
    people, now = desk.store.people, desk.clock()
    first = {each.id: each for each in reversed(rows)}
    known = await people.find_identities(list(first))
    known |= await _verified(desk, [row for each, row in first.items() if each not in known])
    new = {each: row for each, row in first.items() if each not in known}
    if rehearse:
        there = await people.find_customers([each.customer for each in known.values()])
        others = [row for row in rows if row.id in known]
        wanted = [row for row in others if _news(there.get(known[row.id].customer), row, overwrite)]
        return len(new), len({row.id for row in wanted})
    fresh = [_identity(row, agent, now) for row in new.values()]
    known |= await people.add_identities(fresh)
    there = await people.find_customers([each.customer for each in known.values()])
    made = {row.id: known[row.id].customer for row in first.values() if known[row.id].customer not in there}
    await _spell(desk, rows)
    await writer.adds(made)
    # Also those whose identity is there without them: an import that was broken off in between.
    await people.add_customers([_customer(first[each], customer, now) for each, customer in made.items()])
    touched = set(made.values())
    changed: set[str] = set()
    for row in rows:
        if row is first[row.id] and row.id in made:
            continue
        customer = known[row.id].customer
        if customer in touched:  # by another row of this batch
            there |= await people.find_customers([customer])
        if await writer.fill(there[customer], _news(there[customer], row, overwrite)):
            touched.add(customer)
            changed.add(row.id)
    return len(made), len(changed - set(made))


async def _verified(desk: Desk, rows: Sequence[_Read]) -> dict[str, Identity]:
    """Of these rows, who has written from elsewhere and has their address for certain; if it is one alone."""
    emails = [row.key for row in rows if row.platform == "email"]
    phones = [row.key for row in rows if row.platform == "phone"]
    holders: dict[str, list[Identity]] = {}
    for each in await desk.store.people.with_address(emails, phones):
        for address in filter(None, (each.email, each.phone)):
            holders.setdefault(address, []).append(each)
    found = {row.id: holders[row.key] for row in rows if row.key in holders}
    roots = await desk.store.people.roots_of([each.customer for some in found.values() for each in some])
    return {row: some[0] for row, some in found.items() if len({roots[each.customer] for each in some}) == 1}


def _identity(row: _Read, agent: Agent, now: datetime) -> Identity:
    """Not verified: nobody has written from there yet."""
    return with_keys(
        Identity(
            id=row.id,
            platform=row.platform,
            key=row.key,
            customer=new_id(now),
            name=row.name or None,
            claimed=row.claimed,
            source="import",
            first_seen_at=now,
            because=sentence("imported_by", who=agent.name),
        )
    )


def _customer(row: _Read, customer: str, now: datetime) -> Customer:
    values = {what: value for what, value in row.values.items() if "." not in what}
    return Customer(
        id=customer,
        name=row.name or row.key,
        created_at=now,
        fields=_under(FIELD, row.values),
        tags=_under("tags.", row.values),
        **values,
    )


def _under(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {what.removeprefix(prefix): value for what, value in values.items() if what.startswith(prefix)}


def _news(customer: Customer | None, row: _Read, overwrite: bool) -> dict[str, tuple[Any, Any]]:
    """What a row says that is not known: what was there, and what will be."""
    if customer is None:
        return {what: (None, value) for what, value in row.values.items()}
    wanted = dict(row.values) | ({"name": row.name} if row.name else {})
    found = {}
    for what, value in wanted.items():
        kind, _, key = what.partition(".")
        was = getattr(customer, kind).get(key) if key else getattr(customer, what)
        nameless = what == "name" and was == row.key
        if was != value and (overwrite or not was or nameless):
            found[what] = (was, value)
    return found


async def _spell(desk: Desk, rows: Sequence[_Read]) -> None:
    """Put new tags into the catalogue."""
    for each in {name for row in rows for name in _under("tags.", row.values).values()}:
        await spelled(desk, each)
