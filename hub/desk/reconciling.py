"""Asking the platform itself what it holds, and comparing: is anything missing here? For admins."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from hub.auth.audit import record
from hub.contract.connector import Connector, Reconciles
from hub.contract.errors import ConnectorError
from hub.contract.inbound import Cursor
from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.channels import Channel
from hub.model.people import Agent
from hub.model.sentences import sentence

Found = TypeVar("Found")
COMPARED_WITHIN = 120.0  # seconds
TAKEN_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Compared:
    """`held`: how many events the platform holds of those that were ours to take; `missing`: their keys."""

    held: int
    missing: tuple[str, ...]


def can_compare(desk: Desk, channel: Channel) -> bool:
    """Whether the platform can be asked, and there is something to ask for."""
    return channel.cursor is not None and isinstance(desk.registry.reader(channel), Reconciles)


async def compare(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> Compared:
    """Raises NotAllowed, ConnectorError."""
    only_admins(by)
    connector = desk.registry.build(channel)
    compared = await _within(connector, _compare(desk, channel, connector))
    details = {"missing": str(len(compared.missing))}
    await _record(desk, by, "channel_compared", channel, address, details)
    return compared


async def take_missing(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> int:
    """Keep what is missing in the journal. Returns how many. Raises NotAllowed, ConnectorError."""
    only_admins(by)
    connector = desk.registry.build(channel)
    taken = await _within(connector, _take(desk, channel, connector))
    await _record(desk, by, "missing_taken", channel, address, {"messages": str(taken)})
    return taken


async def _compare(desk: Desk, channel: Channel, connector: Connector[Any]) -> Compared:
    if not isinstance(connector, Reconciles) or channel.cursor is None:
        return Compared(0, ())
    keys = await connector.held(Cursor(channel.cursor))
    return Compared(len(keys), tuple(await desk.store.journal.missing(channel.id, keys)))


async def _take(desk: Desk, channel: Channel, connector: Connector[Any]) -> int:
    missing = (await _compare(desk, channel, connector)).missing
    taken = 0
    if not isinstance(connector, Reconciles):
        return taken
    for start in range(0, len(missing), TAKEN_AT_ONCE):
        events = await connector.fetch(missing[start : start + TAKEN_AT_ONCE])
        taken += await desk.store.journal.add(channel.id, events, desk.clock())
    return taken


async def _within(connector: Connector[Any], work: Awaitable[Found]) -> Found:
    try:
        async with asyncio.timeout(COMPARED_WITHIN):
            return await work
    except TimeoutError as problem:
        raise ConnectorError(sentence("platform_silent")) from problem
    finally:
        await connector.close()


async def _record(
    desk: Desk, by: Agent, deed: str, channel: Channel, address: str | None, details: dict[str, str]
) -> None:
    await record(
        desk.store, desk.clock, by, deed,
        target=channel.id, target_name=channel.name, address=address or "", details=details,
    )  # fmt: skip
