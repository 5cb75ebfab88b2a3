"""A receiver of webhooks, and a hub whose clock can be moved."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.api.telling import describer
from hub.app import Hub
from hub.hooks import Webhooks
from hub.hooks.at_work import open_webhooks
from hub.hooks.endpoints import Wanted, add_hook
from hub.hooks.kinds import KINDS
from hub.hooks.queueing import Queuer
from hub.hooks.sender import Sender
from hub.model.events import Event
from hub.model.hooks import Hook, HookDelivery, HookState
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.realtime import publish

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Hangs:
    """Takes what comes and says nothing until it is let go."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        await self.over.wait()
        return web.Response(text="too late")


async def take(request: web.Request) -> web.StreamResponse:
    return web.Response(text="thank you")


def says(status: int, text: str = "no", **headers: str) -> Behaviour:
    async def answer(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, text=text, headers=named)

    return answer


@dataclass(slots=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """What others run to hear of things. `behaves`: how it answers from now on."""

    behaves: Behaviour = take
    got: list[Received] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""
    host: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.got.append(Received(dict(request.headers), await request.read()))
        self.paths.append(request.path)
        self.arrived.set()
        return await self.behaves(request)


@dataclass(slots=True)
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class Tellers:
    """The parts behind webhooks, run by hand."""

    hub: Hub
    hooks: Webhooks
    clock: Clock
    ana: Agent
    receiver: Receiver

    async def add(self, *kinds: str, **more: Any) -> tuple[Hook, str]:
        wanted: dict[str, Any] = {"name": "Warehouse", "url": self.receiver.url, **more}
        return await add_hook(self.hooks, self.ana, Wanted(kinds=kinds or tuple(KINDS), **wanted))

    def queuer(self) -> Queuer:
        return Queuer(self.hooks, describer(self.hub.store), "one", lambda: None)

    async def queue(self, queuer: Queuer | None = None) -> int:
        on = [each for each in await self.hub.store.hooks.list_hooks() if each.state is HookState.ON]
        return await (queuer or self.queuer()).catch_up(on)

    async def send(self, hook: Hook) -> int:
        return await Sender(self.hooks, "one").work_off(hook.id)

    async def happen(self, many: int = 1) -> list[str]:
        """So many conversations are deleted: what needs nothing else to be told."""
        now = self.clock()
        events = [
            Event(id=new_id(now), kind="conversation_deleted", at=now, conversation=new_id(now), by="ana")
            for _ in range(many)
        ]
        await publish(self.hub.store, events)
        return [each.conversation or "" for each in events]

    async def hook(self, hook: Hook) -> Hook:
        found = await self.hub.store.hooks.find(hook.id)
        assert found is not None
        return found

    async def log(self, hook: Hook) -> list[HookDelivery]:
        """The newest first, with everything."""
        newest = (await self.hook(hook)).sequence
        rows = await self.hub.store.hooks.log(hook.id, newest + 1, 100)
        found = {each.id: each for each in await self.hub.store.hooks.load([row.id for row in rows])}
        return [found[each.id] for each in rows]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", made.handle)
    server = TestServer(app)
    await server.start_server()
    made.url, made.host = str(server.make_url("/hook")), f"localhost:{server.port}"
    yield made
    await server.close()


@pytest.fixture
async def tellers(hub: Hub, receiver: Receiver) -> AsyncIterator[Tellers]:
    clock = Clock(hub.clock())
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=clock())
    await hub.store.people.add_agent(ana)
    desk = replace(hub.desk, clock=clock)
    async with open_webhooks(desk, private_addresses=True, disable_after_days=5, log_days=30) as hooks:
        made = Tellers(hub, replace(hooks, chance=lambda: 0.5), clock, ana, receiver)
        await made.queue()  # from here on
        yield made
