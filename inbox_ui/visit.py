"""Where a visitor of the web chat is on the site, beside their conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from hub.auth.access import NotAllowed
from hub.contract.visitors import Visit, Visitor
from hub.desk.opening import OpenConversation
from hub.desk.replying import Desk, NoSuchConversation, get_conversation, said_lately
from hub.desk.visits import visit_of
from hub.model.inbox import Message
from hub.model.people import Agent
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, draw

SHOWN = 8  # steps


@dataclass(frozen=True, slots=True)
class Step:
    """A page, or something the site told. `link` "": not to be opened."""

    text: str
    link: str
    at: datetime
    event: bool


@dataclass(frozen=True, slots=True)
class Visiting:
    here: bool
    referrer: str
    email: str
    verified: bool
    answers: Sequence[tuple[str, str]]
    steps: Sequence[Step]  # the newest first


async def visiting(desk: Desk, agent: Agent, opened: OpenConversation) -> Visiting | None:
    lately = [each for each in opened.entries if isinstance(each, Message)]
    found = await visit_of(desk, agent, opened.conversation, lately)
    return _shown(found, desk.clock()) if found else None


async def visit_part(request: web.Request, conversation: str) -> list[dict[str, object]]:
    """For the live stream: where they are now, or that they have gone."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    try:
        found = await get_conversation(desk, agent, conversation)
        visitor = await visit_of(desk, agent, found, await said_lately(desk, found))
    except (NoSuchConversation, NotAllowed):
        return []
    if visitor is None:
        return []
    html = draw(request, "visit.html", visit=_shown(visitor, desk.clock()))
    return [{"part": "visit", "conversation": conversation, "html": html}]


def _shown(visitor: Visitor, now: datetime) -> Visiting:
    return Visiting(
        here=visitor.here_until is not None and visitor.here_until > now,
        referrer=urlsplit(visitor.referrer).netloc,
        email=visitor.email,
        verified=visitor.verified,
        answers=list(visitor.answers.items()),
        steps=[_step(each) for each in reversed(_walked(visitor.trail)[-SHOWN:])],
    )


def _walked(trail: Sequence[Visit]) -> list[Visit]:
    """A page that told of itself twice at once is one step."""
    steps: list[Visit] = []
    for each in trail:
        if not steps or (each.url, each.event) != (steps[-1].url, steps[-1].event):
            steps.append(each)
    return steps


def _step(visit: Visit) -> Step:
    """A title can be anything, an address is shown by its path: what is opened is always the whole of it."""
    if visit.event:
        return Step(visit.event, "", visit.at, True)
    path = urlsplit(visit.url).path or "/"
    opens = visit.url if visit.url.startswith(("https://", "http://")) else ""
    return Step(visit.title or path, opens, visit.at, False)
