"""Moments that people mean: later today, tomorrow morning, next week. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from inbox_ui.words import Words

MORNING = time(9)
LATER = timedelta(hours=3)
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Preset:
    title: str
    at: datetime
    shown: str


def presets(now: datetime, words: Words) -> list[Preset]:
    _ = words.gettext
    there = now.astimezone(words.tz)
    tomorrow = there.date() + timedelta(days=1)
    monday = there.date() + timedelta(days=(MONDAY - there.weekday() - 1) % 7 + 1)
    moments = [
        (_("In three hours"), there + LATER),
        (_("Tomorrow morning"), datetime.combine(tomorrow, MORNING, words.tz)),
        (_("Next Monday"), datetime.combine(monday, MORNING, words.tz)),
        (_("In a month"), datetime.combine(there.date() + timedelta(days=30), MORNING, words.tz)),
    ]
    return [
        Preset(title, at.astimezone(UTC).replace(microsecond=0), words.moment(at, now))
        for title, at in moments
    ]
