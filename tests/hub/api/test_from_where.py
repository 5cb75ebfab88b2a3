"""The audit log says from where each deed was asked for, also where nobody handed the address down."""

from hub.auth.audit import asked_from, list_audit, record
from tests.hub.api.conftest import Api
from tests.hubs import Office


async def test_every_deed_of_a_request_is_written_down_with_its_address(api: Api) -> None:
    office = api.office
    office.platform.write(office.world.person("eva", name="Eva"), "Hello?")
    conversation = await office.conversation()
    assert (await api.post("/views", {"title": "All", "shared": True, "filter": {}})).status == 201
    consent = {"purpose": "Newsletter", "given": True, "where": "Fair", "text": "Yes, please."}
    assert (await api.post(f"/customers/{conversation.customer}/consents", consent)).status == 201
    assert (await api.post(f"/customers/{conversation.customer}", {"vip": True})).status == 200
    rows = [{"name": "Ada", "email": "ada@x.example"}]
    assert (await api.post("/customers/import", {"rows": rows})).status == 200
    assert (await api.delete(f"/conversations/{conversation.id}")).status == 200
    written = (await list_audit(office.hub.store, office.ana)).rows
    done = {each.deed: each.address for each in written if each.by}
    wanted = [
        "view_saved", "consent_recorded", "customer_changed", "customers_imported", "conversation_deleted",
    ]  # fmt: skip
    assert {each: done.get(each) for each in wanted} == dict.fromkeys(wanted, "127.0.0.1")


async def test_what_is_said_outright_counts_and_nothing_stays_behind(office: Office) -> None:
    store, clock = office.hub.store, office.hub.clock
    with asked_from("192.0.2.1"):
        await record(store, clock, office.ana, "one")
        await record(store, clock, office.ana, "two", address="192.0.2.2")
    await record(store, clock, office.ana, "three")
    rows = (await list_audit(store, office.ana)).rows
    found = {each.deed: each.address for each in rows}
    assert {each: found[each] for each in ("one", "two", "three")} == {
        "one": "192.0.2.1", "two": "192.0.2.2", "three": "",
    }  # fmt: skip
