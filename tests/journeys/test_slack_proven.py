"""An app that Slack calls is tried out: its scopes, its address, and whether Slack has really called."""

from contextlib import aclosing

import aiohttp
import pytest

from hub.app import Hub
from hub.contract.errors import Rejected, Unavailable
from hub.desk.channels import try_channel
from hub.model.channels import Channel
from hub.work import running
from tests.connectors.slack.slack_api import serving
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import signed
from tests.hubs import connect


async def steps(hub: Hub, channel: Channel) -> list[str]:
    found = []
    async with aclosing(try_channel(hub.desk, channel)) as sentences:
        async for each in sentences:
            found.append(each)
    return found


async def test_the_events_api_is_proven_step_by_step_and_what_is_missing_is_named(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as api:
        channel = await connect(hub, "slack", config_for(api, "events"), "Slack")
        async with running(hub, web_server=True, worker=False) as at_work:
            monkeypatch.setattr(hub.registry, "public_url", "")
            with pytest.raises(Rejected, match="does not know its own address"):
                await steps(hub, channel)
            monkeypatch.setattr(hub.registry, "public_url", f"{at_work.url}/elsewhere")
            with pytest.raises(Unavailable, match="does not answer Slack's question") as away:
                await steps(hub, channel)
            assert away.value.said.startswith("404")
            monkeypatch.setattr(hub.registry, "public_url", at_work.url)
            with pytest.raises(Unavailable, match="Slack has not called yet"):
                await steps(hub, channel)
            api.write("Hello")
            headers, body = signed(api.payloads[-1][1])
            async with (
                aiohttp.ClientSession() as http,
                http.post(f"{at_work.url}/hooks/{channel.id}", data=body, headers=headers) as answer,
            ):
                assert answer.status == 200
            found = await steps(hub, channel)
            assert found[1] == "The token works. The app is hubbub in the workspace Tent Shop."
            assert found[2] == f"{at_work.url}/hooks/{channel.id} answers Slack's question."
            assert found[3].startswith("Slack's last call arrived at 20")
            api.scopes = "chat:write,im:history"
            with pytest.raises(Rejected) as lacking:
                await steps(hub, channel)
            for scope in ("users:read", "files:write", "channels:history", "team:read"):
                assert f"the app lacks the scope {scope}." in str(lacking.value)
