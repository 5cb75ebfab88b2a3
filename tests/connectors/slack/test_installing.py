"""Installing the app from here: agreed on Slack's page, proven, kept; and once more in another workspace."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from pydantic import SecretStr

from connectors.slack import SlackConnector
from connectors.slack.config import SlackConfig
from connectors.slack.events import arrived
from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.contract.connector import Kit
from hub.contract.errors import AuthBroken, Rejected
from hub.desk import authorizing
from hub.desk.channels import ChannelProblem
from hub.model.people import Agent, Role
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import APP, APP_TOKEN, CHAT, CLIENT_ID, CLIENT_SECRET, OTHER_TEAM, TEAM

REDIRECT = "https://hub.example/desk/office/channels/authorizations"


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    async with aiohttp.ClientSession() as http:
        yield kit_for(http)


def answers_for(api: SlackApi) -> dict[str, str]:
    return {
        "way": "socket",
        "app_token": APP_TOKEN,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "api": f"{api.base}/api/",
    }


async def test_an_app_is_installed_in_one_workspace_and_then_in_another(api: SlackApi, kit: Kit) -> None:
    answers = answers_for(api)
    page = urlsplit(SlackConnector.begin(answers, None, REDIRECT, "a-state"))
    asked = parse_qs(page.query)
    assert page.path == "/oauth/v2/authorize"
    assert (asked["client_id"], asked["redirect_uri"], asked["state"]) == (
        [CLIENT_ID],
        [REDIRECT],
        ["a-state"],
    )
    assert "chat:write" in asked["scope"][0].split(",")
    api.codes |= {"first": TEAM, "second": OTHER_TEAM}
    made = await SlackConnector.finish(answers, None, REDIRECT, "first", kit)
    first = made.config
    assert isinstance(first, SlackConfig)
    assert (made.account.key, [each.team for each in first.workspaces]) == (APP, [TEAM])
    assert first.workspaces[0].refresh_token is not None
    SlackConnector.begin({}, first, REDIRECT, "a-state")  # what is known is enough
    both = (await SlackConnector.finish({}, first, REDIRECT, "second", kit)).config
    assert isinstance(both, SlackConfig)
    assert [each.team for each in both.workspaces] == [TEAM, OTHER_TEAM]
    connector = SlackConnector(both, kit)
    assert (await connector.connect()).name == "Tent Shop, Other Shop"
    with pytest.raises(Rejected, match="invalid_code"):
        await SlackConnector.finish(answers, None, REDIRECT, "second", kit)
    with pytest.raises(AuthBroken, match="client secret"):
        await SlackConnector.finish({**answers, "client_secret": "?"}, None, REDIRECT, "first", kit)
    with pytest.raises(Rejected, match="client ID"):
        SlackConnector.begin({"way": "socket"}, None, REDIRECT, "a-state")


async def test_each_workspace_is_answered_with_its_own_token(api: SlackApi, kit: Kit) -> None:
    api.codes |= {"first": TEAM, "second": OTHER_TEAM}
    first = (await SlackConnector.finish(answers_for(api), None, REDIRECT, "first", kit)).config
    both = (await SlackConnector.finish({}, first, REDIRECT, "second", kit)).config
    assert isinstance(both, SlackConfig)
    connector = SlackConnector(both, kit)
    of_another = {"team_id": OTHER_TEAM, "context_team_id": OTHER_TEAM, "authorizations": []}
    api.write("Hello from there")
    api.again(event_id="Ev1", **of_another)
    for (_, payload), team in zip(api.payloads, (TEAM, OTHER_TEAM), strict=True):
        event = arrived(payload, connector.teams, APP)
        assert event is not None
        assert event.thread.key == f"{team}/{CHAT}"
        [told] = connector.read(await connector.prepare(event))
        assert told.thread == event.thread
    asked = [each for each in api.tokens_used if each[0] == "users.info"]
    assert asked == [("users.info", TEAM), ("users.info", OTHER_TEAM)]


def test_new_credentials_change_what_is_entered_and_nothing_else(api: SlackApi, kit: Kit) -> None:
    connector = SlackConnector(config_for(api), kit)
    asked = [each.name for each in connector.renewal()]
    assert asked == [f"token.{TEAM}", "app_token", "signing_secret", "client_secret"]
    renewed = connector.renewed({f"token.{TEAM}": "xoxb-new", "app_token": ""})
    assert isinstance(renewed, SlackConfig)
    assert renewed.workspaces[0].token == SecretStr("xoxb-new")
    assert renewed.app_token == connector.config.app_token


async def test_only_who_began_can_finish_and_a_second_workspace_joins_the_channel(
    hub: Hub, api: SlackApi
) -> None:
    api.codes |= {"first": TEAM, "second": OTHER_TEAM}
    ana, ben = (
        Agent(id=name, name=name, email=f"{name}@hub.example", role=Role.ADMIN, created_at=hub.clock())
        for name in ("ana", "ben")
    )
    for each in (ana, ben):
        await hub.store.people.add_agent(each)
    told: list[str] = []
    begun = await authorizing.begin(hub.desk, ana, "slack", answers_for(api), REDIRECT, name="Chat")
    state = parse_qs(urlsplit(begun.url).query)["state"][0]
    for who, sealed, said in ((ben, begun.sealed, state), (ana, begun.sealed, "?"), (ana, "", state)):
        with pytest.raises(ChannelProblem, match="begin once more"):
            await authorizing.finish(hub.desk, who, sealed, said, "first", told.append)
    channel = await authorizing.finish(hub.desk, ana, begun.sealed, state, "first", told.append)
    assert (channel.name, channel.account_name) == ("Chat", "Tent Shop")
    assert told == ["The app is hubbub in the workspace Tent Shop."]
    assert authorizing.can_install_more(hub.desk, channel)
    more = await authorizing.begin(hub.desk, ana, "slack", {}, REDIRECT, channel=channel)
    state = parse_qs(urlsplit(more.url).query)["state"][0]
    await authorizing.finish(hub.desk, ana, more.sealed, state, "second", told.append)
    kept = await hub.store.channels.find(channel.id)
    assert kept is not None
    config = hub.registry.reader(kept).config
    assert [each.name for each in config.workspaces] == ["Tent Shop", "Other Shop"]
    support = replace(ana, role=Role.AGENT)
    with pytest.raises(NotAllowed):
        await authorizing.begin(hub.desk, support, "slack", {}, REDIRECT, channel=kept)
