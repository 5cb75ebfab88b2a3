"""Segments: customers who have something in common, by a name that rules can ask for."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hub.desk import segments
from hub.desk.changing import NotPossible
from hub.desk.rule_files import names_of
from hub.model.rules import ABOUT_CUSTOMERS, Group, Join, Segment
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.office.rule_lines import Lines, group_of, lines_in, lines_of
from inbox_ui.office.rule_words import fact_words, group_sentence, join_words, test_words
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="segments",
    group="company",
    icon="segment",
    title=lambda words: words.gettext("Segments"),
    roles=ADMINS,
)
FIELDS = {"name_needed": "name", "segment_name": "name"}


async def page(request: web.Request) -> web.StreamResponse:
    desk, words = request.app[PAGES].desk, words_of(request)
    names = await names_of(desk)
    found = await segments.list_segments(desk, agent_of(request))
    rows = [(each, group_sentence(each.when, names, words)) for each in found]
    return office(request, PLACE, "office/segments.html", rows=rows)


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or one to change."""
    if "segment" not in request.match_info:
        return await _form(request, None)
    found = await _named(request)
    return await _form(request, found) if found else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change one. DELETE: remove it."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    address, old = request.remote or "", None
    if "segment" in request.match_info:
        old = await _named(request)
        if old is None:
            return gone(request)
    if "more" in form:
        return await _form(request, old, again=True)
    try:
        if old is not None and form.get("_method") == "delete":
            await segments.remove_segment(desk, agent, old.id, address=address)
            return done(request, PLACE.address, words.gettext("The segment is gone."))
        when = group_of(lines_in(form), await names_of(desk))
        if old is None:
            await segments.put_segment(desk, agent, form.get("name", ""), when, address=address)
        else:
            await segments.change_segment(desk, agent, old.id, form.get("name", ""), when, address=address)
    except NotPossible as problem:
        removing = form.get("_method") == "delete"
        problems = {FIELDS.get(problem.code, ""): told(problem, words)}
        return await _form(request, old, problems, again=not removing)
    except ValueError:
        return await _form(request, old, {"": words.gettext("Choose from the lists.")}, again=True)
    return done(request, PLACE.address, words.gettext("Saved"))


async def _form(
    request: web.Request,
    segment: Segment | None,
    problems: Mapping[str, str] | None = None,
    again: bool = False,
) -> web.StreamResponse:
    """`again`: with what was filled in."""
    words, names, form = words_of(request), await names_of(request.app[PAGES].desk), request.get(FORM, {})
    kept = segment.when if segment else Group(Join.ALL, ())
    group: Lines = lines_in(form) if again else lines_of(kept, names)
    return office(
        request,
        PLACE,
        "office/segment.html",
        422 if problems else 200,
        dict(problems) if problems else None,
        segment=segment,
        name=form.get("name", "") if again else segment.name if segment else "",
        sentence=group_sentence(segment.when, names, words) if segment else "",
        group=group,
        names=names,
        **_choices(request, names),
    )


def _choices(request: web.Request, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    words = words_of(request)
    facts = [(key, title) for key, title in fact_words(words).items() if key in ABOUT_CUSTOMERS]
    theirs = [each for each in names["fact"].items() if each[0].startswith("customer.")]
    return {
        "facts": [*facts, *theirs],
        "tests": list(test_words(words).items()),
        "joins": list(join_words(words).items()),
    }


async def _named(request: web.Request) -> Segment | None:
    desk = request.app[PAGES].desk
    try:
        return await segments.get_segment(desk, agent_of(request), request.match_info["segment"])
    except NotPossible:
        return None


ROUTES = [
    web.get("/office/segments", page),
    web.get("/office/segments/new", ask),
    web.post("/office/segments", keep),
    web.get("/office/segments/{segment}", ask),
    web.post("/office/segments/{segment}", keep),
]
