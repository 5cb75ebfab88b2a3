"""After a promise was changed, what has it is due when it says now; whatever comes in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from hub.app import Hub
from hub.desk.replying import Desk
from hub.desk.staffing import remove_level, save_hours, save_level
from hub.dispatch import Dispatch, reckon
from hub.dispatch.rereckoning import rereckon
from hub.model.hours import Shift, WorkingHours
from hub.model.inbox import Activity, Side, Status
from hub.model.service import ServiceLevel
from tests.hub.desk.inbox import ADMIN, conversation, staff
from tests.hub.dispatch.test_dues import message

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
GOLD = ServiceLevel(id="", name="Gold", first_response=60, created_at=NOW)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
async def desk(hub: Hub) -> Desk:
    await staff(hub)
    return replace(hub.desk, clock=lambda: NOW, dispatch=replace(hub.desk.dispatch, clock=lambda: NOW))


async def wrote(
    desk: Desk, level: str, *minutes: float, first: int = 1, status: Status = Status.OPEN
) -> list[str]:
    rows = [
        conversation(first + each, at=at(-ago), level=level, status=status)
        for each, ago in enumerate(minutes)
    ]
    await desk.store.inbox.add_conversations(rows)
    await desk.store.inbox.add_entries([message(each, 1, each.created_at) for each in rows])
    for each in rows:
        await reckon(desk.dispatch, await desk.dispatch.office(), each.id)
    return [each.id for each in rows]


async def due(hub: Hub, *ids: str) -> list[float | None]:
    """In minutes from now."""
    found = await hub.store.inbox.find_conversations(ids)
    moments = [found[each].due_at for each in ids]
    return [(each - NOW).total_seconds() / 60 if each else None for each in moments]


async def test_conversations_follow_their_level_and_its_hours(hub: Hub, desk: Desk) -> None:
    office = await save_hours(desk, ADMIN, _hours(Shift(2, 0, 1440)))
    gold = await save_level(desk, ADMIN, replace(GOLD, hours=office.id))
    other = await save_level(desk, ADMIN, replace(GOLD, name="Other"))
    open_ones = await wrote(desk, gold.id, 10, 20)
    asleep = await wrote(desk, gold.id, 30, first=50, status=Status.SNOOZED)
    apart = await wrote(desk, other.id, 10, first=90)
    every = [*open_ones, *asleep, *apart]
    assert await due(hub, *every) == [50, 40, 30, 50]

    await save_level(desk, ADMIN, replace(gold, first_response=120))
    assert await rereckon(desk.dispatch)
    assert await due(hub, *every) == [110, 100, 90, 50]

    # From noon on nobody works today; on Thursday from nine.
    await save_hours(desk, ADMIN, replace(office, shifts=(Shift(2, 0, 720), Shift(3, 540, 1440))))
    assert await rereckon(desk.dispatch)
    morning = (NOW.replace(day=5, hour=9) - NOW).total_seconds() / 60
    assert await due(hub, *every) == [morning + 110, morning + 100, morning + 90, 50]

    await remove_level(desk, ADMIN, gold.id)
    assert await rereckon(desk.dispatch)
    assert await due(hub, *every) == [None, None, None, 50]
    assert await hub.store.reckonings.rounds() == []


async def test_it_goes_on_where_it_stopped_and_begins_anew_after_another_change(
    hub: Hub, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.dispatch.rereckoning.AT_ONCE", 3)
    gold = await save_level(desk, ADMIN, GOLD)
    await rereckon(desk.dispatch)
    ids = await wrote(desk, gold.id, *range(10, 34))
    gold = await save_level(desk, ADMIN, replace(gold, first_response=500))
    assert not await rereckon(desk.dispatch, seconds=0)  # one batch: the longest quiet, and then it ended
    (round_,) = await hub.store.reckonings.rounds()
    assert round_.at is not None
    done = [each for each in await due(hub, *ids) if each is not None and each > 300]
    assert 0 < len(done) < len(ids)
    await save_level(desk, ADMIN, replace(gold, first_response=1000))
    again = replace(desk.dispatch)  # another process, which knows only what was kept
    while not await rereckon(again, seconds=0):
        pass
    assert await due(hub, *ids) == [1000 - ago for ago in range(10, 34)]


async def test_what_was_answered_in_time_is_not_broken_by_a_later_promise(hub: Hub, desk: Desk) -> None:
    gold = await save_level(desk, ADMIN, GOLD)
    answered, waiting = await wrote(desk, gold.id, 50, 40)
    row = await hub.store.inbox.find_conversation(answered)
    assert row is not None
    await hub.store.inbox.add_entries([message(row, 2, at(-20), Side.US)])
    await save_level(desk, ADMIN, replace(gold, first_response=5))
    await rereckon(desk.dispatch)
    assert await _broken(hub, answered) == []
    assert await _broken(hub, waiting) == [at(-35)]  # it still waits, longer than is promised now
    later: Dispatch = replace(desk.dispatch, clock=partial(at, 30))
    await hub.store.inbox.add_entries([message(row, 3, at(1)), message(row, 4, at(20), Side.US)])
    await save_level(desk, ADMIN, replace(gold, first_response=5, next_response=10))
    await reckon(later, await later.office(), answered)
    assert await _broken(hub, answered) == [at(11)]  # what is asked later is measured by it


async def _broken(hub: Hub, row: str) -> list[datetime]:
    entries = await hub.store.inbox.timeline(row)
    return [each.at for each in entries if isinstance(each, Activity) and each.kind == "promise_broken"]


def _hours(*shifts: Shift) -> WorkingHours:
    return WorkingHours(id="", name="Office", zone="UTC", shifts=shifts, created_at=NOW)
