"""Shifts as people write them, a line for each day of the week: 09:00–12:00, 13:00–17:30. Pure.

One that ends before it begins goes on into the next day, and is written on the day on which it begins.
"""

import re
from collections.abc import Sequence

from hub.model.hours import MIDNIGHT, Shift

WEEK = 7
TIMES = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?h?\s*(?:-|–|—|to|bis)\s*(\d{1,2})(?:[:.h](\d{2}))?h?")


class NotTimes(ValueError):
    """What stands there is no time of day."""


def shifts_of(day: int, text: str) -> list[Shift]:
    """What one line of the form says. Raises NotTimes."""
    found: list[Shift] = []
    for each in re.split(r"[,;]|\s+\+\s+", text):
        if not each.strip():
            continue
        times = TIMES.fullmatch(each.strip())
        if times is None:
            raise NotTimes(each.strip())
        begins, ends = _minutes(times[1], times[2]), _minutes(times[3], times[4])
        if begins >= MIDNIGHT:
            raise NotTimes(each.strip())
        if ends > begins:
            found.append(Shift(day, begins, ends))
        else:
            found.append(Shift(day, begins, MIDNIGHT))
            found += [Shift((day + 1) % WEEK, 0, ends)] if ends else []
    return found


def lines_of(shifts: Sequence[Shift]) -> list[str]:
    """One line for each day, from Monday on; read again, they say the same."""
    lines: list[list[str]] = [[] for _ in range(WEEK)]
    ordered = sorted(shifts)
    into = {one: other for one in ordered for other in ordered if _goes_on(one, other)}
    nights = set(into.values())  # the second halves: written where the first one is
    for each in ordered:
        if each not in nights:
            ends = into[each].ends if each in into else each.ends
            lines[each.day].append(f"{_clock(each.begins)}–{_clock(ends)}")
    return [", ".join(each) for each in lines]


def _goes_on(one: Shift, other: Shift) -> bool:
    """Whether both are one shift over midnight."""
    next_day = other.day == (one.day + 1) % WEEK
    return next_day and one.ends == MIDNIGHT and other.begins == 0 and other.ends <= one.begins


def _minutes(hours: str, minutes: str | None) -> int:
    total = int(hours) * 60 + int(minutes or 0)
    if total > MIDNIGHT or int(minutes or 0) > 59:
        raise NotTimes(f"{hours}:{minutes or '00'}")
    return total


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
