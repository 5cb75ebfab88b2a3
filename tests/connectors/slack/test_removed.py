"""One app in several workspaces: one that removes it stops none of the others, and is said to have."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any, cast

import aiohttp
import pytest
from pydantic import BaseModel

from connectors.slack import SlackConnector
from connectors.slack.config import SlackConfig
from connectors.slack.connector import SocketSlack
from hub.contract.capabilities import Surface
from hub.contract.connector import Kit
from hub.contract.errors import AuthBroken, Rejected, RejectReason
from hub.contract.inbound import ArrivedRaw, Batch, Cursor, Ignored, Thread
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.test_installing import REDIRECT, answers_for
from tests.connectors.slack.test_sending import message
from tests.connectors.slack.wire import CHAT, OTHER_TEAM, TEAM


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    async with aiohttp.ClientSession() as http:
        yield kit_for(http)


async def test_a_workspace_that_removes_the_app_stops_none_of_the_others(api: SlackApi, kit: Kit) -> None:
    api.codes |= {"first": TEAM, "second": OTHER_TEAM, "again": OTHER_TEAM}
    first = (await SlackConnector.finish(answers_for(api), None, REDIRECT, "first", kit)).config
    both = (await SlackConnector.finish({}, first, REDIRECT, "second", kit)).config
    saved: list[BaseModel] = []
    connector = SlackConnector(cast(SlackConfig, both), replace(kit_for(kit.http, saved=saved), now=kit.now))
    there = replace(message(), thread=Thread(f"{OTHER_TEAM}/{CHAT}", Surface.DIRECT))
    tokens = dict(api.tokens)
    api.tokens = {token: team for token, team in tokens.items() if team == TEAM}
    assert (await connector.connect()).name == "Tent Shop, Other Shop (the app was removed)"
    assert [each.gone for each in cast(SlackConfig, saved[-1]).workspaces] == [False, True]
    assert connector.trouble().startswith("Other Shop: the app was removed there. Install it there again")
    with pytest.raises(Rejected, match="removed from this customer's workspace") as refused:
        await connector.send(there)
    assert refused.value.reason is RejectReason.THREAD_GONE
    assert connector.limits(there.thread) is None
    assert connector.limits(message().thread) is not None
    await connector.send(message())
    api.tokens = {}
    with pytest.raises(AuthBroken):  # all of them
        await connector.connect()
    api.tokens = {token: team for token, team in tokens.items() if team == TEAM}
    again = (await SlackConnector.finish({}, connector.config, REDIRECT, "again", kit)).config
    assert [each.gone for each in cast(SlackConfig, again).workspaces] == [False, False]
    mended = SlackConnector(cast(SlackConfig, again), kit)
    await mended.send(there)
    assert mended.trouble() == ""


async def test_what_slack_tells_of_a_removal_is_looked_at_at_once(api: SlackApi, kit: Kit) -> None:
    api.codes |= {"first": TEAM, "second": OTHER_TEAM}
    first = (await SlackConnector.finish(answers_for(api), None, REDIRECT, "first", kit)).config
    both = (await SlackConnector.finish({}, first, REDIRECT, "second", kit)).config
    saved: list[BaseModel] = []
    connector = SlackConnector(cast(SlackConfig, both), kit_for(kit.http, saved=saved))
    assert isinstance(connector, SocketSlack)
    await connector.connect()
    api.tokens = {token: team for token, team in api.tokens.items() if team == TEAM}
    of_another: dict[str, Any] = {"team_id": OTHER_TEAM, "context_team_id": OTHER_TEAM, "authorizations": []}
    api.tell({"type": "app_uninstalled"}, **of_another)
    batches = connector.stream(Cursor(f"{kit.now().timestamp():.3f} -"))
    [event] = (await anext(batches)).events
    [read] = connector.read(cast(ArrivedRaw, event))
    assert isinstance(read, Ignored)
    assert [each.gone for each in cast(SlackConfig, saved[-1]).workspaces] == [False, True]
    await cast(AsyncGenerator[Batch, None], batches).aclose()
    await connector.close()
