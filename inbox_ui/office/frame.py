"""What all pages of the office share: who may see them, how they are drawn, how a form ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from aiohttp import web
from aiohttp.typedefs import Handler

from hub.auth.access import NotAllowed
from hub.model.people import Agent, Role
from inbox_ui.pages import PAGES
from inbox_ui.script_words import script_words
from inbox_ui.visitor import agent_of, page, see_other, words_of
from inbox_ui.words import Words

EVERYONE = frozenset(Role)
SUPERVISORS = frozenset({Role.ADMIN, Role.SUPERVISOR})
ADMINS = frozenset({Role.ADMIN})
DONE_COOKIE = "hubbub_done"  # what the next page says was done
DONE_LASTS = 60  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One page of the office. `group`: me, work or company."""

    key: str
    group: str
    icon: str
    title: Callable[[Words], str]
    roles: frozenset[Role] = EVERYONE

    @property
    def address(self) -> str:
        return f"/desk/office/{self.key}"


OFFICE = web.AppKey("office", tuple[Place, ...])


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines of the navigation."""

    title: str
    places: tuple[Place, ...]


def only(roles: frozenset[Role], handler: Handler) -> Handler:
    """The handler, for these roles."""

    async def asked(request: web.Request) -> web.StreamResponse:
        if agent_of(request).role not in roles:
            raise NotAllowed("office_not_yours")
        return await handler(request)

    return asked


async def first_page(request: web.Request) -> web.StreamResponse:
    """GET /desk/office. The fragment of the address stays: `#pages` shows the navigation on a phone."""
    found = [each for group in groups_of(request) for each in group.places]
    return see_other(found[0].address if found else "/desk/inbox/open")


def groups_of(request: web.Request) -> list[Group]:
    """What the visitor may open."""
    words, role = words_of(request), agent_of(request).role
    titles = {
        "me": words.gettext("Personal"),
        "work": words.gettext("Work"),
        "company": words.gettext("Company"),
    }
    there = [
        Group(title, tuple(each for each in request.app[OFFICE] if each.group == key and role in each.roles))
        for key, title in titles.items()
    ]
    return [group for group in there if group.places]


def office(
    request: web.Request,
    place: Place,
    template: str,
    /,
    status: int = 200,
    problems: Mapping[str, str] | None = None,
    **values: object,
) -> web.Response:
    """A page of the office. `problems`: what is wrong with a form, by field; "" for the form as a whole."""
    said = unquote(request.cookies.get(DONE_COOKIE, ""))
    response = page(
        request,
        template,
        status=status,
        place=place,
        groups=groups_of(request),
        problems=dict(problems or {}),
        done=said if status < 400 else "",
        script_words=script_words(words_of(request)),
        **values,
    )
    if said:
        response.del_cookie(DONE_COOKIE, path="/desk/office")
    return response


def done(request: web.Request, address: str, sentence: str) -> web.Response:
    """To a page of the office, which says once what was done."""
    response = see_other(address)
    response.set_cookie(
        DONE_COOKIE,
        quote(sentence),
        path="/desk/office",
        max_age=DONE_LASTS,
        httponly=True,
        samesite="Lax",
        secure=request.app[PAGES].secure,
    )
    return response


async def chosen(request: web.Request, name: str) -> list[str]:
    """All answers to a question that may have several, such as boxes that were ticked."""
    form = await request.post()
    return [each for each in form.getall(name, []) if isinstance(each, str)]


def gone(request: web.Request) -> web.Response:
    """What the address names is not here (any more)."""
    return page(request, "trouble.html", status=404, kind="gone")


def is_admin(agent: Agent) -> bool:
    return agent.role is Role.ADMIN
