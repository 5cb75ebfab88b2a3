"""What every connected page is told alike, worked out once an event and not once a browser."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from hub.desk.opening import find_conversation, list_agents
from hub.desk.replying import Desk
from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.model.people import Agent
from inbox_ui.drawing import Drawing
from inbox_ui.row import row_of
from inbox_ui.words import Words

KEPT = 500  # answers; some events in the languages, zones and views of those who look
AGENTS_LAST = timedelta(seconds=5)
Found = TypeVar("Found")


@dataclass(slots=True)
class Telling:
    """`conversation` and `row` ask the database and draw for the first who wants it."""

    desk: Desk
    drawing: Drawing
    _kept: OrderedDict[Hashable, object] = field(default_factory=OrderedDict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _agents: dict[str, Agent] = field(default_factory=dict)
    _agents_at: datetime | None = None

    async def conversation(self, event: Event) -> Conversation | None:
        """As it was when the first one asked, which is after the event."""

        async def load() -> Conversation | None:
            return await find_conversation(self.desk, event.conversation or "")

        return await self._once(("conversation", event.id), load)

    async def row(self, event: Event, found: Conversation, view: str, words: Words) -> str:
        async def draw() -> str:
            now = self.desk.clock()
            row = row_of(found, await self.agents(), words)
            return self.drawing.draw("row.html", words, row=row, view=view, talk=None, now=now)

        return await self._once(("row", event.id, view, words.language, words.zone), draw)

    async def agents(self) -> dict[str, Agent]:
        now = self.desk.clock()
        if self._agents_at is None or now - self._agents_at > AGENTS_LAST:
            self._agents = {each.id: each for each in await list_agents(self.desk)}
            self._agents_at = now
        return self._agents

    async def _once(self, key: Hashable, make: Callable[[], Awaitable[Found]]) -> Found:
        async with self._lock:
            if key not in self._kept:
                self._kept[key] = await make()
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]  # type: ignore[return-value]  # what `make` made for this key
