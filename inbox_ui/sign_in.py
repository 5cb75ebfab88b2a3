"""The door: in by password and second factor, or by single sign-on; and out."""

from aiohttp import web

from hub.auth.oidc import RETURN_PATH, finish_oidc, start_oidc
from hub.auth.signing_in import CodeNeeded, SignInRefused, finish_sign_in, sign_in, sign_out
from hub.model.sign_ins import Session
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import DEVICE_COOKIE, FORM, SESSION_COOKIE, VISITOR, is_inside, see_other
from inbox_ui.visitor import page as draw_page

OIDC_COOKIE = "hubbub_oidc"
HOME = "/desk/inbox/open"
A_YEAR = 365 * 24 * 3600


async def page(request: web.Request) -> web.StreamResponse:
    to = request.query.get("to", HOME)
    if request[VISITOR].agent is not None:
        return see_other(to if is_inside(to) else HOME)
    return _door(request, to=to)


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /desk/session: with a password."""
    form = request[FORM]
    to, email = form.get("to", HOME), form.get("email", "").strip()
    try:
        session = await sign_in(
            request.app[PAGES].auth,
            email,
            form.get("password", ""),
            address=request.remote or "",
            browser=request.headers.get("User-Agent", ""),
            device=request.cookies.get(DEVICE_COOKIE),
        )
    except CodeNeeded as needed:
        return _door(request, to=to, ticket=needed.ticket)
    except SignInRefused as refused:
        return _door(request, status=403, to=to, email=email, problem=told(refused, request[VISITOR].words))
    return inside(request, session, to)


async def code(request: web.Request) -> web.StreamResponse:
    """POST /desk/session/code: the second factor, after the password."""
    form = request[FORM]
    to, ticket = form.get("to", HOME), form.get("ticket", "")
    try:
        session = await finish_sign_in(
            request.app[PAGES].auth,
            ticket,
            form.get("code", "").strip(),
            address=request.remote or "",
            browser=request.headers.get("User-Agent", ""),
            device=request.cookies.get(DEVICE_COOKIE),
        )
    except SignInRefused as refused:
        return _door(request, status=403, to=to, ticket=ticket, problem=told(refused, request[VISITOR].words))
    return inside(request, session, to)


async def end(request: web.Request) -> web.StreamResponse:
    """DELETE /desk/session"""
    session = request[VISITOR].session
    if session is not None:
        await sign_out(request.app[PAGES].auth, session)
    response = see_other("/desk/sign-in")
    response.del_cookie(SESSION_COOKIE, path="/desk")
    return response


async def away(request: web.Request) -> web.StreamResponse:
    """To the provider of single sign-on, which sends them back to `back`."""
    to, pages = request.query.get("to", HOME), request.app[PAGES]
    try:
        leaving = await start_oidc(pages.auth, pages.origin(request) + RETURN_PATH, to)
    except SignInRefused as refused:
        return _door(request, status=502, to=to, problem=told(refused, request[VISITOR].words))
    response = see_other(leaving.url)
    response.set_cookie(
        OIDC_COOKIE,
        leaving.cookie,
        path=RETURN_PATH,
        max_age=900,
        httponly=True,
        samesite="Lax",
        secure=pages.secure,
    )
    return response


async def back(request: web.Request) -> web.StreamResponse:
    """GET /desk/sign-in/oidc: what the provider says of them."""
    try:
        arrived = await finish_oidc(
            request.app[PAGES].auth,
            request.cookies.get(OIDC_COOKIE),
            dict(request.query),
            address=request.remote or "",
            browser=request.headers.get("User-Agent", ""),
            device=request.cookies.get(DEVICE_COOKIE),
        )
    except CodeNeeded as needed:
        response = _door(request, to=HOME, ticket=needed.ticket)
    except SignInRefused as refused:
        response = _door(request, status=403, to=HOME, problem=told(refused, request[VISITOR].words))
    else:
        response = inside(request, arrived.session, arrived.back)
    response.del_cookie(OIDC_COOKIE, path=RETURN_PATH)
    return response


def inside(request: web.Request, session: Session, to: str) -> web.Response:
    """Signed in, with the cookies that say so."""
    response = see_other(to if is_inside(to) else HOME)
    secure = request.app[PAGES].secure
    response.set_cookie(
        SESSION_COOKIE, session.token, path="/desk", httponly=True, samesite="Lax", secure=secure
    )
    if session.device:
        response.set_cookie(
            DEVICE_COOKIE,
            session.device,
            path="/desk",
            max_age=A_YEAR,
            httponly=True,
            samesite="Lax",
            secure=secure,
        )
    return response


def _door(
    request: web.Request,
    *,
    to: str,
    status: int = 200,
    email: str = "",
    problem: str = "",
    ticket: str = "",
) -> web.Response:
    return draw_page(
        request,
        "sign_in.html",
        status=status,
        to=to,
        email=email,
        problem=problem,
        ticket=ticket,
        single_sign_on=request.app[PAGES].auth.provider is not None,
    )
