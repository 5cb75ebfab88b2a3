"""Around every request below /desk: who is it, is the form ours, what went wrong, what may the page do."""

from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from hub.auth.access import NotAllowed
from hub.auth.audit import asked_from
from hub.auth.csrf import Forged, check_csrf, csrf_token, from_elsewhere
from hub.auth.sessions import find_session
from hub.desk.away import StoreUnavailable
from hub.desk.replying import NoSuchConversation
from hub.desk.views import NoSuchView
from inbox_ui.looks import looks_of, words_for
from inbox_ui.mistakes import HEADERS, broken, kept_of, refused
from inbox_ui.pages import PAGES, Pages
from inbox_ui.saying import told
from inbox_ui.visitor import (
    FORM,
    SESSION_COOKIE,
    VISITOR,
    Visitor,
    is_inside,
    page,
    see_other,
    wants_part,
)

LARGEST_FORM = 8 * 1024 * 1024  # bytes: 200,000 characters of any script, written as %XX
LARGEST_WITH_FILES = 128 * 1024 * 1024
STREAMED = frozenset({"/desk/uploads"})  # read by who takes them, piece by piece; the token is in a header
AT_THE_DOOR = {
    ("GET", "/desk/sign-in"),
    ("GET", "/desk/sign-in/away"),
    ("GET", "/desk/sign-in/oidc"),
    ("POST", "/desk/session"),
    ("POST", "/desk/session/code"),
    ("POST", "/desk/looks"),
}
BY_LINK = ("/desk/first-admin/", "/desk/set-password/", "/desk/unsubscribe/", "/rating/")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    pages = request.app[PAGES]
    try:
        with asked_from(request.remote or ""):
            response = await _guarded(request, handler, pages)
    except web.HTTPException as answer:
        response = refused(request, answer)
    except ConnectionError:  # whoever asked has gone
        raise
    except Exception as problem:  # noqa: BLE001 the outermost guard: logged, and told without details
        response = broken(request, problem)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.content_type in ("text/html", "application/json"):
            response.enable_compression()
    return response


async def _guarded(request: web.Request, handler: Handler, pages: Pages) -> web.StreamResponse:
    try:
        visitor = await _visitor(request, pages)
    except StoreUnavailable:
        request[VISITOR] = Visitor(words=words_for(request, looks_of(request)))
        return page(request, "trouble.html", status=503, kind="away")
    request[VISITOR] = visitor
    if request.method == "POST":
        streamed = request.path in STREAMED
        # A clone forgets what proxies said of the client, unless it is told again.
        request = request.clone(
            client_max_size=LARGEST_WITH_FILES if _has_files(request, visitor) else LARGEST_FORM,
            remote=request.remote or "",
            scheme=request.scheme,
            host=request.host,
        )
        form = {} if streamed else await request.post()
        request[FORM] = {name: value for name, value in form.items() if isinstance(value, str)}
        if not _is_ours(request, visitor):
            return _stale(request, visitor)
    if visitor.agent is None and not _at_the_door(request):
        return _to_the_door(request)
    try:
        return await handler(request)
    except (NoSuchConversation, NoSuchView):
        return page(request, "trouble.html", status=404, kind="gone", kept=kept_of(request))
    except NotAllowed as problem:
        return page(
            request,
            "trouble.html",
            status=403,
            kind="forbidden",
            words_of_it=told(problem, visitor.words),
            kept=kept_of(request),
        )
    except StoreUnavailable:
        return page(request, "trouble.html", status=503, kind="away")


def _has_files(request: web.Request, visitor: Visitor) -> bool:
    """A form of somebody signed in, without scripts: its files come with it."""
    return visitor.session is not None and request.content_type == "multipart/form-data"


def _at_the_door(request: web.Request) -> bool:
    return (request.method, request.path) in AT_THE_DOOR or request.path.startswith(BY_LINK)


def _is_ours(request: web.Request, visitor: Visitor) -> bool:
    """A form that this session got from us; before there is a session, one that another page did not send."""
    if _from_elsewhere(request):
        return False
    if visitor.session is None:
        return True
    try:
        check_csrf(visitor.session, request[FORM].get("csrf") or request.headers.get("X-Form-Token"))
    except Forged:
        return False
    return True


async def _visitor(request: web.Request, pages: Pages) -> Visitor:
    looks = looks_of(request)
    found = await find_session(
        pages.auth, request.cookies.get(SESSION_COOKIE), address=request.remote or None
    )
    return Visitor(
        session=found[0] if found else None,
        agent=found[1] if found else None,
        words=words_for(request, looks, found[1] if found else None),
        theme=looks.get("theme", "system"),
        density=looks.get("density", "comfortable"),
        folded=frozenset(looks.get("folded", "").split()),
        zone_known="zone" in looks,
    )


def _to_the_door(request: web.Request) -> web.StreamResponse:
    """Back to where they wanted to go, once they have signed in."""
    if wants_part(request) or request.path == "/desk/live":
        return web.Response(status=401)
    if request.method == "POST" and (kept := kept_of(request)):
        came_from = urlsplit(request.headers.get("Referer", "")).path
        back = came_from if is_inside(came_from) else "/desk/inbox/open"
        return page(request, "trouble.html", status=401, kind="signed_out", kept=kept, back=back)
    wanted = f"?to={quote(request.path_qs)}" if request.method == "GET" else ""
    return see_other(f"/desk/sign-in{wanted}")


def _stale(request: web.Request, visitor: Visitor) -> web.Response:
    """Of a page of ours that outlived its session; our scripts are told the token that counts now."""
    response = page(request, "trouble.html", status=403, kind="stale", kept=kept_of(request))
    if visitor.session is not None and wants_part(request) and not _from_elsewhere(request):
        response.headers["X-Form-Token"] = csrf_token(visitor.session)
    return response


def _from_elsewhere(request: web.Request) -> bool:
    ours = frozenset(f"{scheme}://{request.host}" for scheme in ("http", "https"))
    return from_elsewhere(request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site"), ours)
