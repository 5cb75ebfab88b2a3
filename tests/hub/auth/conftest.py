"""Fixtures for everything about signing in."""

import pytest

from hub.app import Hub
from hub.auth import Auth
from hub.model.people import Agent
from tests.hub.auth.door import Hands, add_agent, auth_of


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def auth(hub: Hub, hands: Hands) -> Auth:
    return auth_of(hub, hands)


@pytest.fixture
async def ana(auth: Auth) -> Agent:
    return await add_agent(auth)
