"""From nothing to a connected app: each step by itself, and Slack's very word where one fails."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import aiohttp
import pytest

from connectors.slack import SlackConnector
from connectors.slack.steps import STEPS
from hub.contract.errors import AuthBroken, ConnectorError, RateLimited, Rejected, Unavailable
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.wire import APP_TOKEN, SIGNING_SECRET, TOKEN, Refused

SECRETS = (TOKEN, APP_TOKEN, SIGNING_SECRET)


async def look(api: SlackApi, step: str, public_url: str = "", **answers: str) -> str:
    async with aiohttp.ClientSession() as http:
        given: Mapping[str, str] = {"token": TOKEN, "api": f"{api.base}/api/", **answers}
        kit = replace(kit_for(http), public_url=public_url)
        return " ".join(await SlackConnector.check_step(step, given, kit))


async def refused(
    api: SlackApi, step: str, kind: type[ConnectorError], public_url: str = "", **answers: str
) -> ConnectorError:
    with pytest.raises(kind) as problem:
        await look(api, step, public_url, **answers)
    assert not any(secret in f"{problem.value} {problem.value.said}" for secret in SECRETS)
    return problem.value


async def test_each_step_is_looked_at_with_what_was_answered_so_far(api: SlackApi) -> None:
    for number in range(2):
        api.write(f"Hello {number}")
    answered: dict[str, str] = {}
    found = {}
    for step in STEPS:
        answered |= {"app_token": APP_TOKEN} if "app_token" in step.asks else {}
        found[step.name] = await look(api, step.name, **answered)
    assert "hubbub in the workspace Tent Shop" in found["app"]
    assert "socket" in found["way"].lower()
    assert "messages that name it" in found["channels"]
    assert found["hello"] == "Somebody has written to it."
    assert "hears everything" in await look(api, "channels", channels="all")


async def test_a_token_that_slack_refuses_is_told_in_slacks_word(api: SlackApi) -> None:
    assert (await refused(api, "app", AuthBroken, token="xoxb-another")).said == "invalid_auth"
    api.failing["auth.test"] = Refused("account_inactive")
    assert (await refused(api, "app", AuthBroken)).said == "account_inactive"
    api.failing["auth.test"] = Refused("ratelimited", 429, retry_after=7)
    assert (await refused(api, "app", RateLimited)).said == "ratelimited"
    assert "xoxb-" in str(await refused(api, "app", Rejected, token="xapp-not-this-one"))
    api.scopes = "chat:write,im:history,users:read"
    assert "lacks the scope files:write" in await look(api, "app")
    assert "lacks the scope channels:history" in await look(api, "channels")


async def test_the_way_in_needs_what_belongs_to_it(api: SlackApi) -> None:
    assert "app_token" in str(await refused(api, "way", Rejected))
    wrong = await refused(api, "way", AuthBroken, app_token="xapp-of-another")
    assert wrong.said == "invalid_auth"
    events = {"way": "events", "signing_secret": SIGNING_SECRET}
    assert "does not know its own address" in str(await refused(api, "way", Rejected, **events))
    plain = await refused(api, "way", Rejected, "http://hub.example", **events)
    assert "https addresses only" in str(plain)
    away = await refused(api, "way", Unavailable, "https://hub.invalid", **events)
    assert "does not lead here" in str(away)
    assert away.said


async def test_a_first_message_is_left_for_the_channel(
    api: SlackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.write("Hello")
    assert await look(api, "hello", app_token=APP_TOKEN)
    assert len(api.unacknowledged) == 1
    assert "By events" in await look(api, "hello", way="events")
    api.unacknowledged.clear()
    monkeypatch.setattr("connectors.slack.steps.HELLO_WITHIN", 0.2)
    async with asyncio.timeout(10):
        assert "Nothing has arrived" in str(await refused(api, "hello", Unavailable, app_token=APP_TOKEN))
