"""What a conversation weighs, by its kind, and after how long without a hand somebody counts as away."""

from collections.abc import Mapping

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.workplace import IDLE_MOST, WEIGHT_MOST, save_workplace, workplace
from hub.model.staffing import WEIGHTS, Workplace
from inbox_ui.kinds import surface_words
from inbox_ui.office.frame import ADMINS, Place, done, office
from inbox_ui.office.numbers import Numbers
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="workload",
    group="company",
    icon="workload",
    title=lambda words: words.gettext("Workload"),
    roles=ADMINS,
)


async def page(request: web.Request) -> web.StreamResponse:
    return await _form(request)


async def keep(request: web.Request) -> web.StreamResponse:
    desk, words = request.app[PAGES].desk, words_of(request)
    form = request[FORM]
    numbers = Numbers(form, words)
    given = {each: numbers.read(f"weight-{each}", WEIGHT_MOST, 1) for each in WEIGHTS}
    idle = numbers.read("idle", IDLE_MOST, 1)
    if numbers.problems:
        return await _form(request, numbers.problems)
    weights = {each: weight for each, weight in given.items() if weight is not None}
    try:
        await save_workplace(
            desk,
            agent_of(request),
            Workplace(weights=weights, idle_minutes=idle),
            address=request.remote or "",
        )
    except NotPossible as problem:
        return await _form(request, {"": told(problem, words)})
    return done(request, PLACE.address, words.gettext("Saved: what everybody has is weighed anew."))


async def _form(request: web.Request, problems: Mapping[str, str] | None = None) -> web.StreamResponse:
    found = await workplace(request.app[PAGES].desk, agent_of(request))
    values = {f"weight-{each}": str(found.weight_of(each)) for each in WEIGHTS}
    values["idle"] = "" if found.idle_minutes is None else str(found.idle_minutes)
    form: Mapping[str, str] = request.get(FORM, {})
    values |= {name: form[name] for name in values if problems and name in form}
    named = surface_words(words_of(request))
    return office(
        request,
        PLACE,
        "office/workload.html",
        422 if problems else 200,
        problems,
        values=values,
        kinds=[(f"weight-{each}", named[each], usual) for each, usual in WEIGHTS.items()],
    )


ROUTES = [web.get("/office/workload", page), web.post("/office/workload", keep)]
