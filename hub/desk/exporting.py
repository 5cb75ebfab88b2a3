"""All customers, a row each, in the columns that `importing` reads: a batch is held at a time.

`id` and `addresses` come besides: how other programs may name a customer, and everything they reach us by.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.desk.fields import list_fields
from hub.desk.importing import COLUMNS, FIELD
from hub.desk.replying import Desk
from hub.desk.tables import written
from hub.model.fields import FieldOn
from hub.model.people import Agent, Customer, Identity, Role

AT_ONCE = 200
BESIDES = ("id", "addresses")
PLAIN = ("name", "language", "zone", "note", "salutation", "pronouns", "company")


async def export_columns(desk: Desk, agent: Agent) -> list[str]:
    """The titles, in order."""
    fields = await list_fields(desk, agent, FieldOn.CUSTOMER)
    return [*BESIDES, *COLUMNS, *(FIELD + each.key for each in fields)]


async def export_customers(desk: Desk, agent: Agent, *, address: str = "") -> AsyncIterator[dict[str, str]]:
    """A row for each, by its columns. Raises NotAllowed (admins only) before the first is asked for."""
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_export")
    columns = await export_columns(desk, agent)
    await record(desk.store, desk.clock, agent, "customers_exported", address=address)
    return _rows(desk, columns)


async def customers_as_csv(desk: Desk, agent: Agent, *, address: str = "") -> AsyncIterator[str]:
    """All of them, written as they are read. Raises NotAllowed (admins only) before anything is read."""
    rows, titles = await export_customers(desk, agent, address=address), await export_columns(desk, agent)
    return _as_csv(rows, titles)


async def customers_as_json(desk: Desk, agent: Agent, *, address: str = "") -> AsyncIterator[str]:
    """The same as a list, one customer a line."""
    return _as_json(await export_customers(desk, agent, address=address))


async def _as_csv(rows: AsyncIterator[Mapping[str, str]], titles: Sequence[str]) -> AsyncIterator[str]:
    some: list[Sequence[str]] = [titles]
    async for row in rows:
        some.append([row[title] for title in titles])
        if len(some) >= AT_ONCE:
            yield written(some)
            some = []
    yield written(some)


async def _as_json(rows: AsyncIterator[Mapping[str, str]]) -> AsyncIterator[str]:
    before = "[\n"
    async for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


async def _rows(desk: Desk, columns: Sequence[str]) -> AsyncIterator[dict[str, str]]:
    people = desk.store.people
    async for some in people.every_customer(AT_ONCE):
        wholes = await people.find_customers([each.id for each in some])
        theirs: dict[str, list[Identity]] = {each.id: [] for each in some}
        for identity in await people.identities_of_members([each.id for each in some]):
            theirs[identity.customer].append(identity)
        for each in some:
            identities = await people.identities_of(each.id) if each.absorbed else theirs[each.id]
            row = _row(wholes[each.id], identities)
            yield {column: row.get(column, "") for column in columns}


def _row(customer: Customer, identities: Sequence[Identity]) -> dict[str, str]:
    mails = [each.key for each in identities if each.platform == "email"]
    mails += [each.email for each in identities if each.email]
    phones = [each.key for each in identities if each.platform == "phone"]
    phones += [each.phone for each in identities if each.phone]
    return {
        "id": customer.id,
        "addresses": " ".join(f"{each.platform}:{each.key}" for each in identities),
        "email": mails[0] if mails else "",
        "phone": phones[0] if phones else "",
        "vip": "yes" if customer.vip else "",
        "tags": ", ".join(sorted(customer.tags.values(), key=str.casefold)),
        **{column: getattr(customer, column) or "" for column in PLAIN},
        **{FIELD + key: value for key, value in customer.fields.items()},
    }
