"""Forms of the desk: each calls one deed, then shows the conversation as it is now.

A browser without scripts is sent back to the page; our scripts get the conversation's part to put in place.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from hub.desk import deeds
from hub.desk.opening import list_agents
from hub.desk.replying import Draft, Held
from hub.desk.replying import reply as send_reply
from hub.outbox.preflight import NotSendable
from inbox_ui.conversation import talk_of
from inbox_ui.pages import PAGES
from inbox_ui.rows import frame_of
from inbox_ui.visitor import FORM, agent_of, is_inside, page, see_other, wants_part, words_of

MOST_RECIPIENTS = 50


async def reply(request: web.Request) -> web.StreamResponse:
    """Queue an answer. Held when something newer arrived: the writer sees it, and may send all the same."""
    pages, form = request.app[PAGES], request[FORM]
    conversation = request.match_info["conversation"]
    draft = Draft(
        text=form.get("text", "").strip(),
        key=form.get("key") or None,
        seen=form.get("seen") or None,
        cc=_addresses(form.get("cc", "")),
        wait=timedelta(seconds=pages.undo_seconds),
    )
    writing = {"text": form.get("text", ""), "key": form.get("key", ""), "cc": form.get("cc", "")}
    try:
        await send_reply(pages.desk, agent_of(request), conversation, draft)
    except Held as held:
        return await _again(request, conversation, 409, **writing, seen=held.newest, held=True)
    except NotSendable as problem:
        return await _again(
            request, conversation, 422, **writing, seen=form.get("seen", ""), problem=str(problem)
        )
    return await _done(request, conversation)


async def note(request: web.Request) -> web.StreamResponse:
    conversation, text = request.match_info["conversation"], request[FORM].get("text", "").strip()
    if not text:
        problem = words_of(request).gettext("There is nothing to note: write something.")
        return await _again(request, conversation, 422, mode="note", problem=problem)
    await deeds.note(request.app[PAGES].desk, agent_of(request), conversation, text)
    return await _done(request, conversation)


async def assign(request: web.Request) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    wanted = request[FORM].get("agent", "")
    to = {each.id: each for each in await list_agents(desk)}.get(wanted)
    if to is None:
        raise web.HTTPUnprocessableEntity(text=words_of(request).gettext("There is no such agent any more."))
    return await _changed(request, lambda found: deeds.assign(desk, agent_of(request), found, to))


async def release(request: web.Request) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    return await _changed(request, lambda found: deeds.assign(desk, agent_of(request), found, None))


async def resolve(request: web.Request) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    return await _changed(request, lambda found: deeds.resolve(desk, agent_of(request), found))


async def reopen(request: web.Request) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    return await _changed(request, lambda found: deeds.reopen(desk, agent_of(request), found))


async def retry(request: web.Request) -> web.StreamResponse:
    """Send again what failed or may have arrived: the agent decided that it shall be."""
    try:
        message = await deeds.retry_delivery(request.app[PAGES].desk, request.match_info["delivery"])
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=str(problem)) from problem
    return await _done(request, message.conversation)


async def _changed(request: web.Request, deed: Callable[[str], Awaitable[None]]) -> web.StreamResponse:
    """A deed that compares and sets. Beaten by somebody else, it is tried once more on what is there now."""
    conversation = request.match_info["conversation"]
    try:
        await deed(conversation)
    except deeds.Changed:
        await deed(conversation)
    return await _done(request, conversation)


async def _done(request: web.Request, conversation: str) -> web.StreamResponse:
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(
            request,
            "changes.html",
            talk=await talk_of(request, conversation),
            view=view,
            agents={each.id: each for each in await list_agents(request.app[PAGES].desk)},
        )
    back = f"/desk/inbox/{view}/{conversation}"
    return see_other(back if is_inside(back) else "/desk/inbox/open")


async def _again(
    request: web.Request, conversation: str, status: int, **composing: object
) -> web.StreamResponse:
    """The same page with what was written still in the composer, and why it was not sent."""
    talk = await talk_of(request, conversation, **composing)
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(request, "composer_part.html", status=status, talk=talk, view=view)
    return page(request, "inbox.html", status=status, **{**await frame_of(request, view), "talk": talk})


def _addresses(text: str) -> tuple[str, ...]:
    found = [each.strip() for each in text.replace(";", ",").replace("\n", ",").split(",")]
    return tuple(dict.fromkeys(each for each in found if each))[:MOST_RECIPIENTS]
