"""What the palette finds beside what is on the page: agents and tags, leading to their lists; other pages."""

from urllib.parse import urlencode

from aiohttp import web

from hub.desk.opening import list_agents
from hub.desk.tags import list_tags
from inbox_ui.office.frame import groups_of
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, words_of

TAGS_MOST = 1_000


async def places(request: web.Request) -> web.StreamResponse:
    """GET /palette: asked for once, when the palette is opened first."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    agents = [
        _list(words.gettext("Of %(name)s", name=each.name), "mine", {"agent": each.id})
        for each in await list_agents(desk)
    ]
    tags = [
        {**_list(each.name, "tag", {"tag": each.name}), "tag": each.name}
        for each in await list_tags(desk, agent)
    ]
    office = [
        _place(f"{group.title}: {each.title(words)}", each.icon, each.address)
        for group in groups_of(request)
        for each in group.places
    ]
    others = [
        _place(words.gettext("Search"), "search", "/desk/search"),
        _place(words.gettext("Manage views"), "edited", "/desk/views"),
        _place(words.gettext("Who may be one person"), "joined", "/desk/suggestions"),
    ]
    found = [*agents, *others, *office, *tags[:TAGS_MOST]]
    return web.json_response(found, headers={"Cache-Control": "no-store"})


def _list(title: str, icon: str, wanted: dict[str, str]) -> dict[str, str]:
    return _place(title, icon, f"/desk/inbox/open?{urlencode(wanted)}")


def _place(title: str, icon: str, address: str) -> dict[str, str]:
    return {"title": title, "icon": icon, "href": address}
