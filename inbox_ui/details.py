"""What is known of a customer, on a page of its own: to be changed, and who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from hub.desk import consents, details
from hub.desk.changing import Changed, NotPossible
from hub.desk.consents import Said
from hub.desk.customers import get_person
from hub.desk.fields import list_fields
from hub.desk.opening import list_agents
from hub.desk.replying import Desk
from hub.model.fields import FieldOn
from hub.model.people import Agent
from inbox_ui.alike import somebody_of
from inbox_ui.deeds import moment
from inbox_ui.facts import detail_names
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, page, see_other, words_of
from inbox_ui.words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """A change, in words."""

    at: datetime
    who: str
    what: str
    was: str
    now: str


async def overview(request: web.Request) -> web.StreamResponse:
    """GET /customers/{id}/details: `before` goes on in the history."""
    return await _page(request)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /customers/{id}/details: what is other than `was-…` says it was when the form was drawn."""
    desk, agent, form, customer = _asked(request)
    for what in (*details.TEXTS, *details.FLAGS):
        given = form.get(what, "").strip()
        if given == form.get(f"was-{what}", ""):
            continue
        try:
            await details.set_detail(desk, agent, customer, what, given)
        except (NotPossible, Changed) as problem:
            return await _page(request, told(problem, words_of(request)))
    return _again(customer)


async def tag(request: web.Request) -> web.StreamResponse:
    """POST /customers/{id}/tags: `name`."""
    return await _tagged(request, on=True)


async def untag(request: web.Request) -> web.StreamResponse:
    return await _tagged(request, on=False)


async def describe(request: web.Request) -> web.StreamResponse:
    """POST /customers/{id}/company: `name` and `note` of whoever they work for."""
    desk, agent, form, customer = _asked(request)
    try:
        await details.describe_company(desk, agent, customer, form.get("name", ""), form.get("note", ""))
    except NotPossible as problem:
        return await _page(request, told(problem, words_of(request)))
    return _again(customer)


async def consent(request: web.Request) -> web.StreamResponse:
    """POST /customers/{id}/consents: what they allowed or took back, and how we know."""
    desk, agent, form, customer = _asked(request)
    words = words_of(request)
    kept = {key: form.get(key, "") for key in ("purpose", "platform", "where", "text")}
    at = moment(form["at"], request) if form.get("at") else None
    try:
        said = Said(**kept, given=form.get("given") == "yes", at=at)
        await consents.record_consent(desk, agent, customer, said)
    except NotPossible as problem:
        return await _page(request, told(problem, words))
    return _again(customer)


async def _tagged(request: web.Request, *, on: bool) -> web.StreamResponse:
    desk, agent, form, customer = _asked(request)
    try:
        await details.set_tag(desk, agent, customer, form.get("name", ""), on=on)
    except (NotPossible, Changed) as problem:
        return await _page(request, told(problem, words_of(request)))
    return _again(customer)


def _asked(request: web.Request) -> tuple[Desk, Agent, dict[str, str], str]:
    return request.app[PAGES].desk, agent_of(request), request[FORM], request.match_info["customer"]


def _again(customer: str) -> web.Response:
    return see_other(f"/desk/customers/{customer}/details?saved=yes")


async def _page(request: web.Request, problem: str = "") -> web.Response:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    try:
        person = await get_person(desk, agent, request.match_info["customer"])
        found = await details.list_changes(desk, agent, person.customer.id, request.query.get("before"))
    except NotPossible as gone:
        raise web.HTTPNotFound(text=told(gone, words)) from None
    agents = {each.id: each for each in await list_agents(desk)}
    names = {f"fields.{each.key}": each.name for each in await list_fields(desk, agent, FieldOn.CUSTOMER)}
    said = await consents.list_consents(desk, agent, person.customer.id)
    return page(
        request,
        "details.html",
        422 if problem else 200,
        who=somebody_of(person),
        person=person.customer,
        company=await details.company_of(desk, person),
        agents=sorted(agents.values(), key=lambda each: each.name),
        lines=[_line(each, names, agents, words) for each in found.rows],
        next=found.next_cursor,
        problem=problem,
        saved="saved" in request.query,
        consents=said,
        standing={each.id for each in consents.standing(said)},
        platforms=sorted({each.platform for each in person.identities}),
    )


def _line(
    change: details.Change, names: Mapping[str, str], agents: Mapping[str, Agent], words: Words
) -> Line:
    kind, _, key = change.what.partition(".")
    what = detail_names(words).get(kind) or names.get(change.what) or key
    was, now = (_value(change.what, each, agents, words) for each in (change.was, change.now))
    return Line(change.at, change.by_name, what, was, now)


def _value(what: str, value: str, agents: Mapping[str, Agent], words: Words) -> str:
    if what in details.FLAGS:
        return words.gettext("yes") if value else words.gettext("no")
    return agents[value].name if what == "owner" and value in agents else value
