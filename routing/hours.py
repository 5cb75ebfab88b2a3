"""Working hours, and arithmetic in them. Pure.

A moment is at work if the wall clock of the zone then stands in a shift and the day is not closed. So an hour
that a clock shows twice counts twice, and one it leaves out does not count: nothing is computed with wall
clocks, which have no such arithmetic, but with stretches of real time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from hub.clock import zone_named
from hub.model.hours import WorkingHours

DAY = timedelta(days=1)
FARTHEST = timedelta(
    hours=27
)  # between a day in any zone, with a change of its clock, and the same day in UTC
AHEAD = 400  # days: whoever does not work within a year does not work
EXACT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of real time, in UTC; the end is not part of it."""

    begins: datetime
    ends: datetime


def at_work(hours: WorkingHours | None, moment: datetime) -> bool:
    """None: around the clock."""
    if hours is None:
        return True
    day = moment.astimezone(zone_named(hours.zone)).date()
    return any(each.begins <= moment < each.ends for each in stretches_on(hours, day))


def stretches(hours: WorkingHours, since: datetime) -> Iterator[Stretch]:
    """From a moment on, in their order; ends when nobody works for more than a year."""
    day = since.astimezone(zone_named(hours.zone)).date()
    idle = 0
    while idle < AHEAD:
        found = [each for each in stretches_on(hours, day) if each.ends > since]
        for each in found:
            yield Stretch(max(each.begins, since), each.ends)
        idle = 0 if found else idle + 1
        day += DAY


def add_working_time(hours: WorkingHours | None, since: datetime, span: timedelta) -> datetime | None:
    """When so much working time has passed; None: never. No time at all has passed at once."""
    if hours is None or span <= timedelta():
        return since + span
    left = span
    for each in stretches(hours, since):
        if each.ends - each.begins >= left:
            return each.begins + left
        left -= each.ends - each.begins
    return None


def working_time(hours: WorkingHours | None, since: datetime, until: datetime) -> timedelta:
    """How much of it lies between two moments."""
    if hours is None:
        return max(until - since, timedelta())
    total = timedelta()
    for each in stretches(hours, since):
        if each.begins >= until:
            break
        total += min(each.ends, until) - each.begins
    return total


def next_at_work(hours: WorkingHours | None, moment: datetime) -> datetime | None:
    """The moment itself, if it is at work; None: never again."""
    if hours is None:
        return moment
    return next((each.begins for each in stretches(hours, moment)), None)


@lru_cache(maxsize=4096)
def stretches_on(hours: WorkingHours, day: date) -> tuple[Stretch, ...]:
    """What is worked on a day of the zone, as real time."""
    shifts = sorted(each for each in hours.shifts if each.day == day.weekday())
    if not shifts or _is_closed(hours, day):
        return ()
    midnight = datetime.combine(day, time(), UTC)  # of the wall clock, for now as if it were UTC's
    found: list[Stretch] = []
    for begins, ends, offset in _offsets(
        zone_named(hours.zone), midnight - FARTHEST, midnight + DAY + FARTHEST
    ):
        for shift in shifts:
            first = midnight + timedelta(minutes=shift.begins) - offset
            last = midnight + timedelta(minutes=shift.ends) - offset
            if max(first, begins) < min(last, ends):
                found.append(Stretch(max(first, begins), min(last, ends)))
    return tuple(_joined(sorted(found, key=lambda each: each.begins)))


def _offsets(zone: ZoneInfo, begins: datetime, ends: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """Stretches of one difference to UTC each. No zone changes its clock twice within a few days."""
    before, after = _offset(zone, begins), _offset(zone, ends)
    if before == after:
        return [(begins, ends, before)]
    low, high = begins, ends
    while high - low > EXACT:
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    changes = high.replace(microsecond=0)
    return [(begins, changes, before), (changes, ends, after)]


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _joined(found: list[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for each in found:
        if joined and each.begins <= joined[-1].ends:
            joined[-1] = Stretch(joined[-1].begins, max(joined[-1].ends, each.ends))
        else:
            joined.append(each)
    return joined


def _is_closed(hours: WorkingHours, day: date) -> bool:
    return day.isoformat() in hours.closed or day in holidays_of(hours.holidays, day.year)


@lru_cache(maxsize=256)
def holidays_of(place: str, year: int) -> frozenset[date]:
    """`place`: DE or DE-BY; one that nobody knows has no holidays."""
    country, _, part = place.partition("-")
    if not country:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        return frozenset()


def knows_holidays(place: str) -> bool:
    """Whether there are holidays of a country, or a part of it."""
    country, _, part = place.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    return country in known and (not part or part in known[country])
