"""What the palette finds beside what is on the page: agents and tags, each leading to its list."""

from urllib.parse import urlencode

from aiohttp import web

from hub.desk.opening import list_agents
from hub.desk.tags import list_tags
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, words_of

TAGS_MOST = 1_000


async def places(request: web.Request) -> web.StreamResponse:
    """GET /palette: asked for once, when the palette is opened first."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    agents = [
        _place(words.gettext("Of %(name)s", name=each.name), "mine", {"agent": each.id})
        for each in await list_agents(desk)
    ]
    tags = [_place(each.name, "tag", {"tag": each.name}) for each in await list_tags(desk, agent)]
    return web.json_response([*agents, *tags[:TAGS_MOST]], headers={"Cache-Control": "no-store"})


def _place(title: str, icon: str, wanted: dict[str, str]) -> dict[str, str]:
    return {"title": title, "icon": icon, "href": f"/desk/inbox/open?{urlencode(wanted)}"}
