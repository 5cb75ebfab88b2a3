"""How this browser shows the desk: language, zone, theme, density. In a cookie: needed before signing in."""

from urllib.parse import parse_qs, urlencode

from aiohttp import web

from hub.model.people import Agent
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, LOOKS_COOKIE, is_inside, see_other, wants_part
from inbox_ui.words import LANGUAGES, Words, choose_language, is_zone

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
SECTIONS = ("saved", "teams", "channels")
A_YEAR = 365 * 24 * 3600


def looks_of(request: web.Request) -> dict[str, str]:
    """As chosen in this browser; what is not valid is left out."""
    return _valid(
        {
            name: each[0]
            for name, each in parse_qs(request.cookies.get(LOOKS_COOKIE, ""), keep_blank_values=True).items()
        }
    )


def words_for(request: web.Request, looks: dict[str, str], agent: Agent | None = None) -> Words:
    """As chosen in this browser, else as the agent chose for all, else as the browser says."""
    chosen = agent.language if agent and agent.language in LANGUAGES else ""
    language = looks.get("language") or chosen or choose_language(request.headers.get("Accept-Language", ""))
    return Words(language, (agent.zone if agent else "") or looks.get("zone", "UTC"))


async def change(request: web.Request) -> web.StreamResponse:
    """Changes what the form names; anything we do not know stays as it was."""
    looks = {**looks_of(request), **_valid(request[FORM])}
    if wants_part(request):
        response = web.Response(status=204)
    else:
        back = request[FORM].get("back", "")
        response = see_other(back if is_inside(back) else "/desk/inbox/open")
    keep_looks(request, response, looks)
    return response


def keep_looks(request: web.Request, response: web.Response, looks: dict[str, str]) -> None:
    response.set_cookie(
        LOOKS_COOKIE,
        urlencode(looks),
        path="/desk",
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.app[PAGES].secure,
    )


def _valid(given: dict[str, str]) -> dict[str, str]:
    known = {
        "language": given.get("language", "") in LANGUAGES,
        "zone": is_zone(given.get("zone", "")),
        "theme": given.get("theme", "") in THEMES,
        "density": given.get("density", "") in DENSITIES,
        "folded": "folded" in given and set(given["folded"].split()) <= set(SECTIONS),
    }
    return {name: given[name] for name, valid in known.items() if valid}
