"""Saved replies: found, made, changed, previewed, removed."""

from collections.abc import Sequence

from aiohttp import web

from hub.desk import editing_replies as replies
from hub.desk.changing import NotPossible
from hub.desk.opening import list_teams
from hub.desk.saved_replies import BadReply
from hub.desk.uploading import list_uploads
from hub.model.content import Attachment
from hub.model.desk import SavedReply
from hub.model.people import Role
from inbox_ui.office.frame import Place, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.timeline import Reader, file_of
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.written import read_files

PLACE = Place(
    key="saved-replies", group="work", icon="snippet", title=lambda words: words.gettext("Saved replies")
)
TEAM = "team:"  # before the team's id, in the question for whom


async def page(request: web.Request) -> web.StreamResponse:
    desk, agent, asked = request.app[PAGES].desk, agent_of(request), request.query.get("q", "")
    found = await replies.list_replies(desk, agent, asked)
    return office(
        request,
        PLACE,
        "office/saved_replies.html",
        asked=asked,
        replies=[(each, replies.may_change(agent, each)) for each in found],
        teams={each.id: each.name for each in await list_teams(desk)},
    )


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or one reply to change."""
    reply = None
    if (named := request.match_info.get("reply")) is not None:
        try:
            reply = await replies.get_reply(request.app[PAGES].desk, agent_of(request), named)
        except BadReply:
            return gone(request)
    return await _form(request, reply)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: keep it, or only show how it reads. DELETE: remove it."""
    desk, agent, words, form = (
        request.app[PAGES].desk,
        agent_of(request),
        words_of(request),
        request[FORM],
    )
    named = request.match_info.get("reply")
    try:
        old = await replies.get_reply(desk, agent, named) if named else None
        if old and form.get("_method") == "delete":
            await replies.discard_reply(desk, agent, old.id, address=request.remote)
            return done(request, PLACE.address, words.gettext("Removed"))
    except BadReply:
        return gone(request)
    whose = form.get("whose", "")
    files: list[str] = []
    try:
        files = await read_files(request)
        if form.get("deed") == "preview":
            return await _form(request, old, files=files)
        await replies.keep_reply(
            desk,
            agent,
            named,
            form.get("title", ""),
            form.get("text", "").replace("\r\n", "\n"),
            team=whose.removeprefix(TEAM) if whose.startswith(TEAM) else None,
            shared=whose == "shared",
            shortcut=form.get("shortcut", ""),
            files=files,
            address=request.remote,
        )
    except (BadReply, NotPossible) as problem:
        return await _form(request, old, 422, {_place(problem.code): told(problem, words)}, files)
    return done(request, PLACE.address, words.gettext("Saved"))


async def _form(
    request: web.Request,
    reply: SavedReply | None,
    status: int = 200,
    problems: dict[str, str] | None = None,
    files: Sequence[str] = (),
) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    form = request.get(FORM, {})
    whose = [("", words.gettext("Only me"))]
    if agent.role is not Role.AGENT:
        whose += [(TEAM + each.id, each.name) for each in await list_teams(desk)]
        whose.append(("shared", words.gettext("Everybody")))
    text = form.get("text", reply.text if reply else "")
    shown = None
    if text and not problems:
        try:
            shown = replies.preview(agent, text)
        except BadReply as problem:
            problems = {"text": told(problem, words)}
    reader = Reader(words, request.app[PAGES].key, desk.clock(), {}, {})
    shown_files = await _files(request, reply, files) if form else reply.attachments if reply else ()
    return office(
        request,
        PLACE,
        "office/saved_reply.html",
        422 if problems else status,
        problems,
        reply=reply,
        values={
            "title": form.get("title", reply.title if reply else ""),
            "shortcut": form.get("shortcut", reply.shortcut if reply else ""),
            "text": text,
            "whose": form.get("whose", _whose(reply)),
        },
        files=[(each.stored, file_of(each, reader)) for each in shown_files],
        whose=whose,
        shown=shown,
    )


async def _files(
    request: web.Request, reply: SavedReply | None, named: Sequence[str]
) -> Sequence[Attachment]:
    """What was ticked or uploaded with the form, also before it is kept."""
    old = [each for each in reply.attachments if each.stored in named] if reply else []
    return (*old, *await list_uploads(request.app[PAGES].desk, agent_of(request), named))


def _whose(reply: SavedReply | None) -> str:
    if reply is None:
        return ""
    return "shared" if reply.shared else TEAM + reply.team if reply.team else ""


def _place(code: str) -> str:
    """The field a refusal is about."""
    places = {"saved_reply_length": "title", "shortcut_wrong": "shortcut", "team_gone": "whose"}
    places |= dict.fromkeys(("upload_large", "attached_many", "attached_gone"), "upload")
    return places.get(code, "text")


ROUTES = [
    web.get("/office/saved-replies", page),
    web.get("/office/saved-replies/new", ask),
    web.post("/office/saved-replies", keep),
    web.get("/office/saved-replies/{reply}", ask),
    web.post("/office/saved-replies/{reply}", keep),
]
