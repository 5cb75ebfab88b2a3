"""What a connector changes in a channel's configuration, and what an admin does at the same time."""

import pytest
from pydantic import BaseModel

from connectors.email.config import EmailConfig
from hub.app import Hub
from hub.desk.channels import ChannelProblem, keep_config
from hub.model.channels import Channel
from hub.registry import merged
from tests.hubs import connect

GIVEN = {
    "address": "shop@hub.example",
    "imap": {"host": "127.0.0.1", "port": 9},
    "smtp": {"host": "127.0.0.1", "port": 9},
    "auth": {"kind": "xoauth2", "provider": "google", "client_id": "us", "refresh_token": "old"},
    "signing_key": "a key that signs nothing real",
}


def given(channel: Channel, hub: Hub) -> EmailConfig:
    config = hub.registry.build(channel).config
    assert isinstance(config, EmailConfig)
    return config


async def found(hub: Hub, channel: Channel) -> Channel:
    now_is = await hub.store.channels.find(channel.id)
    assert now_is is not None
    return now_is


def refreshed(config: EmailConfig, token: str) -> EmailConfig:
    auth = {"kind": "xoauth2", "provider": "google", "client_id": "us", "refresh_token": token}
    return EmailConfig.model_validate({**config.model_dump(), "auth": auth})


async def test_a_refreshed_token_and_an_admins_change_are_both_kept(hub: Hub) -> None:
    channel = await connect(hub, "email", EmailConfig.model_validate(GIVEN))
    connector = hub.registry.build(channel)
    changed = given(channel, hub).model_copy(update={"signature": "-- us"})
    await keep_config(hub.desk, channel, changed, {}, "settings")
    for token in ("new", "newer"):
        connector.config = refreshed(connector.config, token)
        await connector.kit.save_config(connector.config)
        now_is = given(await found(hub, channel), hub)
        assert now_is.signature == "-- us"
        assert now_is.auth == refreshed(changed, token).auth


async def test_what_an_admin_changes_on_an_old_page_is_refused_and_overwrites_nothing(hub: Hub) -> None:
    channel = await connect(hub, "email", EmailConfig.model_validate(GIVEN))
    connector = hub.registry.build(channel)
    await connector.kit.save_config(refreshed(connector.config, "new"))
    changed = given(channel, hub).model_copy(update={"signature": "-- us"})
    with pytest.raises(ChannelProblem, match="changed this channel meanwhile"):
        await keep_config(hub.desk, channel, changed, {"paused": True}, "settings")
    now_is = await found(hub, channel)
    assert (given(now_is, hub).signature, now_is.paused) == ("", False)
    await keep_config(hub.desk, now_is, changed, {"problem": None}, "settings")
    assert given(await found(hub, channel), hub).signature == "-- us"


async def test_a_channel_that_is_gone_needs_no_token(hub: Hub) -> None:
    channel = await connect(hub, "email", EmailConfig.model_validate(GIVEN))
    connector = hub.registry.build(channel)
    await hub.store.database.channels.delete_one({"_id": channel.id})
    await connector.kit.save_config(refreshed(connector.config, "new"))
    assert await hub.store.channels.find(channel.id) is None


class Workspace(BaseModel):
    token: str
    name: str = ""


class Installed(BaseModel):
    """As a Slack channel has them: one token for each workspace."""

    workspaces: dict[str, Workspace]


def test_of_tables_each_entry_is_merged_by_itself() -> None:
    def of(**tokens: str) -> Installed:
        return Installed(workspaces={key: Workspace(token=token) for key, token in tokens.items()})

    assert merged(of(a="1", b="1"), of(a="2", b="1"), of(a="1", b="3")) == of(a="2", b="3")
    assert merged(of(a="1"), of(a="1", c="1"), of(a="1", b="1")) == of(a="1", b="1", c="1")
    assert merged(of(a="1", b="1"), of(b="1"), of(a="1", b="2")) == of(b="2")  # ours took one out
    assert merged(of(a="1", b="1"), of(a="2", b="1"), of(b="1")) == of(b="1")  # theirs took it out
