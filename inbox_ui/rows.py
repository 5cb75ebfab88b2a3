"""The list: what waits, one row each, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from hub.desk.opening import list_agents, list_channels
from hub.desk.views import BUILT_IN, View, count_views, list_view
from hub.model.channels import Channel, Health
from hub.model.inbox import Awaiting, Conversation, Side, Status
from hub.model.people import Agent
from inbox_ui.kinds import VIEW_ICONS, channel_icon, health_words, via_icon, via_words, view_words
from inbox_ui.pages import PAGES
from inbox_ui.script_words import script_words
from inbox_ui.visitor import agent_of, wants_part, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import Words

SORTS = ("newest", "waiting")
TAGS_SHOWN = 2
WORTH_SAYING = timedelta(minutes=10)  # between the first unanswered message and the last


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    who: str
    icon: str
    through: str
    kicker: str  # subject, or what kind of thing it is
    preview: str
    by_us: str  # who of us wrote the last message
    at: datetime
    waiting_since: datetime | None
    waits_longer: bool  # than since the last message
    unanswered: bool
    public: bool
    status: str
    tags: tuple[str, ...]
    more_tags: int
    agent: str  # name of whose it is


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the navigation."""

    key: str
    title: str
    icon: str
    count: int = 0
    state: str = ""
    hint: str = ""

    @property
    def shown_count(self) -> str:
        return "99+" if self.count > 99 else str(self.count) if self.count else ""


def row_of(conversation: Conversation, agents: Mapping[str, Agent], words: Words) -> Row:
    _ = words.gettext
    agent = agents.get(conversation.agent or "")
    kicker = conversation.subject if conversation.surface == "email" else ""
    if conversation.surface == "mention":
        kicker = _("Mentioned us")
    elif conversation.surface == "comment":
        kicker = _("Commented")
    return Row(
        id=conversation.id,
        who=conversation.customer_name,
        icon=via_icon(conversation.platform, conversation.surface),
        through=via_words(conversation, words),
        kicker=kicker,
        preview=conversation.last.preview or _("(no text)"),
        by_us=conversation.last.author_name if conversation.last.side is Side.US else "",
        at=conversation.activity_at,
        waiting_since=conversation.waiting_since,
        waits_longer=_waits_longer(conversation),
        unanswered=conversation.awaiting is Awaiting.US and conversation.status is Status.OPEN,
        public=conversation.visibility == "public",
        status=str(conversation.status),
        tags=conversation.tags[:TAGS_SHOWN],
        more_tags=max(0, len(conversation.tags) - TAGS_SHOWN),
        agent=agent.name if agent else "",
    )


def _waits_longer(conversation: Conversation) -> bool:
    since = conversation.waiting_since
    return since is not None and conversation.activity_at - since > WORTH_SAYING


async def frame_of(request: web.Request, view: str) -> dict[str, Any]:
    """What surrounds every conversation: navigation and list."""
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    sort = request.query.get("sort", "newest")
    sort = sort if sort in SORTS else "newest"
    found = await list_view(pages.desk, agent, view, cursor=request.query.get("after"), sort=sort)
    agents = {each.id: each for each in await list_agents(pages.desk)}
    counts = await count_views(pages.desk, agent)
    return {
        "view": view,
        "title": view_words(view, view, words),
        "sort": sort,
        "rows": [row_of(each, agents, words) for each in found.rows],
        "next_cursor": found.next_cursor,
        "views": [_view(each, counts.get(each.key, 0), words) for each in BUILT_IN.values()],
        "channels": [_channel(each, words) for each in await list_channels(pages.desk)],
        "agents": agents,
        "talk": None,
        "script_words": script_words(words),
    }


async def page(request: web.Request) -> web.StreamResponse:
    """A view without a conversation beside it; asked for a part, only its rows."""
    frame = await frame_of(request, request.match_info["view"])
    return draw_page(request, "rows.html" if wants_part(request) else "inbox.html", **frame)


def _view(view: View, count: int, words: Words) -> Link:
    return Link(view.key, view_words(view.key, view.title, words), VIEW_ICONS.get(view.key, "inbox"), count)


def _channel(channel: Channel, words: Words) -> Link:
    state = "paused" if channel.paused else str(channel.health)
    return Link(
        channel.id,
        channel.name,
        channel_icon(channel),
        state="broken" if channel.health is Health.BROKEN else state,
        hint=health_words(channel, words),
    )
