"""Works off jobs on people in the background, and goes by the retention rules.

Any number of processes may run this: a job has a lease, which its worker renews piece by piece; who lost it
stops. What fails is tried again later, and given up after some tries, to be begun again by an admin.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from hub.auth.audit import record
from hub.model.people import Agent
from hub.model.privacy import JobKind, JobState, PrivacyJob
from hub.privacy import Privacy
from hub.privacy.erasing import erase
from hub.privacy.exporting import export
from hub.privacy.jobs import expire
from hub.privacy.retention import apply_rules
from hub.privacy.running import Lost, Running, begun
from hub.store import StoreUnavailable

log = structlog.get_logger()

REST = 2.0  # seconds between two looks for a job
TRIES = 5
AGAIN = timedelta(minutes=1)  # and as often longer as it was tried
RULES_EVERY = timedelta(hours=1)
RULES_LEASE = timedelta(minutes=10)


@dataclass(slots=True)
class PrivacyWorker:
    privacy: Privacy
    worker: str
    _ruled_at: datetime | None = field(default=None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.work()
                await self._go_by_rules()
            except StoreUnavailable:
                log.warning("jobs on people cannot be worked on just now")
            await asyncio.sleep(REST)

    async def work(self) -> int:
        """Every job that is due and nobody else has. Returns how many were done."""
        done, now = 0, self.privacy.desk.clock()
        for job in await self.privacy.desk.store.privacy.waiting():
            due = job.due_at is None or job.due_at <= now
            if due and (job.lease is None or job.lease.until <= now):
                done += await work_on(self.privacy, job, self.worker)
        return done

    async def _go_by_rules(self) -> None:
        now = self.privacy.desk.clock()
        if self._ruled_at is not None and now - self._ruled_at < RULES_EVERY:
            return
        self._ruled_at = now
        await expire(self.privacy)
        if await self.privacy.desk.store.privacy.hold(self.worker, now, RULES_LEASE):
            await apply_rules(self.privacy)


async def work_on(privacy: Privacy, job: PrivacyJob, worker: str) -> bool:
    """One job, here and now. False: somebody else has it, or it did not succeed."""
    run = await begun(privacy, job, worker)
    if run is None:
        return False
    changes: dict[str, Any] = {}
    try:
        changes = {"receipt": await erase(run)} if job.kind is JobKind.ERASURE else await export(run)
        await run.change({**changes, **DONE, "state": str(JobState.DONE), "ended_at": privacy.desk.clock()})
    except Lost:
        if "file" in changes:  # nobody would ever find it
            await privacy.desk.store.media.delete(changes["file"])
        return False
    except StoreUnavailable:
        raise
    except Exception as problem:  # noqa: BLE001 whatever one job does, the others go on
        log.error("a job on a person failed", job=job.id, error=type(problem).__name__)
        await _failed(run, problem)
        return False
    await _told(privacy, job)
    return True


DONE = {"pending": None, "lease": None, "step": None, "due_at": None, "tries": None, "problem": None}


async def _failed(run: Running, problem: Exception) -> None:
    """Its kind alone: what an error says may quote the person."""
    tries = run.job.tries + 1
    now = run.privacy.desk.clock()
    changes = {"tries": tries, "problem": type(problem).__name__, "lease": None}
    if tries >= TRIES:
        changes |= {"state": str(JobState.FAILED), "pending": None}
    else:
        changes |= {"state": str(JobState.WAITING), "due_at": now + AGAIN * tries}
    try:
        await run.change(changes)
    except Lost:
        log.warning("a job on a person is at work elsewhere", job=run.job.id)


async def _told(privacy: Privacy, job: PrivacyJob) -> None:
    store = privacy.desk.store
    agent: Agent | None = await store.people.find_agent(job.by) if job.by else None
    deed = "person_export_done" if job.kind is JobKind.EXPORT else "person_erasure_done"
    await record(store, privacy.desk.clock, agent, deed, target=job.id)
