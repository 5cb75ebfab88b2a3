"""Connecting a channel by agreeing on the platform's own page (OAuth), and one installation more for one.

What was answered before travels with the browser, sealed for the one admin who began: nothing is kept before
it is proven, and any process can finish what another began.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from hub.auth.audit import record
from hub.auth.seal import SealError, open_config
from hub.contract.connector import Authorizes, Connector
from hub.contract.errors import ConnectorError
from hub.desk.channels import RESUMED, ChannelProblem, check_name, keep_channel, keep_config
from hub.desk.keeping_channels import get_channel
from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.channels import Channel
from hub.model.ids import new_id
from hub.model.people import Agent

WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the admin, and what the browser brings back."""

    url: str
    sealed: str


def can_authorize(desk: Desk, platform: str) -> bool:
    kind = desk.registry.types.get(platform)
    return kind is not None and issubclass(kind, Authorizes)


def can_install_more(desk: Desk, channel: Channel) -> bool:
    """Whether what the channel is set to is enough to begin."""
    if not can_authorize(desk, channel.platform):
        return False
    try:
        _kind(desk, channel.platform).begin({}, _known(desk, channel), "https://hub.example/", "state")
    except ConnectorError:
        return False
    return True


async def begin(
    desk: Desk,
    by: Agent,
    platform: str,
    answers: Mapping[str, str],
    redirect: str,
    *,
    name: str | None = None,
    channel: Channel | None = None,
) -> Begun:
    """Raises NotAllowed, UnknownPlatform, ChannelProblem, Rejected."""
    only_admins(by)
    if name:
        await check_name(desk, name)
    kind = _kind(desk, platform)
    state = secrets.token_urlsafe(24)
    url = kind.begin(answers, _known(desk, channel), redirect, state)
    kept = {
        "platform": platform,
        "answers": dict(answers),
        "name": name,
        "channel": channel.id if channel else None,
        "redirect": redirect,
        "state": state,
        "at": desk.clock().isoformat(),
    }
    return Begun(url, desk.registry.sealer.seal(json.dumps(kept), _context(by)))


async def finish(
    desk: Desk,
    by: Agent,
    sealed: str,
    state: str,
    code: str,
    tell: Callable[[str], None],
    *,
    address: str | None = None,
) -> Channel:
    """The channel that was connected, or has one installation more.

    Raises NotAllowed, ChannelProblem when nothing was begun here just now, ConnectorError.
    """
    only_admins(by)
    begun = _opened(desk, by, sealed, state)
    channel = await get_channel(desk, by, begun["channel"]) if begun["channel"] else None
    kind, id_ = _kind(desk, begun["platform"]), channel.id if channel else new_id(desk.clock())
    kit = replace(desk.registry.kit(id_), tell=tell)
    made = await kind.finish(begun["answers"], _known(desk, channel), begun["redirect"], code, kit)
    if channel is None:
        kept = (await keep_channel(desk, begun["platform"], id_, made, begun["name"])).channel
        deed = "channel_connected"
    else:
        if channel.account is not None and made.account.key != channel.account:
            raise ChannelProblem("channel_other_account", account=made.account.name)
        await keep_config(desk, channel, made.config, RESUMED, "resumed")
        kept, deed = channel, "channel_reauthenticated"
    await record(
        desk.store, desk.clock, by, deed,
        target=kept.id, target_name=kept.name, address=address or "", details={"platform": kept.platform},
    )  # fmt: skip
    return kept


def _kind(desk: Desk, platform: str) -> type[Any]:
    kind: type[Connector[Any]] = desk.registry.connector_type(platform)
    if not issubclass(kind, Authorizes):
        raise ChannelProblem("authorization_none", platform=kind.manifest.name)
    return kind


def _known(desk: Desk, channel: Channel | None) -> BaseModel | None:
    if channel is None:
        return None
    kind = desk.registry.connector_type(channel.platform)
    config: BaseModel = open_config(kind.manifest.config, channel.config, desk.registry.sealer, channel.id)
    return config


def _opened(desk: Desk, by: Agent, sealed: str, state: str) -> dict[str, Any]:
    try:
        begun = json.loads(desk.registry.sealer.open(sealed, _context(by)))
    except SealError:
        raise ChannelProblem("authorization_gone") from None
    late = desk.clock() - datetime.fromisoformat(begun["at"]) > WITHIN
    if late or not secrets.compare_digest(str(begun["state"]).encode(), state.encode("utf-8", "replace")):
        raise ChannelProblem("authorization_gone")
    assert isinstance(begun, dict)
    return begun


def _context(by: Agent) -> str:
    return f"authorization {by.id}"
