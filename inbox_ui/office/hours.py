"""Working hours: the shifts of a week on the clock of a place, its holidays, and days of one's own."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import available_timezones

from aiohttp import web
from babel.dates import format_date, format_datetime

from hub.desk import office_hours, staffing
from hub.desk.changing import NotPossible
from hub.desk.office_hours import HoursNow, Uses
from hub.model.hours import Shift, WorkingHours
from inbox_ui.office.countries import country_names
from inbox_ui.office.days import NotDays, days_of
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.office.shift_words import WEEK, NotTimes, lines_of, shifts_of
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="hours",
    group="company",
    icon="clock",
    title=lambda words: words.gettext("Working hours"),
    roles=ADMINS,
)
BEGUN_WITH = tuple(Shift(day, 9 * 60, 17 * 60) for day in range(5))
FIELDS = {"name_needed": "name", "zone_wrong": "zone", "holidays_unknown": "part", "closed_day": "closed"}
FIELDS |= {"calendar_wrong": "calendar"}


async def page(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    uses = await office_hours.uses_of(desk)
    rows = [
        {
            "hours": each,
            "week": week_words(each.shifts, words),
            "state": state_words(office_hours.look_at(desk, each, words.language), words),
            "open": desk.dispatch.router.at_work(each, desk.clock()),
            "uses": uses_words(uses.get(each.id, Uses()), words),
        }
        for each in await staffing.list_hours(desk, agent)
    ]
    return office(request, PLACE, "office/hours.html", rows=rows)


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or hours to change."""
    if "hours" not in request.match_info:
        return await _form(request, None)
    found = await _named(request)
    return await _form(request, found) if found else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change them. DELETE: remove them."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    old = await _named(request) if "hours" in request.match_info else None
    if old is None and "hours" in request.match_info:
        return gone(request)
    address = request.remote or ""
    try:
        if old is not None and form.get("_method") == "delete":
            await staffing.remove_hours(desk, agent, old.id, address=address)
            return done(request, PLACE.address, words.gettext("The working hours are gone."))
        given, problems = await _given(request, old)
        if problems:
            return await _form(request, old, problems)
        kept = await staffing.save_hours(desk, agent, given, address=address)
    except NotPossible as problem:
        return await _form(request, old, {FIELDS.get(problem.code, ""): told(problem, words)})
    return done(request, f"{PLACE.address}/{kept.id}", words.gettext("Saved"))


async def _given(request: web.Request, old: WorkingHours | None) -> tuple[WorkingHours, dict[str, str]]:
    """What was filled in, and what is wrong with it, by field. Raises NotPossible."""
    desk, words, form = request.app[PAGES].desk, words_of(request), request[FORM]
    problems: dict[str, str] = {}
    shifts: list[Shift] = []
    for day in range(WEEK):
        try:
            shifts += shifts_of(day, form.get(f"day-{day}", ""))
        except NotTimes as wrong:
            problems[f"day-{day}"] = words.gettext(
                "“%(what)s” is no time. It is written like 09:00–17:30.", what=wrong
            )
    closed: list[date] = []
    try:
        closed += days_of(form.get("closed", ""))
    except NotDays as wrong:
        problems["closed"] = words.gettext("“%(what)s” is no day. It is written like 2026-12-24.", what=wrong)
    if (file := await _file(request)) is not None:
        closed += office_hours.read_calendar(desk, file).days
    country, part = form.get("country", ""), form.get("part", "").strip().upper()
    if part and not country:
        problems["country"] = words.gettext("Of which country?")
    hours = WorkingHours(
        id=old.id if old else "",
        name=form.get("name", ""),
        zone=form.get("zone", ""),
        shifts=tuple(shifts),
        holidays=f"{country}-{part}" if part and country else country,
        closed=tuple(each.isoformat() for each in closed),
        created_at=old.created_at if old else desk.clock(),
    )
    return hours, problems


async def _file(request: web.Request) -> str | None:
    """What was uploaded, if anything was."""
    found = (await request.post()).get("calendar")
    if not isinstance(found, web.FileField) or not found.filename:
        return None
    with found.file as file:
        return file.read().decode("utf-8", "replace")


async def _named(request: web.Request) -> WorkingHours | None:
    desk = request.app[PAGES].desk
    try:
        return await staffing.get_hours(desk, agent_of(request), request.match_info["hours"])
    except NotPossible:
        return None


async def _form(
    request: web.Request, hours: WorkingHours | None, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    desk, words, form = request.app[PAGES].desk, words_of(request), request.get(FORM, {})
    country, _, part = (hours.holidays if hours else "").partition("-")
    lines = lines_of(hours.shifts if hours else BEGUN_WITH)
    values = {
        "name": hours.name if hours else "",
        "zone": hours.zone if hours else words.zone,
        "country": country,
        "part": part,
        "closed": "\n".join(hours.closed if hours else ()),
        **{f"day-{day}": line for day, line in enumerate(lines)},
    }
    values |= {name: form[name] for name in values if problems and name in form}
    now = office_hours.look_at(desk, hours, words.language) if hours else None
    uses = (await office_hours.uses_of(desk)).get(hours.id, Uses()) if hours else Uses()
    router = desk.dispatch.router
    return office(
        request,
        PLACE,
        "office/working_hours.html",
        422 if problems else 200,
        problems,
        hours=hours,
        values=values,
        days=[(f"day-{day}", name) for day, name in enumerate(day_names(words))],
        zones=[(each, each.replace("_", " ")) for each in _zones(values["zone"])],
        countries=[("", words.gettext("None")), *country_names(router.holiday_countries(), words)],
        parts=router.holiday_parts(values["country"]),
        state=state_words(now, words) if now else "",
        clock=clock_words(now, words) if now else "",
        closed=[(closed_words(each.day, words), each.name) for each in now.closed] if now else [],
        uses=uses_words(uses, words),
    )


def _zones(chosen: str) -> list[str]:
    """Zones named for a place, and UTC."""
    named = {each for each in available_timezones() if "/" in each and not each.startswith("Etc/")}
    return sorted({*named, "UTC", chosen} - {""})


# In the words of the reader


def day_names(words: Words, *, short: bool = False) -> list[str]:
    """Monday first."""
    names = words.locale.days["stand-alone"]["abbreviated" if short else "wide"]
    return [str(names[day]) for day in range(WEEK)]


def week_words(shifts: Sequence[Shift], words: Words) -> str:
    """Mon–Fri 09:00–17:00 · Sat 10:00–14:00."""
    names = day_names(words, short=True)
    parts = []
    for line, group in groupby(enumerate(lines_of(shifts)), key=lambda each: each[1]):
        days = [day for day, _ in group]
        if line:
            named = names[days[0]] if len(days) == 1 else f"{names[days[0]]}–{names[days[-1]]}"
            parts.append(f"{named} {line}")
    return " · ".join(parts) or words.gettext("Never at work")


def state_words(now: HoursNow, words: Words) -> str:
    """Whether they work just now, and when else."""
    if now.open:
        return words.gettext("at work now")
    if now.next_at is None:
        return words.gettext("never at work")
    there = now.next_at.astimezone(now.there.tzinfo)
    far = there.date() - now.there.date()
    pattern = "EEE HH:mm" if far < timedelta(days=6) else "EEE d MMM HH:mm"
    return words.gettext("at work again: %(time)s", time=_written(there, pattern, words))


def clock_words(now: HoursNow, words: Words) -> str:
    """What the clock shows there, and when it is changed."""
    shown = words.gettext(
        "It is %(time)s there (%(offset)s).",
        time=_written(now.there, "EEEE HH:mm", words),
        offset=offset_words(now.there),
    )
    if now.changes_at is None:
        return f"{shown} {words.gettext('The clock is not changed there.')}"
    after = now.changes_at.astimezone(now.there.tzinfo)
    changes = words.gettext(
        "The clock is changed on %(day)s, to %(offset)s; shifts go by what the clock then shows.",
        day=format_date(after.date(), "long", locale=words.locale),
        offset=offset_words(after),
    )
    return f"{shown} {changes}"


def offset_words(there: datetime) -> str:
    """UTC+1, UTC+5:45."""
    offset = there.utcoffset() or timedelta()
    minutes = abs(offset) // timedelta(minutes=1)
    sign = "−" if offset < timedelta() else "+"
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def closed_words(day: date, words: Words) -> str:
    return format_date(day, "EEE d. MMM y" if words.language == "de" else "EEE d MMM y", locale=words.locale)


def uses_words(uses: Uses, words: Words) -> str:
    """Teams: Orders · Agents: Ben; "" for nobody."""
    named = [
        (words.gettext("Teams"), uses.teams),
        (words.gettext("Agents"), uses.agents),
        (words.gettext("Service levels"), uses.levels),
    ]
    return " · ".join(f"{title}: {', '.join(names)}" for title, names in named if names)


def _written(at: datetime, pattern: str, words: Words) -> str:
    if words.language == "de":
        pattern = pattern.replace("d MMM", "d. MMM")
    return str(format_datetime(at, pattern, locale=words.locale))


ROUTES = [
    web.get("/office/hours", page),
    web.get("/office/hours/new", ask),
    web.post("/office/hours", keep),
    web.get("/office/hours/{hours}", ask),
    web.post("/office/hours/{hours}", keep),
]
