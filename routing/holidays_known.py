"""Which holidays there are: countries, their parts, and the next days on which an office is closed. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import holidays

from hub.contract.routing import ClosedDay
from hub.model.hours import WorkingHours

AHEAD = 400  # days


@lru_cache(maxsize=1)
def holiday_countries() -> Sequence[str]:
    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


@lru_cache(maxsize=64)
def holiday_parts(country: str) -> Mapping[str, str]:
    """By their code, with the longest name each is known by."""
    if country not in holiday_countries():
        return {}
    known = holidays.country_holidays(country)
    named = {each: each for each in known.subdivisions}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        if named.get(code, "") == code or len(name) > len(named.get(code, "")):
            named[code] = name
    return named


def closed_days(hours: WorkingHours, since: date, most: int, language: str = "") -> Sequence[ClosedDay]:
    """Of the next year: days of which a shift would be."""
    worked = {each.day for each in hours.shifts}
    found = []
    for ahead in range(AHEAD):
        day = since + timedelta(days=ahead)
        name = _named(hours.holidays, day.year, language).get(day)
        if day.weekday() in worked and (name is not None or day.isoformat() in hours.closed):
            found.append(ClosedDay(day, name or ""))
        if len(found) == most:
            break
    return tuple(found)


@lru_cache(maxsize=64)
def _named(place: str, year: int, language: str) -> Mapping[date, str]:
    """Their names in a language, where they are known in it."""
    country, _, part = place.partition("-")
    if not country:
        return {}
    try:
        known = holidays.country_holidays(country)
        spoken = next((each for each in known.supported_languages if each.startswith(language or "-")), None)
        return dict(
            holidays.country_holidays(country, subdiv=part or None, years=year, language=spoken).items()
        )
    except NotImplementedError:
        return {}
