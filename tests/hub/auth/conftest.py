"""Fixtures for everything about signing in."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.app import Hub
from hub.auth import Auth
from hub.model.people import Agent
from tests.hub.auth.door import Hands, add_agent, auth_of
from tests.oidc.forger import Forger, forging
from tests.oidc.visiting import at_provider


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def auth(hub: Hub, hands: Hands) -> Auth:
    return auth_of(hub, hands)


@pytest.fixture
async def ana(auth: Auth) -> Agent:
    return await add_agent(auth)


@pytest.fixture
async def forger() -> AsyncIterator[Forger]:
    async with forging() as opened:
        yield opened


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def at(auth: Auth, forger: Forger, http: aiohttp.ClientSession) -> Auth:
    return at_provider(auth, forger, http)
