"""Who I am here: name, signature, language, time zone, appearance."""

from aiohttp import web

from hub.auth.first_admin import AgentRefused
from hub.auth.profile import SIGNATURE_LONGEST, change_profile
from inbox_ui.looks import DENSITIES, THEMES, keep_looks, looks_of
from inbox_ui.office.frame import Place, done, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, VISITOR, agent_of, words_of
from inbox_ui.words import LANGUAGES
from inbox_ui.zones import places

PLACE = Place(key="profile", group="me", icon="mine", title=lambda words: words.gettext("Profile"))


async def page(request: web.Request) -> web.StreamResponse:
    return _drawn(request)


async def change(request: web.Request) -> web.StreamResponse:
    """Language and zone are kept for the agent and for this browser, the rest for this browser alone."""
    form, words = request[FORM], words_of(request)
    try:
        agent = await change_profile(
            request.app[PAGES].auth,
            agent_of(request),
            name=form.get("name"),
            signature=form.get("signature"),
            language=form.get("language"),
            zone=form.get("zone"),
            address=request.remote or "",
        )
    except AgentRefused as refused:
        field = {"signature_long": "signature", "language_wrong": "language", "zone_wrong": "zone"}
        return _drawn(request, 422, {field.get(refused.code, "name"): told(refused, words)})
    looks = {**looks_of(request), "language": agent.language or words.language}
    looks |= {"zone": agent.zone} if agent.zone else {}
    looks |= {"theme": form["theme"]} if form.get("theme") in THEMES else {}
    looks |= {"density": form["density"]} if form.get("density") in DENSITIES else {}
    response = done(request, PLACE.address, words.gettext("Saved"))
    keep_looks(request, response, looks)
    return response


def _drawn(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    agent, form, words = agent_of(request), request.get(FORM, {}), words_of(request)
    given = {name: form.get(name, getattr(agent, name)) for name in ("name", "signature", "language", "zone")}
    as_browser = words.gettext("As this browser says")
    return office(
        request,
        PLACE,
        "office/profile.html",
        status,
        problems,
        given=given,
        theme=form.get("theme", request[VISITOR].theme),
        themes=[
            ("system", words.gettext("System")),
            ("light", words.gettext("Light")),
            ("dark", words.gettext("Dark")),
        ],
        density=form.get("density", request[VISITOR].density),
        densities=[("comfortable", words.gettext("Comfortable")), ("compact", words.gettext("Compact"))],
        languages=[("", as_browser), *LANGUAGES.items()],
        zones=[("", as_browser), *((each, each) for each in places())],
        longest=SIGNATURE_LONGEST,
    )


ROUTES = [web.get("/office/profile", page), web.post("/office/profile", change)]
