"""What is shown when a page cannot be: nothing at this address, not like this, or a mistake of ours.

A mistake of ours has a reference, on the page and in the log. Our scripts get the bare sentence, to say it.
"""

import secrets

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from hub.api.problems import Problem
from inbox_ui.drawing import drawing
from inbox_ui.looks import looks_of, words_for
from inbox_ui.visitor import FORM, VISITOR, Visitor, page, wants_part
from inbox_ui.words import LANGUAGES, Words

log = structlog.get_logger()

WRITTEN = ("text", "note", "value")  # fields in which people write what must not be lost
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types hubbub",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
KINDS = {404: "nowhere", 405: "method", 413: "large"}  # the others: "refused"
API = "/api/"
UNREADABLE = "The address, or a header, is too long, or this is not HTTP as we read it."


def kept_of(request: web.Request) -> str:
    """What somebody wrote in a form that came to nothing: shown, so that it is not lost."""
    form = request.get(FORM, {})
    return next((form[name] for name in WRITTEN if form.get(name, "").strip()), "")


def refused(request: web.Request, answer: web.HTTPException) -> web.Response:
    """Below /desk: a page for what is not there, or not possible. Raises `answer` where no page is wanted."""
    if answer.status < 400 or not _wants_page(request):
        answer.headers.update(HEADERS)
        raise answer
    own_words = "" if answer.text == f"{answer.status}: {answer.reason}" else answer.text or ""
    drawn = page(
        request,
        "trouble.html",
        status=answer.status,
        kind=KINDS.get(answer.status, "refused"),
        words_of_it=own_words,
        kept=kept_of(request),
    )
    if "Allow" in answer.headers:
        drawn.headers["Allow"] = answer.headers["Allow"]
    return drawn


def broken(request: web.Request, problem: Exception) -> web.Response:
    """A mistake of ours, with the number under which it stands in the log."""
    reference = _logged(request, problem)
    if request.path.startswith(API):
        return Problem("broken", f"It is written down in our log as {reference}.").response()
    if not _wants_page(request):
        text = f"We have made a mistake. It is written down in our log as {reference}."
        return web.Response(text=text, status=500, headers=HEADERS)
    try:
        drawn = _for_anybody(request, 500, kind="broken", reference=reference, kept=kept_of(request))
    except Exception:
        log.exception("the page for mistakes cannot be drawn", reference=reference)
        text = f"We have made a mistake. It is written down in our log as {reference}."
        return web.Response(text=text, status=500, headers=HEADERS)
    drawn.headers.update(HEADERS)
    return drawn


@web.middleware
async def outside(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around everything: what no address answers, and what nobody foresaw outside of pages and API."""
    try:
        return await handler(request)
    except web.HTTPException as answer:
        unknown = request.match_info.http_exception is not None and answer.status in (404, 405)
        if unknown and request.path.startswith(API):
            return Problem("not-found", "There is nothing at this address.").response()
        if not unknown or not _wants_page(request):
            raise
        drawn = _for_anybody(request, answer.status, kind=KINDS[answer.status])
        drawn.headers.update(HEADERS)
        return drawn
    except ConnectionError:  # whoever asked has gone
        raise
    except Exception as problem:  # noqa: BLE001 the outermost guard: logged, and told without details
        return broken(request, problem)


class Unreadable:
    """The answer to what is no request, before anybody knows for which page and reader: in all languages."""

    def __init__(self) -> None:
        first, *others = (Visitor(words=Words(each)) for each in LANGUAGES)
        self._page = drawing().draw("unreadable.html", first.words, visitor=first, others=others)
        self._problem = Problem("bad-request", UNREADABLE)

    def response(self, api: bool) -> web.Response:
        if api:
            return self._problem.response()
        headers = CIMultiDict({**HEADERS, "Cache-Control": "no-store"})
        return web.Response(text=self._page, status=400, content_type="text/html", headers=headers)


def _for_anybody(request: web.Request, status: int, **values: object) -> web.Response:
    if VISITOR not in request:
        looks = looks_of(request)
        request[VISITOR] = Visitor(words=words_for(request, looks), theme=looks.get("theme", "system"))
    return page(request, "trouble.html", status=status, **values)


def _wants_page(request: web.Request) -> bool:
    """Somebody looks at it: not a script of ours, a frame, a picture, or another program."""
    looked_at = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    return looked_at and not wants_part(request) and "text/html" in request.headers.get("Accept", "")


def _logged(request: web.Request, problem: Exception) -> str:
    """The route, not the address, which may hold a secret. Returns the reference."""
    reference = secrets.token_hex(4)
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    log.error("a request failed", reference=reference, method=request.method, route=route, exc_info=problem)
    return reference
