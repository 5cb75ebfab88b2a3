"""The list: what waits, one row each, a page at a time, as filtered and sorted by its address."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hub.desk.drafting import drafted
from hub.desk.lenses import Lens, look, saved_lens
from hub.desk.opening import list_agents
from hub.desk.saved_views import may_change, may_share
from hub.desk.views import list_lens, place_of
from hub.model.desk import ME, NONE
from hub.model.people import Agent
from inbox_ui.attendance import mine
from inbox_ui.filtering import address_of, filter_of, parts_of, sort_of
from inbox_ui.kinds import filter_words, priority_words, sort_words
from inbox_ui.navigation import Navigation, navigation_of
from inbox_ui.pages import PAGES
from inbox_ui.presets import presets
from inbox_ui.row import row_of
from inbox_ui.script_words import script_words
from inbox_ui.visitor import agent_of, now_of, wants_part, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import Words


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing the list is filtered by. `href`: the list without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Here:
    """Which list this is. `query`: how its address goes on; `asked`: what of that is the filter's."""

    view: str
    title: str
    sort: str
    query: str
    asked: str
    chips: Sequence[Chip]
    sorts: Sequence[tuple[str, str, str]]  # key, title, address
    whole: str  # the same list without a filter
    saved: str = ""  # id of the saved view
    changed: bool = False  # its filter or order is not the one that was saved
    mine: bool = False  # may be changed by this agent
    shares: bool = False
    channel: str = ""  # the only one

    @property
    def path(self) -> str:
        return f"/desk/inbox/{self.view}"


async def lens_here(request: web.Request, view: str, nav: Navigation | None = None) -> Lens:
    """What an address shows. Raises NoSuchView, NotAllowed."""
    pages, agent, asked = request.app[PAGES], agent_of(request), filter_of(request.query)
    if nav is not None and view in nav.kept:
        return saved_lens(agent, nav.kept[view], asked)
    return await look(pages.desk, agent, view, asked)


def query_here(request: web.Request, lens: Lens) -> str:
    """How the address of the list goes on, and that of its rows."""
    own = lens.saved.sort if lens.saved else "newest"
    sort = sort_of(request.query, own)
    return address_of(filter_of(request.query), sort, own=own, always=lens.saved is not None)


async def frame_of(request: web.Request, view: str) -> dict[str, Any]:
    """What surrounds every conversation: navigation and list."""
    pages, words = request.app[PAGES], words_of(request)
    newest = pages.follower.newest  # before anything is looked up: what comes meanwhile is told once more
    nav = await navigation_of(request)
    lens = await lens_here(request, view, nav)
    agents = {each.id: each for each in await list_agents(pages.desk)}
    here = here_of(request, lens, view, nav, agents)
    found, writing = await asyncio.gather(
        list_lens(pages.desk, lens, place_of(request.query.get("after")), here.sort),
        drafted(pages.desk, agent_of(request)),
    )
    return {
        "view": view,
        "newest": newest,
        "here": here,
        "query": here.query,
        "nav": nav,
        "title": here.title,
        "sort": here.sort,
        "rows": [row_of(each, agents, words) for each in found.rows],
        "next_cursor": found.next_cursor,
        "agents": agents,
        "drafted": writing,
        "bulk_teams": nav.team_names,
        "bulk_priorities": priority_words(words),
        "bulk_presets": presets(now_of(request), words),
        "talk": None,
        "me": await mine(request),
        "only_channel": here.channel,
        "script_words": script_words(words),
    }


async def whole(
    request: web.Request, view: str, talk: object, menus: dict[str, Any], status: int = 200
) -> web.Response:
    """The whole page, with a conversation open."""
    frame = {**await frame_of(request, view), **menus, "talk": talk}
    return draw_page(request, "inbox.html", status, **frame)


async def page(request: web.Request) -> web.StreamResponse:
    """A view without a conversation beside it; asked for a part, only its rows."""
    view = request.match_info["view"]
    if not wants_part(request):
        return draw_page(request, "inbox.html", **await frame_of(request, view))
    return await _part(request, view)


async def _part(request: web.Request, view: str) -> web.Response:
    """Only rows: what our scripts fetch needs nothing around them."""
    pages, words = request.app[PAGES], words_of(request)
    lens = await lens_here(request, view)
    own = lens.saved.sort if lens.saved else "newest"
    sort = sort_of(request.query, own)
    found = await list_lens(pages.desk, lens, place_of(request.query.get("after")), sort)
    agents = await pages.telling.agents()
    return draw_page(
        request,
        "rows.html",
        view=view,
        query=query_here(request, lens),
        rows=[row_of(each, agents, words) for each in found.rows],
        next_cursor=found.next_cursor,
        talk=None,
    )


def here_of(
    request: web.Request, lens: Lens, view: str, nav: Navigation, agents: Mapping[str, Agent]
) -> Here:
    words, agent, saved = words_of(request), agent_of(request), lens.saved
    asked = filter_of(request.query)
    own = saved.sort if saved else "newest"
    sort = sort_of(request.query, own)
    names = names_of(nav, agents, words)
    path, kept = f"/desk/inbox/{view}", saved is not None

    return Here(
        view=view,
        title=nav.titles.get(view) or (saved.title if saved else view),
        sort=sort,
        query=address_of(asked, sort, own=own, always=kept),
        asked=address_of(lens.filter),
        chips=[
            Chip(
                filter_words(each.key, each.value, names, words),
                path + address_of(each.without, sort, own=own, always=kept),
            )
            for each in parts_of(lens.filter)
        ],
        sorts=[
            (key, title, path + address_of(asked, key, own=own, always=kept))
            for key, title in sort_words(words).items()
        ],
        whole=path + ("?f=1" if kept else ""),
        saved=saved.id if saved else "",
        changed=saved is not None and (lens.filter != saved.filter or sort != saved.sort),
        mine=saved is not None and may_change(agent, saved),
        shares=may_share(agent),
        channel=lens.filter.channels[0] if len(lens.filter.channels) == 1 else "",
    )


def names_of(nav: Navigation, agents: Mapping[str, Agent], words: Words) -> dict[str, Mapping[str, str]]:
    """What ids in a filter are called."""
    return {
        "agent": {
            ME: words.gettext("me"),
            NONE: words.gettext("nobody"),
            **{key: each.name for key, each in agents.items()},
        },
        "team": {NONE: words.gettext("none"), **nav.team_names},
        "channel": nav.channel_names,
    }
