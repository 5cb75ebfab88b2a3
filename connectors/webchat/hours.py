"""Business hours as an admin writes them: `mon-fri 9:00-17:30; sat 10:00-14:00`. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(
    r"(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?"
    r"\s+(?P<from>\d{1,2}(?::\d{2})?)\s*-\s*(?P<to>\d{1,2}(?::\d{2})?)"
)
LOOK_AHEAD = 8  # days


@dataclass(frozen=True, slots=True)
class Open:
    day: int  # 0 is Monday
    begins: time
    ends: time | None  # None: midnight


@cache
def read_hours(text: str) -> tuple[Open, ...]:
    """Nothing: always open. Raises ValueError."""
    found: list[Open] = []
    for part in filter(None, (each.strip() for each in text.lower().split(";"))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not like 'mon-fri 9:00-17:30'")
        begins, ends = _moment(match["from"]), _moment(match["to"])
        if begins is None or (ends is not None and ends <= begins):
            raise ValueError(f"{part!r} ends before it begins")
        first, last = _day(match["first"]), _day(match["last"] or match["first"])
        for day in range(first, last + 1 if last >= first else last + 8):
            found.append(Open(day % 7, begins, ends))
    return tuple(found)


def is_open(hours: tuple[Open, ...], zone: str, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(zone))
    return not hours or any(
        each.day == here.weekday()
        and each.begins <= here.time()
        and (each.ends is None or here.time() < each.ends)
        for each in hours
    )


def opens_at(hours: tuple[Open, ...], zone: str, now: datetime) -> datetime | None:
    """When it opens next. None: it is open, or never is."""
    if is_open(hours, zone, now):
        return None
    here = now.astimezone(ZoneInfo(zone))
    begins = [
        datetime.combine(here.date() + timedelta(days=ahead), each.begins, here.tzinfo)
        for ahead in range(LOOK_AHEAD)
        for each in hours
        if each.day == (here.weekday() + ahead) % 7
    ]
    return min((each for each in begins if each > here), default=None)


def _moment(text: str) -> time | None:
    hour, _, minute = text.partition(":")
    if (int(hour), int(minute or 0)) == (24, 0):
        return None
    return time(int(hour), int(minute or 0))


def _day(text: str) -> int:
    if text not in DAYS:
        raise ValueError(f"{text!r} is no day; there are {', '.join(DAYS)}")
    return DAYS.index(text)
