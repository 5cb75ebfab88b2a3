"""Single sign-on: what is set, what groups give, and whether the provider answers."""

from collections.abc import Mapping

from aiohttp import web

from hub.auth.oidc import RETURN_PATH, check_provider
from hub.auth.oidc_provider import ProviderTrouble
from hub.auth.signing_in import SignInRefused
from hub.model.people import Role
from inbox_ui.office.frame import ADMINS, Place, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import agent_of, words_of

PLACE = Place(
    key="single-sign-on",
    group="company",
    icon="globe",
    title=lambda words: words.gettext("Single sign-on"),
    roles=ADMINS,
)


async def page(request: web.Request) -> web.StreamResponse:
    return _drawn(request)


async def test(request: web.Request) -> web.StreamResponse:
    """POST: ask the provider what it is, and for its keys."""
    try:
        found = await check_provider(request.app[PAGES].auth, agent_of(request))
    except SignInRefused as refused:
        return _drawn(request, 422, {"": told(refused, words_of(request))})
    except ProviderTrouble as trouble:
        return _drawn(request, 502, {"": str(trouble)})
    return _drawn(request, answered=found.authorization_endpoint)


def _drawn(
    request: web.Request,
    status: int = 200,
    problems: Mapping[str, str] | None = None,
    answered: str = "",
) -> web.StreamResponse:
    pages, words = request.app[PAGES], words_of(request)
    provider, _ = pages.auth.provider, words.gettext
    named = {Role.AGENT: _("Agent"), Role.SUPERVISOR: _("Supervisor"), Role.ADMIN: _("Admin")}
    oidc = provider.oidc if provider else None
    return office(
        request,
        PLACE,
        "office/single_sign_on.html",
        status,
        problems,
        oidc=oidc,
        group_roles=sorted((group, named[role]) for group, role in oidc.roles.items()) if oidc else [],
        comes_back_to=pages.origin(request) + RETURN_PATH,
        answered=answered,
    )


ROUTES = [web.get("/office/single-sign-on", page), web.post("/office/single-sign-on/test", test)]
