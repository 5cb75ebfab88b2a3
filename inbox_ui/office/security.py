"""How I sign in: password, second factor, and where I am signed in just now."""

from collections.abc import Mapping

import segno
from aiohttp import web
from markupsafe import Markup

from hub.auth.passwords import SHORTEST, PasswordRefused
from hub.auth.signing_in import (
    SignInRefused,
    change_password,
    confirm_password,
    end_other_sessions,
    end_session,
    has_password,
    list_sessions,
    remove_own_factor,
)
from hub.auth.totp import (
    CodeRefused,
    confirm_enrolment,
    find_enrolment,
    find_factor,
    renew_recovery_codes,
    start_enrolment,
)
from hub.model.sign_ins import Session
from inbox_ui.browsers import browser_words
from inbox_ui.office.frame import Place, done, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, VISITOR, agent_of, words_of

PLACE = Place(key="security", group="me", icon="lock", title=lambda words: words.gettext("Signing in"))
FACTOR = f"{PLACE.address}/second-factor"


async def page(request: web.Request) -> web.StreamResponse:
    return await _drawn(request)


async def password(request: web.Request) -> web.StreamResponse:
    auth, form, words = request.app[PAGES].auth, request[FORM], words_of(request)
    if form.get("new") != form.get("again"):
        return await _drawn(request, 422, {"again": words.gettext("This is not the same password.")})
    try:
        given, new = form.get("password", ""), form.get("new", "")
        await change_password(auth, _session(request), agent_of(request), given, new)
    except PasswordRefused as refused:
        return await _drawn(request, 422, {"new": told(refused, words)})
    except SignInRefused as refused:
        return await _drawn(request, 422, {"password": told(refused, words)})
    said = words.gettext("Your password is changed; everywhere else you are signed out.")
    return done(request, PLACE.address, said)


async def begin_factor(request: web.Request) -> web.StreamResponse:
    """POST: propose a secret, once the password has been given."""
    if (refused := await _confirmed(request, "factor_password")) is not None:
        return refused
    await start_enrolment(request.app[PAGES].auth, agent_of(request))
    return done(request, FACTOR, "")


async def factor(request: web.Request) -> web.StreamResponse:
    """GET: the QR code of the secret that waits for its first code."""
    return await _enrolling(request)


async def confirm_factor(request: web.Request) -> web.StreamResponse:
    auth, words = request.app[PAGES].auth, words_of(request)
    try:
        codes = await confirm_enrolment(
            auth, agent_of(request), request[FORM].get("code", ""), address=request.remote or ""
        )
    except CodeRefused as refused:
        return await _enrolling(request, 422, {"code": told(refused, words)})
    await end_other_sessions(auth, agent_of(request), _session(request))
    return _codes(request, codes)


async def remove_factor(request: web.Request) -> web.StreamResponse:
    auth, words = request.app[PAGES].auth, words_of(request)
    try:
        given = request[FORM].get("remove_password", "")
        await remove_own_factor(auth, _session(request), agent_of(request), given)
    except SignInRefused as refused:
        return await _drawn(request, 422, {"remove_password": told(refused, words)})
    return done(request, PLACE.address, words.gettext("From now on the password is enough."))


async def renew_codes(request: web.Request) -> web.StreamResponse:
    if (refused := await _confirmed(request, "codes_password")) is not None:
        return refused
    auth = request.app[PAGES].auth
    return _codes(request, await renew_recovery_codes(auth, agent_of(request), address=request.remote or ""))


async def end_one(request: web.Request) -> web.StreamResponse:
    auth, words = request.app[PAGES].auth, words_of(request)
    await end_session(auth, agent_of(request), request.match_info["session"])
    return done(request, PLACE.address, words.gettext("Signed out there"))


async def end_others(request: web.Request) -> web.StreamResponse:
    auth, words = request.app[PAGES].auth, words_of(request)
    count = await end_other_sessions(auth, agent_of(request), _session(request))
    said = words.ngettext("Signed out in %(num)d place", "Signed out in %(num)d places", count)
    return done(request, PLACE.address, said)


def _session(request: web.Request) -> Session:
    session = request[VISITOR].session
    assert session is not None  # the guard lets nobody else through
    return session


async def _confirmed(request: web.Request, field: str) -> web.StreamResponse | None:
    """The page once more where the password is not right; nobody can give one that they do not have."""
    auth, agent = request.app[PAGES].auth, agent_of(request)
    if not await has_password(auth, agent):
        return None
    try:
        await confirm_password(auth, _session(request), agent, request[FORM].get(field, ""))
    except SignInRefused as refused:
        return await _drawn(request, 422, {field: told(refused, words_of(request))})
    return None


async def _drawn(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    auth, agent, words = request.app[PAGES].auth, agent_of(request), words_of(request)
    mine = _session(request).id
    sessions = [
        {
            "session": each,
            "browser": browser_words(each.browser, words),
            "mine": each.id == mine,
            "how": _how(each.how, request),
        }
        for each in await list_sessions(auth, agent)
    ]
    return office(
        request,
        PLACE,
        "office/security.html",
        status,
        problems,
        sessions=sorted(sessions, key=lambda each: not each["mine"]),
        factor=await find_factor(auth, agent),
        has_password=await has_password(auth, agent),
        shortest=SHORTEST,
    )


def _how(how: str, request: web.Request) -> str:
    _ = words_of(request).gettext
    return {"password": _("password"), "oidc": _("single sign-on"), "link": _("link")}.get(how, how)


async def _enrolling(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    found = await find_enrolment(request.app[PAGES].auth, agent_of(request))
    if found is None:
        return done(request, PLACE.address, "")
    spaced = " ".join(found.secret[at : at + 4] for at in range(0, len(found.secret), 4))
    return office(
        request,
        PLACE,
        "office/second_factor.html",
        status,
        problems,
        drawing=qr_code(found.uri),
        secret=spaced,
        uri=found.uri,
    )


def _codes(request: web.Request, codes: tuple[str, ...]) -> web.StreamResponse:
    """Shown this once: they are the answer to the form, and at no address."""
    return office(request, PLACE, "office/recovery_codes.html", codes=codes)


def qr_code(text: str) -> Markup:
    """As SVG: dark on light in either theme, as cameras want it; no style in it that the policy forbids."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # noqa: S704  (made of squares alone)


ROUTES = [
    web.get("/office/security", page),
    web.post("/office/security/password", password),
    web.get("/office/security/second-factor", factor),
    web.post("/office/security/second-factor", begin_factor),
    web.post("/office/security/second-factor/code", confirm_factor),
    web.post("/office/security/second-factor/removal", remove_factor),
    web.post("/office/security/recovery-codes", renew_codes),
    web.post("/office/security/sessions", end_others),
    web.post("/office/security/sessions/{session}", end_one),
]
