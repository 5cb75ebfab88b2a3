"""Saved views: made of the filter one looks at, renamed, shared, removed."""

from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict, MultiMapping

from hub.desk.lenses import look
from hub.desk.opening import list_teams
from hub.desk.saved_views import (
    BadView,
    change_view,
    find_saved_view,
    list_saved_views,
    may_change,
    may_share,
    remove_view,
    save_view,
)
from hub.desk.views import SAVED
from hub.model.desk import SavedView
from inbox_ui.filtering import filter_of, sort_of
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, page, see_other, words_of

EVERYBODY, MYSELF = "everybody", "me"


async def overview(request: web.Request) -> web.StreamResponse:
    """GET /views: all that the agent has, and what may be done with each."""
    pages, agent = request.app[PAGES], agent_of(request)
    saved = await list_saved_views(pages.desk, agent)
    teams = {each.id: each.name for each in await list_teams(pages.desk)}
    rows = [(each, teams.get(each.team or "", ""), may_change(agent, each)) for each in saved]
    return page(request, "views.html", rows=rows)


async def form(request: web.Request) -> web.StreamResponse:
    """GET /views/new?view=…: the filter in the address gets a title. GET /views/{id}: another one."""
    return await _form(request, await _kept(request))


async def save(request: web.Request) -> web.StreamResponse:
    """POST /views and /views/{id}. `view` and `query` say what is looked at."""
    desk, agent, given = request.app[PAGES].desk, agent_of(request), request[FORM]
    kept = await _kept(request)
    sharing = _sharing(given.get("whose", MYSELF))
    try:
        if kept is not None and given.get("view") == SAVED + kept.id:  # what was changed in its list
            asked = _asked(request)
            kept = await change_view(
                desk, agent, kept.id, wanted=filter_of(asked), sort=sort_of(asked, kept.sort)
            )
        elif kept is not None:
            kept = await change_view(desk, agent, kept.id, title=given.get("title", ""), sharing=sharing)
        else:
            kept = await _make(request, sharing)
    except BadView as problem:
        return await _form(request, kept, told(problem, words_of(request)), status=422)
    return see_other(f"/desk/inbox/{SAVED}{kept.id}")


async def remove(request: web.Request) -> web.StreamResponse:
    await remove_view(request.app[PAGES].desk, agent_of(request), request.match_info["view"])
    return see_other("/desk/views")


async def _make(request: web.Request, sharing: tuple[bool, str | None]) -> SavedView:
    desk, agent, given = request.app[PAGES].desk, agent_of(request), request[FORM]
    asked = _asked(request)
    lens = await look(desk, agent, given.get("view", "open"), filter_of(asked))
    sort = sort_of(asked, lens.saved.sort if lens.saved else "newest")
    return await save_view(
        desk,
        agent,
        given.get("title", ""),
        lens.filter,
        sort=sort,
        shared=sharing[0],
        team=sharing[1],
        base=lens.view.key,
    )


async def _form(
    request: web.Request, kept: SavedView | None, problem: str = "", status: int = 200
) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    given = request.get(FORM, {})
    view = given.get("view") or request.query.get("view", "open")
    teams = await list_teams(desk) if may_share(agent) else []
    whose = MYSELF
    if kept is not None:
        whose = EVERYBODY if kept.shared else f"team:{kept.team}" if kept.team else MYSELF
    return page(
        request,
        "save_view.html",
        status=status,
        kept=kept,
        problem=problem,
        view=view,
        query=given.get("query") or request.query.get("query", ""),
        title=given.get("title", kept.title if kept else ""),
        whose=given.get("whose", whose),
        choices=[(MYSELF, words.gettext("Only me"))]
        + [(f"team:{each.id}", words.gettext("Team %(name)s", name=each.name)) for each in teams]
        + ([(EVERYBODY, words.gettext("Everybody"))] if may_share(agent) else []),
    )


async def _kept(request: web.Request) -> SavedView | None:
    """The saved view that the address names. Raises HTTPNotFound."""
    view = request.match_info.get("view")
    if view is None:
        return None
    kept = await find_saved_view(request.app[PAGES].desk, agent_of(request), view)
    if kept is None:
        raise web.HTTPNotFound(text=words_of(request).gettext("This view is not here any more."))
    return kept


def _asked(request: web.Request) -> MultiMapping[str]:
    """The address that the form was opened for."""
    return MultiDict(parse_qsl(request[FORM].get("query", "").lstrip("?")))


def _sharing(whose: str) -> tuple[bool, str | None]:
    if whose == EVERYBODY:
        return True, None
    return False, whose.removeprefix("team:") if whose.startswith("team:") else None
