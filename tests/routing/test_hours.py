"""Working time against a clock that is read minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.clock import clock_change
from hub.model.hours import MIDNIGHT, Shift, WorkingHours
from routing.holidays_known import closed_days, holiday_countries, holiday_parts
from routing.hours import add_working_time, at_work, knows_holidays, next_at_work, stretches_on, working_time

MINUTE = timedelta(minutes=1)
# Half hours and quarters, changes at midnight, a change of half an hour, none at all, across the date line.
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Africa/Cairo", "America/Santiago", "Pacific/Auckland", "UTC",
)  # fmt: skip
PLACES = {"Europe/Berlin": "DE-BY", "America/New_York": "US", "Pacific/Auckland": "NZ"}
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def hours_in(zone: str, *shifts: Shift, holidays: str = "", closed: tuple[str, ...] = ()) -> WorkingHours:
    return WorkingHours(
        id="h", name="Office", zone=zone, shifts=shifts, holidays=holidays, closed=closed, created_at=CREATED
    )


def nine_to_five(zone: str, holidays: str = "") -> WorkingHours:
    return hours_in(zone, *(Shift(day, 9 * 60, 17 * 60) for day in range(5)), holidays=holidays)


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    begins = draw(st.integers(0, MIDNIGHT - 60))
    return Shift(draw(st.integers(0, 6)), begins, draw(st.integers(begins + 60, MIDNIGHT)))


# Ten years in minutes; half of the moments lie near a change of some clock, where things go wrong.
TEN_YEARS = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=each) for each in range(3653)]
MINUTES = st.integers(0, 10 * 365 * 1440).map(lambda each: TEN_YEARS[0] + each * MINUTE)
CHANGES = [
    before
    for zone in map(ZoneInfo, ZONES)
    for before, after in pairwise(TEN_YEARS)
    if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
]
NEAR = st.builds(lambda at, by: at + by * MINUTE, st.sampled_from(CHANGES), st.integers(-1440, 2880))
HOURS = st.builds(
    lambda zone, given: hours_in(zone, *given, holidays=PLACES.get(zone, "")),
    st.sampled_from(ZONES),
    st.lists(shifts(), min_size=1, max_size=8),
)


def stands_in_a_shift(hours: WorkingHours, moment: datetime) -> bool:
    """What the wall clock says, and nothing else."""
    wall = moment.astimezone(ZoneInfo(hours.zone))
    minute = wall.hour * 60 + wall.minute
    return any(each.day == wall.weekday() and each.begins <= minute < each.ends for each in hours.shifts)


@settings(max_examples=40)
@given(HOURS, NEAR | MINUTES, st.integers(0, 2 * 1440))
@example(nine_to_five("Europe/Berlin"), datetime(2026, 3, 28, 12, tzinfo=UTC), 2 * 1440)
@example(hours_in("America/Santiago", Shift(5, 1380, 1440)), datetime(2026, 4, 4, 20, tzinfo=UTC), 1440)
@example(hours_in("Africa/Cairo", Shift(3, 1380, 1440)), datetime(2026, 10, 29, 12, tzinfo=UTC), 1440)
def test_working_time_is_what_counting_the_minutes_gives(
    hours: WorkingHours, since: datetime, minutes: int
) -> None:
    hours = hours_in(hours.zone, *hours.shifts)  # holidays have a test of their own
    until = since + minutes * MINUTE
    counted = sum(stands_in_a_shift(hours, since + each * MINUTE) for each in range(minutes))
    assert working_time(hours, since, until) == counted * MINUTE
    assert at_work(hours, since) == stands_in_a_shift(hours, since)


@settings(max_examples=50)
@given(HOURS, NEAR | MINUTES, st.integers(1, 1000))
def test_a_due_time_is_the_first_moment_by_which_so_much_was_worked(
    hours: WorkingHours, since: datetime, minutes: int
) -> None:
    due = add_working_time(hours, since, minutes * MINUTE)
    assert due is not None
    assert working_time(hours, since, due) == minutes * MINUTE
    assert working_time(hours, since, due - MINUTE) < minutes * MINUTE
    begins = next_at_work(hours, since)
    assert begins is not None
    assert at_work(hours, begins)
    assert working_time(hours, since, begins) == timedelta()


def test_an_hour_that_is_shown_twice_counts_twice_and_one_left_out_does_not() -> None:
    night = hours_in("Europe/Berlin", Shift(6, 0, 6 * 60))
    for day, worked in ((datetime(2026, 10, 25), 7), (datetime(2026, 3, 29), 5), (datetime(2026, 6, 7), 6)):
        spans = [each.ends - each.begins for each in stretches_on(night, day.date())]
        assert sum(spans, timedelta()) == timedelta(hours=worked)


def test_holidays_and_closed_days_are_not_worked() -> None:
    bavaria = nine_to_five("Europe/Berlin", holidays="DE-BY")
    berlin = nine_to_five("Europe/Berlin", holidays="DE-BE")
    epiphany = datetime(2026, 1, 6, 11, tzinfo=UTC)  # a holiday in Bavaria alone
    assert (at_work(bavaria, epiphany), at_work(berlin, epiphany)) == (False, True)
    assert not at_work(berlin, datetime(2026, 12, 25, 11, tzinfo=UTC))
    friday = datetime(2026, 12, 23, 15, tzinfo=UTC)  # a Wednesday, an hour before the end; Christmas follows
    closed = hours_in("Europe/Berlin", *berlin.shifts, holidays="DE-BE", closed=("2026-12-24",))
    assert add_working_time(closed, friday, timedelta(hours=2)) == datetime(2026, 12, 28, 9, tzinfo=UTC)
    assert knows_holidays("DE-BY")
    assert not knows_holidays("DE-XX")
    assert not knows_holidays("XX")


def test_whoever_never_works_is_never_due() -> None:
    assert add_working_time(hours_in("UTC"), CREATED, MINUTE) is None
    assert next_at_work(hours_in("UTC"), CREATED) is None
    assert add_working_time(None, CREATED, timedelta(hours=3)) == CREATED + timedelta(hours=3)


def test_closed_days_are_told_ahead_with_their_names_where_there_would_be_work() -> None:
    shifts = nine_to_five("Europe/Berlin").shifts
    office = hours_in("Europe/Berlin", *shifts, holidays="DE-BY", closed=("2026-12-24", "2026-12-26"))
    found = closed_days(office, date(2026, 12, 1), 3, "de")
    assert [(each.day.isoformat(), each.name) for each in found] == [
        ("2026-12-24", ""),
        ("2026-12-25", "Erster Weihnachtstag"),  # the 26th is a Saturday
        ("2027-01-01", "Neujahr"),
    ]
    assert holiday_parts("DE")["BY"] == "Bayern"
    assert holiday_parts("XX") == {}
    assert all(knows_holidays(each) for each in holiday_countries())


def test_the_next_change_of_a_clock_is_found() -> None:
    winter = datetime(2026, 11, 30, tzinfo=UTC)
    assert clock_change(ZoneInfo("Europe/Berlin"), winter) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert clock_change(ZoneInfo("Australia/Lord_Howe"), winter) == datetime(2027, 4, 3, 15, tzinfo=UTC)
    assert clock_change(ZoneInfo("Asia/Kathmandu"), winter) is None
