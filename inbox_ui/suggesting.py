"""What a composer proposes while somebody writes: saved replies, names for a note, how it will look."""

from aiohttp import web
from markupsafe import Markup

from hub.desk.changing import NotPossible
from hub.desk.composing import preview as shown_as
from hub.desk.opening import list_agents, list_teams
from hub.desk.replying import get_conversation
from hub.desk.saved_replies import BadReply, fill_in, find_saved_replies, take_file
from hub.model.desk import SavedReply
from inbox_ui.frames import clean, frame_headers
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.signing import link_to
from inbox_ui.timeline import PICTURES
from inbox_ui.uploads import uploaded
from inbox_ui.visitor import agent_of, draw, words_of
from inbox_ui.words import Words
from inbox_ui.written import read_written

TEXT_SHOWN = 120  # characters


async def saved_replies(request: web.Request) -> web.StreamResponse:
    """GET /saved-replies?q=: those that fit, the best first."""
    agent, words = agent_of(request), words_of(request)
    found = await find_saved_replies(request.app[PAGES].desk, agent, request.query.get("q", "")[:200])
    rows = [
        {
            "id": each.id,
            "title": each.title,
            "shortcut": each.shortcut,
            "text": " ".join(each.text.split())[:TEXT_SHOWN],
            "whose": _whose(each, words),
            "files": len(each.attachments),
        }
        for each in found
    ]
    return web.json_response(rows, headers={"Cache-Control": "no-store"})


async def saved_reply(request: web.Request) -> web.StreamResponse:
    """GET /saved-replies/{reply}?conversation=: filled in, with what has no value."""
    conversation, reply = request.query.get("conversation") or None, request.match_info["reply"]
    words = words_of(request)
    try:
        found = await fill_in(request.app[PAGES].desk, agent_of(request), conversation, reply)
    except BadReply as problem:
        raise web.HTTPUnprocessableEntity(text=told(problem, words)) from problem
    files = [
        {
            "name": each.name,
            "type": each.mime,
            "size": each.size or 0,
            "shown": words.size(each.size or 0),
            "from": f"/desk/saved-replies/{reply}/files/{each.stored}",
        }
        for each in found.attachments
    ]
    answer = {"text": found.text, "missing": list(found.missing), "files": files}
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


async def saved_file(request: web.Request) -> web.StreamResponse:
    """POST /saved-replies/{reply}/files/{file}: a copy of it, to be attached; answers as an upload does."""
    named = request.match_info
    try:
        kept = await take_file(request.app[PAGES].desk, agent_of(request), named["reply"], named["file"])
    except (BadReply, NotPossible) as problem:
        raise web.HTTPUnprocessableEntity(text=told(problem, words_of(request))) from problem
    return uploaded(request, kept)


async def names(request: web.Request) -> web.StreamResponse:
    """GET /conversations/{id}/names: whom a note can name with @."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    await get_conversation(desk, agent, request.match_info["conversation"])
    agents, teams = await list_agents(desk), await list_teams(desk)
    _ = words_of(request).gettext
    rows = [{"name": each.name, "hint": each.email} for each in agents if each.id != agent.id]
    rows += [{"name": each.name, "hint": _("team")} for each in teams]
    return web.json_response(rows, headers={"Cache-Control": "no-store"})


async def preview(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/preview: into a frame of its own, without scripts."""
    pages = request.app[PAGES]
    written = await read_written(request)
    through = written.form.get("through") or None
    html = await shown_as(
        pages.desk, agent_of(request), request.match_info["conversation"], written.text, through
    )
    inside = {}
    for each in written.attachments:
        if each.inline_id and each.stored and each.mime in PICTURES:
            link = link_to(pages.key, each.stored, each.mime, pages.desk.clock(), shown=True)
            inside[each.inline_id] = f"/files/{link}/picture"
    body, _ = clean(html, inside, with_images=False)
    text = draw(
        request,
        "frame.html",
        title=words_of(request).gettext("Preview"),
        body=Markup(body),  # noqa: S704  (cleaned just above)
        pictures=0,
    )
    return web.Response(text=text, content_type="text/html", headers=frame_headers(request, False))


def _whose(reply: SavedReply, words: Words) -> str:
    _ = words.gettext
    return _("everybody's") if reply.shared else _("the team's") if reply.team else _("mine")
