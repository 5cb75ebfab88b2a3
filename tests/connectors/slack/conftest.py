"""A connector on a Slack of our own."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from pydantic import BaseModel

from connectors.slack import SlackConnector
from connectors.slack.connector import SocketSlack
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.test_conforms import config_for

STORED = {"cat.png": b"\x89PNG a cat", "dog.png": b"\x89PNG a dog", "empty.png": b""}


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with serving() as served:
        yield served


@pytest.fixture
def saved() -> list[BaseModel]:
    return []


@pytest.fixture
async def connector(api: SlackApi, saved: list[BaseModel]) -> AsyncIterator[SocketSlack]:
    async with aiohttp.ClientSession() as http:
        made = SlackConnector(config_for(api), kit_for(http, media=STORED, saved=saved))
        assert isinstance(made, SocketSlack)
        await made.connect()
        yield made
        await made.close()
