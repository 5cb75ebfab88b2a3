"""Shifts and days as people write them in the office's forms."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.hours import MIDNIGHT, Shift
from inbox_ui.office.days import NotDays, days_of
from inbox_ui.office.shift_words import WEEK, NotTimes, lines_of, shifts_of


@st.composite
def weeks(draw: st.DrawFn) -> list[Shift]:
    """Shifts of a week that do not touch each other, but for those that go on over midnight."""
    found = []
    for day in range(WEEK):
        times = sorted(draw(st.lists(st.integers(0, MIDNIGHT), max_size=6, unique=True)))
        found += [Shift(day, *pair) for pair in zip(times[::2], times[1::2], strict=False)]
    return found


@given(weeks())
def test_a_week_that_was_written_down_reads_the_same(week: list[Shift]) -> None:
    lines = lines_of(week)
    assert sorted(each for day, line in enumerate(lines) for each in shifts_of(day, line)) == sorted(week)


def test_people_write_times_in_many_ways() -> None:
    nine_to_five = [Shift(0, 540, 1020)]
    for text in ("09:00–17:00", "9-17", "9.00 - 17.00", "9:00 to 17:00", "9h bis 17h", " 9–17 , "):
        assert shifts_of(0, text) == nine_to_five
    night = [Shift(6, 1320, MIDNIGHT), Shift(0, 0, 360)]  # from Sunday into Monday
    assert shifts_of(6, "22:00–06:00") == night
    assert lines_of(night) == ["", "", "", "", "", "", "22:00–06:00"]
    assert shifts_of(2, "22:00-00:00") == shifts_of(2, "22-24") == [Shift(2, 1320, MIDNIGHT)]
    for text in ("nine to five", "9:75-10", "25:00-26:00", "9", "24-25", "9-17-18"):
        with pytest.raises(NotTimes):
            shifts_of(0, text)


def test_people_write_days_in_many_ways() -> None:
    eve = date(2026, 12, 24)
    assert days_of("2026-12-24\n\n24.12.2026") == [eve, eve]
    assert days_of("2026-12-30 – 2027-01-01") == [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)]
    assert days_of("30.12.2026 bis 30.12.2026") == [date(2026, 12, 30)]
    for text in ("Christmas", "2026-02-30", "2026-12-24 – 2026-12-01", "2026-01-01 – 2030-01-01"):
        with pytest.raises(NotDays):
            days_of(text)
