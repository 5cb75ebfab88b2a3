"""Links that work once: making the first admin, and choosing a password."""

from aiohttp import web

from hub.auth.first_admin import AgentRefused, finish_first_admin, first_admin_wanted
from hub.auth.links import LinkSpent, accept_invitation, find_invited
from hub.auth.passwords import PasswordRefused
from hub.auth.signing_in import CodeNeeded
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.sign_in import HOME, inside
from inbox_ui.visitor import DEVICE_COOKIE, FORM, page, see_other, words_of


async def first_admin(request: web.Request) -> web.StreamResponse:
    """GET: the form of the link in the terminal. POST: makes the first admin and signs them in."""
    auth, token, form = request.app[PAGES].auth, request.match_info["token"], request.get(FORM, {})
    given = {"name": form.get("name", ""), "email": form.get("email", "")}
    if request.method == "GET":
        wanted = await first_admin_wanted(auth, token)
        return page(
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
        return page(request, "first_admin.html", status=410, wanted=False, problem="", **given)
    except (AgentRefused, PasswordRefused) as refused:
        return page(
            request,
            "first_admin.html",
            status=422,
            wanted=True,
            problem=told(refused, words_of(request)),
            **given,
        )
    return inside(request, session, HOME)


async def set_password(request: web.Request) -> web.StreamResponse:
    """GET: the form of an invitation. POST: sets the password and signs in."""
    auth, token = request.app[PAGES].auth, request.match_info["token"]
    invited = await find_invited(auth, token)
    given = {"name": invited.name if invited else "", "email": invited.email if invited else ""}
    if invited is None or request.method == "GET":
        status = 200 if invited else 410
        return page(
            request, "set_password.html", status=status, wanted=invited is not None, problem="", **given
        )
    try:
        session = await accept_invitation(
            auth,
            token,
            request[FORM].get("password", ""),
            address=request.remote or "",
            browser=request.headers.get("User-Agent", ""),
            device=request.cookies.get(DEVICE_COOKIE),
        )
    except LinkSpent:
        return page(request, "set_password.html", status=410, wanted=False, problem="", **given)
    except PasswordRefused as refused:
        return page(
            request,
            "set_password.html",
            status=422,
            wanted=True,
            problem=told(refused, words_of(request)),
            **given,
        )
    except CodeNeeded:
        return see_other("/desk/sign-in")
    return inside(request, session, HOME)
