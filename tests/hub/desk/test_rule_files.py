"""Segments, and rules taken to another installation: what has an id goes by its name."""

import pytest

from hub.app import Hub
from hub.desk.changing import NotPossible
from hub.desk.rule_files import export_rules, import_rules
from hub.desk.rules import Drawn, add_rule, remove_rule
from hub.desk.saved_replies import remove_saved_reply, save_reply
from hub.desk.segments import change_segment, list_segments, put_segment, remove_segment
from hub.desk.staffing import save_hours
from hub.dispatch import About, happened
from hub.model.hooks import RULE_FIRED, Hook, HookState
from hub.model.hours import WorkingHours
from hub.model.people import Customer
from hub.model.rules import Action, Condition, Do, Group, Join, Test, Trigger
from tests.hub.desk.inbox import ADMIN, BEGAN, conversation, fill, staff

SCHOOLS = Group(
    Join.ANY,
    (Condition("customer_tag", Test.IS, ("school",)), Condition("company", Test.IS, ("edu.example",))),
)


def everything(segment: str, hours: str, reply: str) -> Drawn:
    asked = (Condition("segment", Test.IS, (segment,)), Condition("open_hours", Test.IS_NOT, (hours,)))
    return Drawn(
        name="Everything that has a name",
        on=(Trigger.ARRIVED, Trigger.CSAT),
        when=Group(Join.ALL, (Group(Join.ANY, asked), Condition("owner", Test.IS, ("ben",)))),
        then=(Action(Do.REPLY, reply), Action(Do.NOTIFY, "sales"), Action(Do.WEBHOOK, "hook")),
    )


async def test_rules_are_carried_by_names_and_find_what_has_other_ids_elsewhere(hub: Hub) -> None:
    await staff(hub)
    desk = hub.desk
    hook = Hook(id="hook", name="Warehouse", url="https://x.example", kinds=(RULE_FIRED,), state=HookState.ON,
                created_at=BEGAN, since=BEGAN, secrets=())  # fmt: skip
    await hub.store.hooks.add(hook)
    segment = await put_segment(desk, ADMIN, "Schools", SCHOOLS)
    hours = await save_hours(
        desk, ADMIN, WorkingHours(id="", name="Mo, Tu", zone="UTC", shifts=(), created_at=BEGAN)
    )
    reply = await save_reply(desk, ADMIN, "Thanks", "Thank you.", shared=True)
    rule = await add_rule(desk, ADMIN, everything(segment.id, hours.id, reply.id))
    toml = await export_rules(desk, ADMIN)
    for name in ("Schools", "Mo, Tu", "Thanks", "Sales", "Warehouse", "ben@hub.example"):
        assert f'"{name}"' in toml
    assert not [each for each in (segment.id, hours.id, reply.id) if each in toml]

    # Elsewhere the same things have other ids, and the segment is not there yet.
    await remove_rule(desk, ADMIN, rule.id)
    await remove_segment(desk, ADMIN, segment.id)
    await remove_saved_reply(desk, ADMIN, reply.id)
    with pytest.raises(NotPossible) as refused:
        await import_rules(desk, ADMIN, toml)
    assert (refused.value.code, "Thanks" in str(refused.value)) == ("rules_file", True)
    assert await list_segments(desk, ADMIN) == []  # all or none
    other = await save_reply(desk, ADMIN, "Thanks", "Thanks a lot.", shared=True)
    (taken,) = await import_rules(desk, ADMIN, toml)
    (made,) = await list_segments(desk, ADMIN)
    assert (made.name, made.when) == ("Schools", SCHOOLS)
    again = everything(made.id, hours.id, other.id)
    assert (taken.when, taken.then) == (again.when, again.then)
    (same,) = await import_rules(desk, ADMIN, await export_rules(desk, ADMIN))
    assert (same, await list_segments(desk, ADMIN)) == (taken, [made])


async def test_rules_ask_who_is_in_a_segment(hub: Hub) -> None:
    await staff(hub)
    desk = hub.desk
    segment = await put_segment(desk, ADMIN, "Schools", SCHOOLS)
    asked = Group(Join.ALL, (Condition("segment", Test.IS, (segment.id,)),))
    drawn = Drawn(name="Schools", on=(Trigger.CSAT,), when=asked, then=(Action(Do.TAG, "school"),))
    rule = await add_rule(desk, ADMIN, drawn)
    people = [
        Customer(id="1", name="By tag", created_at=BEGAN, tags={"school": "School"}),
        Customer(id="2", name="By company", created_at=BEGAN, company="edu.example"),
        Customer(id="3", name="Neither", created_at=BEGAN, company="shop.example"),
    ]
    await fill(hub, [conversation(number) for number in (1, 2, 3)])
    for number, customer in enumerate(people, 1):
        found = await hub.store.inbox.find_conversation(f"c{number:05}")
        assert found is not None
        await happened(desk.dispatch, found, Trigger.CSAT, About(customer=customer))
    tags = [
        each.tags
        for each in (await hub.store.inbox.find_conversations(["c00001", "c00002", "c00003"])).values()
    ]
    assert sorted(tags) == [(), ("school",), ("school",)]

    with pytest.raises(NotPossible) as used:
        await remove_segment(desk, ADMIN, segment.id)
    assert (used.value.code, rule.name in str(used.value)) == ("segment_used", True)
    with pytest.raises(NotPossible) as wrong:
        await change_segment(
            desk, ADMIN, segment.id, "Schools", Group(Join.ALL, (Condition("words", Test.IS, ("x",)),))
        )
    assert wrong.value.code == "segment_fact"
    with pytest.raises(NotPossible) as twice:
        await put_segment(desk, ADMIN, "schools", SCHOOLS)
    assert twice.value.code == "segment_name"
