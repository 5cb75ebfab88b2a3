"""What admins do with channels on the page: each deed asks who may and stands in the audit log."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from hub.auth.audit import record
from hub.auth.seal import open_config
from hub.contract.connector import Connector, Embeds, Question, RegistersWebhooks, Renews, TakesWebhooks
from hub.desk import channels
from hub.desk.changing import NotPossible
from hub.desk.channels import (
    ChannelProblem,
    Connected,
    change_channel,
    check_name,
    checked_country,
    connected,
)
from hub.desk.replying import Desk
from hub.desk.teams import get_team, only_admins
from hub.model.addresses import phone_countries
from hub.model.channels import Channel, Joining
from hub.model.people import Agent
from hub.model.sentences import sentence

__all__ = ["phone_countries"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """A channel as its list shows it. `waiting`, `failed`: arrivals; `to_send`: deliveries."""

    channel: Channel
    last_in: datetime | None
    waiting: int
    failed: int
    to_send: int


async def list_states(desk: Desk, by: Agent) -> list[ChannelState]:
    """All channels by name. The counts are of what waits or failed, so they cost as much as that is."""
    only_admins(by)
    found = await desk.store.channels.list_channels()
    waiting, failed = await desk.store.journal.unfinished()
    to_send = await desk.store.deliveries.count_waiting([each.id for each in found])
    last = await asyncio.gather(
        *(desk.store.journal.list_entries(channel=each.id, limit=1) for each in found)
    )
    return [
        ChannelState(
            channel=each,
            last_in=entries[0].received_at if entries else None,
            waiting=waiting[each.id],
            failed=failed[each.id],
            to_send=to_send[each.id],
        )
        for each, entries in zip(found, last, strict=True)
    ]


async def get_channel(desk: Desk, by: Agent, channel: str) -> Channel:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    found = await desk.store.channels.find(channel)
    if found is None or found.removed:
        raise NotPossible("this_channel_removed")
    return found


async def add_channel(
    desk: Desk,
    by: Agent,
    platform: str,
    answers: Mapping[str, str],
    name: str | None,
    tell: Callable[[str], None],
    *,
    address: str | None = None,
) -> Connected:
    """Raises NotAllowed, UnknownPlatform, ConnectorError, ChannelProblem."""
    only_admins(by)
    made = await channels.connect_channel(desk, platform, answers, name, tell=tell)
    await _record(desk, by, "channel_connected", made.channel, address, platform=platform)
    return made


async def check_step(
    desk: Desk, by: Agent, platform: str, step: str, answers: Mapping[str, str]
) -> Sequence[str]:
    """Raises NotAllowed, UnknownPlatform, ConnectorError, ChannelProblem."""
    only_admins(by)
    return await channels.check_step(desk, platform, step, answers)


def is_called_by_hand(desk: Desk, channel: Channel) -> bool:
    """Whether somebody has to tell the platform the channel's address: it has no call for that."""
    connector = desk.registry.reader(channel)
    return isinstance(connector, TakesWebhooks) and not isinstance(connector, RegistersWebhooks)


# New credentials


def renewal_of(desk: Desk, channel: Channel) -> tuple[Question, ...]:
    """What to ask when a channel's credentials are refused: its secrets, and nothing else."""
    connector = desk.registry.reader(channel)
    if isinstance(connector, Renews):
        return connector.renewal()
    asked = channels.questions_of(type(connector))
    return tuple(each for each in asked if each.secret and each.name in type(connector.config).model_fields)


def snippet_of(desk: Desk, channel: Channel, url: str) -> str:
    """What to put into a site's pages, as HTML; "" for channels that stand on none. `url`: where we are."""
    connector: object = desk.registry.reader(channel)
    return connector.snippet(url, channel.id) if isinstance(connector, Embeds) else ""


async def renew_channel(
    desk: Desk,
    by: Agent,
    channel: Channel,
    answers: Mapping[str, str],
    tell: Callable[[str], None],
    *,
    address: str | None = None,
) -> None:
    """Prove new credentials, of the same account, and only then keep them; the channel starts anew.

    Raises NotAllowed, ConnectorError, ChannelProblem.
    """
    only_admins(by)
    kind = desk.registry.connector_type(channel.platform)
    old = open_config(kind.manifest.config, channel.config, desk.registry.sealer, channel.id)
    kit = replace(desk.registry.kit(channel.id), tell=tell)
    config = _renewed(kind(old, kit), answers)
    connector = kind(config, kit)
    account = await connected(connector)
    if channel.account is not None and account.key != channel.account:
        raise ChannelProblem("channel_other_account", account=account.name)
    tell(sentence("signed_in_as", account=account.name))
    await channels.keep_config(desk, channel, connector.config, channels.RESUMED, "resumed")
    await _record(desk, by, "channel_reauthenticated", channel, address)


def _renewed(connector: Connector[Any], answers: Mapping[str, str]) -> BaseModel:
    if isinstance(connector, Renews):
        return connector.renewed(answers)
    config: BaseModel = connector.config
    fields = type(config).model_fields
    given = {name: SecretStr(value) for name, value in answers.items() if name in fields and value}
    return config.model_copy(update=given)


# Everyday deeds


async def pause(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> None:
    only_admins(by)
    await channels.pause_channel(desk, channel)
    await _record(desk, by, "channel_paused", channel, address)


async def resume(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> None:
    only_admins(by)
    await channels.resume_channel(desk, channel)
    await _record(desk, by, "channel_resumed", channel, address)


async def remove(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> int:
    """Returns how many deliveries failed by it."""
    only_admins(by)
    failed = await channels.remove_channel(desk, channel)
    await _record(desk, by, "channel_removed", channel, address, messages=str(failed))
    return failed


async def try_out(
    desk: Desk, by: Agent, channel: Channel, *, address: str | None = None
) -> AsyncGenerator[str, None]:
    """A sentence per step that works; raises ConnectorError at the first that does not."""
    only_admins(by)
    await _record(desk, by, "channel_tested", channel, address)
    async for step in channels.try_channel(desk, channel):
        yield step


async def set_up_again(
    desk: Desk,
    by: Agent,
    channel: Channel,
    name: str,
    team: str | None,
    country: str | None = None,
    *,
    address: str | None = None,
) -> None:
    """Its name, its team, and where phone numbers without a prefix are meant to be; None: that stays.

    Raises NotAllowed, ChannelProblem, NotPossible.
    """
    only_admins(by)
    country = channel.country if country is None else checked_country(country)
    name = " ".join(name.split())
    if name.casefold() != channel.name.casefold():
        await check_name(desk, name)
    given = (await get_team(desk, team)).name if team is not None else ""
    if (name, team, country) == (channel.name, channel.team, channel.country):
        return
    await change_channel(desk, channel, {"name": name, "team": team, "country": country}, "settings")
    was = {"was": channel.name, "now": name} if name != channel.name else {}
    was |= {"country": country or "–"} if country != channel.country else {}
    await _record(desk, by, "channel_changed", replace(channel, name=name), address, **was, team=given)


async def choose_joining(
    desk: Desk, by: Agent, channel: Channel, joining: str, *, address: str | None = None
) -> None:
    """What becomes of what begins while another conversation is open. Raises NotAllowed, NotPossible."""
    only_admins(by)
    if joining not in list(Joining):
        raise NotPossible("joining_unknown")
    if joining == channel.joining:
        return
    await desk.store.channels.change(channel.id, {"joining": joining})  # it need not start anew for that
    await _record(desk, by, "channel_changed", channel, address, joining=joining)


async def _record(
    desk: Desk, by: Agent, deed: str, channel: Channel, address: str | None, **details: str
) -> None:
    await record(
        desk.store, desk.clock, by, deed,
        target=channel.id, target_name=channel.name, address=address or "", details=details,
    )  # fmt: skip
