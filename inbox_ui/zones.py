"""Time zones to choose from."""

from functools import cache
from zoneinfo import available_timezones


@cache
def places() -> tuple[str, ...]:
    """Zones named for a place; the others are spellings from former times."""
    former = ("Etc/", "SystemV/")
    return tuple(
        sorted(each for each in available_timezones() if "/" in each and not each.startswith(former))
    )
