"""One conversation: its timeline, the composer, and the customer beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from hub.desk.amending import Amendable, amendable
from hub.desk.drafting import drafts_at
from hub.desk.notices import see_conversation
from hub.desk.opening import OpenConversation, list_agents, list_teams, open_conversation
from hub.desk.undoing import still_undoable
from hub.model.inbox import Activity, Message
from hub.model.people import Agent
from inbox_ui.composer import Composer, SharedDraft, Writing
from inbox_ui.composing import composer_of, shared_ones
from inbox_ui.joinable import MayJoin, joins_of
from inbox_ui.kinds import priority_words
from inbox_ui.pages import PAGES, Pages
from inbox_ui.presets import presets
from inbox_ui.profile import Profile, profile_of
from inbox_ui.quoting import answerable, quotes_of
from inbox_ui.row import Row, row_of
from inbox_ui.rows import frame_of
from inbox_ui.timeline import Fact, Reader, Said, shown
from inbox_ui.visit import Visiting, visiting
from inbox_ui.visitor import agent_of, see_other, wants_part, words_of
from inbox_ui.visitor import page as draw_page

UNDO_SHOWN = 20  # facts that can be taken back from the timeline


@dataclass(frozen=True, slots=True)
class Talk:
    id: str
    title: str
    row: Row
    moved: bool  # asked for by the address of one that was merged into it
    status: str
    agent: Agent | None
    tags: tuple[str, ...]
    priority: str
    followed: bool
    snoozed_until: datetime | None
    team: str | None
    entries: Sequence[Said | Fact]
    earlier: str | None
    composer: Composer | None
    shared_drafts: Sequence[SharedDraft]
    person: Profile
    joins: Sequence[MayJoin]  # other open conversations that may be the same matter
    visit: Visiting | None  # where they are on the site, if they write from one


async def page(request: web.Request) -> web.StreamResponse:
    """A conversation in its view; asked for a part, only the conversation."""
    view, wanted = request.match_info["view"], request.match_info["conversation"]
    if not wants_part(request):
        frame, talk, menus = await asyncio.gather(
            frame_of(request, view), _seen(request, wanted), menus_of(request)
        )
        return draw_page(request, "inbox.html", **{**frame, **menus, "talk": talk})
    talk = await talk_of(request, wanted)
    if request.query.get("before"):
        return draw_page(request, "entries.html", talk=talk, view=view)
    return draw_page(request, "talk.html", talk=talk, view=view, **await menus_of(request))


async def _seen(request: web.Request, conversation: str) -> Talk:
    talk = await talk_of(request, conversation)
    await see_conversation(request.app[PAGES].desk, agent_of(request), talk.id)
    return talk


async def anywhere(request: web.Request) -> web.StreamResponse:
    """A conversation by its id alone, as links from elsewhere name it."""
    return see_other(f"/desk/inbox/open/{request.match_info['conversation']}")


async def talk_of(request: web.Request, conversation: str, writing: Writing | None = None) -> Talk:
    """Raises NoSuchConversation or NotAllowed. `writing`: what a refused submit carried."""
    opened = await open_conversation(
        request.app[PAGES].desk,
        agent_of(request),
        conversation,
        before=request.query.get("before"),
        through=(writing.through if writing else request.query.get("through")) or None,
    )
    return await talk_from(request, conversation, opened, writing)


async def talk_from(
    request: web.Request, conversation: str, opened: OpenConversation, writing: Writing | None = None
) -> Talk:
    """Of a conversation that has been read already."""
    pages, words = request.app[PAGES], words_of(request)
    found, agent, me = opened.conversation, agent_of(request), agent_of(request).id
    agents = await _agents(pages)
    undoable, drafts, person, visit = await asyncio.gather(
        _undoable(request, opened),
        drafts_at(pages.desk, agent, found),
        profile_of(pages.desk, agent, opened, agents, words),
        visiting(pages.desk, agent, opened),
    )
    may = _amendable(request, opened)
    reader = Reader(
        words, pages.key, pages.desk.clock(), agents, opened.channels, undoable, may,
        quotes_of(opened.entries), answerable(opened.entries, opened.place, opened.limits),
    )  # fmt: skip
    row = row_of(found, agents, words)
    own = [each for each in drafts if each.agent == me]
    return Talk(
        id=found.id,
        title=found.subject if found.surface == "email" and found.subject else found.customer_name,
        row=row,
        moved=found.id != conversation,
        status=str(found.status),
        agent=agents.get(found.agent or ""),
        tags=found.tags,
        priority=str(found.priority),
        followed=me in found.followers,
        snoozed_until=found.snoozed_until,
        team=found.team,
        entries=list(shown(opened.entries, reader)),
        earlier=opened.earlier,
        composer=composer_of(opened, reader, own, writing, request.query.get("about", "")),
        shared_drafts=shared_ones(drafts, reader, me),
        visit=visit,
        joins=joins_of(opened.offers, agents, words),
        person=person,
    )


def _amendable(request: web.Request, opened: OpenConversation) -> dict[str, Amendable]:
    """What this agent may still change of what was said."""
    desk, agent, channels = request.app[PAGES].desk, agent_of(request), opened.channels
    return {
        each.id: amendable(desk.registry, agent, channels.get(each.channel), each, desk.clock())
        for each in opened.entries
        if isinstance(each, Message)
    }


async def _undoable(request: web.Request, opened: OpenConversation) -> frozenset[str]:
    """Of the facts on the page, what this agent can still take back."""
    me = agent_of(request)
    facts = [each for each in opened.entries if isinstance(each, Activity) and each.by == me.id]
    tokens = [each.details["undo"] for each in facts if "undo" in each.details]
    return await still_undoable(request.app[PAGES].desk, me, tokens[-UNDO_SHOWN:])


async def menus_of(request: web.Request) -> dict[str, Any]:
    """What can be chosen from in the head of a conversation and in its composer."""
    pages = request.app[PAGES]
    return {
        "agents": await _agents(pages),
        "teams": await list_teams(pages.desk),
        "presets": presets(pages.desk.clock(), words_of(request)),
        "priorities": priority_words(words_of(request)),
    }


async def _agents(pages: Pages) -> dict[str, Agent]:
    return {each.id: each for each in await list_agents(pages.desk)}
