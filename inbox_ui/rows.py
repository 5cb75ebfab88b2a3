"""The list: what waits, one row each, a page at a time."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hub.desk.counting import count_views
from hub.desk.drafting import drafted
from hub.desk.opening import list_agents, list_channels
from hub.desk.views import BUILT_IN, View, list_view
from hub.model.channels import Channel, Health
from inbox_ui.kinds import VIEW_ICONS, channel_icon, health_words, view_words
from inbox_ui.pages import PAGES
from inbox_ui.row import row_of
from inbox_ui.script_words import script_words
from inbox_ui.visitor import agent_of, wants_part, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import Words

SORTS = ("newest", "waiting")


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the navigation."""

    key: str
    title: str
    icon: str
    count: int = 0
    state: str = ""
    hint: str = ""

    @property
    def shown_count(self) -> str:
        return "99+" if self.count > 99 else str(self.count) if self.count else ""


async def frame_of(request: web.Request, view: str) -> dict[str, Any]:
    """What surrounds every conversation: navigation and list."""
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    sort = request.query.get("sort", "newest")
    sort = sort if sort in SORTS else "newest"
    found = await list_view(pages.desk, agent, view, cursor=request.query.get("after"), sort=sort)
    agents = {each.id: each for each in await list_agents(pages.desk)}
    counts = await count_views(pages.desk, agent)
    return {
        "view": view,
        "title": view_words(view, view, words),
        "sort": sort,
        "rows": [row_of(each, agents, words) for each in found.rows],
        "next_cursor": found.next_cursor,
        "views": [_view(each, counts.get(each.key, 0), words) for each in BUILT_IN.values()],
        "channels": [_channel(each, words) for each in await list_channels(pages.desk)],
        "agents": agents,
        "drafted": await drafted(pages.desk, agent),
        "talk": None,
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
    frame = await frame_of(request, request.match_info["view"])
    return draw_page(request, "rows.html" if wants_part(request) else "inbox.html", **frame)


def _view(view: View, count: int, words: Words) -> Link:
    return Link(view.key, view_words(view.key, view.title, words), VIEW_ICONS.get(view.key, "inbox"), count)


def _channel(channel: Channel, words: Words) -> Link:
    state = "paused" if channel.paused else str(channel.health)
    return Link(
        channel.id,
        channel.name,
        channel_icon(channel),
        state="broken" if channel.health is Health.BROKEN else state,
        hint=health_words(channel, words),
    )
