"""When an office works: the shifts of a week on the clock of one zone, and the days it is closed."""

from dataclasses import dataclass
from datetime import datetime

MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """A stretch of one weekday, in minutes of the wall clock; one over midnight is two."""

    day: int  # 0: Monday
    begins: int
    ends: int  # not included; 1440: midnight

    def __post_init__(self) -> None:
        if not (0 <= self.day <= 6 and 0 <= self.begins < self.ends <= MIDNIGHT):
            raise ValueError("A shift lies within one day")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """Used by teams, agents and service levels under its name. No shifts at all: never at work."""

    id: str
    name: str
    zone: str  # Europe/Berlin
    shifts: tuple[Shift, ...]
    holidays: str = ""  # of a country or a part of it, as ISO 3166 names them: DE, DE-BY; "": none
    closed: tuple[str, ...] = ()  # further days, such as 2026-12-24
    created_at: datetime
