"""Customers brought in: checked row by row, each once, and what is known stays."""

from collections.abc import Sequence

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.details import list_changes
from hub.desk.fields import save_field
from hub.desk.importing import ROWS_MOST, Imported, import_customers
from hub.model.fields import FieldKind, FieldOn
from hub.model.people import Customer
from hub.store.people import identity_id
from tests.hub.desk.inbox import ADMIN, AGENT, staff

CORA = {
    "name": "Cora Müller", "email": "Cora@Acme.example", "phone": "030 901820", "language": "de",
    "zone": "Europe/Berlin", "company": "acme.example", "vip": "yes", "tags": "Press, Wholesale",
    "fields.tier": "gold",
}  # fmt: skip
DORA = {"phone": "+49 30 901821", "name": "Dora"}
WRONG = (
    {"name": "Nobody"},
    {"email": "no address"},
    {"email": "a@b.example", "zone": "Mars/Base"},
    {"email": "c@b.example", "fields.tier": "iron"},
    {"email": "d@b.example", "company": "gmail.com"},
)


async def customer_of(hub: Hub, platform: str, key: str) -> Customer:
    found = await hub.store.people.find_identities([identity_id(platform, key)])
    (identity,) = found.values()
    return (await hub.store.people.find_customers([identity.customer]))[identity.customer]


def counts(found: Imported) -> Sequence[int]:
    return found.added, found.changed, found.same, len(found.wrong)


async def test_rows_are_brought_in_once_and_what_is_wrong_is_told(hub: Hub) -> None:
    await staff(hub)
    desk = hub.desk
    await save_field(desk, ADMIN, FieldOn.CUSTOMER, "tier", "Tier", kind=FieldKind.CHOICE, choices=["Gold"])
    rows = [CORA, *WRONG, DORA, {**CORA, "note": "Rings twice."}]
    for refused in ({"shoe": "42", **CORA}, {"fields.nothing": "x", **CORA}):
        with pytest.raises(NotPossible):
            await import_customers(desk, ADMIN, [refused])
    with pytest.raises(NotPossible):
        await import_customers(desk, ADMIN, [CORA] * (ROWS_MOST + 1))
    with pytest.raises(NotAllowed):
        await import_customers(desk, AGENT, rows, country="DE")
    assert counts(await import_customers(desk, ADMIN, rows, country="DE", rehearse=True)) == (2, 0, 1, 5)
    assert await hub.store.people.find_identities([identity_id("email", "cora@acme.example")]) == {}
    found = await import_customers(desk, ADMIN, rows, country="DE")
    assert counts(found) == (2, 0, 1, 5)
    assert [(each.place, each.refusal.code) for each in found.wrong] == [
        (1, "import_nobody"), (2, "import_nobody"), (3, "zone_wrong"), (4, "field_choice"),
        (5, "company_free"),
    ]  # fmt: skip
    cora = await customer_of(hub, "email", "cora@acme.example")
    assert (cora.name, cora.language, cora.zone, cora.vip) == ("Cora Müller", "de", "Europe/Berlin", True)
    assert (cora.company, cora.fields, cora.note) == ("acme.example", {"tier": "Gold"}, "Rings twice.")
    assert sorted(cora.tags.values()) == ["Press", "Wholesale"]
    (identity,) = await hub.store.people.identities_of(cora.id)
    assert (identity.verified, identity.source) == (False, "import")
    assert identity.claimed == ("cora@acme.example", "+4930901820")
    assert (await customer_of(hub, "phone", "+4930901821")).name == "Dora"
    assert counts(await import_customers(desk, ADMIN, rows, country="DE")) == (0, 0, 3, 5)


async def test_what_is_known_stays_unless_the_rows_are_to_win(hub: Hub) -> None:
    await staff(hub)
    desk = hub.desk
    await import_customers(desk, ADMIN, [{"email": "c@acme.example", "language": "de"}])
    news = {"email": "c@acme.example", "name": "Cora", "language": "fr", "note": "New"}
    assert counts(await import_customers(desk, ADMIN, [news], rehearse=True)) == (0, 1, 0, 0)
    assert counts(await import_customers(desk, ADMIN, [news])) == (0, 1, 0, 0)
    cora = await customer_of(hub, "email", "c@acme.example")
    assert (cora.name, cora.language, cora.note) == ("Cora", "de", "New")
    assert counts(await import_customers(desk, ADMIN, [news], overwrite=True)) == (0, 1, 0, 0)
    assert (await customer_of(hub, "email", "c@acme.example")).language == "fr"
    lines = (await list_changes(desk, ADMIN, cora.id)).rows
    assert [(each.what, each.was, each.now) for each in lines[:1]] == [("language", "de", "fr")]
    assert {each.what for each in lines} == {"language", "name", "note"}


async def test_an_import_that_broke_off_between_its_two_writes_is_mended_by_the_next(hub: Hub) -> None:
    await staff(hub)
    row = {"email": CORA["email"], "name": "Cora"}
    await import_customers(hub.desk, ADMIN, [row])
    cora = await customer_of(hub, "email", "cora@acme.example")
    await hub.store.people.customers.delete_one({"_id": cora.id})
    assert counts(await import_customers(hub.desk, ADMIN, [row])) == (1, 0, 0, 0)
    assert (await customer_of(hub, "email", "cora@acme.example")).id == cora.id
