"""Custom fields: defined by admins, filled in by agents, asked for before a conversation is resolved."""

from dataclasses import replace

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit
from hub.desk import deeds
from hub.desk.changing import NotPossible
from hub.desk.fields import FieldMissing, list_fields, remove_field, save_field
from hub.desk.undoing import undo
from hub.model.fields import FieldKind, FieldOn
from hub.model.inbox import Activity, Status
from tests.hub.desk.inbox import ADMIN, AGENT, DISABLED, SUPERVISOR, conversation, fill, staff

CONVERSATION = FieldOn.CONVERSATION


async def test_an_admin_defines_what_agents_fill_in_and_it_can_be_taken_back(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    await save_field(hub.desk, ADMIN, CONVERSATION, "paid", "Paid", kind=FieldKind.NUMBER)
    done = await deeds.set_field(hub.desk, AGENT, "c00001", "paid", " 1200,50 ")
    found = await hub.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.fields == {"paid": "1200.5"}
    facts = [each for each in await hub.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert facts[-1].because == "Ben set Paid to 1200.5."
    assert done.token
    await undo(hub.desk, AGENT, done.token)
    found = await hub.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.fields == {}


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldKind.TEXT, "  two   words ", "two words"),
        (FieldKind.NUMBER, "-0.50", "-0.5"),
        (FieldKind.NUMBER, "twelve", None),
        (FieldKind.NUMBER, "NaN", None),
        (FieldKind.NUMBER, "1e999999", None),
        (FieldKind.DATE, "2026-03-02", "2026-03-02"),
        (FieldKind.DATE, "2026-02-30", None),
        (FieldKind.CHOICE, "GOLD", "Gold"),
        (FieldKind.CHOICE, "platinum", None),
        (FieldKind.CHECKBOX, "yes", "yes"),
        (FieldKind.CHECKBOX, "perhaps", None),
        (
            FieldKind.LINK,
            "https://acme.example:8443/orders?no=4711#2",
            "https://acme.example:8443/orders?no=4711#2",
        ),
        (FieldKind.LINK, "http://bücher.example/", "http://bücher.example/"),
        (FieldKind.LINK, "javascript:alert(1)", None),
        (FieldKind.LINK, "acme.example", None),
        (FieldKind.LINK, "https://", None),
        (FieldKind.LINK, "https://acme.example@evil.example/", None),
        (FieldKind.LINK, "https://acme.example:port/", None),
        (FieldKind.LINK, "https://acme.example/a b", None),
        (FieldKind.LINK, "https://[::1", None),
        (FieldKind.TEXT, "x" * 501, None),
    ],
)
async def test_a_value_is_kept_in_the_form_of_its_kind_or_refused(
    hub: Hub, kind: FieldKind, given: str, kept: str | None
) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    choices = ("Gold", "Silver") if kind is FieldKind.CHOICE else ()
    await save_field(hub.desk, ADMIN, CONVERSATION, "tier", "Tier", kind=kind, choices=choices)
    if kept is None:
        with pytest.raises(NotPossible, match="Tier"):
            await deeds.set_field(hub.desk, AGENT, "c00001", "tier", given)
    else:
        await deeds.set_field(hub.desk, AGENT, "c00001", "tier", given)
    found = await hub.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.fields.get("tier") == kept


async def test_what_is_required_is_asked_for_before_resolving(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    await save_field(hub.desk, ADMIN, CONVERSATION, "cause", "Cause", required=True)
    with pytest.raises(FieldMissing, match="Cause"):
        await deeds.resolve(hub.desk, AGENT, "c00001")
    await deeds.set_field(hub.desk, AGENT, "c00001", "cause", "Lost parcel")
    await deeds.resolve(hub.desk, AGENT, "c00001")
    found = await hub.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.status is Status.RESOLVED


async def test_only_admins_define_fields_and_each_change_is_in_the_audit_log(hub: Hub) -> None:
    await staff(hub)
    for agent in (AGENT, SUPERVISOR, DISABLED):
        with pytest.raises(NotAllowed):
            await save_field(hub.desk, agent, CONVERSATION, "cause", "Cause")
        with pytest.raises(NotAllowed):
            await remove_field(hub.desk, agent, CONVERSATION, "cause")
    made = await save_field(hub.desk, ADMIN, CONVERSATION, "cause", "Cause")
    await save_field(hub.desk, ADMIN, CONVERSATION, "cause", "Root cause", required=True)
    assert await list_fields(hub.desk, AGENT, CONVERSATION) == [
        replace(made, name="Root cause", required=True)
    ]
    await remove_field(hub.desk, ADMIN, CONVERSATION, "cause")
    assert await list_fields(hub.desk, AGENT) == []
    deeds_done = [each.deed for each in (await list_audit(hub.store, ADMIN)).rows]
    assert deeds_done == ["field_removed", "field_changed", "field_made"]


@pytest.mark.parametrize(("key", "name"), [("Cause", "C"), ("", "C"), ("a.b", "C"), ("$a", "C"), ("a", " ")])
async def test_a_field_that_could_not_be_named_is_refused(hub: Hub, key: str, name: str) -> None:
    await staff(hub)
    with pytest.raises(NotPossible):
        await save_field(hub.desk, ADMIN, CONVERSATION, key, name)
    with pytest.raises(NotPossible):
        await save_field(hub.desk, ADMIN, CONVERSATION, "tier", "Tier", kind=FieldKind.CHOICE)
