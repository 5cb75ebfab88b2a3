"""However much happens at once, little of it is in memory at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hub.hooks import Webhooks
from hub.hooks.queueing import AT_ONCE, REMEMBERED, Queuer, Told
from hub.model.events import Event
from hub.model.hooks import Hook, HookDelivery

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MANY = 10_000
HOOK = Hook(
    id="h", name="Warehouse", url="https://shop.example", kinds=("note.added",), created_at=NOW, since=NOW
)


@dataclass
class Log:
    """The store's side of queueing; what is queued is counted and let go."""

    happened: list[Event] = field(default_factory=list)
    queued: int = 0
    largest: int = 0
    last: int = 0
    at: datetime = NOW

    async def latest(self, since: datetime) -> list[Event]:
        return self.happened

    async def position(self) -> datetime:
        return self.at

    async def set_position(self, at: datetime) -> None:
        self.at = at

    async def known(self, deliveries: Sequence[str]) -> frozenset[str]:
        return frozenset()

    async def reserve(self, hook: str, many: int) -> int:
        self.last += many
        return self.last - many + 1

    async def enqueue(self, deliveries: Sequence[HookDelivery]) -> None:
        self.queued += len(deliveries)
        self.largest = max(self.largest, len(deliveries))


@dataclass
class House:
    """A hub of which only its log and its clock are asked."""

    log: Log
    kept: timedelta = timedelta(days=30)

    @property
    def desk(self) -> "House":
        return self

    @property
    def store(self) -> "House":
        return self

    @property
    def hooks(self) -> Log:
        return self.log

    @property
    def events(self) -> Log:
        return self.log

    def clock(self) -> datetime:
        return NOW


async def test_a_burst_is_queued_in_pieces_and_what_is_remembered_of_it_has_a_bound() -> None:
    log, described = Log(), list[int]()

    async def describe(events: Sequence[Event]) -> Mapping[str, Told]:
        described.append(len(events))
        about: Mapping[str, Any] = {"text": "x" * 1000}
        return {each.id: Told(about=about) for each in events}

    queuer = Queuer(cast(Webhooks, House(log)), describe, "one", lambda: None)
    log.happened = happened(0)
    assert await queuer.catch_up([HOOK]) == MANY
    assert await queuer.catch_up([HOOK]) == 0  # what comes once more is known
    assert (log.queued, max(described), log.largest) == (MANY, AT_ONCE, AT_ONCE)
    queuer.describe = nothing
    for burst in range(1, 7):
        log.happened = happened(burst)
        await queuer.catch_up([HOOK])
    assert MANY <= len(queuer._seen) <= REMEMBERED


def happened(burst: int) -> list[Event]:
    return [Event(id=f"{burst}-{each}", kind="note_added", at=NOW, conversation="c") for each in range(MANY)]


async def nothing(events: Sequence[Event]) -> Mapping[str, Told]:
    """All of it is gone by now."""
    return {}
