"""The days of an iCalendar file (RFC 5545) on which an office is closed. Pure.

What lasts whole days counts, and so does what goes from one midnight to another; a meeting closes no office.
Of what comes again, only the yearly kind is followed: that is how calendars of holidays are written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hub.desk.changing import NotPossible

LARGEST = 2_000_000  # characters
LONGEST_STAY = 366  # days of one entry
DAY = timedelta(days=1)
FOLDED = re.compile(r"\r?\n[ \t]")
LINE = re.compile(r"(?P<name>[A-Za-z-]+)(?P<more>(?:;[^:\"]*(?:\"[^\"]*\")?)*):(?P<value>.*)")
FOLLOWED = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """`left_out`: entries that are no whole days, or come again in a way that is not followed."""

    days: tuple[date, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class _Entry:
    begins: date
    lasts: int  # days
    rule: dict[str, str]
    but: frozenset[date]


def closed_days_in(text: str, since: date, until: date) -> Calendar:
    """The days from `since` to `until`, in order. Raises NotPossible for what is no calendar."""
    if "BEGIN:VCALENDAR" not in text.upper() or len(text) > LARGEST:
        raise NotPossible("calendar_wrong")
    days: set[date] = set()
    left_out = 0
    for fields in _entries(text):
        entry = _entry(fields)
        if entry is None:
            left_out += 1
            continue
        for begins in _beginnings(entry, until):
            stay = (begins + DAY * each for each in range(entry.lasts))
            days.update(each for each in stay if since <= each <= until)
    return Calendar(tuple(sorted(days)), left_out)


def _entries(text: str) -> Iterator[dict[str, list[str]]]:
    """The fields of each VEVENT; what stands in a part of it (an alarm) is not the entry's."""
    inside: list[str] = []
    fields: dict[str, list[str]] = {}
    for line in FOLDED.sub("", text).splitlines():
        found = LINE.fullmatch(line.strip())
        if found is None:
            continue
        name, value = found["name"].upper(), found["value"].strip()
        if name == "BEGIN":
            inside.append(value.upper())
            fields = {} if value.upper() == "VEVENT" else fields
        elif name == "END" and inside:
            if inside.pop() == "VEVENT":
                yield fields
        elif inside and inside[-1] == "VEVENT":
            fields.setdefault(name, []).append(value)


def _entry(fields: dict[str, list[str]]) -> _Entry | None:
    """None: it closes no office, or was called off."""
    begins, ends = _day(fields.get("DTSTART", [""])[0]), _day(fields.get("DTEND", [""])[0])
    rule = dict(each.split("=", 1) for each in fields.get("RRULE", [""])[0].upper().split(";") if "=" in each)
    if begins is None or fields.get("STATUS", [""])[0].upper() == "CANCELLED":
        return None
    if "DTEND" in fields and ends is None:
        return None
    if "DTEND" not in fields and "DURATION" in fields:
        return None
    if rule and (rule.get("FREQ") != "YEARLY" or not set(rule) <= FOLLOWED or not _plain(rule, begins)):
        return None
    but = frozenset(
        day
        for each in fields.get("EXDATE", [])
        for one in each.split(",")
        if (day := _day(one[:8])) is not None
    )
    lasts = (ends - begins).days if ends else 1
    return _Entry(begins, min(max(lasts, 1), LONGEST_STAY), rule, but)


def _plain(rule: dict[str, str], begins: date) -> bool:
    """Whether it comes again on its own day, and is written as it should be."""
    numbers = [rule[each] for each in ("INTERVAL", "COUNT") if each in rule]
    same = rule.get("BYMONTH", str(begins.month)).lstrip("0") == str(begins.month)
    same = same and rule.get("BYMONTHDAY", str(begins.day)).lstrip("0") == str(begins.day)
    ends = "UNTIL" not in rule or _day(rule["UNTIL"][:8]) is not None
    return same and ends and all(each.isascii() and each.isdecimal() and int(each) for each in numbers)


def _beginnings(entry: _Entry, until: date) -> Iterator[date]:
    last = min(_day(entry.rule.get("UNTIL", "")[:8]) or until, until)
    every, most = int(entry.rule.get("INTERVAL", 1)), int(entry.rule.get("COUNT", 0))
    year, count = entry.begins.year, 0
    while year <= last.year and (not most or count < most):
        try:
            day = entry.begins.replace(year=year)
        except ValueError:  # 29 February comes again in leap years alone
            day = None
        if day is not None:
            count += 1
            if day <= last and day not in entry.but:
                yield day
        if not entry.rule:
            return
        year += every


def _day(value: str) -> date | None:
    """A day, or a midnight, which is where one begins."""
    day, _, clock = value.partition("T")
    if clock and clock.rstrip("Z").strip("0"):
        return None
    try:
        return datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        return None
