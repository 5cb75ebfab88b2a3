"""What agents keep of a customer: changed from a conversation, told there, audited, taken back."""

from collections.abc import Awaitable, Callable

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit
from hub.desk import profiles
from hub.desk.changing import Done, NotPossible
from hub.desk.fields import save_field
from hub.desk.replying import Desk
from hub.desk.undoing import still_undoable, undo
from hub.model.fields import FieldKind, FieldOn
from hub.model.inbox import Activity
from hub.model.people import Agent, Customer
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, conversation, fill, staff

Deed = Callable[[Desk, Agent, str, str], Awaitable[Done]]


async def office_with_customer(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1, customer="cora"), conversation(2, customer="cora")])
    await hub.store.people.add_customers([Customer(id="cora", name="Customer 1", created_at=BEGAN)])
    await save_field(
        hub.desk, ADMIN, FieldOn.CUSTOMER, "tier", "Tier", kind=FieldKind.CHOICE, choices=["Gold"]
    )


async def tier(desk: Desk, agent: Agent, found: str, value: str) -> Done:
    return await profiles.set_customer_field(desk, agent, found, "tier", value)


async def cora(hub: Hub) -> Customer:
    return (await hub.store.people.find_customers(["cora"]))["cora"]


@pytest.mark.parametrize(
    ("deed", "value", "wrong"),
    [
        (profiles.rename_customer, "Cora Müller", " "),
        (profiles.set_language, "pt-BR", "<b>"),
        (profiles.set_zone, "Europe/Berlin", "Europe/Nowhere"),
        (profiles.set_note, "Rings twice.\nAlways.", "x" * 5001),
        (tier, "Gold", "Platinum"),
    ],
    ids=["name", "language", "zone", "note", "field"],
)
async def test_a_profile_is_changed_told_and_taken_back(hub: Hub, deed: Deed, value: str, wrong: str) -> None:
    await office_with_customer(hub)
    before = await cora(hub)
    with pytest.raises(NotPossible):
        await deed(hub.desk, AGENT, "c00001", wrong)
    with pytest.raises(NotAllowed):
        await deed(hub.desk, RESTRICTED, "c00001", value)
    assert await cora(hub) == before
    done = await deed(hub.desk, AGENT, "c00001", value)
    after = await cora(hub)
    assert value in (after.name, after.language, after.zone, after.note, after.fields.get("tier"))
    (fact,) = [each for each in await hub.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert fact.kind == "customer_changed"
    assert done.token == fact.details["undo"]
    assert await still_undoable(hub.desk, AGENT, [done.token]) == {done.token}
    assert await still_undoable(hub.desk, ADMIN, [done.token]) == set()
    await undo(hub.desk, AGENT, done.token)
    assert await still_undoable(hub.desk, AGENT, [done.token]) == set()
    assert await cora(hub) == before


async def test_a_new_name_is_that_of_all_their_conversations(hub: Hub) -> None:
    await office_with_customer(hub)
    await profiles.rename_customer(hub.desk, AGENT, "c00001", "Cora Müller")
    found = await hub.store.inbox.find_conversations(["c00001", "c00002"])
    assert {each.customer_name for each in found.values()} == {"Cora Müller"}


async def test_the_audit_log_keeps_what_a_note_said_before(hub: Hub) -> None:
    await office_with_customer(hub)
    long = "old " * 300
    await profiles.set_note(hub.desk, AGENT, "c00001", long)
    await profiles.set_note(hub.desk, AGENT, "c00001", "new")
    newest = (await list_audit(hub.store, ADMIN)).rows[0]
    kept = [value for name, value in newest.details.items() if name.startswith("was")]
    assert (newest.deed, "".join(kept)) == ("customer_changed", long.strip())


async def test_what_somebody_changed_since_is_not_taken_back(hub: Hub) -> None:
    await office_with_customer(hub)
    done = await profiles.set_note(hub.desk, AGENT, "c00001", "mine")
    await profiles.set_note(hub.desk, ADMIN, "c00001", "theirs")
    with pytest.raises(NotPossible):
        await undo(hub.desk, AGENT, done.token or "")
    assert (await cora(hub)).note == "theirs"
