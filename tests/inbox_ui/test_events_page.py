"""The page on which admins say what other programs may tell, and see what they told and what was refused."""

from datetime import UTC, datetime

from hub.desk.happenings import list_types, save_type, tell_events
from hub.desk.tellings import Told, list_tellings
from hub.model.customers import EventField
from hub.model.fields import FieldKind
from hub.model.people import Customer
from tests.inbox_ui.conftest import Site
from tests.inbox_ui.test_people_pages import Visit, visit

__all__ = ["visit"]
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def order(number: int, **values: str) -> Told:
    return Told(type="order", key=str(number), at=AT, values=values)


async def test_a_type_is_described_field_by_field(visit: Visit, site: Site) -> None:
    desk, ana = site.pages.desk, site.ana
    lines = {"name-0": "Total", "kind-0": "number", "required-0": "yes", "name-1": "Kind", "kind-1": "choice"}
    status, page = await visit.post("/events", "/events/new", name="Order", **lines)
    assert (status, "Kind: what can be chosen?" in page) == (422, True)
    status, page = await visit.post("/events", "/events/new", name="Order", more="yes", **lines)
    assert (status, 'name="name-3"' in page, 'value="Total"' in page) == (200, True, True)
    lines |= {"choices-1": "Shop, Phone, Shop", "name-2": ""}
    status, page = await visit.post("/events", "/events/new", name="Order", **lines)
    assert (status, "Nobody has told anything of it yet" in page) == (200, True)
    (made,) = await list_types(desk, ana)
    assert (made.id, [each.key for each in made.fields]) == ("order", ["total", "kind"])
    assert (made.fields[0].kind, made.fields[1].choices) == (FieldKind.NUMBER, ("Shop", "Phone"))
    status, page = await visit.post("/events", "/events/new", name="Order")
    assert (status, "There is a type with this key already" in page) == (422, True)
    status, page = await visit.post(
        "/events", "/events/new", name="New", key="new"
    )  # its page would be the form
    assert (status, "The key new cannot be used" in page) == (422, True)


async def test_what_was_told_and_refused_is_shown_until_it_is_dismissed(visit: Visit, site: Site) -> None:
    desk, ana = site.pages.desk, site.ana
    fields = [
        EventField(key="total", name="Total", kind=FieldKind.NUMBER, required=True),
        EventField(key="kind", name="Kind"),
    ]
    await save_type(desk, ana, "order", "Order", fields)
    await desk.store.people.add_customers([Customer(id="c1", name="Cora Ek", created_at=AT)])
    told = [
        order(1, total="5", kind="Phone"),
        order(2, total="7"),
        order(3),
        Told(type="x", key="1", at=AT, values={}),
    ]
    await tell_events(desk, ana, "c1", told)
    await tell_events(desk, ana, "c1", [order(1, total="5")])
    page = await visit.get("/events")
    assert "There is no type of event called x." in page
    assert "2 taken" in page
    page = await visit.get("/events/order")
    assert "Order needs Total." in page
    assert "1 refused" in page
    assert "1 told twice" in page
    assert "Cora Ek" in page
    assert "Total: 5, Kind: Phone" in page
    (mine,) = [each.id for each in await list_tellings(desk, ana) if each.type == "order"]
    status, page = await visit.post("/events/order", "/events/order", dismiss=mine)
    assert (status, "1 refused" in page, "1 told twice" in page) == (200, False, True)
    await tell_events(desk, ana, "c1", [order(4)])
    assert "1 refused" in await visit.get("/events/order")
    (astray,) = [each.id for each in await list_tellings(desk, ana) if each.type == ""]
    status, page = await visit.post("/events", "/events", dismiss=astray)
    assert (status, "There is no type of event called x." in page) == (200, False)


async def test_a_type_is_changed_and_removed(visit: Visit, site: Site) -> None:
    desk, ana = site.pages.desk, site.ana
    await save_type(
        desk, ana, "order", "Order", [EventField(key="total", name="Total", kind=FieldKind.NUMBER)]
    )
    renamed = {"name-0": "Sum", "key-0": "total", "kind-0": "number"}
    status, page = await visit.post("/events/order", "/events/order", name="Purchase", **renamed)
    (made,) = await list_types(desk, ana)
    assert (status, made.name, made.fields[0].key, made.fields[0].name) == (200, "Purchase", "total", "Sum")
    status, page = await visit.post("/events/order", "/events/order", _method="delete")
    assert (status, "Nothing more of it is taken" in page) == (200, True)
    assert await list_types(desk, ana) == []
