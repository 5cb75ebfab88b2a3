"""Reads what happened and queues it for every hook that wants to hear of it.

One process does, and keeps its position after the queueing: what happened since is read again after a crash,
and found to be queued already. Events of several processes come out of the order of their times, some of them
late: so what came shortly before is looked at again, now and then further back.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from hub.hooks import Webhooks
from hub.hooks.kinds import kinds_of
from hub.hooks.retry import GIVE_UP_AFTER
from hub.model.events import Event
from hub.model.hooks import RULE_FIRED, Hook, HookDelivery, HookState
from hub.model.ids import derived_id
from hub.store import StoreUnavailable

log = structlog.get_logger()

VERSION = 1  # of the payload: what breaks a receiver raises it
AT_ONCE = 100  # events
REST = 0.5  # seconds between two looks
IDLE_REST = 5.0  # while there is no hook
NEAR = timedelta(seconds=5)  # looked at again at every look
FAR = timedelta(minutes=2)  # looked at again every FAR_EVERY
FAR_EVERY = timedelta(seconds=30)
POSITION_EVERY = timedelta(minutes=1)  # kept while nothing happens
KEPT = timedelta(days=6)  # events are kept for a week
LEASE = timedelta(seconds=30)
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to say of an event. `channel`, `team`: for hooks that want only some."""

    about: Mapping[str, Any]
    channel: str | None = None
    team: str | None = None


# Told of each event by its id; those left out are about something that is not there any more.
Describe = Callable[[Sequence[Event]], Awaitable[Mapping[str, Told]]]


@dataclass(slots=True)
class Queuer:
    hooks: Webhooks
    describe: Describe
    worker: str
    queued: Callable[[], None]  # called when something was
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: dict[str, None] = field(default_factory=dict)
    _far_at: datetime | None = None

    def wake(self) -> None:
        """A hook was changed."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        store = self.hooks.desk.store.hooks
        while True:
            self._woken.clear()
            wanted: list[Hook] = []
            try:
                if await store.hold(self.worker, self.hooks.desk.clock(), LEASE):
                    wanted = [each for each in await store.list_hooks() if each.state is HookState.ON]
                    await self.catch_up(wanted)
            except StoreUnavailable:
                log.warning("webhooks cannot be queued just now")
            await rest(self._woken, REST if wanted else IDLE_REST)

    async def catch_up(self, wanted: Sequence[Hook]) -> int:
        """Queue what happened since the last time. Returns how many deliveries that were."""
        store, began = self.hooks.desk.store, self.hooks.desk.clock()
        position = await store.hooks.position()
        if position is None or not wanted:
            if position is None or began - position > POSITION_EVERY:
                await store.hooks.set_position(began)
            return 0
        if began - position > KEPT:
            log.error("webhooks were not queued for a week; older events are gone")
            position = began - KEPT
        latest = await store.events.latest(position - self._overlap(began))
        events = [each for each in latest if each.id not in self._seen]
        queued = 0
        for start in range(0, len(events), AT_ONCE):
            some = events[start : start + AT_ONCE]
            queued += await self._queue(some, wanted)
            self._remember(some)
        if queued:
            self.queued()
        if events or began - position > POSITION_EVERY:
            await store.hooks.set_position(max(position, began))
        return queued

    def _overlap(self, now: datetime) -> timedelta:
        if self._far_at is not None and now - self._far_at < FAR_EVERY:
            return NEAR
        self._far_at = now
        return FAR

    def _remember(self, events: Sequence[Event]) -> None:
        self._seen.update(dict.fromkeys(each.id for each in events))
        if len(self._seen) > REMEMBERED:
            for old in list(self._seen)[: REMEMBERED // 2]:
                del self._seen[old]

    async def _queue(self, events: Sequence[Event], wanted: Sequence[Hook]) -> int:
        chosen = {kind for each in wanted for kind in each.kinds}
        asked = [each for each in events if chosen & set(kinds_of(each))]
        described = await self.describe(asked) if asked else {}
        queued = 0
        for hook in wanted:
            pairs = [(each, kind) for each in asked for kind in kinds_of(each) if _wants(hook, each, kind)]
            told = [
                (each, kind, described[each.id])
                for each, kind in pairs
                if each.id in described and _within(hook, kind, described[each.id])
            ]
            queued += await self._queue_for(hook, told)
        return queued

    async def _queue_for(self, hook: Hook, told: Sequence[tuple[Event, str, Told]]) -> int:
        store, now = self.hooks.desk.store.hooks, self.hooks.desk.clock()
        ids = {(event.id, kind): derived_id("hook", hook.id, event.id, kind) for event, kind, _ in told}
        known = await store.known(list(ids.values())) if ids else frozenset()
        new = [each for each in told if ids[each[0].id, each[1]] not in known]
        if not new:
            return 0
        first = await store.reserve(hook.id, len(new))
        deliveries = [
            HookDelivery(
                id=ids[event.id, kind],
                hook=hook.id,
                message=message_id(event.id, kind),
                kind=kind,
                conversation=event.conversation,
                sequence=number,
                at=event.at,
                created_at=now,
                expires_at=now + self.hooks.kept,
                give_up_at=now + GIVE_UP_AFTER,
                payload=body_of(kind, event.at, number, described.about),
                due_at=now,
            )
            for number, (event, kind, described) in enumerate(new, start=first)
        ]
        await store.enqueue(deliveries)
        return len(deliveries)


async def rest(woken: asyncio.Event, seconds: float) -> None:
    """For so long, or until woken."""
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return


def message_id(event: str, kind: str) -> str:
    """`webhook-id`: by which receivers know what they have already. No full stop may be in it."""
    return f"msg_{derived_id('message', event, kind)}"


def body_of(kind: str, at: datetime, sequence: int, about: Mapping[str, Any]) -> str:
    """As it is sent. `sequence` rises from delivery to delivery of one hook, and tells their order."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    payload = {"type": kind, "version": VERSION, "timestamp": moment, "sequence": sequence, "data": about}
    return json.dumps(payload, ensure_ascii=True, separators=(",", ":"))


def _wants(hook: Hook, event: Event, kind: str) -> bool:
    addressed = kind != RULE_FIRED or event.details.get("hook") == hook.id
    return addressed and kind in hook.kinds and event.at >= hook.since


def _within(hook: Hook, kind: str, told: Told) -> bool:
    """Deletions are told to all: of a conversation that is gone nobody knows any more whose it was."""
    if kind in ("conversation.deleted", RULE_FIRED):  # and a rule says itself of what it tells
        return True
    if hook.channels and told.channel not in hook.channels:
        return False
    return not hook.teams or told.team in hook.teams
