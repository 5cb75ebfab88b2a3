"""The door: in by password and second factor, or by a link that works once; and out."""

from aiohttp import web

from hub.auth.first_admin import AgentRefused, finish_first_admin, first_admin_wanted
from hub.auth.links import LinkSpent
from hub.auth.passwords import PasswordRefused
from hub.auth.signing_in import CodeNeeded, SignInRefused, finish_sign_in, sign_in, sign_out
from hub.model.sign_ins import Session
from inbox_ui.pages import PAGES
from inbox_ui.visitor import DEVICE_COOKIE, FORM, SESSION_COOKIE, VISITOR, is_inside, see_other
from inbox_ui.visitor import page as draw_page

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
        return _door(request, status=403, to=to, email=email, problem=str(refused))
    return _inside(request, session, to)


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
        return _door(request, status=403, to=to, ticket=ticket, problem=str(refused))
    return _inside(request, session, to)


async def end(request: web.Request) -> web.StreamResponse:
    """DELETE /desk/session"""
    session = request[VISITOR].session
    if session is not None:
        await sign_out(request.app[PAGES].auth, session)
    response = see_other("/desk/sign-in")
    response.del_cookie(SESSION_COOKIE, path="/desk")
    return response


async def first_admin(request: web.Request) -> web.StreamResponse:
    """GET: the form of the link in the terminal. POST: makes the first admin and signs them in."""
    auth, token, form = request.app[PAGES].auth, request.match_info["token"], request.get(FORM, {})
    given = {"name": form.get("name", ""), "email": form.get("email", "")}
    if request.method == "GET":
        wanted = await first_admin_wanted(auth, token)
        return draw_page(
            request, "first_admin.html", status=200 if wanted else 410, wanted=wanted, problem="", **given
        )
    try:
        session = await finish_first_admin(
            auth,
            token,
            given["name"],
            given["email"],
            form.get("password", ""),
            address=request.remote or "",
            browser=request.headers.get("User-Agent", ""),
        )
    except LinkSpent:
        return draw_page(request, "first_admin.html", status=410, wanted=False, problem="", **given)
    except (AgentRefused, PasswordRefused) as refused:
        return draw_page(request, "first_admin.html", status=422, wanted=True, problem=str(refused), **given)
    return _inside(request, session, HOME)


def _inside(request: web.Request, session: Session, to: str) -> web.Response:
    response = see_other(to if is_inside(to) else HOME)
    secure = request.app[PAGES].secure
    response.set_cookie(
        SESSION_COOKIE, session.token, path="/desk", httponly=True, samesite="Lax", secure=secure
    )
    if session.device:
        response.set_cookie(
            DEVICE_COOKIE,
            session.device,
            path="/desk/session",
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
        request, "sign_in.html", status=status, to=to, email=email, problem=problem, ticket=ticket
    )
