"""What is known of a customer, on a page of its own: to be changed, and who changed what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from hub.desk import consents, details
from hub.desk.changing import Changed, NotPossible
from hub.desk.consents import Said
from hub.desk.customers import Person, get_person
from hub.desk.detail_values import checked
from hub.desk.fields import list_fields
from hub.desk.opening import list_agents
from hub.desk.replying import Desk
from hub.desk.segments import segments_of
from hub.desk.undoing import still_undoable
from hub.desk.undoing import undo as take_back
from hub.model.fields import CustomField, FieldOn
from hub.model.people import Agent
from inbox_ui.alike import somebody_of
from inbox_ui.deeds import moment
from inbox_ui.facts import detail_names
from inbox_ui.pages import PAGES
from inbox_ui.profile import filled
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, page, see_other, words_of
from inbox_ui.words import Words
from inbox_ui.zones import places

TAKEN_BACK_MOST = 80  # more than a form has fields


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
    """POST /customers/{id}/details: what is other than `was-…` says it was when the form was drawn.

    All of it is kept, or nothing: what is wrong is told beside its field.
    """
    desk, agent, form, customer = _asked(request)
    person = await _person(request)
    wanted: dict[str, str] = {}
    problems: dict[str, str] = {}
    for what in await _asked_for(desk, agent):
        given, was = (_plain(form.get(each, "")) for each in (what, f"was-{what}"))
        if f"was-{what}" not in form or given == was:
            continue
        wanted[what] = given
        try:
            await checked(desk, what, given)
            if was != (there := _plain(details.shown(person.customer, what))) != given:
                words = words_of(request)
                problems[what] = words.gettext("Changed meanwhile; it now says: %(text)s", text=there or "–")
        except NotPossible as problem:
            problems[what] = told(problem, words_of(request))
    if problems:
        return await _page(request, problems=problems)
    try:
        kept = await details.set_details(desk, agent, customer, wanted)
    except (NotPossible, Changed) as problem:
        return await _page(request, told(problem, words_of(request)))
    return _again(customer, [each.token for each in kept if each.token])


async def undo(request: web.Request) -> web.StreamResponse:
    """POST /customers/{id}/undo: take back what was saved last, by `token`, of which there may be several."""
    desk, agent, form, customer = _asked(request)
    await _person(request)
    refused = ""
    for token in reversed(form.get("token", "").split()[:TAKEN_BACK_MOST]):
        try:
            await take_back(desk, agent, token)
        except (NotPossible, Changed) as problem:
            refused = told(problem, words_of(request))
    return await _page(request, refused) if refused else _again(customer)


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


def _again(customer: str, tokens: Sequence[str] = ()) -> web.Response:
    more = "".join(f"&undo={each}" for each in tokens)
    return see_other(f"/desk/customers/{customer}/details?saved=yes{more}")


async def _person(request: web.Request) -> Person:
    """Raises HTTPNotFound."""
    try:
        return await get_person(request.app[PAGES].desk, agent_of(request), request.match_info["customer"])
    except NotPossible as gone:
        raise web.HTTPNotFound(text=told(gone, words_of(request))) from None


async def _page(
    request: web.Request, problem: str = "", problems: Mapping[str, str] | None = None
) -> web.Response:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    person = await _person(request)
    found = await details.list_changes(desk, agent, person.customer.id, request.query.get("before"))
    agents = {each.id: each for each in await list_agents(desk)}
    fields = await list_fields(desk, agent, FieldOn.CUSTOMER)
    names = {f"fields.{each.key}": each.name for each in fields}
    said = await consents.list_consents(desk, agent, person.customer.id)
    tokens = request.query.getall("undo", [])[:TAKEN_BACK_MOST]
    return page(
        request,
        "details.html",
        422 if problem or problems else 200,
        who=somebody_of(person),
        person=person.customer,
        company=await details.company_of(desk, person),
        agents=sorted(agents.values(), key=lambda each: each.name),
        lines=[_line(each, names, agents, words) for each in found.rows],
        next=found.next_cursor,
        problem=problem,
        problems=problems or {},
        saved="saved" in request.query,
        undo=[each for each in tokens if each in await still_undoable(desk, agent, tokens)],
        **_values(request, person, fields),
        segments=await segments_of(desk, person),
        zones=places(),
        consents=said,
        standing={each.id for each in consents.standing(said)},
        platforms=sorted({each.platform for each in person.identities}),
    )


def _values(request: web.Request, person: Person, fields: Sequence[CustomField]) -> dict[str, object]:
    """What the form has, as far as it was drawn from this page: what was refused stands there again."""
    form = request.get(FORM, {})
    own = (*details.ABOUT, *details.TEXTS, *details.FLAGS, *(f"fields.{each.key}" for each in fields))
    kept = {what: details.shown(person.customer, what) for what in own}
    refused = f"was-{details.ABOUT[0]}" in form
    given = {what: form.get(what, "") if f"was-{what}" in form else kept[what] for what in own}
    known = {each.key for each in fields}
    return {
        "kept": kept,
        "given": given if refused else kept,
        "fields": filled(fields, FieldOn.CUSTOMER, person.customer.fields),
        "left": {key: value for key, value in person.customer.fields.items() if key not in known},
    }


async def _asked_for(desk: Desk, agent: Agent) -> list[str]:
    fields = await list_fields(desk, agent, FieldOn.CUSTOMER)
    return [*details.ABOUT, *details.TEXTS, *details.FLAGS, *(f"fields.{each.key}" for each in fields)]


def _plain(text: str) -> str:
    """A browser sends the ends of lines as it likes."""
    return text.replace("\r\n", "\n").strip()


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
