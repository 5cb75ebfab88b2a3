"""Forms of the composer and of what was sent by it: answer, note, send later, take back, send again."""

from datetime import timedelta

from aiohttp import web

from hub.desk import deeds
from hub.desk.opening import find_entry
from hub.desk.replying import Draft, Held
from hub.desk.replying import reply as send_reply
from hub.desk.sending import cancel_delivery, send_later
from hub.outbox.preflight import NotSendable
from inbox_ui.conversation import menus_of, talk_of
from inbox_ui.deeds import moment, shown
from inbox_ui.pages import PAGES
from inbox_ui.rows import whole
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, page, wants_part, words_of

MOST_RECIPIENTS = 50


async def reply(request: web.Request) -> web.StreamResponse:
    """Queue an answer. Held when something newer arrived: the writer sees it, and may send all the same."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    words, conversation = words_of(request), request.match_info["conversation"]
    draft = Draft(
        text=form.get("text", "").strip(),
        key=form.get("key") or None,
        seen=form.get("seen") or None,
        cc=_addresses(form.get("cc", "")),
    )
    writing = {name: form.get(name, "") for name in ("text", "key", "cc", "seen")}
    try:
        if later := form.get("later") or form.get("chosen"):
            at = moment(later, request)
            await send_later(desk, agent, conversation, draft, at)
            return await shown(
                request, conversation, words.gettext("Leaves at %(time)s", time=words.full(at))
            )
        sent = await send_reply(desk, agent, conversation, draft)
    except Held as held:
        return await _again(request, 409, **{**writing, "seen": held.newest}, held=True)
    except (NotSendable, deeds.NotPossible) as problem:
        return await _again(request, 422, **writing, problem=told(problem, words_of(request)))
    response = await shown(request, conversation, words.gettext("On its way"))
    waits = sent.delivery.due_at - desk.clock() if sent.delivery else timedelta()
    if waits > timedelta(seconds=1):
        response.headers["X-Take-Back"] = f"{sent.id} {round(waits.total_seconds())}"
    return response


async def note(request: web.Request) -> web.StreamResponse:
    conversation, text = request.match_info["conversation"], request[FORM].get("text", "")
    try:
        await deeds.note(request.app[PAGES].desk, agent_of(request), conversation, text)
    except deeds.NotPossible as problem:
        return await _again(request, 422, mode="note", note=text, problem=told(problem, words_of(request)))
    return await shown(request, conversation, words_of(request).gettext("Note added"))


async def take_back(request: web.Request) -> web.StreamResponse:
    """DELETE /deliveries/{id}: what has not left yet is a draft again."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    conversation = await _conversation_of(request)
    try:
        draft = await cancel_delivery(desk, agent, request.match_info["delivery"])
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    talk = await talk_of(request, conversation, text=draft.text, cc=", ".join(draft.cc))
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(request, "talk.html", talk=talk, view=view, **await menus_of(request))
    return await whole(request, view, talk, await menus_of(request))


async def retry(request: web.Request) -> web.StreamResponse:
    """Send again what failed or may have arrived: the agent decided that it shall be."""
    conversation = await _conversation_of(request)
    try:
        await deeds.retry_delivery(request.app[PAGES].desk, request.match_info["delivery"], agent_of(request))
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, conversation, words_of(request).gettext("On its way"))


async def _conversation_of(request: web.Request) -> str:
    """Of the delivery that the request names, if the agent may see it."""
    found = await find_entry(request.app[PAGES].desk, agent_of(request), request.match_info["delivery"])
    if found is None:
        raise web.HTTPNotFound(text=words_of(request).gettext("This message is not here any more."))
    return found.conversation


async def _again(request: web.Request, status: int, **composing: object) -> web.StreamResponse:
    """The same page with what was written still in the composer, and why it was not sent."""
    talk = await talk_of(request, request.match_info["conversation"], **composing)
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(request, "composer.html", status=status, talk=talk, view=view, **await menus_of(request))
    return await whole(request, view, talk, await menus_of(request), status)


def _addresses(text: str) -> tuple[str, ...]:
    found = [each.strip() for each in text.replace(";", ",").replace("\n", ",").split(",")]
    return tuple(dict.fromkeys(each for each in found if each))[:MOST_RECIPIENTS]
