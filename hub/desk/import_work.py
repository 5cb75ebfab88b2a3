"""Works off files of customers in the background, a batch at a time, and undoes what was brought in.

Any number of processes may run this: a job has a lease, renewed with each batch; who lost it stops. Where a
job stands is written with what it counted, so that a crash costs no more than its batch being read again, and
what is brought in again is there already. Never more than a batch is held.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

import structlog

from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.import_log import Writer
from hub.desk.importing import import_customers
from hub.desk.imports import LIES_FOR, access_imports, named, spooled
from hub.desk.replying import Desk
from hub.desk.tables import records
from hub.model.channels import Lease
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.imports import Import, ImportState, Logged, LogKind, WrongRow
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.realtime import publish
from hub.store import StoreUnavailable
from hub.store.media import MediaMissing

log = structlog.get_logger()

BATCH = 500
UNDONE_AT_ONCE = 200
LEASE = timedelta(minutes=2)
REST = 2.0  # seconds between two looks for a job
TRIES = 5
AGAIN = timedelta(minutes=1)  # and as often longer as it was tried
SWEEP = 50


class Lost(Exception):
    """Somebody else is at work on it by now: nothing more may be done here."""


@dataclass(slots=True)
class Importer:
    desk: Desk
    worker: str

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.work()
                await sweep_files(self.desk)
            except StoreUnavailable:
                log.warning("imports cannot be worked on just now")
            await asyncio.sleep(REST)

    async def work(self) -> int:
        """Every job that is due and nobody else has. Returns how many were done."""
        done, now = 0, self.desk.clock()
        for job in await self.desk.store.imports.waiting():
            due = job.due_at is None or job.due_at <= now
            if due and (job.lease is None or job.lease.until <= now):
                done += await work_on(self.desk, job, self.worker)
        return done


async def sweep_files(desk: Desk) -> int:
    """Throw away files that nobody went on with. Returns how many."""
    over = await desk.store.imports.lying(desk.clock() - LIES_FOR, SWEEP)
    for each in over:
        if each.file is not None:
            await desk.store.media.delete(each.file)
        await desk.store.imports.drop_file(each.id)
    return len(over)


async def work_on(desk: Desk, job: Import, worker: str) -> bool:
    """One job, here and now. False: somebody else has it, or it did not succeed."""
    lease = await desk.store.imports.take(job, worker, desk.clock(), LEASE)
    if lease is None:
        return False
    job = await desk.store.imports.find(job.id) or job  # as whoever had it last left it
    run = _Run(desk, job, lease)
    try:
        agent = await desk.store.people.find_agent(job.by)
        if agent is None:
            raise NotPossible("import_nobody_left")
        access_imports(agent)
        await (_undo(run, agent) if job.state is ImportState.UNDOING else _read(run, agent))
    except Lost:
        return False
    except StoreUnavailable:
        raise
    except Refusal as problem:
        await _failed(run, str(problem), again=False)
        return False
    except MediaMissing:
        await _failed(run, str(NotPossible("import_file_gone")), again=False)
        return False
    except Exception as problem:  # noqa: BLE001 whatever one job does, the others go on
        log.error("an import failed", job=job.id, error=type(problem).__name__)
        await _failed(run, type(problem).__name__, again=True)
        return False
    return True


@dataclass(slots=True)
class _Run:
    desk: Desk
    job: Import
    lease: Lease
    counts: dict[str, int] = field(default_factory=dict)

    async def change(self, changes: Mapping[str, Any]) -> None:
        """With a longer lease. Raises Lost."""
        until = self.desk.clock() + LEASE
        kept = {"lease.until": until, **changes}
        if changes.get("pending", 1) is None:
            del kept["lease.until"]
        if not await self.desk.store.imports.change(self.job.id, self.lease, kept):
            raise Lost

    async def count(self, **more: int) -> None:
        counted = {name: self.counts.get(name, getattr(self.job, name)) + many for name, many in more.items()}
        self.counts = counted
        await self.change(self.counts)


OVER = dict.fromkeys(("pending", "lease", "due_at", "tries", "problem", "failed_at"))


async def _read(run: _Run, agent: Agent) -> None:
    """From where it stopped to the end of the file."""
    desk, job = run.desk, run.job
    with await spooled(desk, job.file or "") as file:
        rows = islice(records(file, job.encoding, job.delimiter), 1 + job.place, None)
        while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
            await _bring(run, agent, batch)
    now = desk.clock()
    if job.state is ImportState.CHECKING:
        await run.change({**OVER, "state": str(ImportState.CHECKED), "ended_at": now, "lying_at": now})
        return
    # As it was noted: a batch that was read again after a crash says "the same" of what it had brought in.
    counts = {
        "added": await desk.store.imports.count(job.id, LogKind.ADDED),
        "changed": await desk.store.imports.count(job.id, LogKind.CHANGED),
    }
    done = {"state": str(ImportState.DONE), "ended_at": now, "file": None, "lying_at": None}
    await run.change({**OVER, **counts, **done})
    if job.file is not None:
        await desk.store.media.delete(job.file)
    told = {name: str(many) for name, many in counts.items()}
    await record(
        desk.store, desk.clock, agent, "customers_imported", target=job.id, target_name=job.name, details=told
    )


async def _bring(run: _Run, agent: Agent, batch: Sequence[tuple[int, list[str]]]) -> None:
    desk, job, width = run.desk, run.job, len(run.job.titles)
    fit = [(line, row) for line, row in batch if not any(each.strip() for each in row[width:])]
    found = await import_customers(
        desk, agent, [named(row, job.columns) for _, row in fit],
        rehearse=job.state is ImportState.CHECKING, overwrite=job.overwrite, country=job.country, job=job.id,
    )  # fmt: skip
    wide = [
        (line, NotPossible("import_cells", many=len(row), titles=width))
        for line, row in batch
        if any(each.strip() for each in row[width:])
    ]
    wrong = [*((fit[each.place][0], each.refusal) for each in found.wrong), *wide]
    now = desk.clock()
    await desk.store.imports.add_wrong(
        [
            WrongRow(
                id=derived_id("import", job.id, "line", str(line)), job=job.id, line=line,
                code=problem.code, reason=str(problem), at=now,
            )
            for line, problem in wrong
        ]
    )  # fmt: skip
    await run.count(place=len(batch), added=found.added, changed=found.changed, wrong=len(wrong))


async def _undo(run: _Run, agent: Agent) -> None:
    """What is noted is struck out when it is taken back, or cannot be: a crash goes on with the rest."""
    desk, job = run.desk, run.job
    imports = desk.store.imports
    while some := await imports.noted(job.id, UNDONE_AT_ONCE):
        undone, left = await _take_out(desk, job, [each for each in some if each.kind is LogKind.ADDED])
        values = [each for each in some if each.kind is LogKind.VALUE]
        there = await desk.store.people.find_customers([each.customer for each in values])
        for each in values:
            customer = there.get(each.customer)
            if customer is not None:
                was, now = json.loads(each.was), json.loads(each.now)
                back = await Writer(desk, agent, job.id).change(customer, each.what, now, was)
                undone, left = undone + back, left + (not back)
        await imports.forget([each.id for each in some])
        await run.count(undone=undone, left=left)
    now = desk.clock()
    if job.file is not None:
        await desk.store.media.delete(job.file)
    await run.change(
        {**OVER, "state": str(ImportState.UNDONE), "ended_at": now, "file": None, "lying_at": None}
    )
    await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])


async def _take_out(desk: Desk, job: Import, added: Sequence[Logged]) -> tuple[int, int]:
    if not added:
        return 0, 0
    imports = desk.store.imports
    untouched = await imports.untouched(added, job.id)
    undone = 0
    for each in added:
        if each.customer in untouched and await imports.take_out(each):
            undone += 1
    return undone, len(added) - undone


async def _failed(run: _Run, problem: str, *, again: bool) -> None:
    job, now = run.job, run.desk.clock()
    tries = job.tries + 1
    changes: dict[str, Any] = {"tries": tries, "problem": problem, "lease": None}
    if again and tries < TRIES:
        changes |= {"due_at": now + AGAIN * tries}
    else:
        changes |= {"state": str(ImportState.FAILED), "failed_at": str(job.state), "pending": None}
        changes |= {"lying_at": now if job.file else None, "ended_at": now}
    if not await run.desk.store.imports.change(job.id, run.lease, changes):
        log.warning("an import is at work elsewhere", job=job.id)
