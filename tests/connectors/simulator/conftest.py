"""A shop in a world of its own, on a clock that stands still."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from connectors.simulator import World, close_world
from connectors.simulator.platform import Platform
from tests.connectors.simulator.worlds import Clock, fresh_world


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> Iterator[World]:
    opened = fresh_world(clock)
    yield opened
    close_world(opened.name)


@pytest.fixture
def shop(world: World) -> Platform:
    """A messenger with Ana in it."""
    world.person("ana", name="Ana Sousa", email="ana@example.org", phone="+351912345678")
    platform = world.platform("shop", imitates="messenger")
    platform.echoes = platform.confirms = False
    return platform


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
