"""One conversation: its timeline, the composer, and the customer beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from hub.desk.drafting import drafts_in
from hub.desk.notices import see_conversation
from hub.desk.opening import list_agents, list_teams, open_conversation
from hub.model.people import Agent, Identity
from inbox_ui.composer import Composer, SharedDraft, Writing
from inbox_ui.composing import composer_of, shared_ones
from inbox_ui.kinds import BY_PLATFORM, priority_words
from inbox_ui.pages import PAGES, Pages
from inbox_ui.presets import presets
from inbox_ui.row import Row, row_of
from inbox_ui.rows import whole
from inbox_ui.timeline import Fact, Reader, Said, shown
from inbox_ui.visitor import agent_of, see_other, wants_part, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import Words


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach the customer."""

    icon: str
    text: str
    hint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Talk:
    id: str
    title: str
    row: Row
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
    addresses: Sequence[Address]
    facts: Sequence[tuple[str, str]]
    others: Sequence[Row]
    since: datetime | None


async def page(request: web.Request) -> web.StreamResponse:
    """A conversation in its view; asked for a part, only the conversation."""
    talk = await talk_of(request, request.match_info["conversation"])
    view = request.match_info["view"]
    if wants_part(request):
        if request.query.get("before"):
            return draw_page(request, "entries.html", talk=talk, view=view)
        return draw_page(request, "talk.html", talk=talk, view=view, **await menus_of(request))
    await see_conversation(request.app[PAGES].desk, agent_of(request), talk.id)
    return await whole(request, view, talk, await menus_of(request))


async def anywhere(request: web.Request) -> web.StreamResponse:
    """A conversation by its id alone, as links from elsewhere name it."""
    return see_other(f"/desk/inbox/open/{request.match_info['conversation']}")


async def talk_of(request: web.Request, conversation: str, writing: Writing | None = None) -> Talk:
    """Raises NoSuchConversation or NotAllowed. `writing`: what a refused submit carried."""
    pages, words = request.app[PAGES], words_of(request)
    opened = await open_conversation(
        pages.desk, agent_of(request), conversation, before=request.query.get("before")
    )
    agents = await _agents(pages)
    reader = Reader(words, pages.key, pages.desk.clock(), agents, opened.channels)
    found = opened.conversation
    row = row_of(found, agents, words)
    me = agent_of(request).id
    drafts = await drafts_in(pages.desk, agent_of(request), found.id)
    own = [each for each in drafts if each.agent == me]
    return Talk(
        id=found.id,
        title=found.subject if found.surface == "email" and found.subject else found.customer_name,
        row=row,
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
        addresses=[_address(each, words) for each in opened.identities],
        facts=list(opened.customer.fields.items()) if opened.customer else [],
        others=[row_of(each, agents, words) for each in opened.others],
        since=opened.customer.created_at if opened.customer else None,
    )


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


def _address(identity: Identity, words: Words) -> Address:
    text = (
        identity.email
        or identity.phone
        or ("@" + identity.handle.removeprefix("@") if identity.handle else "")
    )
    verified = bool(identity.email or identity.phone)
    icon = BY_PLATFORM.get(identity.platform)
    if icon is None:
        icon = "mail" if identity.email else "phone" if identity.phone else "bubble"
    hint = words.gettext("verified") if verified else words.gettext("not verified")
    if not identity.reachable:
        hint = words.gettext("cannot be reached")
    return Address(icon, text or identity.name or identity.key, hint, identity.reachable)
