"""What other programs may tell of customers: types of it, what was told last, what was refused and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from hub.desk import happenings
from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents
from hub.desk.tellings import dismiss_refused, latest_events, list_tellings
from hub.model.customers import EventField, EventType, OutsideEvent, Telling
from hub.model.fields import FieldKind
from inbox_ui.office.fields import kind_words, proposed_key
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="events",
    group="company",
    icon="events",
    title=lambda words: words.gettext("Events from outside"),
    roles=ADMINS,
)
MORE_LINES = 2  # empty ones below those there are


@dataclass(frozen=True, slots=True)
class Told:
    """What became of what one program told."""

    who: str
    telling: Telling
    because: str


@dataclass(frozen=True, slots=True)
class Line:
    type: EventType
    fields: str
    added: int
    last_at: datetime | None
    refused: int


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    customer: str
    name: str
    key: str
    values: str


async def page(request: web.Request) -> web.StreamResponse:
    desk, agent = request.app[PAGES].desk, agent_of(request)
    tellings = await list_tellings(desk, agent)
    lines = [_line(each, tellings) for each in await happenings.list_types(desk, agent)]
    known = {each.type.id for each in lines}
    astray = await _said(request, [each for each in tellings if each.type not in known and each.refused])
    return office(request, PLACE, "office/events.html", lines=lines, astray=astray)


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or one type with what was told of it."""
    if "type" not in request.match_info:
        return await _form(request, None)
    found = await _named(request)
    return await _form(request, found) if found else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change one, or only add a line to the form. DELETE: it is taken no more."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    found = await _named(request) if "type" in request.match_info else None
    if found is None and "type" in request.match_info:
        return gone(request)
    address = request.remote or ""
    if found is not None and form.get("_method") == "delete":
        await happenings.remove_type(desk, agent, found.id, address=address)
        said = words.gettext("Nothing more of it is taken; what was told stays.")
        return done(request, PLACE.address, said)
    if telling := form.get("dismiss"):
        await dismiss_refused(desk, agent, telling)
        return done(
            request, f"{PLACE.address}/{found.id}" if found else PLACE.address, words.gettext("Dismissed")
        )
    if "more" in form:
        return await _form(request, found)
    name = " ".join(form.get("name", "").split())
    key = found.id if found else form.get("key", "").strip() or proposed_key(name)
    if not name:
        return await _form(request, found, {"name": words.gettext("It needs a name.")})
    if found is None and any(each.id == key for each in await happenings.list_types(desk, agent)):
        return await _form(request, None, {"key": words.gettext("There is a type with this key already.")})
    fields = [each for each in _fields_in(form) if each.name]
    if lacking := [each.name for each in fields if each.kind is FieldKind.CHOICE and not each.choices]:
        return await _form(
            request, found, {"": words.gettext("%(name)s: what can be chosen?", name=lacking[0])}
        )
    try:
        await happenings.save_type(desk, agent, key, name, fields, address=address)
    except NotPossible as problem:
        return await _form(request, found, {"": told(problem, words)})
    return done(request, f"{PLACE.address}/{key}", words.gettext("Saved"))


def _fields_in(form: Mapping[str, str]) -> list[EventField]:
    """The lines of the form, empty ones too."""
    found = []
    for place in range(happenings.FIELDS_MOST + 1):
        if f"name-{place}" not in form:
            break
        name, kind = " ".join(form[f"name-{place}"].split()), form.get(f"kind-{place}", "")
        choices = [each.strip() for each in form.get(f"choices-{place}", "").split(",")]
        found.append(
            EventField(
                key=form.get(f"key-{place}", "").strip() or proposed_key(name),
                name=name,
                kind=FieldKind(kind) if kind in list(FieldKind) else FieldKind.TEXT,
                choices=tuple(dict.fromkeys(each for each in choices if each)),
                required=form.get(f"required-{place}") == "yes",
            )
        )
    return found


async def _named(request: web.Request) -> EventType | None:
    found = await happenings.list_types(request.app[PAGES].desk, agent_of(request))
    return next((each for each in found if each.id == request.match_info["type"]), None)


async def _form(
    request: web.Request, found: EventType | None, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    words, form = words_of(request), request.get(FORM, {})
    lines = _fields_in(form) if form else list(found.fields) if found else []
    there = {each.key for each in found.fields} if found else set()
    if not form or "more" in form:
        lines += [EventField(key="", name="")] * MORE_LINES
    lines = [each if each.name else replace(each, key="") for each in lines[: happenings.FIELDS_MOST]]
    return office(
        request,
        PLACE,
        "office/event.html",
        422 if problems else 200,
        problems,
        type=found,
        name=form.get("name", found.name if found else ""),
        key=form.get("key", ""),
        fields=lines,
        there=there,
        kinds=list(kind_words(words).items()),
        room=len(lines) < happenings.FIELDS_MOST,
        example=_example(found) if found else "",
        tellings=await _tellings_of(request, found),
        latest=await _latest(request, found),
    )


async def _tellings_of(request: web.Request, found: EventType | None) -> list[Told]:
    if found is None:
        return []
    tellings = await list_tellings(request.app[PAGES].desk, agent_of(request))
    return await _said(request, [each for each in tellings if each.type == found.id])


async def _said(request: web.Request, tellings: Sequence[Telling]) -> list[Told]:
    names = {each.id: each.name for each in await list_agents(request.app[PAGES].desk)} if tellings else {}
    words = words_of(request)
    return [Told(names.get(each.by, each.by), each, why(each.because, words)) for each in tellings]


async def _latest(request: web.Request, found: EventType | None) -> list[Happened]:
    if found is None:
        return []
    desk = request.app[PAGES].desk
    events = await latest_events(desk, agent_of(request), found.id)
    customers = await desk.store.people.find_customers(list({each.customer for each in events}))
    names = {key: each.name for key, each in customers.items()}
    return [
        Happened(each.at, each.customer, names.get(each.customer, ""), each.key, _values(each, found))
        for each in events
    ]


def _values(event: OutsideEvent, type: EventType) -> str:
    names = {each.key: each.name for each in type.fields}
    return ", ".join(f"{names.get(key, key)}: {value}" for key, value in event.values.items())


def _line(type: EventType, tellings: Sequence[Telling]) -> Line:
    mine = [each for each in tellings if each.type == type.id]
    return Line(
        type,
        ", ".join(each.name for each in type.fields),
        sum(each.added for each in mine),
        max((each.last_at for each in mine), default=None),
        sum(each.refused for each in mine),
    )


def _example(type: EventType) -> str:
    """What a program sends for one event of this type."""
    samples = {
        FieldKind.NUMBER: "129.90",
        FieldKind.DATE: "2026-03-02",
        FieldKind.CHECKBOX: "yes",
        FieldKind.LINK: "https://shop.example/1042",
        FieldKind.TEXT: "…",
    }
    values = {
        each.key: each.choices[0] if each.choices else samples.get(each.kind, "…") for each in type.fields
    }
    event = {"type": type.id, "key": "1042", "at": "2026-03-02T09:30:00Z", "values": values}
    return json.dumps({"events": [event]}, indent=2, ensure_ascii=False)


ROUTES = [
    web.get("/office/events", page),
    web.get("/office/events/new", ask),
    web.post("/office/events", keep),
    web.get("/office/events/{type}", ask),
    web.post("/office/events/{type}", keep),
]
