"""What is being written, kept on the server while somebody types, shared with others, taken over by them."""

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.drafting import (
    KINDS,
    NEW,
    DraftChanged,
    discard_draft,
    drafts_in,
    find_draft,
    save_draft,
    share_draft,
    take_draft,
)
from hub.desk.opening import list_agents
from hub.model.desk import StoredDraft
from inbox_ui.composing import attached, shared_ones
from inbox_ui.deeds import shown
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.timeline import Reader
from inbox_ui.visitor import FORM, agent_of, draw, words_of
from inbox_ui.written import read_written


async def save(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/drafts/{kind}; `version`: the one this continues.

    409: it was changed in another window; the answer says what it is there.
    """
    desk, agent, kind = request.app[PAGES].desk, agent_of(request), _kind(request)
    version = request[FORM].get("version", "")
    seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else None
    try:
        written = await read_written(request)
        stored = await save_draft(
            desk, agent, request.match_info["conversation"], written.draft(), kind=kind, seen=seen
        )
    except DraftChanged as changed:
        return web.json_response(_told(request, changed.newest), status=409)
    except NotPossible as problem:
        raise web.HTTPUnprocessableEntity(text=told(problem, words_of(request))) from problem
    return web.json_response({"version": stored.version, "conversation": stored.conversation})


async def find(request: web.Request) -> web.StreamResponse:
    """GET: one's own draft as it is now."""
    desk, agent, kind = request.app[PAGES].desk, agent_of(request), _kind(request)
    own = await find_draft(desk, agent, request.match_info["conversation"], kind=kind)
    return web.json_response(_told(request, own), headers={"Cache-Control": "no-store"})


async def discard(request: web.Request) -> web.StreamResponse:
    """DELETE: our scripts keep what it was for as long as that can be undone."""
    await discard_draft(
        request.app[PAGES].desk, agent_of(request), request.match_info["conversation"], kind=_kind(request)
    )
    return web.json_response(_told(request, None))


async def share(request: web.Request) -> web.StreamResponse:
    return await _shared(request, True)


async def unshare(request: web.Request) -> web.StreamResponse:
    return await _shared(request, False)


async def take(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/drafts/{kind}/writer: go on with what `agent` shares."""
    desk, agent, kind = request.app[PAGES].desk, agent_of(request), _kind(request)
    conversation, writer = request.match_info["conversation"], request[FORM].get("agent", "")
    try:
        await take_draft(desk, agent, conversation, writer, kind=kind)
    except NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, conversation, words_of(request).gettext("It is your draft now"))


async def drafts_part(request: web.Request, conversation: str) -> dict[str, object]:
    """For the live stream: what others share here, and which versions one has oneself."""
    pages, agent = request.app[PAGES], agent_of(request)
    drafts = await drafts_in(pages.desk, agent, conversation)
    shared = shared_ones(drafts, await _reader(request), agent.id)
    versions = {each.kind: each.version for each in drafts if each.agent == agent.id}
    html = draw(request, "drafts.html", shared_drafts=shared, conversation=conversation, view="open")
    return {"part": "drafts", "conversation": conversation, "html": html, "versions": versions}


async def _shared(request: web.Request, shared: bool) -> web.StreamResponse:
    desk, agent, conversation = request.app[PAGES].desk, agent_of(request), request.match_info["conversation"]
    try:
        changed = await share_draft(desk, agent, conversation, shared, kind=_kind(request))
    except NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return web.json_response({"version": changed.version, "shared": changed.shared})


def _told(request: web.Request, draft: StoredDraft | None) -> dict[str, object]:
    """`files`: drawn, as the composer shows them."""
    if draft is None:
        return {"version": 0, "text": "", "files": ""}
    pages, words = request.app[PAGES], words_of(request)
    reader = Reader(words, pages.key, pages.desk.clock(), {}, {})
    files = [attached(each, reader) for each in draft.attachments]
    return {
        "version": draft.version,
        "text": draft.text,
        "to": ", ".join(draft.to),
        "cc": ", ".join(draft.cc),
        "bcc": ", ".join(draft.bcc),
        "subject": draft.subject or "",
        "answers": draft.answers or "",
        "channel": draft.about if draft.kind == NEW else "",
        "shared": draft.shared,
        "files": "".join(draw(request, "attached.html", each=each) for each in files),
    }


async def _reader(request: web.Request) -> Reader:
    pages = request.app[PAGES]
    agents = {each.id: each for each in await list_agents(pages.desk)}
    return Reader(words_of(request), pages.key, pages.desk.clock(), agents, {})


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in (*KINDS, NEW):
        raise web.HTTPNotFound
    return kind
