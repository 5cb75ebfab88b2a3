"""Who else is looking at a conversation, and who is writing."""

from aiohttp import web

from hub.desk.presence import be_present, leave
from hub.model.desk import Doing, Presence
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, agent_of, draw, page


async def be_there(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/presence: renewed by the page every so often; answers with the others."""
    doing = Doing.WRITING if request[FORM].get("doing") == "writing" else Doing.VIEWING
    note = request[FORM].get("kind") == "note"
    others = await be_present(
        request.app[PAGES].desk, agent_of(request), request.match_info["conversation"], doing, note=note
    )
    return page(request, "presence.html", others=others)


async def go(request: web.Request) -> web.StreamResponse:
    """DELETE: the page has another conversation open now, or is closed."""
    await leave(request.app[PAGES].desk, agent_of(request), request.match_info["conversation"])
    return web.Response(status=204)


def presence_part(request: web.Request, conversation: str, others: list[Presence]) -> dict[str, object]:
    """For the live stream."""
    html = draw(request, "presence.html", others=others)
    return {"part": "presence", "conversation": conversation, "html": html}
