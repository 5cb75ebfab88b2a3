"""Wakes snoozed conversations when their time has come. A new message wakes them by itself, on its way in."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import structlog

from hub.clock import Clock
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Status
from hub.model.sentences import sentence
from hub.realtime import publish
from hub.store import Store, StoreUnavailable

log = structlog.get_logger()

LOOK = 15.0  # seconds between two looks
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Waker:
    """Any number of processes may run one: each conversation is woken by one of them."""

    store: Store
    clock: Clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.wake_due() == AT_ONCE:
                    continue
            except StoreUnavailable:
                log.warning("snoozed conversations cannot be woken just now")
            await asyncio.sleep(LOOK)

    async def wake_due(self) -> int:
        """Wake those whose time has come. Returns how many there were."""
        now = self.clock()
        due = await self.store.views.to_wake(now, AT_ONCE)
        for each in due:
            until = each.snoozed_until or now
            if not await self.store.inbox.change_conversation(
                each, {"status": Status.OPEN, "snoozed_until": None}
            ):
                continue  # somebody changed it meanwhile; if it still sleeps, it is woken at the next look
            fact = Activity(
                id=derived_id("woken", each.id, until.isoformat()),
                conversation=each.id,
                at=now,
                kind="woken",
                by="hub",
                because=sentence("snooze_over"),
                details={"reason": "snooze_over"},
            )
            await self.store.inbox.add_entries([fact])
            event = Event(
                id=derived_id("changed", fact.id),
                kind="conversation_changed",
                at=now,
                conversation=each.id,
                entry=fact.id,
                by="hub",
                details={"what": "woken"},
            )
            await publish(self.store, [event])
        return len(due)


def snooze_presets(now: datetime, zone: tzinfo) -> dict[str, datetime]:
    """Moments to choose from, in the agent's zone: later today, tomorrow, on Monday, in a month."""
    here = now.astimezone(zone)
    morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
    presets = {
        "later": here.replace(microsecond=0) + timedelta(hours=3),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - here.weekday()),
        "month": morning + timedelta(days=30),
    }
    return {key: moment.astimezone(now.tzinfo) for key, moment in presets.items()}
