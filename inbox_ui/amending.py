"""Forms that change what was said already: another text, a deletion, a reaction."""

from collections.abc import Awaitable

from aiohttp import web

from hub.desk import amending, deeds
from hub.desk.choices import written
from hub.desk.opening import find_entry, list_channels
from hub.model.inbox import Message
from hub.outbox.preflight import NotSendable
from inbox_ui.deeds import shown
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.tasks import done, task
from inbox_ui.visitor import FORM, agent_of, words_of


async def editing(request: web.Request) -> web.Response:
    """GET /messages/{id}/text: the text to be changed; what was refused is there to be mended."""
    message = await _message(request)
    amended = message.amending
    text = written(message.content)
    if amended is not None and amended.text:
        text = "\n".join([amended.text, *(f"[[{each}]]" for each in amended.choices)])
    if not (await _may(request, message)).edit:
        problem = words_of(request).gettext("This message cannot be changed (any more).")
        return task(request, "editing.html", message=message, text="", problem=problem, closed=True)
    return task(request, "editing.html", message=message, text=text, problem="", closed=False)


async def edit(request: web.Request) -> web.StreamResponse:
    """POST: `text`."""
    message, words, text = await _message(request), words_of(request), request[FORM].get("text", "")
    desk, agent = request.app[PAGES].desk, agent_of(request)
    try:
        await amending.edit_message(desk, agent, message.id, text)
    except (deeds.NotPossible, NotSendable) as problem:
        said = told(problem, words)
        return task(request, "editing.html", 422, message=message, text=text, problem=said, closed=False)
    return done(request, message.conversation, words.gettext("Being changed"))


async def deleting(request: web.Request) -> web.Response:
    """GET /messages/{id}/deletion: what will be gone, and what stays."""
    message = await _message(request)
    if not (await _may(request, message)).delete:
        problem = words_of(request).gettext("This message cannot be deleted (any more).")
        return task(request, "deleting_message.html", message=message, problem=problem, closed=True)
    return task(request, "deleting_message.html", message=message, problem="", closed=False)


async def delete(request: web.Request) -> web.StreamResponse:
    """POST."""
    message, words = await _message(request), words_of(request)
    desk, agent = request.app[PAGES].desk, agent_of(request)
    try:
        await amending.delete_message(desk, agent, message.id, address=request.remote)
    except deeds.NotPossible as problem:
        return task(
            request, "deleting_message.html", 422, message=message, problem=told(problem, words), closed=False
        )
    return done(request, message.conversation, words.gettext("Being deleted"))


async def react(request: web.Request) -> web.StreamResponse:
    """POST /messages/{id}/reactions: `emoji`."""
    return await _react(request, on=True)


async def unreact(request: web.Request) -> web.StreamResponse:
    return await _react(request, on=False)


async def _react(request: web.Request, *, on: bool) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    message, emoji = request.match_info["entry"], request[FORM].get("emoji", "")
    said = words.gettext("Reacted") if on else words.gettext("Taken back")
    return await _then(request, amending.react(desk, agent, message, emoji, on=on), said)


async def dismiss(request: web.Request) -> web.StreamResponse:
    """DELETE /messages/{id}/amending: that a change was refused has been read."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    found = amending.dismiss(desk, agent, request.match_info["entry"])
    return await _then(request, found, words_of(request).gettext("Dismissed"))


async def _then(request: web.Request, deed: Awaitable[Message], said: str) -> web.StreamResponse:
    try:
        message = await deed
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, message.conversation, said)


async def _may(request: web.Request, message: Message) -> amending.Amendable:
    desk, agent = request.app[PAGES].desk, agent_of(request)
    channels = {each.id: each for each in await list_channels(desk)}
    return amending.amendable(desk.registry, agent, channels.get(message.channel), message, desk.clock())


async def _message(request: web.Request) -> Message:
    found = await find_entry(request.app[PAGES].desk, agent_of(request), request.match_info["entry"])
    if not isinstance(found, Message):
        raise web.HTTPNotFound
    return found
