"""What Slack is asked for beside sending: names, files, sockets, tokens; how people are answered there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import BaseModel, SecretStr

from connectors.slack import SlackConnector
from connectors.slack.config import Workspace
from connectors.slack.connector import SocketSlack
from hub.contract.errors import (
    AuthBroken,
    Rejected,
    Unavailable,
)
from hub.contract.inbound import ArrivedRaw, Batch, MessageReceived
from hub.model.content import Attachment
from tests.conformance import kit_for
from tests.connectors.slack.conftest import STORED
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.test_sending import HERE, message
from tests.connectors.slack.wire import (
    ANA,
    APP_TOKEN,
    BOT,
    CHAT,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    TEAM,
    TOKEN,
    US,
    Refused,
)


async def received(connector: SocketSlack, count: int) -> list[Batch]:
    batches: list[Batch] = []
    stream = connector.stream(None)
    async for batch in stream:
        batches += [batch] if batch.events else []
        if len(batches) == count:
            break
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
    return batches


def raw(batch: Batch) -> ArrivedRaw:
    [event] = batch.events
    assert isinstance(event, ArrivedRaw)
    return event


async def test_people_are_asked_for_once_and_a_name_that_cannot_be_had_stays_an_id(
    api: SlackApi, connector: SocketSlack
) -> None:
    api.write("Hi <@U0NOBODY>")
    api.write("Again")
    first, second = await received(connector, 2)
    for batch in (first, second):
        [read] = connector.read(await connector.prepare(raw(batch)))
        assert isinstance(read, MessageReceived)
        assert (read.author.name, read.author.email) == ("Ana Sousa", "ana@shop.example")
    assert sorted(each["user"] for each in api.called("users.info")) == [ANA, "U0NOBODY"]
    api.fail = "unavailable"
    api.write("Later", user="U0NEW")
    with pytest.raises(Unavailable):
        await connector.prepare(
            ArrivedRaw(
                key="x",
                at=datetime.now(UTC),
                thread=HERE,
                raw={"team": TEAM},
                body=json.dumps({"event": {"user": "U0NEW"}}).encode(),
            )
        )


async def test_channels_groups_and_companies_are_called_by_their_names(
    api: SlackApi, connector: SocketSlack
) -> None:
    api.user("U0EXT", "eve", "Eve Ext", team="T0FOREIGN")
    api.companies["T0FOREIGN"] = "Foreign Ltd"
    text = f"<@{US}> see <#C0SUPPORT> and <!subteam^S0CREW>, not <#C0HIDDEN>"
    for number in range(2):
        said = api.message(text, "C0SUPPORT", "U0EXT", user_team="T0FOREIGN")
        api.tell(
            {"type": "message", "channel": "C0SUPPORT", "channel_type": "channel", **said},
            is_ext_shared_channel=True,
        )
        if number == 0:
            api.failing["usergroups.list"] = Refused("ratelimited", 429, retry_after=30)
    first, second = await received(connector, 2)
    reads = [connector.read(await connector.prepare(raw(each)))[0] for each in (first, second)]
    messages = [each for each in reads if isinstance(each, MessageReceived)]
    assert messages[0].content.text == "@Hubbub see #support and @group, not #C0HIDDEN"  # it waits for nobody
    assert messages[1].content.text == "@Hubbub see #support and @crew, not #C0HIDDEN"
    assert [each.author.name for each in messages] == ["Eve Ext (Foreign Ltd)"] * 2
    asked = [len(api.called(each)) for each in ("conversations.info", "team.info", "usergroups.list")]
    assert asked == [2, 1, 2]
    api.users["U0EXT"]["profile"]["display_name"] = "Eva"
    api.tell({"type": "user_change", "user": api.users["U0EXT"]})
    api.scopes = "chat:write"
    api.write("And I?", user="U0EXT")
    _, changed, later = await received(connector, 3)  # the last one before was not acknowledged
    await connector.prepare(raw(changed))
    [read] = connector.read(await connector.prepare(raw(later)))
    assert isinstance(read, MessageReceived)
    assert read.author.name == "Eva (Foreign Ltd)"


async def test_files_of_customers_are_fetched_with_our_token_and_from_slack_alone(
    api: SlackApi, connector: SocketSlack
) -> None:
    await connector.send(message("", "cat.png"))
    [key] = api.contents
    attachment = Attachment(name="cat.png", mime="image/png", remote=f"{TEAM}/{key}")
    assert b"".join([piece async for piece in connector.media(attachment)]) == STORED["cat.png"]
    api.scopes = ""
    with pytest.raises(Rejected, match="files:read"):
        [piece async for piece in connector.media(attachment)]
    base, api.base = api.base, "https://slack.com.evil.example"
    with pytest.raises(Rejected, match="not kept by Slack"):
        [piece async for piece in connector.media(attachment)]
    api.base = base
    with pytest.raises(Rejected, match="any more"):
        [piece async for piece in connector.media(replace(attachment, remote=f"{TEAM}/F0GONE"))]


async def test_the_socket_is_opened_anew_whenever_slack_ends_it(
    api: SlackApi, connector: SocketSlack
) -> None:
    stream = connector.stream(None)
    assert not (await anext(stream)).events  # from now on
    keys = []
    for reason in ("warning", "refresh_requested", "cut"):
        api.write(f"before {reason}")
        batch = await anext(stream)
        keys.append(raw(batch).key)
        api.disconnect(reason)
    api.write("after all of them")
    keys.append(raw(await anext(stream)).key)
    assert len(set(keys)) == 4
    assert api.opened == 3
    api.disconnect("link_disabled")
    with pytest.raises(AuthBroken, match="Socket Mode"):
        await anext(stream)


async def test_a_token_is_renewed_once_before_it_expires_and_kept(
    api: SlackApi, saved: list[BaseModel]
) -> None:
    api.refresh_tokens["xoxe-1-old"] = TEAM
    soon = datetime.now(UTC) + timedelta(minutes=30)
    workspace = Workspace(
        team=TEAM,
        user=US,
        bot=BOT,
        token=SecretStr(TOKEN),
        refresh_token=SecretStr("xoxe-1-old"),
        expires_at=soon,
    )
    secret = SecretStr(CLIENT_SECRET)
    config = config_for(api, workspaces=(workspace,), client_id=CLIENT_ID, client_secret=secret)
    async with aiohttp.ClientSession() as http:
        connector = SlackConnector(config, kit_for(http, saved=saved))
        await connector.connect()
        del api.tokens[TOKEN]
        await connector.send(message())
        [kept] = saved
        assert kept == connector.config
        assert connector.config.workspaces[0].token != workspace.token
        assert connector.config.workspaces[0].refresh_token is not None
        again = SlackConnector(config, kit_for(http))  # with what is good no more
        with pytest.raises(AuthBroken, match="refresh token"):
            await again.connect()


async def test_setting_up_finds_out_who_we_are_and_what_we_may_not_do(api: SlackApi) -> None:
    told: list[str] = []
    api.scopes = "chat:write,im:history,users:read"
    async with aiohttp.ClientSession() as http:
        kit = replace(kit_for(http), tell=told.append)
        answers = {"token": TOKEN, "way": "socket", "app_token": APP_TOKEN, "api": f"{api.base}/api/"}
        made = await SlackConnector.set_up(answers, kit)
        assert made.account.key == "A0HUBBUB"
        assert told == ["The app is hubbub in the workspace Tent Shop."]
        assert "Files that people send do not come in: the app lacks the scope files:read." in made.found
        config = made.config
        assert isinstance(config, type(config_for(api)))
        assert (config.workspaces[0].team, config.workspaces[0].user) == (TEAM, US)
        for wrong, words in (
            ({"token": "xoxp-1"}, "begins with xoxb-"),
            ({"app_token": ""}, "Socket Mode needs"),
            ({"app_token": "xapp-1-A0OTHER-1-x"}, "two different apps"),
            ({"way": "events"}, "needs signing_secret"),
        ):
            with pytest.raises(Rejected, match=words):
                await SlackConnector.set_up({**answers, **wrong}, kit)
        with pytest.raises(AuthBroken):
            await SlackConnector.set_up({**answers, "token": "xoxb-wrong"}, kit)
        by_events = {**answers, "way": "events", "signing_secret": SIGNING_SECRET}
        assert any("address" in each for each in (await SlackConnector.set_up(by_events, kit)).found)


async def test_whoever_opens_the_home_or_uses_the_shortcut_is_answered(
    api: SlackApi, connector: SocketSlack
) -> None:
    api.tell({"type": "app_home_opened", "user": ANA, "channel": CHAT, "tab": "home"})
    there = api.message("Nobody answers", "C0LOBBY", ANA)
    shortcut = {
        "type": "message_action",
        "callback_id": "send_to_hubbub",
        "trigger_id": "1.2.3",
        "api_app_id": "A0HUBBUB",
        "team": {"id": TEAM, "domain": "tents"},
        "user": {"id": US, "name": "ben"},
        "channel": {"id": "C0LOBBY", "name": "lobby"},
        "message": there,
        "response_url": f"{api.base}/respond",
    }
    api.hand_over("interactive", shortcut)
    home, used = await received(connector, 2)
    await connector.prepare(raw(home))
    assert "Connected" in json.dumps(api.homes[ANA])
    [read] = connector.read(await connector.prepare(raw(used)))
    assert isinstance(read, MessageReceived)
    assert (read.author.name, read.content.text) == ("Ana Sousa", "Nobody answers")
    assert [each["text"] for each in api.responses] == ["Sent to Hubbub."]
    assert api.responses[0]["response_type"] == "ephemeral"
    api.failing["views.publish"] = Refused("not_enabled")
    await connector.prepare(raw(home))  # only the home suffers
