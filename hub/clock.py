"""The time, as an argument: whoever needs it is given a Clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Now, in whole milliseconds: what the database keeps, so that what we hold equals what we read."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def zone_named(name: str) -> ZoneInfo:
    """`name`: such as "Europe/Lisbon"; UTC for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def clock_change(zone: ZoneInfo, since: datetime) -> datetime | None:
    """When the clocks of a zone are changed next, to the minute; None: not within a year."""
    offset = since.astimezone(zone).utcoffset()
    low, high = since, since
    while high.astimezone(zone).utcoffset() == offset:
        low, high = high, high + timedelta(days=1)
        if high - since > timedelta(days=370):
            return None
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high.replace(second=0, microsecond=0)
