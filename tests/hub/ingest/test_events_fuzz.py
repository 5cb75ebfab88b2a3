"""Whatever events a connector hands over, every one ends as something, and nothing else is stopped."""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from connectors.simulator.config import SimulatorConfig
from hub.app import Hub, open_hub
from hub.contract.capabilities import ReceiptState, Surface, Visibility
from hub.contract.inbound import (
    ArrivedRaw,
    Author,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ReceiptReceived,
    RemoteId,
    Thread,
    ThreadMoved,
)
from hub.ingest.pipeline import Pipeline
from hub.ingest.worker import IngestWorker
from hub.model.channels import Channel
from hub.model.content import Attachment, Content
from hub.model.ids import derived_id
from hub.model.inbox import Person
from hub.model.journal import JournalEntry, Outcome
from hub.store.queues import LANES
from tests.hubs import connect, settings_for

# Lone surrogates, NUL, direction marks, emoji, dots and dollars: what databases and screens stumble over.
TEXT = some.text(max_size=40) | some.sampled_from(
    ["\ud800", "a\0b", "$set", "a.b", "‮gnp", "👩‍👩‍👧", "x" * 5000]
)
KEY = some.text(min_size=1, max_size=12)
REMOTE = some.integers(0, 5).map(lambda number: RemoteId(f"m{number}")) | KEY.map(RemoteId)
THREAD = some.builds(Thread, KEY | some.sampled_from(["t1", "t2"]), some.sampled_from(list(Surface)))
MOMENT = some.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=some.just(UTC))
AUTHOR = some.builds(
    Author,
    key=KEY | some.sampled_from(["ana", "ben"]),
    name=some.none() | TEXT,
    handle=some.none() | TEXT,
    email=some.none() | some.sampled_from(["ana@example.org", "ANA@example.org", "b\ud800@x"]),
    phone=some.none() | some.just("+49151"),
    ours=some.booleans(),
)
FILE = some.builds(
    Attachment, name=TEXT, mime=TEXT, size=some.none() | some.integers(-1, 2**70), remote=some.none() | KEY
)
CONTENT = some.builds(
    Content,
    text=TEXT,
    attachments=some.lists(FILE, max_size=2).map(tuple),
    subject=some.none() | TEXT,
    rest=some.none() | TEXT,
    html=some.none() | TEXT,
)
RAW = some.dictionaries(TEXT, TEXT | some.integers() | some.none(), max_size=3)
COMMON = {"key": some.just(""), "at": MOMENT, "thread": THREAD, "raw": RAW}
EVENT: some.SearchStrategy[InboundEvent] = some.one_of(
    some.builds(
        MessageReceived,
        **COMMON,
        message=REMOTE,
        author=AUTHOR,
        content=CONTENT,
        visibility=some.sampled_from(list(Visibility)),
        reply_to=some.none() | REMOTE,
        related=some.lists(REMOTE, max_size=3).map(tuple),
        fingerprint=TEXT,
        people=some.lists(some.builds(Person, key=KEY, name=some.none() | TEXT), max_size=2).map(tuple),
        flags=some.lists(TEXT, max_size=2).map(tuple),
    ),
    some.builds(MessageEdited, **COMMON, message=REMOTE, content=CONTENT),
    some.builds(MessageDeleted, **COMMON, message=REMOTE),
    some.builds(ReactionChanged, **COMMON, message=REMOTE, author=AUTHOR, emoji=TEXT, on=some.booleans()),
    some.builds(
        ReceiptReceived,
        **COMMON,
        state=some.sampled_from(list(ReceiptState)),
        message=some.none() | REMOTE,
        problem=some.none() | TEXT,
        recipient=some.none() | TEXT,
    ),
    some.builds(ReachabilityChanged, **COMMON, author=AUTHOR, reachable=some.booleans()),
    some.builds(ThreadMoved, **COMMON, to=THREAD),
    some.builds(Ignored, **COMMON, because=TEXT),
    some.builds(ArrivedRaw, **COMMON, body=some.binary(max_size=50)),
)


class Ingest:
    """A hub's way in, without anything running beside it, on an event loop that outlives the examples."""

    def __init__(self, runner: asyncio.Runner, hub: Hub, channel: Channel) -> None:
        self.runner = runner
        self.hub = hub
        self.channel = channel
        pipeline = Pipeline(hub.store, hub.registry, hub.desk.dispatch, hub.clock, 1_000_000)
        self.worker = IngestWorker(hub.store, pipeline, hub.registry, hub.clock, "fuzz")
        self.worker.held = frozenset(range(LANES))

    async def take(self, events: list[InboundEvent]) -> list[JournalEntry]:
        """What became of each; no outcome yet: it waits for something that may still come."""
        journal = self.hub.store.journal
        once = uuid.uuid4().hex
        own = [replace(event, key=f"{once}{number}") for number, event in enumerate(events)]
        await journal.add(self.channel.id, own, self.hub.clock())
        await self.worker.work_off(range(LANES))
        kept = [await journal.get(derived_id(self.channel.id, event.key)) for event in own]
        await self.hub.store.database.journal.update_many(
            {"pending": {"$in": list(range(LANES))}}, {"$unset": {"pending": ""}}
        )
        return [found[0] for found in kept if found]


@pytest.fixture(scope="module")
def ingest(store_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingest]:
    with asyncio.Runner() as runner:
        opening = open_hub(settings_for(store_uri, "fuzz", tmp_path_factory.mktemp("fuzz") / Path("data")))
        hub = runner.run(opening.__aenter__())
        channel = runner.run(connect(hub, "simulator", SimulatorConfig(world="fuzz")))
        yield Ingest(runner, hub, channel)

        async def end() -> None:
            await hub.store.database.client.drop_database("fuzz")
            await opening.__aexit__(None, None, None)

        runner.run(end())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=some.lists(EVENT, min_size=1, max_size=8))
def test_every_event_ends_as_something_and_stops_nothing(ingest: Ingest, events: list[InboundEvent]) -> None:
    kept = ingest.runner.run(ingest.take(events))
    assert len(kept) == len(events)
    for entry, event in zip(kept, events, strict=True):
        if isinstance(event, ArrivedRaw):  # this connector reads none
            assert entry.outcome is Outcome.FAILED
        else:
            assert entry.outcome is not Outcome.FAILED, entry.words
