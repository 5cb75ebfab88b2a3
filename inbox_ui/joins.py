"""Conversations that may be one matter: shown on both, decided by one click, taken back by another."""

from aiohttp import web

from hub.desk import offers
from hub.desk.changing import Changed, NotPossible
from inbox_ui.deeds import changed, shown
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/joins/{offer}: `verdict` is join or apart."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    offer = request.match_info["join"]
    if request[FORM].get("verdict") != "join":
        said = words.gettext("Left apart, for good")
        return await changed(request, lambda _: offers.refuse_offer(desk, agent, offer), said)
    try:
        done = await offers.accept_offer(desk, agent, offer)
    except (NotPossible, Changed) as problem:
        raise web.HTTPConflict(text=told(problem, words)) from problem
    return await shown(request, done.conversation, words.gettext("One conversation now"), done.token)


async def set_apart(request: web.Request) -> web.StreamResponse:
    """DELETE /conversations/{id}/joins/{entry}: what was joined by itself is a conversation of its own."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    conversation = request.match_info["conversation"]
    try:
        opened, done = await offers.set_apart(desk, agent, conversation, request.match_info["join"])
    except (NotPossible, Changed) as problem:
        raise web.HTTPConflict(text=told(problem, words)) from problem
    return await shown(request, opened, words.gettext("Now a conversation of its own"), done.token)
