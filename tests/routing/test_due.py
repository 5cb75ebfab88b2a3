"""Due times of service levels, against an office that counts every minute on its own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.hours import Shift, WorkingHours
from hub.model.service import Happened, Promise, ServiceLevel, Turn
from routing.due import standing
from tests.routing.test_hours import (
    CHANGES,
    CREATED,
    MINUTE,
    ZONES,
    hours_in,
    nine_to_five,
    stands_in_a_shift,
)

WATCHED = 3 * 1440  # minutes


def level(**minutes: int) -> ServiceLevel:
    return ServiceLevel(id="gold", name="Gold", created_at=CREATED, **minutes)  # type: ignore[arg-type]


@dataclass(slots=True)
class Counting:
    """Walks through the minutes with a counter for each promise, and knows no arithmetic of time."""

    level: ServiceLevel
    hours: WorkingHours
    waits: bool = False
    answered: bool = False
    runs: bool = False
    resolved: bool = False
    waited: int = 0
    worked: int = 0
    reached: dict[Promise, datetime] = field(default_factory=dict)  # of those that run now
    broken: list[tuple[Promise, datetime]] = field(default_factory=list)

    def happens(self, turn: Turn) -> None:
        if turn in (Turn.WROTE, Turn.REOPENED) and self.resolved:
            self.resolved, self.answered, self.worked = False, False, 0
            self.reached.pop(Promise.RESOLUTION, None)
            self.runs = True
        if turn is Turn.WROTE:
            if not self.waits:
                self.waits, self.waited = True, 0
            self.runs = True
        elif turn in (Turn.ANSWERED, Turn.RESOLVED):
            self.waits = self.runs = False
            self.reached.pop(Promise.FIRST_RESPONSE, None)
            self.reached.pop(Promise.NEXT_RESPONSE, None)
            self.answered = True
            self.resolved = self.resolved or turn is Turn.RESOLVED

    def minute(self, at: datetime) -> None:
        if not stands_in_a_shift(self.hours, at):
            return
        if self.waits:
            self.waited += 1
            promise = Promise.NEXT_RESPONSE if self.answered else Promise.FIRST_RESPONSE
            limit = self.level.next_response if self.answered else self.level.first_response
            if self.waited == limit:
                self.reached[promise] = at + MINUTE
        if self.runs:
            self.worked += 1
            if self.worked == self.level.resolution:
                self.reached[Promise.RESOLUTION] = at + MINUTE

    def look(self, at: datetime) -> None:
        """A promise is broken once its moment is past and it still runs."""
        for promise, due in self.reached.items():
            if (
                due < at
                and (promise, due) not in self.broken
                and (promise is not Promise.RESOLUTION or self.runs)
            ):
                self.broken.append((promise, due))


HISTORY = st.lists(
    st.tuples(st.integers(1, WATCHED - 1), st.sampled_from(list(Turn))),
    max_size=8,
    unique_by=lambda each: each[0],
)


@settings(max_examples=50)
@given(
    st.sampled_from(CHANGES),
    st.sampled_from(ZONES),
    HISTORY,
    st.tuples(st.integers(1, 300), st.integers(1, 300), st.integers(1, 600)),
)
def test_due_times_are_those_that_counting_the_minutes_gives(
    begins: datetime, zone: str, turns: list[tuple[int, Turn]], promised: tuple[int, int, int]
) -> None:
    hours = hours_in(zone, *(Shift(day, 7 * 60 + 30, 18 * 60) for day in (0, 1, 3, 4, 5, 6)))
    first, following, resolution = promised
    gold = level(first_response=first, next_response=following, resolution=resolution)
    history = [(0, Turn.WROTE), *sorted(turns)]
    counting, now = Counting(gold, hours), begins + WATCHED * MINUTE
    happens = dict(history)
    for minute in range(WATCHED):
        counting.look(begins + minute * MINUTE)
        if minute in happens:
            counting.happens(happens[minute])
        counting.minute(begins + minute * MINUTE)
    counting.look(now)
    found = standing(gold, hours, [Happened(turn, begins + at * MINUTE) for at, turn in history], now)
    assert sorted((each.promise, each.at) for each in found.broken) == sorted(counting.broken)
    due = {each.promise: each.at for each in found.dues}
    for promise, at in due.items():
        assert counting.reached.get(promise, at) == at
        assert promise in counting.reached or at > now
    assert found.used == counting.worked * MINUTE


def test_it_waits_over_the_weekend_and_the_clock_change() -> None:
    gold = level(first_response=60, resolution=8 * 60)
    friday = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)  # 16:30 in Berlin; on Sunday the clocks change
    found = standing(gold, nine_to_five("Europe/Berlin"), [Happened(Turn.WROTE, friday)], friday)
    assert {each.promise: each.at for each in found.dues} == {
        Promise.FIRST_RESPONSE: datetime(2026, 3, 30, 7, 30, tzinfo=UTC),
        Promise.RESOLUTION: datetime(2026, 3, 30, 14, 30, tzinfo=UTC),
    }


def test_awaiting_the_customer_pauses_the_resolution_and_a_reopening_begins_anew() -> None:
    gold = level(first_response=30, next_response=60, resolution=120)

    def at(minutes: int) -> datetime:
        return CREATED + timedelta(minutes=minutes)

    history = [Happened(Turn.WROTE, at(0)), Happened(Turn.ANSWERED, at(30))]
    assert standing(gold, None, history, at(5000)).dues == ()  # answered in time, and it is their turn
    assert standing(gold, None, history, at(5000)).broken == ()
    history += [Happened(Turn.WROTE, at(600)), Happened(Turn.WROTE, at(610))]
    found = standing(gold, None, history, at(620))
    assert [(each.promise, each.at) for each in found.dues] == [
        (Promise.NEXT_RESPONSE, at(660)),
        (Promise.RESOLUTION, at(690)),  # thirty minutes were used before
    ]
    history += [Happened(Turn.RESOLVED, at(640)), Happened(Turn.WROTE, at(1000))]
    found = standing(gold, None, history, at(1000))
    assert [(each.promise, each.at) for each in found.dues] == [
        (Promise.FIRST_RESPONSE, at(1030)),
        (Promise.RESOLUTION, at(1120)),
    ]
