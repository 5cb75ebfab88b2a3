"""What is asked before it is done: merging, splitting, deleting, and writing to somebody first.

Each is a page of its own; our scripts show it as a dialog over the conversation. What a form wants to say
once it is done: where to go in `X-Open`, what to say in `X-Say`, how to take it back in `X-Undo`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from hub.auth.access import NotAllowed, access_deletion
from hub.desk import deeds
from hub.desk.asking import BadQuestion
from hub.desk.joining import list_threads, merge, split
from hub.desk.opening import list_agents, list_channels, open_conversation
from hub.desk.searching import search
from hub.model.inbox import Conversation, Status
from inbox_ui.kinds import via_icon
from inbox_ui.pages import PAGES
from inbox_ui.row import Row, row_of
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, is_inside, page, see_other, wants_part, words_of

SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A conversation that this one could be merged with."""

    row: Row
    state: str
    same_customer: bool


def task(request: web.Request, template: str, status: int = 200, /, **values: object) -> web.Response:
    """For our scripts the dialog's content, for anybody else a page around it."""
    view = request.query.get("view") or request.get(FORM, {}).get("view", "open")
    if wants_part(request):
        return page(request, template, status, heading="h2", view=view, **values)
    return page(request, "task.html", status, heading="h1", inside=template, view=view, **values)


def done(request: web.Request, conversation: str | None, said: str, token: str | None = None) -> web.Response:
    """On to a conversation, or to the list where there is none."""
    view = request[FORM].get("view", "open")
    address = f"/desk/inbox/{view}" + (f"/{conversation}" if conversation else "")
    if not wants_part(request):
        return see_other(address if is_inside(address) else "/desk/inbox/open")
    headers = {"X-Say": quote(said), "X-Open": conversation or ""}
    if token:
        headers["X-Undo"] = token
    return web.Response(status=204, headers=headers)


async def merging(request: web.Request, problem: str = "") -> web.Response:
    """GET /conversations/{id}/merges: with which; `q` looks for others than the customer's own."""
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    opened = await open_conversation(pages.desk, agent, request.match_info["conversation"])
    found, question = opened.conversation, request.query.get("q", "").strip()
    agents = {each.id: each for each in await list_agents(pages.desk)}
    candidates: Sequence[Conversation] = opened.others
    if question:
        try:
            hits = await search(pages.desk, agent, question, limit=SUGGESTED * 3)
        except BadQuestion as refused:
            problem, candidates = told(refused, words), ()
        else:
            candidates = list({hit.conversation.id: hit.conversation for hit in hits.rows}.values())
    usable = [each for each in candidates if each.id != found.id and each.status is not Status.MERGED]
    choices = [
        Choice(
            row_of(each, agents, words),
            _state(each, request),
            (each.person or each.customer) == (found.person or found.customer),
        )
        for each in usable[:SUGGESTED]
    ]
    this = Choice(row_of(found, agents, words), _state(found, request), True)
    status = 409 if problem else 200
    return task(
        request, "merging.html", status, this=this, choices=choices, question=question, problem=problem
    )


async def merges(request: web.Request) -> web.StreamResponse:
    """POST: `other` is the other one; `keep`: which of the two stays, "this" or "other"."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    this, other = request.match_info["conversation"], form.get("other", "")
    kept, given = (other, this) if form.get("keep") == "other" else (this, other)
    if not other:
        return await merging(request, words.gettext("Choose a conversation."))
    try:
        finished = await merge(desk, agent, kept, [given])
    except (deeds.NotPossible, deeds.Changed) as problem:
        return await merging(request, told(problem, words))
    return done(request, kept, words.gettext("Merged"), finished.token)


async def splitting(request: web.Request, problem: str = "") -> web.Response:
    """GET /conversations/{id}/parts: which threads become a conversation of their own."""
    pages, agent = request.app[PAGES], agent_of(request)
    conversation = request.match_info["conversation"]
    threads = await list_threads(pages.desk, agent, conversation)
    channels = {each.id: each.name for each in await list_channels(pages.desk)}
    icons = {each.id: via_icon(each.platform, each.surface) for each in threads}
    return task(
        request,
        "splitting.html",
        409 if problem else 200,
        conversation=conversation,
        threads=threads,
        channels=channels,
        icons=icons,
        chosen=request.query.get("thread", ""),
        problem=problem,
    )


async def parts(request: web.Request) -> web.StreamResponse:
    """POST: `thread:<id>` for each that goes."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    chosen = [name.removeprefix("thread:") for name in form if name.startswith("thread:")]
    try:
        opened, finished = await split(desk, agent, request.match_info["conversation"], chosen)
    except (deeds.NotPossible, deeds.Changed) as problem:
        return await splitting(request, told(problem, words))
    return done(request, opened, words.gettext("Now a conversation of its own"), finished.token)


async def deleting(request: web.Request) -> web.Response:
    """GET /conversations/{id}/deletion: what will be gone, and what the audit log keeps."""
    pages, agent = request.app[PAGES], agent_of(request)
    opened = await open_conversation(pages.desk, agent, request.match_info["conversation"])
    allowed = True
    try:
        access_deletion(agent, opened.conversation)
    except NotAllowed:
        allowed = False
    return task(request, "deleting.html", conversation=opened.conversation, allowed=allowed)


async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE /conversations/{id}: for good."""
    words, conversation = words_of(request), request.match_info["conversation"]
    count = await deeds.delete(request.app[PAGES].desk, agent_of(request), conversation)
    said = words.ngettext("Deleted, with %(num)d entry", "Deleted, with %(num)d entries", count)
    return done(request, None, said)


def _state(conversation: Conversation, request: web.Request) -> str:
    _ = words_of(request).gettext
    return {
        Status.OPEN: _("still open"),
        Status.SNOOZED: _("snoozed"),
        Status.RESOLVED: _("resolved"),
        Status.SPAM: _("Spam"),
    }.get(conversation.status, str(conversation.status))
