"""Service levels: what is promised, in whose working hours, and which rules give it to conversations."""

from aiohttp import web

from hub.desk import staffing
from hub.desk.changing import NotPossible
from hub.desk.office_hours import rules_promising
from hub.model.service import ServiceLevel
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="service-levels",
    group="company",
    icon="promise",
    title=lambda words: words.gettext("Service levels"),
    roles=ADMINS,
)
PROMISES = ("first_response", "next_response", "resolution")
HOUR = 60
FIELDS = {"name_needed": "name", "level_minutes": "promises", "hours_gone": "hours"}


async def page(request: web.Request) -> web.StreamResponse:
    desk, words = request.app[PAGES].desk, words_of(request)
    rules, office_ = await rules_promising(desk), await desk.dispatch.office()
    rows = []
    for each in await staffing.list_levels(desk, agent_of(request)):
        hours = office_.hours_of(each.hours)
        rows.append(
            {
                "level": each,
                "said": promise_words(each, words),
                "hours": hours.name if hours else words.gettext("around the clock"),
                "rules": [rule.name for rule in rules.get(each.id, ())],
            }
        )
    return office(request, PLACE, "office/levels.html", rows=rows)


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or a level to change."""
    if "level" not in request.match_info:
        return await _form(request, None)
    found = await _named(request)
    return await _form(request, found) if found else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change it. DELETE: promise it no more."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    old = await _named(request) if "level" in request.match_info else None
    if old is None and "level" in request.match_info:
        return gone(request)
    address = request.remote or ""
    if old is not None and form.get("_method") == "delete":
        await staffing.remove_level(desk, agent, old.id, address=address)
        return done(request, PLACE.address, words.gettext("It is promised no more."))
    given, problems = _minutes_given(form, words)
    if problems:
        return await _form(request, old, problems)
    level = ServiceLevel(
        id=old.id if old else "",
        name=form.get("name", ""),
        hours=form.get("hours") or None,
        created_at=old.created_at if old else desk.clock(),
        **given,
    )
    try:
        kept = await staffing.save_level(desk, agent, level, address=address)
    except NotPossible as problem:
        return await _form(request, old, {FIELDS.get(problem.code, ""): told(problem, words)})
    return done(request, f"{PLACE.address}/{kept.id}", words.gettext("Saved"))


def _minutes_given(form: dict[str, str], words: Words) -> tuple[dict[str, int | None], dict[str, str]]:
    given: dict[str, int | None] = {}
    problems: dict[str, str] = {}
    for each in PROMISES:
        text = form.get(each, "").strip().replace(",", ".")
        given[each] = None
        if not text:
            continue
        try:
            given[each] = round(float(text) * (HOUR if form.get(f"{each}-unit") == "hours" else 1))
        except (ValueError, OverflowError):
            problems[each] = words.gettext("This is no number.")
    return given, problems


async def _named(request: web.Request) -> ServiceLevel | None:
    desk, level = request.app[PAGES].desk, request.match_info["level"]
    found = await staffing.list_levels(desk, agent_of(request))
    return next((each for each in found if each.id == level), None)


async def _form(
    request: web.Request, level: ServiceLevel | None, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    desk, words, form = request.app[PAGES].desk, words_of(request), request.get(FORM, {})
    _ = words.gettext
    hours = await staffing.list_hours(desk, agent_of(request))
    values = {"name": level.name if level else "", "hours": (level.hours if level else None) or ""}
    for each in PROMISES:
        minutes = getattr(level, each) if level else None
        in_hours = minutes is None or minutes % HOUR == 0
        values[each] = "" if minutes is None else str(minutes // HOUR if in_hours else minutes)
        values[f"{each}-unit"] = "hours" if in_hours else "minutes"
    values |= {name: form[name] for name in values if problems and name in form}
    return office(
        request,
        PLACE,
        "office/level.html",
        422 if problems else 200,
        problems,
        level=level,
        values=values,
        promises=[
            ("first_response", _("First answer"), _("From the first message on.")),
            ("next_response", _("Every further answer"), _("From the first message on that is unanswered.")),
            (
                "resolution",
                _("Resolved"),
                _("The clock stands while the customer is to answer, and while it is resolved."),
            ),
        ],
        units=[("hours", _("hours")), ("minutes", _("minutes"))],
        all_hours=[("", _("Around the clock")), *((each.id, each.name) for each in hours)],
        rules=(await rules_promising(desk)).get(level.id, ()) if level else (),
    )


def promise_words(level: ServiceLevel, words: Words) -> str:
    """First answer within 4 h · resolved within 2 h 30 min."""
    _ = words.gettext
    said = {
        "first_response": _("first answer within %(time)s"),
        "next_response": _("every further answer within %(time)s"),
        "resolution": _("resolved within %(time)s"),
    }
    parts = [
        said[each] % {"time": span_words(minutes, words)}
        for each in PROMISES
        if (minutes := getattr(level, each)) is not None
    ]
    return " · ".join(parts)


def span_words(minutes: int, words: Words) -> str:
    """4 h, 30 min, 2 h 30 min: never days, as a day of work has other hours."""
    hours, rest = divmod(minutes, HOUR)
    parts = [words.gettext("%(num)d h", num=hours)] if hours else []
    parts += [words.gettext("%(num)d min", num=rest)] if rest or not hours else []
    return " ".join(parts)


ROUTES = [
    web.get("/office/service-levels", page),
    web.get("/office/service-levels/new", ask),
    web.post("/office/service-levels", keep),
    web.get("/office/service-levels/{level}", ask),
    web.post("/office/service-levels/{level}", keep),
]
