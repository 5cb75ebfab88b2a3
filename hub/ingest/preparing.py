"""Before an entry is read: what only the platform can tell about it, and whether its thread is ours."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from hub.contract.capabilities import Surface
from hub.contract.connector import Prepares
from hub.contract.errors import ConnectorError, Unavailable
from hub.contract.inbound import ArrivedRaw, InboundEvent, MessageReceived
from hub.ingest.parcels import Parcel
from hub.ingest.placing import thread_ids
from hub.model.channels import Channel
from hub.model.journal import Outcome
from hub.model.sentences import sentence
from hub.registry import Registry
from hub.store import Store
from hub.store.queues import Finished, Waiting

log = structlog.get_logger()

Ended = tuple[Outcome, str | None, str]
InRooms = Callable[[Channel, Mapping[str, MessageReceived]], Awaitable[Mapping[str, Ended]]]

OVERTAKEN_TRIES = 2
PREPARE_WITHIN = 30.0  # seconds to ask a platform about one entry


@dataclass(frozen=True, slots=True)
class Read:
    """A journal entry with its events; a sentence when there is no reading it, Unavailable when not yet."""

    waiting: Waiting
    channel: Channel | None
    events: Sequence[InboundEvent] | str | Unavailable


async def prepared(
    registry: Registry, batch: Sequence[Waiting], channels: Mapping[str, Channel], tries: int
) -> list[Waiting | Unavailable]:
    """Each entry with what its platform can tell; Unavailable where that may still come, within `tries`."""
    return await asyncio.gather(
        *(_prepared(registry, each, channels.get(each.entry.channel), tries) for each in batch)
    )


async def _prepared(
    registry: Registry, waiting: Waiting, channel: Channel | None, tries: int
) -> Waiting | Unavailable:
    event = waiting.event
    if channel is None or not isinstance(event, ArrivedRaw):
        return waiting
    try:
        connector = registry.reader(channel)
        if not isinstance(connector, Prepares):
            return waiting
        async with asyncio.timeout(PREPARE_WITHIN):
            return replace(waiting, event=await connector.prepare(event))
    except (Unavailable, TimeoutError) as problem:
        if waiting.entry.tries + 1 < tries:
            return Unavailable(str(problem) or sentence("platform_silent"))
    except ConnectorError as problem:
        log.warning("read as it came", entry=waiting.entry.id, error=type(problem).__name__)
    except Exception as problem:  # noqa: BLE001 a connector's bug costs one entry its names, no more
        log.warning("read as it came", entry=waiting.entry.id, error=type(problem).__name__)
    return waiting


async def said_among_agents(rooms: InRooms | None, parcels: Sequence[Parcel]) -> dict[str, Finished]:
    """How those end that agents said in a room of theirs: as answers, notes, or nothing of ours."""
    ended: dict[str, Finished] = {}
    grouped = [each for each in parcels if each.event.thread.surface is Surface.GROUP]
    for channel in {each.channel.id: each.channel for each in grouped}.values() if rooms else ():
        assert rooms is not None
        here = [each for each in grouped if each.channel.id == channel.id]
        events = {each.journal: replace(each.event, content=each.content) for each in here}
        for journal, (outcome, ref, words) in (await rooms(channel, events)).items():
            ended[journal] = Finished(journal, outcome, ref, words)
    return ended


async def in_threads_of_others(
    store: Store, parcels: Sequence[Parcel], now: datetime
) -> tuple[dict[str, Finished], frozenset[str]]:
    """How those end that are of interest only in a thread of ours, and stand in another.

    And those left waiting a little: what began their thread may have been overtaken by them.
    """
    asked = [each for each in parcels if each.event.only_known]
    ids = [each for parcel in asked for each in thread_ids(parcel.channel.id, parcel.event)]
    threads = await store.inbox.find_threads(ids)
    strange = [
        each
        for each in asked
        if not any(known in threads for known in thread_ids(each.channel.id, each.event))
    ]
    early = [each.entry for each in strange if each.entry and each.entry.tries < OVERTAKEN_TRIES]
    for entry in early:
        await store.journal.later(entry, now)
    waiting, words = frozenset(entry.id for entry in early), sentence("thread_of_others")
    ended = [each.journal for each in strange if each.journal not in waiting]
    return {each: Finished(each, Outcome.IGNORED, words=words) for each in ended}, waiting
