"""What other programs tell of customers, and the one stream of everything about a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.customers.merging import Evidence, merge_customers
from hub.desk import happenings
from hub.desk.changing import NotPossible
from hub.desk.tellings import Told
from hub.model.customers import EventField, OutsideEvent
from hub.model.fields import FieldKind
from hub.model.inbox import Entry, Note
from hub.model.people import Customer
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, conversation, fill, staff

TOTAL = EventField(key="total", name="Total", kind=FieldKind.NUMBER, required=True)


def told(number: int, **more: str) -> Told:
    values = {"total": str(number), **more}
    return Told(type="order", key=str(number), at=BEGAN + timedelta(hours=number), values=values)


async def test_events_are_checked_and_kept_once(hub: Hub) -> None:
    await staff(hub)
    desk, people = hub.desk, hub.store.people
    await people.add_customers([Customer(id="a", name="a", created_at=BEGAN)])
    with pytest.raises(NotAllowed):
        await happenings.save_type(desk, AGENT, "order", "Order", [TOTAL])
    with pytest.raises(NotPossible):
        await happenings.save_type(desk, ADMIN, "Order!", "Order", [TOTAL])
    await happenings.save_type(desk, ADMIN, "order", "Order", [TOTAL])
    empty = Told(type="order", key="9", at=BEGAN, values={})
    wrong = [told(8, colour="red"), empty, replace(told(7), type="x")]
    kept = await happenings.tell_events(desk, AGENT, "a", [*map(told, range(6)), *wrong, told(0)])
    assert (kept.added, kept.known) == (6, 1)
    assert [(each.place, each.refusal.code) for each in kept.wrong] == [
        (6, "event_field_unknown"), (7, "event_field_missing"), (8, "event_type_gone")
    ]  # fmt: skip
    again = await happenings.tell_events(desk, AGENT, "a", [told(5), told(6)])
    assert (again.added, again.known) == (1, 1)
    await happenings.remove_type(desk, ADMIN, "order")
    assert (await happenings.tell_events(desk, AGENT, "a", [told(50)])).added == 0


async def test_the_stream_goes_through_all_conversations_and_can_keep_to_one_channel(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(happenings, "CONVERSATIONS_AT_ONCE", 3)
    await staff(hub)
    await hub.store.people.add_customers([Customer(id="a", name="a", created_at=BEGAN)])
    # Several at the same moment, and more of them than are read at once.
    ages = [0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 5]
    talks = [
        conversation(number, customer="a", at=BEGAN + timedelta(hours=age), channel="ab"[number % 2])
        for number, age in enumerate(ages)
    ]
    await fill(hub, talks)
    await hub.store.inbox.add_entries(
        [
            Note(
                id=f"n{number:02}", conversation=each.id, at=each.activity_at, author="ben",
                author_name="Ben", text="-",
            )
            for number, each in enumerate(talks)
        ]
    )  # fmt: skip
    for channel, count in ((None, 11), ("a", 6), ("b", 5), ("c", 0)):
        seen: list[str] = []
        cursor = None
        while True:
            page = await happenings.customer_stream(
                hub.desk, ADMIN, "a", channel=channel, cursor=cursor, limit=2
            )
            seen += [each.id for each in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) == count


async def test_one_stream_has_what_was_said_and_what_happened_to_all_that_a_person_is(hub: Hub) -> None:
    await staff(hub)
    desk = hub.desk
    await hub.store.people.add_customers([Customer(id=each, name=each, created_at=BEGAN) for each in "ab"])
    await happenings.save_type(desk, ADMIN, "order", "Order", [TOTAL])
    await happenings.tell_events(desk, AGENT, "a", [told(number) for number in range(7)])
    talks = [
        conversation(1, customer="a", team="sales", activity_at=BEGAN + timedelta(hours=4)),
        conversation(2, customer="b", team="support", activity_at=BEGAN + timedelta(hours=2)),
    ]
    await fill(hub, talks)
    for number, at in ((1, 2), (1, 4), (2, 1), (2, 2)):
        moment = BEGAN + timedelta(hours=at, minutes=30 if at < 4 else 0)
        talk = talks[number - 1].id
        note = Note(
            id=f"n{number}-{at}", conversation=talk, at=moment, author="ben", author_name="Ben", text="Hm."
        )
        await hub.store.inbox.add_entries([note])
    said = Evidence(by="ada", because="By the word of Ada.")
    await merge_customers(hub.store, "a", "b", said, BEGAN)

    rows: list[Entry | OutsideEvent] = []
    cursor = None
    while True:
        page = await happenings.customer_stream(desk, ADMIN, "b", cursor=cursor, limit=3)
        rows += page.rows
        if (cursor := page.next_cursor) is None:
            break
    assert [each.at for each in rows] == sorted((each.at for each in rows), reverse=True)
    assert len({each.id for each in rows}) == len(rows) == 7 + 4
    notes = await happenings.customer_stream(desk, RESTRICTED, "a", kinds=["note"])
    assert {each.id for each in notes.rows} == {"n1-2", "n1-4"}  # those of other teams are left out
    events = await happenings.customer_stream(desk, ADMIN, "a", kinds=["event"], limit=2)
    assert [each.values["total"] for each in events.rows if isinstance(each, OutsideEvent)] == ["6", "5"]
