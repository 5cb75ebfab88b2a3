"""The Date field, in every form that mailers have found for it."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2070, 1, 1, tzinfo=UTC)
_SLACK = timedelta(days=2)  # a clock may be wrong by this much before we stop believing it

# Month names that some mailers translate, by their first letters.
_MONTHS = {
    "jän": 1, "gen": 1, "ene": 1, "янв": 1, "sty": 1, "fév": 2, "фев": 2, "lut": 2, "mär": 3, "mrz": 3,
    "мар": 3,
    "maa": 3, "avr": 4, "abr": 4, "апр": 4, "kwi": 4, "mai": 5, "mag": 5, "май": 5, "мая": 5, "maj": 5,
    "mei": 5,
    "giu": 6, "июн": 6, "cze": 6, "lug": 7, "июл": 7, "lip": 7, "aoû": 8, "ago": 8, "авг": 8, "sie": 8,
    "set": 9,
    "сен": 9, "wrz": 9, "okt": 10, "ott": 10, "out": 10, "окт": 10, "paź": 10, "lis": 11, "ноя": 11,
    "dez": 12,
    "dic": 12, "déc": 12, "дек": 12, "gru": 12,
}  # fmt: skip
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO = re.compile(r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:Z|[+-]\d\d:?\d\d)?")


def read_date(text: str) -> datetime | None:
    """The moment a Date field means, in UTC (read as UTC where it names no zone); None if it means none."""
    text = re.sub(r"\([^()]*\)", " ", text[:200]).strip()
    if not text:
        return None
    if match := _ISO.search(text):
        return _iso(match[0])
    parts = parsedate_tz(text) or parsedate_tz(_in_english(text))
    if parts is None:
        return None
    try:
        moment = datetime(*parts[:6], tzinfo=UTC)
        return moment - timedelta(seconds=parts[9] or 0)
    except (ValueError, OverflowError, TypeError):
        return None


def read_received(text: str) -> datetime | None:
    """When a server says that it took the mail: what stands behind the last semicolon of a Received field."""
    before, _, moment = text.rpartition(";")
    return read_date(moment) if before else None


def believable(date: datetime | None, seen: datetime | None) -> datetime | None:
    """`date` unless it lies before e-mail as we know it, or after the moment the mail was `seen`."""
    if date is None or not EARLIEST <= date < LATEST:
        return None
    return None if seen is not None and date > seen + _SLACK else date


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip().replace(" Z", "Z"))
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _in_english(text: str) -> str:
    """A translated date with the names put back: "Do, 12 Mrz 2020" as "12 Mar 2020"."""
    text = re.sub(r"^\D*?(?=\d)", "", text)

    def month(match: re.Match[str]) -> str:
        number = _MONTHS.get(match[0][:3].lower())
        return _ENGLISH[number - 1] if number else match[0]

    return re.sub(r"[^\W\d_]{3,}", month, text, count=1)
