"""Who asks, and how they want to be answered: what the guard finds out for every request below /desk."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from hub.auth.csrf import csrf_token
from hub.model.people import Agent
from hub.model.sign_ins import Session
from inbox_ui.pages import PAGES, Pages
from inbox_ui.words import Words

SESSION_COOKIE = "hubbub_session"
DEVICE_COOKIE = "hubbub_device"  # a browser that an agent has used before
LOOKS_COOKIE = "hubbub_looks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    agent: Agent | None = None
    session: Session | None = None
    words: Words
    theme: str = "system"
    density: str = "comfortable"
    folded: frozenset[str] = frozenset()  # sections of the left pane that are closed
    zone_known: bool = False

    @property
    def language(self) -> str:
        return self.words.language


VISITOR = web.RequestKey("visitor", Visitor)
FORM = web.RequestKey("form", dict[str, str])


def agent_of(request: web.Request) -> Agent:
    """Who is signed in. The guard lets nobody else through."""
    agent = request[VISITOR].agent
    assert agent is not None
    return agent


def words_of(request: web.Request) -> Words:
    return request[VISITOR].words


def wants_part(request: web.Request) -> bool:
    """Asked by our scripts for a piece of the page instead of a whole one."""
    return "X-Part" in request.headers


def now_of(request: web.Request) -> datetime:
    return request.app[PAGES].desk.clock()


def draw(request: web.Request, template: str, /, **values: object) -> str:
    """A template with what every one of them may use."""
    pages: Pages = request.app[PAGES]
    visitor = request[VISITOR]
    return pages.drawing.draw(
        template,
        visitor.words,
        visitor=visitor,
        csrf=csrf_token(visitor.session) if visitor.session else "",
        now=pages.desk.clock(),
        **values,
    )


def page(request: web.Request, template: str, /, status: int = 200, **values: object) -> web.Response:
    """A whole page, or a piece of one."""
    return web.Response(
        text=draw(request, template, **values),
        status=status,
        content_type="text/html",
        headers={"Cache-Control": "no-store", "Vary": "X-Part, Cookie, Accept-Language"},
    )


def see_other(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


def is_inside(address: str) -> bool:
    """One of our own pages, and not an address that only begins like one."""
    return address.startswith("/desk/") and "\\" not in address and "//" not in address.split("?")[0]
