"""When things are said: customers by day and evening, agents in office hours. Pure."""

from datetime import datetime, timedelta
from random import Random

from hub.contract.capabilities import Surface

# How many of a hundred customers write in each hour of the day, by the clock of the shop (UTC+1).
BUSY = (0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 11, 9, 7, 6, 6, 6, 6, 6, 7, 8, 7, 5, 2, 1)
CLOCK = timedelta(hours=1)
OFFICE = dict.fromkeys(range(5), (8, 18)) | {5: (9, 13)}  # weekday -> hours; Sunday is closed

_CHATS = frozenset({Surface.DIRECT, Surface.GROUP})


def opening_time(now: datetime, days: int, random: Random) -> datetime:
    """A moment within the last `days`, more often lately, when a customer may have written first."""
    while True:
        ago = timedelta(days=days * random.random() ** 1.4)
        local = (now - ago + CLOCK).replace(hour=random.choices(range(24), BUSY)[0])
        at = local - CLOCK - timedelta(seconds=random.randrange(50))
        quiet_day = local.weekday() >= 5 and random.random() < 0.45
        if now - timedelta(days=days) <= at <= now - timedelta(minutes=2) and not quiet_day:
            return at


def next_time(
    before: datetime, who: str, surface: Surface, after: timedelta | None, random: Random
) -> datetime:
    """When the next turn comes: after about `after`, or what is usual, in hours when somebody is there."""
    usual = _usual(who, surface, random) if after is None else after * random.uniform(0.8, 1.3)
    at = before + usual + timedelta(seconds=random.randrange(1, 55))
    return in_office(at, random) if who in ("agent", "note") else awake(at, random)


def _usual(who: str, surface: Surface, random: Random) -> timedelta:
    chat = surface in _CHATS
    if who == "agent":
        return timedelta(minutes=random.uniform(2, 12) if chat else random.uniform(20, 240))
    if who == "customer":
        return timedelta(minutes=random.uniform(1, 9) if chat else random.uniform(30, 420))
    return timedelta(minutes=random.uniform(1, 15))


def in_office(at: datetime, random: Random) -> datetime:
    """`at`, or soon after the office opens next."""
    local = at + CLOCK
    while True:
        opens, closes = OFFICE.get(local.weekday(), (0, 0))
        if opens <= local.hour < closes:
            return local - CLOCK
        if local.hour >= closes:
            local += timedelta(days=1)
        local = local.replace(hour=OFFICE.get(local.weekday(), (0, 0))[0], minute=random.randrange(4, 50))
        if local.weekday() not in OFFICE:
            local = local.replace(hour=23)


def awake(at: datetime, random: Random) -> datetime:
    """`at`, or the next morning when it falls into the night."""
    local = at + CLOCK
    if 7 <= local.hour < 23:
        return at
    if local.hour >= 23:
        local += timedelta(days=1)
    return local.replace(hour=7, minute=random.randrange(5, 59)) - CLOCK
