"""Forms of the composer and of what was sent by it: answer, forward, note, take back, send now or again."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from hub.desk import deeds
from hub.desk.composing import answers_publicly
from hub.desk.drafting import discard_draft, keep_also
from hub.desk.forwarded import own_words
from hub.desk.opening import find_entry
from hub.desk.replying import Draft, Held, follow_merges
from hub.desk.replying import reply as send_reply
from hub.desk.sending import cancel_delivery, forwardable, send_later
from hub.desk.sending import forward as send_forward
from hub.desk.sending import send_now as let_leave
from hub.desk.uploading import let_in
from hub.model.inbox import Message
from hub.outbox.preflight import NotSendable
from inbox_ui.composer import Writing
from inbox_ui.conversation import menus_of, talk_of
from inbox_ui.deeds import moment, shown
from inbox_ui.pages import PAGES
from inbox_ui.rows import whole
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, VISITOR, agent_of, page, wants_part, words_of
from inbox_ui.written import Written, check_addresses, read_written

TAKEN_BACK_WITHIN = timedelta(minutes=5)
PUBLIC_COOKIE = "hubbub_public"  # in this session something has been said publicly


async def reply(request: web.Request) -> web.StreamResponse:
    """Queue an answer. Held, or asked about, where the writer should look once more before it leaves."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    words, conversation = words_of(request), request.match_info["conversation"]
    written = await _written(request, "reply")
    if isinstance(written, web.StreamResponse):
        return written
    form, draft = written.form, written.draft()
    how = {name: form[name] for name in ("later", "then") if form.get(name)}
    if how.get("later") == "chosen":
        how["later"] = form.get("chosen", "")
    if ask := await _to_be_asked(request, written):
        asked = written.missing if ask == "unfilled" else []
        return await _again(request, 409, written.writing("reply", ask=ask, asked=asked, again=how))
    try:
        check_addresses(request, [*(draft.to or ()), *draft.cc, *draft.bcc])
        if later := how.get("later"):
            at = moment(later, request)
            sent = await send_later(desk, agent, conversation, draft, at)
            said = words.gettext("Leaves at %(time)s", time=words.until(at))
        else:
            sent = await send_reply(desk, agent, conversation, draft)
            said = words.gettext("On its way")
    except Held:
        return await _again(request, 409, written.writing("reply", ask="held", again=how))
    except (NotSendable, deeds.NotPossible) as problem:
        return await _again(request, 422, written.writing("reply", problem=told(problem, words_of(request))))
    await discard_draft(desk, agent, conversation, sent=True)
    response = await _and_then(request, conversation, said)
    _offer_taking_back(request, response, sent)
    if sent.visibility == "public":
        response.set_cookie(
            PUBLIC_COOKIE,
            _session_mark(request),
            path="/desk",
            httponly=True,
            samesite="Lax",
            secure=request.app[PAGES].secure,
        )
    return response


async def forward(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/forwards: a message, `about`, goes to somebody else."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    words, conversation = words_of(request), request.match_info["conversation"]
    written = await _written(request, "forward")
    if isinstance(written, web.StreamResponse):
        return written
    draft, about = written.draft(), written.form.get("about", "")
    if written.missing and not written.form.get("unfilled"):
        return await _again(request, 409, written.writing("forward", ask="unfilled", asked=written.missing))
    try:
        check_addresses(request, [*(draft.to or ()), *draft.cc, *draft.bcc])
        sent = await send_forward(
            desk, agent, about, draft.to or (), written.text, draft=draft, keep=written.keep
        )
    except (NotSendable, deeds.NotPossible) as problem:
        return await _again(
            request, 422, written.writing("forward", problem=told(problem, words_of(request)))
        )
    await discard_draft(desk, agent, conversation, kind="forward", sent=True)
    response = await _and_then(request, conversation, words.gettext("On its way"))
    _offer_taking_back(request, response, sent)
    return response


async def choose_place(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/place: the composer as it is for another place, with what was written."""
    written = await _written(request, "reply")
    if isinstance(written, web.StreamResponse):
        return written
    return await _again(
        request, 200, written.writing("reply", through=written.form.get("place", ""), switched=True)
    )


async def note(request: web.Request) -> web.StreamResponse:
    desk, agent, conversation = request.app[PAGES].desk, agent_of(request), request.match_info["conversation"]
    text = request[FORM].get("text", "")
    try:
        there = await follow_merges(desk, agent, conversation)
        await deeds.note(desk, agent, there.id, text, request[FORM].get("key") or None)
    except deeds.NotPossible as problem:
        return await _again(
            request, 422, Writing(mode="note", text=text, problem=told(problem, words_of(request)))
        )
    await discard_draft(desk, agent, conversation, kind="note", sent=True)
    return await shown(request, conversation, words_of(request).gettext("Note added"))


async def take_back(request: web.Request) -> web.StreamResponse:
    """DELETE /deliveries/{id}: what has not left yet is a draft again."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    message = await _delivery(request)
    try:
        draft = await cancel_delivery(desk, agent, message.id)
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    kind = "reply"
    if message.thread.startswith("forward:"):
        kind = "forward"
        draft = await _as_written(request, draft, message, message.thread.split(":")[1])
    await let_in(desk, agent, draft.attachments)
    await keep_also(desk, agent, message.conversation, draft, kind=kind)
    talk = await talk_of(request, message.conversation)
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(request, "talk.html", talk=talk, view=view, **await menus_of(request))
    return await whole(request, view, talk, await menus_of(request))


async def send_now(request: web.Request) -> web.StreamResponse:
    """DELETE /deliveries/{id}/delay: what was to leave later leaves at once."""
    message = await _delivery(request)
    try:
        await let_leave(request.app[PAGES].desk, agent_of(request), message.id)
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, message.conversation, words_of(request).gettext("On its way"))


async def retry(request: web.Request) -> web.StreamResponse:
    """Send again what failed or may have arrived: the agent decided that it shall be."""
    message = await _delivery(request)
    try:
        await deeds.retry_delivery(request.app[PAGES].desk, message.id, agent_of(request))
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, message.conversation, words_of(request).gettext("On its way"))


async def _written(request: web.Request, mode: str) -> Written | web.StreamResponse:
    """The form; or the page again, where one of its files cannot be had: nothing leaves without it."""
    try:
        return await read_written(request)
    except deeds.NotPossible as problem:
        bare = Written(request[FORM], (), ())
        return await _again(request, 422, bare.writing(mode, problem=told(problem, words_of(request))))


async def _to_be_asked(request: web.Request, written: Written) -> str:
    """What the writer has to confirm before this leaves; "": nothing."""
    if written.missing and not written.form.get("unfilled"):
        return "unfilled"
    if written.form.get("publicly") or request.cookies.get(PUBLIC_COOKIE) == _session_mark(request):
        return ""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    conversation, through = request.match_info["conversation"], written.form.get("through") or None
    return "public" if await answers_publicly(desk, agent, conversation, through) else ""


def _session_mark(request: web.Request) -> str:
    session = request[VISITOR].session
    return hashlib.sha256(f"public {session.id if session else ''}".encode()).hexdigest()[:20]


async def _and_then(request: web.Request, conversation: str, said: str) -> web.StreamResponse:
    """What was chosen to happen after sending: resolve, or snooze until a moment."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    then, _, until = request[FORM].get("then", "").partition(" ")
    try:
        there = (await follow_merges(desk, agent, conversation)).id
        if then == "resolve":
            done = await _tried(lambda: deeds.resolve(desk, agent, there))
            return await shown(request, there, words.gettext("On its way, and resolved"), done.token)
        if then == "snooze":
            at = moment(until, request)
            done = await _tried(lambda: deeds.snooze(desk, agent, there, at))
            text = words.gettext("On its way, and snoozed until %(time)s", time=words.until(at))
            return await shown(request, there, text, done.token)
    except (deeds.NotPossible, deeds.Changed) as problem:
        # It has been sent: that is what counts.
        return await shown(request, conversation, f"{said}. {told(problem, words_of(request))}")
    return await shown(request, conversation, said)


async def _tried(deed: Callable[[], Awaitable[deeds.Done]]) -> deeds.Done:
    """Beaten by somebody else, once more on what is there now."""
    try:
        return await deed()
    except deeds.Changed:
        return await deed()


def _offer_taking_back(request: web.Request, response: web.StreamResponse, sent: Message) -> None:
    """For what leaves within minutes; what leaves later is taken back in the timeline."""
    waits = sent.delivery.due_at - request.app[PAGES].desk.clock() if sent.delivery else timedelta()
    if timedelta(seconds=1) < waits <= TAKEN_BACK_WITHIN:
        response.headers["X-Take-Back"] = f"{sent.id} {round(waits.total_seconds())}"


async def _as_written(request: web.Request, draft: Draft, message: Message, about: str) -> Draft:
    """What was taken back of something forwarded, as its writer had it: the original is not part of it."""
    original, _ = await forwardable(request.app[PAGES].desk, agent_of(request), about)
    theirs = {each.stored for each in original.content.attachments}
    files = tuple(each for each in draft.attachments if each.stored not in theirs)
    text, subject = own_words(draft.text), message.content.subject
    return replace(draft, text=text, about=about, subject=subject, attachments=files)


async def _delivery(request: web.Request) -> Message:
    """The delivery that the request names, if the agent may see it."""
    found = await find_entry(request.app[PAGES].desk, agent_of(request), request.match_info["delivery"])
    if not isinstance(found, Message):
        raise web.HTTPNotFound(text=words_of(request).gettext("This message is not here any more."))
    return found


async def _again(request: web.Request, status: int, writing: Writing) -> web.StreamResponse:
    """The same page with what was written still in the composer, and why it was not sent."""
    talk = await talk_of(request, request.match_info["conversation"], writing)
    view = request[FORM].get("view", "open")
    if wants_part(request):
        return page(request, "composer.html", status=status, talk=talk, view=view, **await menus_of(request))
    return await whole(request, view, talk, await menus_of(request), status)
