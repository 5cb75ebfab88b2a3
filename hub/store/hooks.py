"""Webhooks as the database keeps them: the endpoints, what is to be told to each, and how far we have read.

A hook's deliveries are numbered without gaps, so a page of its log is a short range. What waits carries
`due_at`, what failed `failed_at`: the indexes over them are as small as the backlog.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.model.channels import Lease
from hub.model.hooks import Hook, HookAttempt, HookDelivery, HookDeliveryState
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, scrubbed, to_document
from hub.store.schema import Database
from hub.store.shelves import EPOCH

LINES_MOST = 10_000  # of one hook, looked at together
ATTEMPTS_KEPT = 30
TICK = timedelta(milliseconds=1)  # the database keeps moments to the millisecond
STRIDES = 20  # for one page, where numbers are missing
WITHOUT_TEXTS = {"payload": 0, "attempts.answer": 0}


@dataclass(frozen=True, slots=True)
class HookLine:
    """What deciding the order needs to know of a delivery that waits."""

    id: str
    due_at: datetime
    sequence: int


class Hooks:
    def __init__(self, db: Database) -> None:
        self.hooks = db.hooks
        self.deliveries = db.hook_deliveries
        self.state = db.hook_state

    # ------------------------------------------------------------ endpoints

    async def add(self, hook: Hook) -> None:
        await self.hooks.insert_one(scrubbed(to_document(hook)))

    async def list_hooks(self) -> list[Hook]:
        """By name. There are tens of them: read whole."""
        found = [from_document(each, Hook) for each in await self.hooks.find().to_list(None)]
        return sorted(found, key=lambda each: (each.name.casefold(), each.id))

    async def find(self, hook: str) -> Hook | None:
        document = await self.hooks.find_one({"_id": hook})
        return from_document(document, Hook) if document else None

    async def change(
        self, hook: str, changes: Mapping[str, Any], *, only_if: Mapping[str, Any] | None = None
    ) -> bool:
        """Set fields; None removes one. False: there is no such hook, or it is not as `only_if` says."""
        kept = {key: value for key, value in changes.items() if value is not None}
        gone = {key: "" for key, value in changes.items() if value is None}
        update: Document = {**({"$set": kept} if kept else {}), **({"$unset": gone} if gone else {})}
        changed = await self.hooks.update_one({"_id": hook, **(only_if or {})}, scrubbed(update))
        return bool(changed.matched_count)

    async def remove(self, hook: str) -> None:
        await self.hooks.delete_one({"_id": hook})
        await self.deliveries.delete_many({"hook": hook})

    async def failed(self, hook: str, now: datetime, hold_until: datetime | None) -> None:
        """One more failure in a row."""
        held: Document = {"$set": {"hold_until": hold_until}} if hold_until else {}
        await self.hooks.update_one({"_id": hook}, {"$inc": {"failures": 1}, **held})
        await self.hooks.update_one(
            {"_id": hook, "failing_since": {"$exists": False}}, {"$set": {"failing_since": now}}
        )

    async def take(self, hook: Hook, worker: str, now: datetime, lasts: timedelta) -> Lease | None:
        """Take a hook whose lease is free or over. None when somebody else was faster."""
        old = hook.lease
        lease = Lease(owner=worker, until=now + lasts, fence=(old.fence if old else 0) + 1)
        same: Document = {"lease.fence": old.fence, "lease.owner": old.owner} if old else {"lease": None}
        taken = await self.hooks.update_one({"_id": hook.id, **same}, {"$set": {"lease": to_document(lease)}})
        return lease if taken.modified_count else None

    async def renew(self, hook: str, lease: Lease, until: datetime) -> bool:
        """False: somebody else has it now."""
        held = {"lease.owner": lease.owner, "lease.fence": lease.fence}
        return await self.change(hook, {"lease.until": until}, only_if=held)

    # ------------------------------------------------------------ what is to be told

    async def reserve(self, hook: str, many: int) -> int:
        """The first of so many numbers for deliveries. Only whoever holds the reading does this."""
        await self.hooks.update_one({"_id": hook}, {"$inc": {"sequence": many}})
        found = await self.hooks.find_one({"_id": hook}, {"sequence": 1})
        return int(found["sequence"]) - many + 1 if found else 1

    async def known(self, deliveries: Sequence[str]) -> frozenset[str]:
        """Those that are kept already."""
        found = await self.deliveries.find({"_id": {"$in": list(deliveries)}}, {"_id": 1}).to_list(None)
        return frozenset(each["_id"] for each in found)

    async def enqueue(self, deliveries: Sequence[HookDelivery]) -> None:
        """Those that are there already stay as they are."""
        await insert_new(self.deliveries, [to_document(each) for each in deliveries])

    async def has_due(self, hook: str, now: datetime) -> bool:
        """Whether there is anything to be sent to this hook."""
        waiting = {"hook": hook, "due_at": {"$gt": EPOCH, "$lt": now + TICK}}
        return await self.deliveries.find_one(waiting, {"_id": 1}) is not None

    async def lines(self, hook: str) -> list[HookLine]:
        """What waits, up to LINES_MOST, the longest due first."""
        found = await (
            self.deliveries.find({"hook": hook, "due_at": {"$gt": EPOCH}}, {"due_at": 1, "sequence": 1})
            .limit(LINES_MOST)
            .to_list(LINES_MOST)
        )
        lines = [HookLine(each["_id"], each["due_at"], each["sequence"]) for each in found]
        return sorted(lines, key=lambda line: (line.due_at, line.sequence))

    async def load(self, deliveries: Sequence[str]) -> list[HookDelivery]:
        found = await self.deliveries.find({"_id": {"$in": list(deliveries)}}).to_list(None)
        return [from_document(each, HookDelivery) for each in found]

    async def attempted(
        self,
        delivery: HookDelivery,
        attempt: HookAttempt,
        state: HookDeliveryState,
        due_at: datetime | None,
    ) -> None:
        changed: Document = {"state": state}
        gone: Document = {}
        if due_at is not None:
            changed["due_at"] = due_at
        else:
            gone["due_at"] = ""
        if state is HookDeliveryState.FAILED:
            changed["failed_at"] = attempt.at
        else:
            gone["failed_at"] = ""
        kept = {"$each": [scrubbed(to_document(attempt))], "$slice": -ATTEMPTS_KEPT}
        update: Document = {"$set": changed, "$push": {"attempts": kept}, "$inc": {"tries": 1}}
        await self.deliveries.update_one(
            {"_id": delivery.id}, {**update, **({"$unset": gone} if gone else {})}
        )

    async def redeliver(self, delivery: str, now: datetime, give_up_at: datetime) -> None:
        await self.deliveries.update_one({"_id": delivery}, _again(now, give_up_at))

    async def redeliver_failed(self, hook: str, now: datetime, give_up_at: datetime) -> int:
        """Returns how many there were."""
        failed = {"hook": hook, "failed_at": {"$gt": EPOCH}}
        return (await self.deliveries.update_many(failed, _again(now, give_up_at))).modified_count

    # ------------------------------------------------------------ the log

    async def find_delivery(self, delivery: str) -> HookDelivery | None:
        document = await self.deliveries.find_one({"_id": delivery})
        return from_document(document, HookDelivery) if document else None

    async def log(self, hook: str, below: int, limit: int) -> list[HookDelivery]:
        """The newest whose number is below this one, without payload and answers."""
        rows: list[HookDelivery] = []
        stride = limit
        for _ in range(STRIDES):
            if len(rows) >= limit or below <= 1:
                break
            span = {"$gte": max(1, below - stride), "$lt": below}
            found = self.deliveries.find({"hook": hook, "sequence": span}, WITHOUT_TEXTS).sort("sequence", -1)
            rows += [from_document(each, HookDelivery) for each in await found.to_list(None)]
            below, stride = max(1, below - stride), min(stride * 2, 10_000)
        return rows[:limit]

    async def log_failed(self, hook: str, before: datetime | None, limit: int) -> list[HookDelivery]:
        """What failed last is first."""
        span = {"$gt": EPOCH, **({"$lt": before} if before else {})}
        found = self.deliveries.find({"hook": hook, "failed_at": span}, WITHOUT_TEXTS)
        rows = await found.sort("failed_at", -1).limit(limit).to_list(limit)
        return [from_document(each, HookDelivery) for each in rows]

    # ------------------------------------------------------------ how far we have read

    async def hold(self, worker: str, now: datetime, lasts: timedelta) -> bool:
        """Be the one who reads what happened. False: somebody else is."""
        lease = {"$set": {"owner": worker, "until": now + lasts}}
        await insert_new(self.state, [{"_id": "lease", "owner": "", "until": now}])
        for guard in ({"owner": worker}, {"until": {"$lte": now}}):
            if (await self.state.update_one({"_id": "lease", **guard}, lease)).matched_count:
                return True
        return False

    async def position(self) -> datetime | None:
        """Until when everything that happened is queued."""
        found = await self.state.find_one({"_id": "position"})
        return found["at"] if found else None

    async def set_position(self, at: datetime) -> None:
        await self.state.update_one({"_id": "position"}, {"$set": {"at": at}}, upsert=True)


def _again(now: datetime, give_up_at: datetime) -> Document:
    waiting = {"state": HookDeliveryState.WAITING, "due_at": now, "give_up_at": give_up_at, "tries": 0}
    return {"$set": waiting, "$unset": {"failed_at": ""}}
