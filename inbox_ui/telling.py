"""What every connected page is told alike, worked out once an event and not once a browser."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hub.auth.access import access_conversation, visible_query
from hub.desk.away import StoreUnavailable
from hub.desk.opening import (
    OpenConversation,
    find_conversation,
    find_customer,
    list_agents,
    open_conversation,
)
from hub.desk.replying import Desk
from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.model.people import Agent, Customer
from hub.model.sentences import Refusal
from inbox_ui.drawing import Drawing
from inbox_ui.row import row_of
from inbox_ui.words import Words

KEPT = 500  # answers; some events in the languages, zones and views of those who look
Found = TypeVar("Found")


@dataclass(slots=True)
class Telling:
    """`conversation` and `row` ask the database and draw for the first who wants it."""

    desk: Desk
    drawing: Drawing
    _kept: OrderedDict[Hashable, asyncio.Future[Any]] = field(default_factory=OrderedDict)

    async def conversation(self, event: Event) -> Conversation | None:
        """As it was when the first one asked, which is after the event."""

        async def load() -> Conversation | None:
            return await find_conversation(self.desk, event.conversation or "")

        return await self._once(("conversation", event.id), load)

    async def row(self, event: Event, found: Conversation, view: str, query: str, words: Words) -> str:
        """`query`: how the address of the list goes on behind the view."""

        async def draw() -> str:
            row = row_of(found, await self.agents(), words)
            return self.drawing.row(row, words, self.desk.clock(), view, query)

        return await self._once(("row", event.id, view, query, words.language, words.zone), draw)

    async def customer(self, event: Event, found: Conversation) -> Customer | None:
        """Only lists that are filtered by what is known of a customer ask."""

        async def load() -> Customer | None:
            return await find_customer(self.desk, found)

        return await self._once(("customer", event.id), load)

    async def opened(self, event: Event, found: Conversation, agent: Agent) -> OpenConversation:
        """The conversation with its newest entries, read once for all who may see the same.

        Raises NoSuchConversation, NotAllowed.
        """

        async def load() -> OpenConversation:
            return await open_conversation(self.desk, agent, found.id)

        access_conversation(agent, found)
        return await self._once(("opened", event.id, visible_query(agent)), load)

    async def menus(self, event: Event, words: Words, load: Callable[[], Awaitable[Found]]) -> Found:
        return await self._once(("menus", event.id, words.language, words.zone), load)

    async def agents(self) -> dict[str, Agent]:
        return {each.id: each for each in await list_agents(self.desk)}

    async def _once(self, key: Hashable, make: Callable[[], Awaitable[Found]]) -> Found:
        """What `make` makes, made by the first who asks; whoever asks meanwhile waits for it."""
        waiting = self._kept.get(key)
        if waiting is None or waiting.cancelled():
            waiting = asyncio.get_running_loop().create_future()
            self._kept[key] = waiting
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            try:
                waiting.set_result(await make())
            except (Refusal, StoreUnavailable) as problem:
                waiting.set_exception(problem)
            finally:
                if not waiting.done():  # whoever made it was sent away: the next one makes it
                    waiting.cancel()
                    self._kept.pop(key, None)
            waiting.exception() if not waiting.cancelled() else None
        return await asyncio.shield(waiting)  # what `make` made for this key
