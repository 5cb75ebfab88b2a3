"""Follows what happens and tells those whom it concerns; withdraws what is not true any more.

One process does it, under a lease. Nothing is lost by a crash: the position is kept after the notices, and
what happened since is gone through again. A notice's id is derived from what it tells: nobody is told twice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from hub.clock import Clock
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.notices import Notice, NoticeKind
from hub.notifying.deciding import Staff, who_is_told
from hub.notifying.gathering import as_they_are, happenings, staff_of
from hub.notifying.truth import is_true
from hub.realtime import Follower, TooOld, publish
from hub.store import Store, StoreUnavailable

log = structlog.get_logger()

LEASE = timedelta(seconds=30)  # one process tells; another takes over after this
RENEW = timedelta(seconds=8)
LOOK = 5.0  # seconds between two looks for what has come due, and for whether the lease is free
AT_ONCE = 200
GATHERED = 0.05  # seconds in which further events are waited for: a batch of mails is told together
SOON = timedelta(minutes=15)
EVERY = timedelta(seconds=10)  # between two looks for what is due
LATE_MOST = timedelta(days=1)
DUE_MOST = 500
TELLS = frozenset(
    {"message_received", "note_added", "conversation_changed", "delivery_changed", "channel_changed",
     "bulk_finished", "came_due", "hook_changed", "rule_told"}
)  # fmt: skip
ABOUT_PEOPLE = frozenset({"agent_changed", "team_changed"})


@dataclass(slots=True)
class Teller:
    store: Store
    follower: Follower
    clock: Clock
    worker: str
    _held_at: datetime | None = None
    _due_at: datetime | None = None
    _due_told: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if await self._hold():
                    await self._follow()
            except StoreUnavailable:
                log.warning("nobody can be told of anything just now")
            except TooOld:
                await self._too_old()
            await asyncio.sleep(LOOK)

    async def _hold(self) -> bool:
        now = self.clock()
        if self._held_at is None or not timedelta() <= now - self._held_at < RENEW:
            held = await self.store.notices.hold("teller", self.worker, now, LEASE)
            self._held_at = now if held else None
        return self._held_at is not None

    async def _follow(self) -> None:
        """From where the last one stopped, for as long as the lease is ours."""
        position = await self.store.notices.position()
        async with self.follower.subscribe(position) as events:
            if position is None:  # the first one ever: what happened while it started
                await self.tell(await self.store.events.latest(self.clock() - LEASE))
            async for batch in _batches(events):
                if batch:
                    await self.tell(batch)
                    await self.store.notices.set_position(batch[-1].id)
                if self._due_at is None or self.clock() - self._due_at >= EVERY:
                    await self.tell_due()
                if not await self._hold():
                    return

    async def _too_old(self) -> None:
        """After missing too much: what is in the database is gone through; if that is gone, begin anew."""
        with suppress(StoreUnavailable):
            position = await self.store.notices.position()
            if position is not None and await self.store.events.since(position) is None:
                log.warning("what happened is not kept any more: some notices were missed")
                await self.store.notices.set_position(None)

    async def tell(self, events: Sequence[Event]) -> list[Notice]:
        """Everything that follows from these events. Done again, it changes nothing. Returns what is new."""
        relevant = [each for each in events if each.kind != "notices_changed" and _concerns(each)]
        if not relevant:
            return []
        staff = await staff_of(self.store)
        gathered = await happenings(self.store, [each for each in relevant if each.kind in TELLS])
        decided = {each.id: each for one in gathered for each in who_is_told(one, staff)}
        new = await self.store.notices.add(await self._asked_once(list(decided.values())))
        gone = await self._withdraw(relevant, staff)
        await self._publish([*new, *gone])
        return new

    async def _asked_once(self, notices: Sequence[Notice]) -> list[Notice]:
        """Without a second one about a channel that waits to be signed in again, however often it breaks."""
        channels = {each.channel for each in notices if each.kind is NoticeKind.CHANNEL and each.channel}
        found = await self.store.notices.open_about(sorted(channels))
        asked = {(each.agent, each.channel) for each in found if each.kind is NoticeKind.CHANNEL}
        wanted: list[Notice] = []
        for each in notices:
            if each.kind is NoticeKind.CHANNEL:
                if (each.agent, each.channel) in asked:
                    continue
                asked.add((each.agent, each.channel))
            wanted.append(each)
        return wanted

    async def _withdraw(self, events: Sequence[Event], staff: Staff) -> list[Notice]:
        subjects = {each.conversation or each.channel for each in events} - {None}
        found = await self.store.notices.open_about([each for each in subjects if each])
        named = {each.details.get("agent") for each in events if each.kind in ABOUT_PEOPLE}
        for agent in staff.agents if None in named else named & set(staff.agents):
            found += await self.store.notices.open_of(agent or "")
        return await withdraw_untrue(self.store, found, staff, self.clock())

    async def tell_due(self) -> None:
        """What is due soon, and what is overdue, once each."""
        now = self._due_at = self.clock()
        for late, since, until in ((False, now, now + SOON), (True, now - LATE_MOST, now)):
            found = await self.store.notices.due_between(since, until, DUE_MOST)
            events = []
            for each in found:
                assert each.due_at is not None
                key = derived_id("came_due", each.id, each.due_at.isoformat(), str(late))
                if key not in self._due_told:
                    self._due_told[key] = each.due_at
                    details = {"late": "true" if late else "false"}
                    events.append(
                        Event(id=key, kind="came_due", at=now, conversation=each.id, details=details)
                    )
            if events:
                await self.tell(events)
                if not late:  # what was broken is told by its fact
                    await publish(self.store, events)
        self._due_told = {key: at for key, at in self._due_told.items() if at > now - 2 * LATE_MOST}

    async def _publish(self, notices: Sequence[Notice]) -> None:
        await publish_changed(self.store, [each.agent for each in notices], self.clock())


async def withdraw_untrue(
    store: Store, notices: Sequence[Notice], staff: Staff, now: datetime
) -> list[Notice]:
    """Returns those that were not true any more."""
    states = await as_they_are(store, notices)
    untrue = [each for each in notices if not is_true(each, states[each.id], staff, now)]
    await store.notices.withdraw([each.id for each in untrue], now)
    return untrue


async def publish_changed(store: Store, agents: Sequence[str], now: datetime) -> None:
    """Their bells are not right any more."""
    if agents:
        named = ",".join(sorted(set(agents)))
        await publish(
            store, [Event(id=new_id(now), kind="notices_changed", at=now, details={"agents": named})]
        )


def _concerns(event: Event) -> bool:
    if event.kind in ABOUT_PEOPLE or event.kind in TELLS:
        return True
    return event.conversation is not None and event.kind not in (
        "presence_changed",
        "visit_changed",
        "draft_changed",
    )


async def _batches(events: AsyncIterator[Event]) -> AsyncIterator[list[Event]]:
    """Events as they come, those close to each other together; an empty list when none came for a while."""
    following = asyncio.ensure_future(anext(events))
    loop = asyncio.get_running_loop()
    batch: list[Event] = []
    until = loop.time() + LOOK
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=max(0, until - loop.time()))
            if done:
                until = until if batch else loop.time() + GATHERED
                batch.append(following.result())
                following = asyncio.ensure_future(anext(events))
            if not done or len(batch) >= AT_ONCE:
                yield batch
                batch, until = [], loop.time() + LOOK
    finally:
        following.cancel()
