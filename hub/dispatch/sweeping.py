"""What comes with time alone: shifts that begin, waits that grow too long, agents who vanish, promises that
break. One process looks every few seconds, under a lease; all it does can be done twice.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from hub.dispatch.deciding import Grounds, settle
from hub.dispatch.dues import Dues
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.overflow import Overflow
from hub.dispatch.queue import drain
from hub.dispatch.quiet import QuietLook
from hub.dispatch.rereckoning import rereckon
from hub.dispatch.ruling import finish, happened
from hub.model.inbox import Awaiting, Conversation, Status
from hub.model.rules import Trigger
from hub.model.sentences import sentence
from hub.model.staffing import TeamPlan, Workload
from hub.store import StoreUnavailable
from hub.store.shelves import by_waiting
from hub.store.workloads import Drift

log = structlog.get_logger()

LOOK = 3.0  # seconds
LEASE = timedelta(seconds=12)
REPAIR_EVERY = timedelta(minutes=10)
AT_ONCE = 200
FOREVER = timedelta(days=3650)
REMEMBERED = 20_000


@dataclass(slots=True)
class Sweeper:
    dispatch: Dispatch
    worker: str
    quiet: QuietLook = field(init=False)
    _repaired_at: datetime | None = None
    _wait_from: int | None = None
    _seen: dict[str, datetime] = field(default_factory=dict)  # what need not be looked at before
    overflow: Overflow = field(init=False)
    dues: Dues = field(init=False)

    def __post_init__(self) -> None:
        self.quiet = QuietLook(self.dispatch)
        self.overflow = Overflow(self.dispatch)
        self.dues = Dues(self.dispatch, self._once)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                now = self.dispatch.clock()
                if await self.dispatch.store.workloads.hold(self.worker, now, now + LEASE):
                    await self.sweep()
            except StoreUnavailable:
                log.warning("queues cannot be looked after just now")
            await asyncio.sleep(LOOK)

    async def sweep(self) -> None:
        office = await self.dispatch.office()
        await self.take_back(office)
        helping = await self.overflow.look(office)
        await drain(self.dispatch, [*office.teams, *helping], "time")
        await self.wait(office)
        await self.dues.look(office)
        await self.quiet.look(office)
        await rereckon(self.dispatch)
        now = self.dispatch.clock()
        if self._repaired_at is None or now - self._repaired_at >= REPAIR_EVERY:
            self._repaired_at = now
            await reconcile(self.dispatch)
        if len(self._seen) > REMEMBERED:
            self._seen.clear()  # what was done is known by its decision; it is only looked at once more

    async def take_back(self, office: Office) -> int:
        """What agents left unanswered who are gone for too long goes back to the queue of its team."""
        plans = [each for each in office.teams.values() if office.hands_out(each.id)]
        if not plans:
            return 0
        now, back = self.dispatch.clock(), 0
        soonest = min(each.back_minutes for each in plans)
        for workload in await self.dispatch.store.workloads.vanished(now - timedelta(minutes=soonest)):
            ids = [each.conversation for each in workload.held]
            found = await self.dispatch.store.inbox.find_conversations(ids)
            for each in found.values():
                plan = office.teams.get(each.team or "")
                if plan is not None and await self._taken_back(office, plan, each, workload, now):
                    back += 1
        return back

    async def _taken_back(
        self, office: Office, plan: TeamPlan, each: Conversation, workload: Workload, now: datetime
    ) -> bool:
        away = timedelta(minutes=plan.back_minutes)
        theirs = each.agent == workload.id and each.status is Status.OPEN
        gone = workload.until is not None and workload.until < now - away
        if not (theirs and gone and each.awaiting is Awaiting.US and office.hands_out(plan.id)):
            return False
        agent = await self.dispatch.store.people.find_agent(workload.id)
        name = agent.name if agent else workload.id
        because = sentence("agent_vanished", agent=name, minutes=plan.back_minutes)
        return await settle(self.dispatch, each, {"agent": None}, Grounds(event="gone", because=because), now)

    async def wait(self, office: Office) -> None:
        """Rules about how long a customer has been waiting, a part of the list at every look."""
        rules = [each for each in office.rules if each.enabled and Trigger.WAITED in each.on]
        if not rules:
            return
        now = self.dispatch.clock()
        least = now - timedelta(minutes=min(each.minutes for each in rules))
        read = await self.dispatch.store.views.read([by_waiting(Status.OPEN)], self._wait_from, AT_ONCE)
        self._wait_from = read.position
        for each in read.rows:
            if each.waiting_since is None or each.waiting_since > least:
                self._wait_from = None
                return
            minutes = (now - each.waiting_since).total_seconds() / 60
            fit = sorted(rule.id for rule in rules if rule.minutes <= minutes)
            await self._once(office, each, Trigger.WAITED, minutes, " ".join(fit))

    async def _once(
        self, office: Office, each: Conversation, trigger: Trigger, minutes: float, what: str
    ) -> None:
        """Ask the rules, unless these were asked about this wait already, in this process."""
        now = self.dispatch.clock()
        key = f"{trigger} {each.id} {each.waiting_since} {office.version} {what}"
        if key not in self._seen:
            self._seen[key] = now + FOREVER
            following = await happened(self.dispatch, each, trigger, minutes=minutes)
            await finish(self.dispatch, following, str(trigger))


async def reconcile(dispatch: Dispatch) -> list[Drift]:
    """Mend load counters that a crash left wrong, and report them."""
    drifts = await dispatch.store.workloads.repair()
    for each in drifts:
        log.warning(
            "a load counter was wrong and is mended",
            agent=each.agent,
            counted=each.counted,
            right=each.right,
            missing=len(each.missing),
            surplus=len(each.surplus),
        )
    return drifts
