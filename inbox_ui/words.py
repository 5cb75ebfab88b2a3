"""Language and time as the reader has them: translations, dates, sizes.

Catalogues are kept as text and compiled in memory at the start: `locale/*/inbox_ui.po` what the pages say,
`hub.po` the sentences of `hub.model.sentences`, `connectors.po` what connectors say of troubles.
"""

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from hub.clock import zone_named
from hub.model.sentences import pattern_of

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
UNITS = ("B", "kB", "MB", "GB")


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":  # what the sources say
        return gettext.NullTranslations()
    pages = _compiled(language, "inbox_ui.po")
    pages.add_fallback(_compiled(language, "hub.po"))
    pages.add_fallback(_compiled(language, "connectors.po"))
    return pages


def _compiled(language: str, name: str) -> gettext.NullTranslations:
    text = (resources.files("inbox_ui") / "locale" / language / name).read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def templates(language: str) -> Mapping[str, re.Pattern[str]]:
    """The sentences of connectors with values in them, and what recognises each: the most telling first."""
    if language == "en":
        return {}
    text = (resources.files("inbox_ui") / "locale" / language / "connectors.po").read_bytes()
    said = [str(each.id) for each in read_po(io.BytesIO(text), locale=language) if "%(" in str(each.id)]
    return {each: pattern_of(each) for each in sorted(said, key=_ours, reverse=True)}


def _ours(said: str) -> int:
    return len(re.sub(r"%\(\w+\)s", "", said))


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader wants to be spoken to."""

    language: str = "en"
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def tz(self) -> ZoneInfo:
        return zone_named(self.zone)

    def gettext(self, text: str, /, **values: object) -> str:
        translated = catalogue(self.language).gettext(text)
        return translated % values if values else translated

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        return catalogue(self.language).ngettext(one, many, count) % {"num": count, **values}

    def clock(self, at: datetime) -> str:
        """Time of day: 09:41."""
        return f"{at.astimezone(self.tz):%H:%M}"

    def day(self, at: datetime, now: datetime) -> str:
        """Today, yesterday, or the date; the year only where it is another."""
        there, today = at.astimezone(self.tz), now.astimezone(self.tz)
        if there.date() == today.date():
            return self.gettext("Today")
        if there.date() == today.date() - timedelta(days=1):
            return self.gettext("Yesterday")
        pattern = "EEEE, d MMMM" if there.year == today.year else "d MMMM y"
        if self.language == "de":
            pattern = pattern.replace("d MMMM", "d. MMMM")
        return _date(self.language, there.date(), pattern)

    def moment(self, at: datetime, now: datetime) -> str:
        """The time, with the day where it is not today: Tue 09:00, 24 Dec 09:00."""
        there = at.astimezone(self.tz)
        if there.date() == now.astimezone(self.tz).date():
            return self.clock(at)
        near = abs(at - now) < timedelta(days=6)
        pattern = "EEE" if near else "d. MMM" if self.language == "de" else "d MMM"
        return f"{_date(self.language, there.date(), pattern)} {self.clock(at)}"

    def full(self, at: datetime) -> str:
        """The date and the time to the second: 24 Dec 2026, 09:41:07."""
        there = at.astimezone(self.tz)
        return _together(self.language).format(
            f"{there:%H:%M:%S}", _date(self.language, there.date(), "medium")
        )

    def until(self, at: datetime) -> str:
        """The date and the time of what is to come, where seconds say nothing: 24 Dec 2026, 09:41."""
        return _together(self.language).format(
            self.clock(at), _date(self.language, at.astimezone(self.tz).date(), "medium")
        )

    def ago(self, at: datetime, now: datetime) -> str:
        """Short, for lists: now, 6 min, 2 h; days later the date. `times.js` says the same."""
        passed = now - at
        if passed < timedelta(minutes=1):
            return self.gettext("now")
        if passed < timedelta(hours=1):
            return self.gettext("%(num)d min", num=passed // timedelta(minutes=1))
        if passed < timedelta(days=1):
            return self.gettext("%(num)d h", num=passed // timedelta(hours=1))
        there = at.astimezone(self.tz).date()
        if passed < timedelta(days=6):
            return _date(self.language, there, "EEE")
        return _date(self.language, there, "d. MMM" if self.language == "de" else "d MMM")

    def date(self, at: datetime) -> str:
        return _date(self.language, at.astimezone(self.tz).date(), "long")

    def span(self, passed: timedelta) -> str:
        """How long: 23 hours, 40 minutes."""
        return format_timedelta(passed, format="long", threshold=1.5, locale=self.locale)

    def size(self, count: int) -> str:
        amount, unit = float(count), 0
        while amount >= 1000 and unit < len(UNITS) - 1:
            amount, unit = amount / 1000, unit + 1
        return f"{format_decimal(amount, '0.#', locale=self.locale)} {UNITS[unit]}"

    def number(self, count: int) -> str:
        return format_decimal(count, locale=self.locale)


@cache
def _locale(language: str) -> Locale:
    # Day before month and 24 hours also in English: an inbox is read across countries.
    return Locale("en", "GB") if language == "en" else Locale(language)


@lru_cache(maxsize=4096)  # a page says a hundred dates, most of them the same few
def _date(language: str, day: date, pattern: str) -> str:
    return format_date(day, pattern, locale=_locale(language))


@cache
def _together(language: str) -> str:
    """How a time {0} and a date {1} stand together."""
    return str(_locale(language).datetime_formats["medium"])


@cache
def is_zone(name: str) -> bool:
    return name in available_timezones()


def choose_language(accepted: str) -> str:
    """The first language of an Accept-Language header that we speak."""
    ranked = []
    for position, part in enumerate(accepted.split(",")[:20]):
        tag, _, quality = part.partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        ranked.append((-weight, position, tag.strip().lower().split("-")[0]))
    return next((tag for weight, _, tag in sorted(ranked) if tag in LANGUAGES and weight < 0), "en")
