"""Live updates: every event the agent may see, as the parts of the page that it changes, ready to be put in place.

The same partials draw the page. Each part carries its event's id: a browser that comes back names the last one
and gets what it missed; when that is too old it is told to fetch everything anew.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from hub.auth.access import NotAllowed
from hub.desk.away import StoreUnavailable
from hub.desk.opening import list_agents
from hub.desk.replying import NoSuchConversation, get_conversation
from hub.desk.views import SAVED, belongs, count_views
from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.realtime import TooOld
from inbox_ui.conversation import talk_of
from inbox_ui.pages import PAGES, Pages
from inbox_ui.rows import row_of
from inbox_ui.timeline import Fact, Said
from inbox_ui.visitor import agent_of, draw, words_of

BEAT = 20.0  # seconds between two signs of life; proxies close what is silent for longer
Part = dict[str, object]


async def live(request: web.Request) -> web.StreamResponse:
    """Server-sent events. `view`: the list on the screen; `conversation`: the one that is open, if any."""
    pages = request.app[PAGES]
    last = request.headers.get("Last-Event-ID") or request.query.get("last") or None
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(request)
    with suppress(ConnectionError):
        try:
            async with pages.follower.subscribe(last) as events:
                await response.write(b"event: hello\ndata: {}\n\n")
                async for event in _beating(events):
                    await response.write(
                        await _told(request, pages, event) if event else b"event: beat\ndata: {}\n\n"
                    )
        except TooOld:
            await response.write(b"event: reload\ndata: {}\n\n")
    return response


async def _beating(events: AsyncIterator[Event]) -> AsyncIterator[Event | None]:
    """The events, and None whenever nothing came for a while."""
    following = asyncio.ensure_future(anext(events))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=BEAT)
            if not done:
                yield None
                continue
            yield following.result()
            following = asyncio.ensure_future(anext(events))
    finally:
        following.cancel()


async def _told(request: web.Request, pages: Pages, event: Event) -> bytes:
    """One event as the parts it changes; nothing when it is none of this agent's business."""
    try:
        parts = await _parts(request, pages, event)
    except StoreUnavailable:
        parts = []
    # Also an event without parts is told: its id is where this browser goes on.
    return f"id: {event.id}\nevent: parts\ndata: {json.dumps(parts)}\n\n".encode()


async def _parts(request: web.Request, pages: Pages, event: Event) -> list[Part]:
    if event.conversation is None:
        return []
    try:
        found = await get_conversation(pages.desk, agent_of(request), event.conversation)
    except (NoSuchConversation, NotAllowed):
        # Deleted, or given to somebody whose it is alone: the screen lets go of it.
        return [
            {"part": "row", "id": event.conversation, "html": None},
            {"part": "gone", "id": event.conversation},
        ]
    parts = [await _row(request, pages, found)]
    if request.query.get("conversation") == found.id:
        parts += await _opened(request, pages, found, event)
    parts.append({"part": "counts", "counts": await count_views(pages.desk, agent_of(request))})
    return parts


async def _row(request: web.Request, pages: Pages, found: Conversation) -> Part:
    """`there`: only where the row is already, since the conversation alone does not tell whether it belongs."""
    view = request.query.get("view", "open")
    told = view != "failed" and not view.startswith(SAVED)
    if told and not belongs(view, agent_of(request), found):
        return {"part": "row", "id": found.id, "html": None}
    agents = {each.id: each for each in await list_agents(pages.desk)}
    row = row_of(found, agents, words_of(request))
    html = draw(request, "row.html", row=row, view=view, talk=None)
    return {"part": "row", "id": found.id, "html": html, "there": not told}


async def _opened(request: web.Request, pages: Pages, found: Conversation, event: Event) -> list[Part]:
    """The head and the entry that changed, of the conversation on the screen."""
    view = request.query.get("view", "open")
    talk = await talk_of(request, found.id)
    agents = {each.id: each for each in await list_agents(pages.desk)}
    parts: list[Part] = [
        {
            "part": "head",
            "id": found.id,
            "html": draw(request, "head.html", talk=talk, view=view, agents=agents),
        }
    ]
    for entry in talk.entries:
        if entry.id == event.entry:
            parts.append(_entry(request, entry, view, event))
    return parts


def _entry(request: web.Request, entry: Said | Fact, view: str, event: Event) -> Part:
    day = f'<li class="day" data-day="{entry.day}"><span>{entry.day_words}</span></li>'
    return {
        "part": "entry",
        "id": entry.id,
        "conversation": event.conversation,
        "html": draw(request, "entry.html", entry=entry, view=view),
        "day": day,
        "kind": entry.kind,
        "new": event.kind in ("message_received", "message_queued", "note_added"),
        "who": entry.who if isinstance(entry, Said) else "",
    }
