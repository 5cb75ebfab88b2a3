"""Filters as addresses carry them, so that a filtered list is a link: `?awaiting=us&tag=vip`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from multidict import MultiDict, MultiMapping

from hub.desk.views import SORTS
from hub.model.desk import Filter
from hub.model.inbox import Awaiting, Priority, Status

CHANGED = "f"  # the address says all there is of a filter, even if that is nothing
OVERDUE = "over"
LONGEST = 500  # characters of one value
MOST = 50  # values
HOURS_MOST = 24 * 3660
# Lists of texts: what the address calls them, and where the filter keeps them.
LISTS = {
    "channel": "channels",
    "platform": "platforms",
    "surface": "surfaces",
    "tag": "tags",
    "priority": "priorities",
    "language": "languages",
}
PAIRS = {"field": "fields", "customer": "customer_fields"}
KEYS = ("status", "awaiting", "team", "agent", *LISTS, *PAIRS, "older", "due")
BY_FORM = ("tags", *(f"{key}_value" for key in PAIRS))  # as forms ask for them, see `_texts` and `_pairs`
UNKNOWN_LANGUAGE = "unknown"
Said = TypeVar("Said", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a filter asks for, and the filter without it."""

    key: str
    value: str
    without: Filter


def filter_of(query: MultiMapping[str]) -> Filter | None:
    """What an address asks for; what it cannot mean is left out. None: it says nothing of a filter."""
    if CHANGED not in query and not any(any(query.getall(key, ())) for key in (*KEYS, *BY_FORM)):
        return None
    status, due = query.get("status", ""), query.get("due", "")
    return Filter(
        status=_one(Status, status),
        every_status=status == "any",
        awaiting=_one(Awaiting, query.get("awaiting", "")),
        team=_text(query.get("team", "")),
        agent=_text(query.get("agent", "")),
        channels=_texts(query, "channel"),
        platforms=_texts(query, "platform"),
        surfaces=_texts(query, "surface"),
        tags=_texts(query, "tag"),
        priorities=tuple(
            found for each in _texts(query, "priority") if (found := _one(Priority, each)) is not None
        ),
        languages=tuple("" if each == UNKNOWN_LANGUAGE else each for each in _texts(query, "language")),
        fields=_pairs(query, "field"),
        customer_fields=_pairs(query, "customer"),
        older_than_hours=_hours(query.get("older", "")),
        overdue=due == OVERDUE,
        due_within_hours=_hours(due),
    )


def pairs_of(wanted: Filter) -> list[tuple[str, str]]:
    """What the address of a filter says, in one order."""
    said: list[tuple[str, str]] = []
    if wanted.every_status or wanted.status:
        said.append(("status", "any" if wanted.every_status else str(wanted.status)))
    said += [(key, value) for key in ("awaiting", "team", "agent") if (value := getattr(wanted, key))]
    for key, name in LISTS.items():
        said += [(key, str(value) or UNKNOWN_LANGUAGE) for value in getattr(wanted, name)]
    for key, name in PAIRS.items():
        said += [(key, f"{field}={value}") for field, value in getattr(wanted, name).items()]
    if wanted.older_than_hours is not None:
        said.append(("older", str(wanted.older_than_hours)))
    if wanted.overdue:
        said.append(("due", OVERDUE))
    elif wanted.due_within_hours is not None:
        said.append(("due", str(wanted.due_within_hours)))
    return said


def address_of(
    wanted: Filter | None, sort: str = "newest", *, own: str = "newest", always: bool = False
) -> str:
    """What follows the path of a list; "" for a list as it is. `own`: the order it has if nothing is said;
    `always`: say also that nothing is asked for."""
    said = pairs_of(wanted) if wanted else []
    if always and wanted is not None and not said:
        said.append((CHANGED, "1"))
    if sort != own:
        said.append(("sort", sort))
    return f"?{urlencode(said)}" if said else ""


def sort_of(query: Mapping[str, str], own: str = "newest") -> str:
    sort = query.get("sort", own)
    return sort if sort in SORTS else own


def parts_of(wanted: Filter) -> list[Part]:
    """Each thing a filter asks for, with the filter that does not."""
    said = pairs_of(wanted)
    parts = []
    for number, (key, value) in enumerate(said):
        others = MultiDict([*said[:number], *said[number + 1 :], (CHANGED, "1")])
        parts.append(Part(key, value, filter_of(others) or Filter()))
    return parts


def _one(kind: Callable[[str], Said], text: str) -> Said | None:
    try:
        return kind(text)
    except ValueError:
        return None


def _text(text: str) -> str | None:
    return text.strip()[:LONGEST] or None


def _texts(query: MultiMapping[str], key: str) -> tuple[str, ...]:
    """Several, each of its own; as a form asks for them, divided by commas: `tags=vip, refund`."""
    said = [*query.getall(key, ()), *query.get(f"{key}s", "").split(",")]
    return tuple(dict.fromkeys(text for each in said if (text := _text(each))))[:MOST]


def _pairs(query: MultiMapping[str], key: str) -> dict[str, str]:
    """`customer=plan=gold`, or as a form sends it: `customer_name=plan&customer_value=gold`."""
    names, values = query.getall(f"{key}_name", ()), query.getall(f"{key}_value", ())
    said = [*query.getall(key, ()), *(f"{name}={value}" for name, value in zip(names, values, strict=False))]
    split = [each.partition("=") for each in said[:MOST]]
    return {
        name.strip()[:LONGEST]: value.strip()[:LONGEST]
        for name, _, value in split
        if name.strip() and value.strip() and "\0" not in name
    }


def _hours(text: str) -> int | None:
    return min(int(text[:9]), HOURS_MOST) if text.isascii() and text.isdecimal() else None
