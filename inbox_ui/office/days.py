"""Days as people write them, one a line: 2026-12-24, 24.12.2026, or from one to another. Pure."""

import re
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 366  # from one to another
WRITTEN = r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})"
LINE = re.compile(rf"{WRITTEN}(?:\s*(?:–|—|\.\.|to|bis|\s-\s)\s*{WRITTEN})?")


class NotDays(ValueError):
    """What stands there is no day."""


def days_of(text: str) -> list[date]:
    """Raises NotDays."""
    found: list[date] = []
    for line in re.split(r"[\n,;]", text):
        if not line.strip():
            continue
        written = LINE.fullmatch(line.strip())
        if written is None:
            raise NotDays(line.strip())
        first = _day(written[1])
        last = _day(written[2]) if written[2] else first
        if not first <= last < first + DAY * LONGEST:
            raise NotDays(line.strip())
        found += [first + DAY * each for each in range((last - first).days + 1)]
    return found


def _day(text: str) -> date:
    try:
        if "." in text:
            day, month, year = text.split(".")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(text)
    except ValueError:
        raise NotDays(text) from None
