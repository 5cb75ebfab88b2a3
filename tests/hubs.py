"""A whole hub for a test: on a database of its own, with the real pipeline, outbox and supervisor.

Listed under `pytest_plugins` in tests/conftest.py, it gives

    hub        everything built, nothing running: for deeds and for code that starts its own parts
    office     the hub at work, with a simulated world and one channel to it
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel

from config.settings import Settings
from connectors.simulator.config import SimulatorConfig
from connectors.simulator.imitations import Imitation
from connectors.simulator.platform import Platform
from connectors.simulator.world import World, close_world, open_world
from hub.app import Hub, open_hub
from hub.model.channels import Channel
from hub.model.ids import new_id
from hub.model.inbox import Conversation, DeliveryState, Entry, Message, Status
from hub.model.people import Agent, Role
from hub.work import Running, running
from tests.database import Prepared

Found = TypeVar("Found")
PATIENCE = 30.0  # seconds a test waits for something that should take milliseconds

# A message that left: a receipt of the platform may move it on before a test looks.
LEFT = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})


async def until(
    look: Callable[[], Awaitable[Found | None]], what: str = "it to happen", seconds: float = PATIENCE
) -> Found:
    """Whatever `look` finds, as soon as it finds something."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := await look()):
                await asyncio.sleep(0.02)
            return found
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain for {what}") from None


def settings_for(uri: str, database: str, folder: Path, **web: Any) -> Settings:
    return Settings.model_validate(
        {
            "mongo": {"url": uri, "database": database},
            "data": {"folder": folder},
            "web": {"port": 0, **web},
            "outbox": {"undo_seconds": 0},
            "media": {"fetch_private_addresses": True},
            "webhooks": {"private_addresses": True},
        }
    )


async def connect(hub: Hub, platform: str, config: BaseModel, name: str = "Test", **more: Any) -> Channel:
    """A channel as if an admin had connected it."""
    channel = new_id(hub.clock())
    kept = Channel(
        id=channel,
        name=name,
        platform=platform,
        config=hub.registry.sealed(config, channel),
        created_at=hub.clock(),
        **more,
    )
    await hub.store.channels.add(kept)
    return kept


@dataclass(frozen=True, slots=True, repr=False)
class Office:
    """A hub at work, and the outside world it works for.

    Without a repr, as all that holds a hub: asyncio asks for that of each finished fixture, and it is long.
    """

    hub: Hub
    running: Running
    world: World
    platform: Platform
    channel: Channel
    ana: Agent

    async def conversations(self, status: Status = Status.OPEN) -> list[Conversation]:
        return await self.hub.store.inbox.list_conversations(status)

    async def conversation(self, count: int = 1) -> Conversation:
        """The newest one, once there are `count`."""

        async def look() -> Conversation | None:
            found = await self.conversations()
            return found[0] if len(found) >= count else None

        return await until(look, f"{count} conversations")

    async def timeline(self, conversation: str, count: int = 0) -> list[Entry]:
        """The entries, once there are `count`."""

        async def look() -> list[Entry] | None:
            found = await self.hub.store.inbox.timeline(conversation)
            return found if len(found) >= count else None

        return await until(look, f"{count} entries")

    async def messages(self, conversation: str, count: int = 0) -> list[Message]:
        async def look() -> list[Message] | None:
            entries = await self.hub.store.inbox.timeline(conversation)
            found = [entry for entry in entries if isinstance(entry, Message)]
            return found if len(found) >= count else None

        return await until(look, f"{count} messages")


@pytest.fixture
async def hub(store_uri: str, prepared: Prepared, tmp_path: Path) -> AsyncIterator[Hub]:
    settings = settings_for(store_uri, prepared.take(), tmp_path)
    async with open_hub(settings) as opened:
        yield opened
        await prepared.give_back(opened.store.database)


@pytest.fixture
def world() -> Iterator[World]:
    name = uuid.uuid4().hex
    opened = open_world(name)
    yield opened
    close_world(name)


@pytest.fixture
def imitates() -> Imitation:
    """Override by parametrising: which kind of platform the office's channel is on."""
    return "messenger"


@pytest.fixture
def config() -> dict[str, Any]:
    """Override by parametrising: further settings of the office's channel."""
    return {}


@pytest.fixture
async def office(
    hub: Hub, world: World, imitates: Imitation, config: dict[str, Any]
) -> AsyncIterator[Office]:
    settings = SimulatorConfig(world=world.name, account="shop", imitates=imitates, from_start=True, **config)
    platform = world.platform("shop", imitates=imitates)
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(ana)
    channel = await connect(hub, "simulator", settings)
    async with running(hub, web_server=False, worker=True) as at_work:
        yield Office(hub, at_work, world, platform, channel, ana)
