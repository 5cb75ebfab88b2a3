"""Promises that come due, break, and are told; rules about what is due soon."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.app import Hub
from hub.dispatch import Dispatch, reckon
from hub.dispatch.sweeping import Sweeper
from hub.hooks.kinds import kinds_of
from hub.model.content import Content
from hub.model.events import Event
from hub.model.inbox import Activity, Conversation, Message, Priority, Side, Status
from hub.model.rules import Action, Do, Group, Join, Rule, Trigger
from hub.model.service import ServiceLevel
from tests.hub.desk.inbox import conversation, fill

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
GOLD = ServiceLevel(
    id="gold", name="Gold", first_response=60, next_response=30, resolution=600, created_at=NOW
)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
async def dispatch(hub: Hub) -> Dispatch:
    """It is always noon."""
    await hub.store.rules.save(GOLD)
    return replace(hub.desk.dispatch, clock=lambda: NOW)


def message(row: Conversation, number: int, moment: datetime, side: Side = Side.CUSTOMER) -> Message:
    return Message(
        id=f"{row.id}-{number:06}", conversation=row.id, at=moment, channel="ch", platform="email",
        thread="t", side=side, author="x", author_name="X", content=Content(text="Hello"),
        visibility="private", surface="email",
    )  # fmt: skip


async def asked(hub: Hub, number: int, minutes: float, **more: Any) -> Conversation:
    """Somebody wrote so many minutes ago, and was promised an answer within an hour."""
    row = conversation(number, at=at(-minutes), **{"level": "gold", "due_at": at(60 - minutes), **more})
    await fill(hub, [row])
    await hub.store.inbox.add_entries([message(row, 1, row.created_at)])
    return row


async def broken(hub: Hub, row: str) -> list[tuple[str, datetime]]:
    entries = await hub.store.inbox.timeline(row)
    facts = [each for each in entries if isinstance(each, Activity) and each.kind == "promise_broken"]
    return [(each.details["promise"], each.at) for each in facts]


async def told(hub: Hub) -> list[Event]:
    events = await hub.store.events.latest(datetime(2026, 1, 1, tzinfo=UTC))
    return [each for each in events if each.details.get("what") == "promise_broken"]


async def test_an_answer_that_comes_too_late_tells_itself_that_a_promise_was_broken(
    hub: Hub, dispatch: Dispatch
) -> None:
    row = await asked(hub, 1, 70)
    await hub.store.inbox.add_entries([message(row, 2, at(-5), Side.US)])
    for _ in range(2):  # told once
        await reckon(dispatch, await dispatch.office(), row.id)
        assert await broken(hub, row.id) == [("first_response", at(-10))]
        (event,) = await told(hub)
        assert kinds_of(event) == ("conversation.changed", "service_level.broken")
    now = await hub.store.inbox.find_conversation(row.id)
    assert now is not None
    assert now.due_at is None


async def test_an_answer_in_time_breaks_nothing_and_what_is_due_says_what_for(
    hub: Hub, dispatch: Dispatch
) -> None:
    row = await asked(hub, 1, 70)
    await hub.store.inbox.add_entries([message(row, 2, at(-11), Side.US), message(row, 3, at(-9))])
    await reckon(dispatch, await dispatch.office(), row.id)
    now = await hub.store.inbox.find_conversation(row.id)
    assert now is not None
    assert (now.due_at, now.due_for) == (at(21), "next_response")
    assert await broken(hub, row.id) == []


async def test_what_falls_due_is_told_though_hundreds_are_overdue(hub: Hub, dispatch: Dispatch) -> None:
    """Those are read once more to see whether they were told, a part at each look, none of them for ever."""
    rows = [
        conversation(each, at=at(-9000 + each), level="gold", due_at=at(-8000 + each)) for each in range(230)
    ]
    await fill(hub, rows)  # nobody wrote in them: there is nothing to tell
    last = await asked(hub, 500, 59)
    forgotten = await asked(hub, 501, 100)
    sweeper, office = Sweeper(dispatch, "test"), await dispatch.office()
    await sweeper.dues.look(office)
    assert await broken(hub, last.id) == []
    later = replace(dispatch, clock=lambda: at(2))
    sweeper.dues.dispatch = later
    await sweeper.dues.look(office)
    assert await broken(hub, last.id) == [("first_response", at(1))]
    assert await broken(hub, forgotten.id) == [("first_response", at(-40))]


async def test_a_snoozed_conversation_keeps_its_promise(hub: Hub, dispatch: Dispatch) -> None:
    row = await asked(hub, 1, 70, status=Status.SNOOZED, snoozed_until=at(600))
    await reckon(dispatch, await dispatch.office(), row.id)
    kept = await hub.store.inbox.find_conversation(row.id)
    assert kept is not None
    assert kept.due_at == at(-10)
    other = await asked(hub, 2, 65, status=Status.SNOOZED, snoozed_until=at(600))
    await Sweeper(dispatch, "test").dues.look(await dispatch.office())
    assert await broken(hub, other.id) == [("first_response", at(-5))]


async def test_rules_about_what_is_due_soon_are_asked_though_hundreds_are_overdue_or_due(
    hub: Hub, dispatch: Dispatch
) -> None:
    rule = Rule(
        id="soon", name="Soon", on=(Trigger.DUE,), when=Group(Join.ALL, ()), minutes=20, created_at=NOW,
        then=(Action(Do.PRIORITY, "urgent"),),
    )  # fmt: skip
    await hub.store.rules.save(rule)
    rows = [conversation(each, at=at(-9000 + each), due_at=at(-8000 + each)) for each in range(205)]
    done = [
        conversation(300 + each, at=at(-50), due_at=at(1 + each / 100), priority=Priority.URGENT)
        for each in range(205)
    ]
    await fill(hub, [*rows, *done])
    near, far = await asked(hub, 600, 45), await asked(hub, 601, 30)
    sweeper, office = Sweeper(dispatch, "test"), await dispatch.office()
    for _ in range(3):
        await sweeper.dues.look(office)
    found = await hub.store.inbox.find_conversations([near.id, far.id])
    assert [found[each.id].priority for each in (near, far)] == [Priority.URGENT, Priority.NORMAL]


async def test_the_longest_conversation_is_reckoned_from_its_beginning(hub: Hub, dispatch: Dispatch) -> None:
    """The resolution was promised from the first message on, some thousand entries ago."""
    row = conversation(1, at=at(-500), level="gold", activity_at=at(-1), messages=1500)
    await fill(hub, [row])
    lines = [message(row, each, at(-500 + each / 4)) for each in range(1500)]
    await hub.store.inbox.add_entries(lines)
    await reckon(dispatch, await dispatch.office(), row.id)
    now = await hub.store.inbox.find_conversation(row.id)
    assert now is not None
    assert (now.due_at, now.due_for) == (at(-440), "first_response")
    answer = message(row, 9000, at(-100), Side.US)
    again = message(row, 9001, at(-40))
    await hub.store.inbox.add_entries([answer, again])
    standing = await reckon(dispatch, await dispatch.office(), row.id)
    assert standing is not None
    assert standing.used == timedelta(minutes=440)


async def test_only_the_last_rounds_of_a_conversation_are_read(hub: Hub, dispatch: Dispatch) -> None:
    row = conversation(1, at=at(-900), level="gold", activity_at=at(-1), messages=8)
    await fill(hub, [row])
    entries: list[Message | Activity] = []
    for turn, begins in enumerate((-900, -600, -300)):
        entries.append(message(row, turn, at(begins)))
        entries.append(
            Activity(
                id=f"r{turn}",
                conversation=row.id,
                at=at(begins + 50 + 40 * turn),
                kind="resolved",
                by="ana",
                because="",
            )
        )
    await hub.store.inbox.add_entries(entries)
    standing = await reckon(dispatch, await dispatch.office(), row.id)
    assert standing is not None
    # The first round was in time, the second and the third were not; what is behind the second is not read.
    assert [each.at for each in standing.broken] == [at(-240)]
