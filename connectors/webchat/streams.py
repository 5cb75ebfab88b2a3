"""What visitors' pages hear as it happens: server-sent events, read by `fetch` so that the token is a header.

Each begins with the newest lines as they are now: a page that comes back after a lost connection, a sleep or
a reload puts them beside what it has, by their ids, and has missed nothing. Everything after is a change.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from connectors.webchat.answers import PAGE, Answers, read_moment
from connectors.webchat.door import Caller, Refused, asked, cors
from connectors.webchat.shapes import ms, visitor_told
from hub.contract.errors import Unavailable
from hub.contract.visitors import Hosting, Told

BEAT = 20.0  # seconds between two signs of life; proxies close what is silent for longer
HERE_EVERY = 2  # beats between two notes that the page is still open
LASTS = 1800.0  # seconds; then the page comes back, and its token is looked at again
PAGES_MOST = 8  # open pages of one visitor that hear; the oldest is let go
EVERYBODY_MOST = 5000  # in this process
ADDRESS_MOST = 1500  # of them from one address: a large company behind one is fewer
BEHIND_MOST = 100

Place = tuple[str, str]  # channel, visitor
Pages = asyncio.Queue[Told | None]


@dataclass(slots=True)
class Stay:
    """Of one page: until when it counts as open, and whether it was closed rather than sent away."""

    until: datetime
    over: bool = False


@dataclass(slots=True)
class Streams:
    hosting: Hosting
    answers: Answers
    _pages: defaultdict[Place, list[Pages]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0
    _addresses: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Hand out what is told, until cancelled."""
        while True:
            async with self.hosting.follow() as told:
                async for each in told:
                    if each is None:
                        break
                    for queue in self._pages.get((each.channel, each.thread), ()):
                        _put(queue, each)
            for queues in list(self._pages.values()):  # something was missed: all is read anew
                for queue in queues:
                    _put(queue, None)

    async def end(self, _: web.Application) -> None:
        """Let all pages go: they come back to whoever serves them then."""
        for queues in list(self._pages.values()):
            for queue in queues:
                _put(queue, None)

    async def listen(self, caller: Caller) -> web.StreamResponse:
        given = await asked(caller)
        address = caller.request.remote or ""
        if self._count >= EVERYBODY_MOST or self._addresses[address] >= ADDRESS_MOST:
            raise Refused(503, "away", wait=30)
        stay = Stay(await self.answers.arrive(caller, given))
        with self._hearing((caller.channel, caller.key), address) as queue:
            first = await self._snapshot(caller)
            response = web.StreamResponse(headers=_headers(caller))
            with suppress(Unavailable, TimeoutError):
                try:
                    await response.prepare(caller.request)
                    await response.write(_said("hello", first))
                    async with asyncio.timeout(LASTS):
                        await self._talk(caller, response, queue, stay)
                except ConnectionError:
                    stay.over = True
        if stay.over and (caller.channel, caller.key) not in self._pages:
            with suppress(Unavailable):
                await self.answers.gone(caller, stay.until)
        return response

    @contextmanager
    def _hearing(self, place: Place, address: str) -> Iterator[Pages]:
        """Listening begins before anything is read: what is said meanwhile is heard."""
        queue: Pages = asyncio.Queue(BEHIND_MOST)
        queues = self._pages[place]
        if len(queues) >= PAGES_MOST:
            _put(queues.pop(0), None)
        queues.append(queue)
        self._count += 1
        self._addresses[address] += 1
        try:
            yield queue
        finally:
            self._count -= 1
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
            if queue in queues:
                queues.remove(queue)
            if not queues and self._pages.get(place) is queues:
                del self._pages[place]

    async def _snapshot(self, caller: Caller) -> Mapping[str, Any]:
        visitors = caller.connector.visitors
        lines = await visitors.list_lines(caller.key, limit=PAGE + 1)
        visitor = await visitors.find_visitor(caller.key)
        return {
            "lines": await self.answers.told(caller, lines[-PAGE:]),
            "more": len(lines) > PAGE,
            "readAt": read_moment(visitor),
            "unreadSince": ms(visitor.unread_since) if visitor and visitor.unread_since else None,
            "you": visitor_told(visitor),
        }

    async def _talk(self, caller: Caller, response: web.StreamResponse, queue: Pages, stay: Stay) -> None:
        beats = 0
        while True:
            try:
                async with asyncio.timeout(BEAT):
                    told = await queue.get()
            except TimeoutError:
                beats += 1
                if beats % HERE_EVERY == 0:
                    stay.until = await self.answers.here(caller)
                await response.write(_said("beat", {}))
                continue
            if told is None:  # too far behind, or one page too many: it comes back
                return
            if told.kind == "line":
                line = await caller.connector.visitors.find_line(told.details["line"])
                if line is not None and line.thread == caller.key:
                    [shown] = await self.answers.told(caller, [line])
                    await response.write(_said("line", shown))
            elif told.kind == "typing":
                typing = {"on": told.details.get("on") == "yes", "name": told.details.get("name", "")}
                await response.write(_said("typing", typing))
            elif told.kind == "seen":
                await response.write(_said("seen", {}))
            elif told.kind == "read":
                visitor = await caller.connector.visitors.find_visitor(caller.key)
                await response.write(_said("read", {"at": read_moment(visitor)}))


def _put(queue: Pages, told: Told | None) -> None:
    """Whoever is too far behind is let go, and comes back to read all anew."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        told = None
    queue.put_nowait(told)


def _headers(caller: Caller) -> Mapping[str, str]:
    return {
        **cors(caller.request),
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
    }


def _said(event: str, content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\ndata: {text}\n\n".encode()
