"""Live updates: what happened, as the parts of the page that it changes, ready to be put in place.

The same partials draw the page. A browser that comes back names the last event it heard of and gets what it
missed; when that is too old it is told to fetch everything anew.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from hub.auth.access import NotAllowed, may_hear, may_see
from hub.auth.sessions import find_session
from hub.desk.attending import attend
from hub.desk.away import StoreUnavailable
from hub.desk.drafting import drafted
from hub.desk.lenses import Lens
from hub.desk.opening import list_teams
from hub.desk.presence import who_is_there
from hub.desk.replying import NoSuchConversation
from hub.desk.saved_views import list_saved_views
from hub.desk.views import SAVED
from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.model.people import Agent
from hub.realtime import TooOld
from inbox_ui.attendance import attendance_part
from inbox_ui.conversation import Talk, menus_of, talk_from
from inbox_ui.drafts import drafts_part
from inbox_ui.navigation import shown_count
from inbox_ui.notices import bell_part, remember
from inbox_ui.pages import PAGES, Pages
from inbox_ui.presence import presence_part
from inbox_ui.rows import lens_here, query_here
from inbox_ui.timeline import Fact, Said
from inbox_ui.visit import visit_part
from inbox_ui.visitor import VISITOR, draw, words_of

ATTENDS_EVERY = timedelta(seconds=18)
BEAT = 20.0  # seconds between two signs of life; proxies close what is silent for longer
COUNT_EVERY = 1.0  # seconds between two counts of the views, however much happens
PLACES = frozenset({"views_changed", "channel_changed", "team_changed"})  # what the left pane lists
COUNTED = frozenset({"message_received", "message_queued", "conversation_opened", "conversation_changed",
                     "conversation_deleted", "delivery_changed", "note_added"})  # fmt: skip
Part = dict[str, object]


async def live(request: web.Request) -> web.StreamResponse:
    """Server-sent events. `view`: the list on the screen; `conversation`: the one that is open, if any."""
    pages = request.app[PAGES]
    last = request.headers.get("Last-Event-ID") or request.query.get("last") or None
    view = request.query.get("view", "open")
    lens = await lens_here(request, view)
    listener = Listener(
        request, pages, lens, view, query_here(request, lens), request.query.get("conversation")
    )
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
            await listener.attends()
            async with pages.follower.subscribe(last) as events:
                # Who asks for nothing older goes on from here, even if nothing happens until then.
                await response.write(_said("hello", {}, None if last else pages.follower.newest))
                await response.write(await listener.greeted())
                async for event in _beating(events, listener):
                    if listener.gone:
                        break
                    if _concerns(event, listener.agent) and not await listener.still_in():
                        await response.write(_said("out", {}))
                        break
                    await listener.attends()
                    await response.write(await listener.told(event))
        except TooOld:
            await response.write(_said("reload", {}))
        except StoreUnavailable:  # what was missed cannot be told now: the browser comes back and asks again
            await response.write(_said("beat", {}))
    return response


@dataclass(slots=True)
class Listener:
    """One browser, and what is on its screen. `query`: how the address of its list goes on behind the view;
    `changed_at`: since when its counts may not be right any more."""

    request: web.Request
    pages: Pages
    lens: Lens
    view: str
    query: str
    opened: str | None
    changed_at: datetime | None = None
    attended_at: datetime | None = None

    def __post_init__(self) -> None:
        self.changed_at = self.pages.desk.clock()  # what changed while it was away

    @property
    def agent(self) -> Agent:
        return self.lens.agent

    @property
    def gone(self) -> bool:
        """Whether its connection is closed, which only a write would tell otherwise."""
        return self.request.transport is None or self.request.transport.is_closing()

    async def greeted(self) -> bytes:
        """What may have changed on every page while it was away."""
        try:
            await remember(self.request)
            return _said("parts", [await bell_part(self.request)])
        except StoreUnavailable:
            return _said("beat", {})

    async def still_in(self) -> bool:
        """Whether the session lives; what the agent may is looked at again."""
        session = self.request[VISITOR].session
        try:
            found = await find_session(self.pages.auth, session.token if session else None)
        except StoreUnavailable:
            return True
        if found is not None:
            self.lens = replace(self.lens, agent=found[1])
        return found is not None

    async def attends(self) -> None:
        """An open page says now and then that its agent is there."""
        now = self.pages.desk.clock()
        if self.attended_at is None or now - self.attended_at >= ATTENDS_EVERY:
            self.attended_at = now
            with suppress(StoreUnavailable):
                await attend(self.pages.desk, self.agent)

    async def told(self, event: Event | None) -> bytes:
        """One event as the parts it changes; without one, what was put off, or a sign of life.

        Raises StoreUnavailable where an event's parts cannot be read: it has to be told again.
        """
        if event is not None:
            # Also an event without parts is told: its id is where this browser goes on.
            return _said("parts", await self._parts(event), event.id)
        if self.changed_at is not None:
            with suppress(StoreUnavailable):  # the page notices by itself that it cannot be reached
                return _said("parts", [{"part": "counts", "counts": await self._counts(self.changed_at)}])
        return _said("beat", {})

    async def _counts(self, since: datetime) -> dict[str, str]:
        """Saved views that were counted a moment ago, but before `since`, follow a little later."""
        saved = await list_saved_views(self.pages.desk, self.agent)
        teams = [each.id for each in await list_teams(self.pages.desk)]
        counts = await self.pages.counting.of(self.agent, saved=saved, teams=teams, since=since)
        if all(SAVED + each.id in counts for each in saved):
            self.changed_at = None
        return {key: shown_count(count) for key, count in counts.items()}

    async def _parts(self, event: Event) -> list[Part]:
        if event.kind == "notices_changed":
            return [await bell_part(self.request)] if may_hear(self.agent, event, None) else []
        if event.kind == "attendance_changed":
            return [await attendance_part(self.request)] if event.by == self.agent.id else []
        if event.kind in PLACES and may_hear(self.agent, event, None):
            return [{"part": "places"}]
        if event.conversation is None:
            return []
        if event.kind == "presence_changed":
            return await self._present(event)
        if event.kind == "visit_changed":
            return await self._visit(event)
        found = await self.pages.telling.conversation(event)
        if not may_hear(self.agent, event, found):
            return []
        if event.kind == "draft_changed":
            return await self._drafts(event)
        if event.kind in COUNTED:
            self.changed_at = self.pages.desk.clock()
        if found is None or not may_see(self.agent, found):
            # Deleted, or given to somebody whose it is alone: the screen lets go of it.
            return [_gone(event.conversation), {"part": "gone", "id": event.conversation}]
        parts = [await self._row(event, found)]
        if self.opened == found.id:
            parts += await self._opened(found, event)
        return parts

    async def _present(self, event: Event) -> list[Part]:
        if self.opened is None or event.conversation != self.opened or event.by == self.agent.id:
            return []
        try:
            others = await who_is_there(self.pages.desk, self.agent, self.opened)
        except (NoSuchConversation, NotAllowed):
            return []
        return [presence_part(self.request, self.opened, others)]

    async def _visit(self, event: Event) -> list[Part]:
        """Where a visitor of the web chat is now, beside the conversation that is open."""
        if self.opened is None or event.conversation != self.opened:
            return []
        return await visit_part(self.request, self.opened)

    async def _drafts(self, event: Event) -> list[Part]:
        """Where one is writing oneself, for the marks in the list; and what is written in the open one."""
        parts: list[Part] = []
        if event.by == self.agent.id:
            parts.append({"part": "drafted", "ids": await drafted(self.pages.desk, self.agent)})
        if self.opened is not None and event.conversation == self.opened:
            parts.append(await drafts_part(self.request, self.opened))
        return parts

    async def _row(self, event: Event, found: Conversation) -> Part:
        """`there`: only where the row is already; the conversation alone does not tell if it belongs."""
        told = self.lens.view.key != "failed"
        customer = await self.pages.telling.customer(event, found) if self.lens.asks_customer else None
        if told and not self.lens.shows(found, self.pages.desk.clock(), customer):
            return _gone(found.id)
        html = await self.pages.telling.row(event, found, self.view, self.query, words_of(self.request))
        return {"part": "row", "id": found.id, "html": html, "there": not told}

    async def _opened(self, found: Conversation, event: Event) -> list[Part]:
        """The head and the entry that changed, of the conversation on the screen."""
        telling, words = self.pages.telling, words_of(self.request)
        opened = await telling.opened(event, found, self.agent)
        talk = await talk_from(self.request, found.id, opened)
        if talk.id != found.id:  # merged under the hands of whoever reads it
            return [{"part": "moved", "id": found.id, "to": talk.id}]
        menus = await telling.menus(event, words, lambda: menus_of(self.request))
        head = draw(self.request, "head.html", talk=talk, view=self.view, **menus)
        changed = [entry for entry in talk.entries if entry.id == event.entry]
        if not changed and event.kind == "message_deleted":  # taken back before it left
            return [{"part": "entry", "id": event.entry, "conversation": found.id, "html": None}]
        alike: list[Part] = []
        if event.details.get("what", "").startswith(("customer", "identity")):
            html = draw(self.request, "alike.html", talk=talk, view=self.view)
            alike.append({"part": "alike", "id": found.id, "html": html})
        return [
            {"part": "head", "id": found.id, "html": head},
            *alike,
            *(self._entry(each, event, talk) for each in changed),
        ]

    def _entry(self, entry: Said | Fact, event: Event, talk: Talk) -> Part:
        day = f'<li class="day" data-day="{entry.day}"><span>{entry.day_words}</span></li>'
        return {
            "part": "entry",
            "id": entry.id,
            "conversation": event.conversation,
            "html": draw(self.request, "entry.html", entry=entry, view=self.view, talk=talk),
            "day": day,
            "kind": entry.kind,
            "who": entry.who if isinstance(entry, Said) else "",
        }


async def _beating(events: AsyncIterator[Event], listener: Listener) -> AsyncIterator[Event | None]:
    """The events, and None whenever nothing came for a while."""
    following = asyncio.ensure_future(anext(events))
    try:
        while True:
            wait = COUNT_EVERY if listener.changed_at else BEAT
            done, _ = await asyncio.wait({following}, timeout=wait)
            if not done:
                yield None
                continue
            yield following.result()
            following = asyncio.ensure_future(anext(events))
    finally:
        following.cancel()


def _concerns(event: Event | None, agent: Agent) -> bool:
    """Whether the agent may be another one since; asked at every sign of life, too."""
    return event is None or (event.kind == "agent_changed" and event.details.get("agent") == agent.id)


def _gone(conversation: str) -> Part:
    return {"part": "row", "id": conversation, "html": None}


def _said(event: str, content: object, id: str | None = None) -> bytes:
    named = f"id: {id}\n" if id else ""
    return f"{named}event: {event}\ndata: {json.dumps(content)}\n\n".encode()
