"""Tokens for programs that use the API: one's own; for admins everybody's."""

from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from hub.auth.access import NotAllowed
from hub.auth.agents import list_names
from hub.auth.tokens import TokenRefused, create_token, list_tokens, revoke_token
from hub.model.people import Role
from hub.model.sign_ins import ApiToken, Scope
from inbox_ui.office.frame import Place, done, gone, is_admin, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, now_of, words_of
from inbox_ui.words import Words

PLACE = Place(key="tokens", group="me", icon="key", title=lambda words: words.gettext("API tokens"))
LASTS = {"30": 30, "90": 90, "365": 365, "": None}  # days


async def page(request: web.Request) -> web.StreamResponse:
    return await _drawn(request)


async def add(request: web.Request) -> web.StreamResponse:
    """The text of the token is in the answer to the form, and nowhere later."""
    auth, form, words = request.app[PAGES].auth, request[FORM], words_of(request)
    days = LASTS.get(form.get("lasts", "90"), 90)
    try:
        token, text = await create_token(
            auth,
            agent_of(request),
            form.get("title", ""),
            frozenset(scope for scope in Scope if form.get("scope") == scope),
            lasts=timedelta(days=days) if days is not None else None,
            address=request.remote or "",
        )
    except TokenRefused as refused:
        field = {"token_title": "title", "token_scope": "scope", "token_past": "lasts"}
        return await _drawn(request, 422, {field.get(refused.code, ""): told(refused, words)})
    except NotAllowed as refused:
        return await _drawn(request, 403, {"scope": told(refused, words)})
    return office(request, PLACE, "office/token.html", token=token, text=text)


async def revoke(request: web.Request) -> web.StreamResponse:
    auth, words = request.app[PAGES].auth, words_of(request)
    token = request.match_info["token"]
    if not await revoke_token(auth, agent_of(request), token, address=request.remote or ""):
        return gone(request)
    return done(request, PLACE.address, words.gettext("Revoked: it opens nothing any more."))


async def _drawn(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    everybodys = is_admin(agent)
    names = await list_names(pages.auth)
    tokens = await list_tokens(pages.auth, agent, everybodys=everybodys)
    form = request.get(FORM, {})
    return office(
        request,
        PLACE,
        "office/tokens.html",
        status,
        problems,
        mine=[_shown(each, names, request) for each in tokens if each.agent == agent.id],
        others=[_shown(each, names, request) for each in tokens if each.agent != agent.id],
        everybodys=everybodys,
        title=form.get("title", ""),
        scope=form.get("scope", str(Scope.READ)),
        scopes=[
            (str(each), scope_words(each, words))
            for each in Scope
            if each is not Scope.ADMIN or agent.role is Role.ADMIN
        ],
        lasts=form.get("lasts", "90"),
        spans=[
            ("30", words.gettext("30 days")),
            ("90", words.gettext("90 days")),
            ("365", words.gettext("a year")),
            ("", words.gettext("until it is revoked")),
        ],
    )


def _shown(token: ApiToken, names: Mapping[str, str], request: web.Request) -> dict[str, object]:
    ended = token.expires_at is not None and token.expires_at <= now_of(request)
    scopes = [scope_words(each, words_of(request)) for each in token.scopes]
    return {"token": token, "ended": ended, "scopes": scopes, "of": names.get(token.agent, "")}


def scope_words(scope: Scope, words: Words) -> str:
    _ = words.gettext
    return {
        Scope.READ: _("Read only"),
        Scope.WRITE: _("Read and write"),
        Scope.ADMIN: _("Everything an admin may"),
    }[scope]


ROUTES = [
    web.get("/office/tokens", page),
    web.post("/office/tokens", add),
    web.post("/office/tokens/{token}", revoke),
]
