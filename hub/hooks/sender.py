"""Sends what waits. Each hook is worked off by itself, by whichever worker holds its lease.

So a slow receiver delays nobody but itself, and what one process leaves undone when it dies is sent by
another: at least once, with the same id.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from hub.hooks import Webhooks
from hub.hooks.delivering import attempt
from hub.hooks.queueing import rest
from hub.hooks.retry import PATIENT
from hub.model.channels import Lease
from hub.model.hooks import Hook, HookAttempt, HookDeliveryState, HookState
from hub.model.sentences import sentence
from hub.store import StoreUnavailable
from hub.store.hooks import HookLine

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
RENEW_EVERY = 10.0  # seconds
LOOK = 5.0  # seconds between two looks when nobody says that something waits
AT_ONCE = 8  # deliveries to one hook
TOGETHER = 50  # loaded with their payloads


@dataclass(slots=True)
class Sender:
    hooks: Webhooks
    worker: str
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[str] = field(default_factory=set)

    def wake(self) -> None:
        """Something waits, or a hook was changed."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._woken.clear()
                try:
                    for hook in await self._to_work_on():
                        self._running.add(hook.id)
                        tasks.create_task(self._held(hook))
                except StoreUnavailable:
                    log.warning("webhooks cannot be sent just now")
                await rest(self._woken, LOOK)

    async def _to_work_on(self) -> list[Hook]:
        """Hooks for which something is due and that nobody works on, as far as we know."""
        store, now = self.hooks.desk.store.hooks, self.hooks.desk.clock()
        found = [each for each in await store.list_hooks() if each.state is HookState.ON]
        free = [each for each in found if each.id not in self._running and not _held_by_another(each, now)]
        return [each for each in free if not _holds(each, now) and await store.has_due(each.id, now)]

    async def _held(self, hook: Hook) -> None:
        """Work on a hook for as long as something is due, while its lease is ours."""
        store, clock = self.hooks.desk.store.hooks, self.hooks.desk.clock
        try:
            lease = await store.take(hook, self.worker, clock(), LEASE)
            if lease is None:
                return
            work = asyncio.create_task(self.work_off(hook.id))
            renewing = asyncio.create_task(self._renew(hook.id, lease))
            try:
                await asyncio.wait((work, renewing), return_when=asyncio.FIRST_COMPLETED)
            finally:
                work.cancel()
                renewing.cancel()
                ended = await asyncio.gather(work, renewing, return_exceptions=True)
            await store.renew(hook.id, lease, clock())  # let go
            for each in ended:
                if isinstance(each, Exception):
                    raise each
        except (StoreUnavailable, TimeoutError):
            log.warning("webhooks cannot be sent just now", hook=hook.id)
        finally:
            self._running.discard(hook.id)

    async def _renew(self, hook: str, lease: Lease) -> None:
        """Ends when the lease is lost."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            async with asyncio.timeout(RENEW_EVERY):
                until = self.hooks.desk.clock() + LEASE
                if not await self.hooks.desk.store.hooks.renew(hook, lease, until):
                    return

    async def work_off(self, hook: str) -> int:
        """Send what is due, until nothing is or the receiver has to be left alone. Returns how many tries."""
        store, clock = self.hooks.desk.store.hooks, self.hooks.desk.clock
        tries = 0
        while due := [each for each in await store.lines(hook) if each.due_at <= clock()]:
            for start in range(0, len(due), TOGETHER):
                done = await self._send(hook, due[start : start + TOGETHER])
                tries += done
                if done < len(due[start : start + TOGETHER]):
                    return tries
        return tries

    async def _send(self, hook: str, lines: list[HookLine]) -> int:
        """A few at a time; one while it fails. Returns how many were tried: fewer if it must rest."""
        store = self.hooks.desk.store.hooks
        loaded = {each.id: each for each in await store.load([line.id for line in lines])}
        left = [loaded[line.id] for line in lines if line.id in loaded]
        gone = len(lines) - len(left)  # the log forgot them meanwhile
        tried = 0
        while left:
            found, now = await store.find(hook), self.hooks.desk.clock()
            if found is None or found.state is not HookState.ON or _holds(found, now):
                break
            width = 1 if found.failures >= PATIENT else AT_ONCE
            some, left = left[:width], left[width:]
            late = [each for each in some if each.give_up_at <= now]
            for each in late:
                told = HookAttempt(at=now, took_ms=0, words=sentence("hook_late"))
                await store.attempted(each, told, HookDeliveryState.FAILED, None)
            async with asyncio.TaskGroup() as tasks:
                for each in some:
                    if each not in late:
                        tasks.create_task(attempt(self.hooks, found, each))
            tried += len(some)
        return tried + gone


def _held_by_another(hook: Hook, now: datetime) -> bool:
    return hook.lease is not None and hook.lease.until > now


def _holds(hook: Hook, now: datetime) -> bool:
    return hook.hold_until is not None and hook.hold_until > now
