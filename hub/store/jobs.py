"""Jobs on one person, what an erasure has still to do, and the rules by which things are not kept for ever.

`pending` holds 1 while there is something to do, so that the index over it is as small as the backlog.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.model.channels import Lease
from hub.model.privacy import JobState, PrivacyJob, RetentionRule, RetentionRun, Scope
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database
from hub.store.shelves import EPOCH

PENDING_MOST = 1000


class PrivacyJobs:
    def __init__(self, db: Database) -> None:
        self.jobs = db.privacy_jobs
        self.scopes = db.privacy_scopes
        self.retention = db.retention

    async def add(self, job: PrivacyJob) -> None:
        await self.jobs.insert_one({**to_document(job), "pending": 1})

    async def find(self, job: str) -> PrivacyJob | None:
        found = await self.jobs.find_one({"_id": job})
        return from_document(found, PrivacyJob) if found else None

    async def list_jobs(self, before: str | None, limit: int) -> list[PrivacyJob]:
        """Newest first, those before an id."""
        found = self.jobs.find({"_id": {"$lt": before or "g"}}).sort("_id", -1).limit(limit)
        return [from_document(each, PrivacyJob) for each in await found.to_list(limit)]

    async def of_customers(self, customers: Sequence[str]) -> list[PrivacyJob]:
        found = await self.jobs.find({"customer": {"$in": list(customers)}}).to_list(None)
        return [from_document(each, PrivacyJob) for each in found]

    async def waiting(self) -> list[PrivacyJob]:
        """What is to be done, the oldest first."""
        found = await self.jobs.find({"pending": 1}).limit(PENDING_MOST).to_list(PENDING_MOST)
        return sorted((from_document(each, PrivacyJob) for each in found), key=lambda each: each.id)

    async def take(self, job: PrivacyJob, worker: str, now: datetime, lasts: timedelta) -> Lease | None:
        """Take a job whose lease is free or over. None: somebody else was faster."""
        old = job.lease
        lease = Lease(owner=worker, until=now + lasts, fence=(old.fence if old else 0) + 1)
        same: Document = {"lease.fence": old.fence, "lease.owner": old.owner} if old else {"lease": None}
        change = {"lease": to_document(lease), "state": str(JobState.RUNNING)}
        taken = await self.jobs.update_one({"_id": job.id, "pending": 1, **same}, {"$set": change})
        return lease if taken.modified_count else None

    async def change(self, job: str, lease: Lease, changes: Mapping[str, Any]) -> bool:
        """Set fields, None removes one. False: somebody else has the job by now."""
        return await self._update(job, {"lease.owner": lease.owner, "lease.fence": lease.fence}, changes)

    async def count(self, job: str, counts: Mapping[str, int]) -> None:
        """Add to what was counted so far."""
        added = {name: count for name, count in counts.items() if count}
        if added:
            await self.jobs.update_one({"_id": job}, {"$inc": added})

    async def again(self, job: str) -> bool:
        """Begin once more what has failed, where it stopped."""
        update = {
            "$set": {"state": str(JobState.WAITING), "pending": 1},
            "$unset": {"tries": "", "problem": ""},
        }
        failed = {"_id": job, "state": str(JobState.FAILED)}
        return bool((await self.jobs.update_one(failed, update)).modified_count)

    async def stop(self, job: str) -> None:
        """Whoever is at work on it is no more; it will never be done."""
        change = {"$set": {"state": str(JobState.FAILED)}, "$unset": {"pending": "", "lease": ""}}
        await self.jobs.update_one({"_id": job, "pending": 1}, change)

    async def set_file(self, job: str, changes: Mapping[str, Any]) -> None:
        await self._update(job, {}, changes)

    async def took(self, job: str) -> None:
        await self.jobs.update_one({"_id": job}, {"$inc": {"taken": 1}})

    async def expired(self, now: datetime, limit: int) -> list[PrivacyJob]:
        """Exports whose files have been there for long enough."""
        over = {"expires_at": {"$gt": EPOCH, "$lt": now}}
        return [
            from_document(each, PrivacyJob) for each in await self.jobs.find(over).limit(limit).to_list(limit)
        ]

    async def _update(self, job: str, guard: Document, changes: Mapping[str, Any]) -> bool:
        kept = {name: value for name, value in changes.items() if value is not None}
        gone = {name: "" for name, value in changes.items() if value is None}
        update: Document = {**({"$set": kept} if kept else {}), **({"$unset": gone} if gone else {})}
        return bool((await self.jobs.update_one({"_id": job, **guard}, update)).matched_count)

    # What an erasure has still to do

    async def find_scope(self, job: str) -> Scope | None:
        found = await self.scopes.find_one({"_id": job})
        return from_document(found, Scope) if found else None

    async def save_scope(self, scope: Scope) -> None:
        await self.scopes.replace_one({"_id": scope.id}, to_document(scope), upsert=True)

    async def add_to_scope(self, job: str, field: str, values: Sequence[str]) -> None:
        if values:
            await self.scopes.update_one({"_id": job}, {"$addToSet": {field: {"$each": list(values)}}})

    async def drop_scope(self, job: str) -> None:
        await self.scopes.delete_one({"_id": job})

    # How long things are kept: one document with the rules, one for what each did

    async def rules(self) -> list[RetentionRule]:
        found = await self.retention.find_one({"_id": "rules"})
        return [from_document(each, RetentionRule) for each in found["rules"]] if found else []

    async def save_rules(self, rules: Sequence[RetentionRule]) -> None:
        kept = [to_document(each) for each in rules]
        await self.retention.replace_one({"_id": "rules"}, {"rules": kept}, upsert=True)

    async def runs(self) -> dict[str, RetentionRun]:
        found = await self.retention.find_one({"_id": "runs"}) or {}
        return {name: from_document(each, RetentionRun) for name, each in found.get("runs", {}).items()}

    async def note_run(self, rule: str, at: datetime, removed: int) -> None:
        change: Document = {"$set": {f"runs.{rule}.at": at, f"runs.{rule}.removed": removed}}
        change["$inc"] = {f"runs.{rule}.total": removed}
        await self.retention.update_one({"_id": "runs"}, change, upsert=True)

    async def place(self, rule: str) -> datetime:
        """How far a rule has come in what it only empties."""
        found = await self.retention.find_one({"_id": "places"}) or {}
        at: datetime = found.get("places", {}).get(rule, EPOCH)
        return at

    async def set_place(self, rule: str, at: datetime) -> None:
        await self.retention.update_one({"_id": "places"}, {"$set": {f"places.{rule}": at}}, upsert=True)

    async def hold(self, worker: str, now: datetime, lasts: timedelta) -> bool:
        """Be the one who goes by the rules. False: somebody else is."""
        lease = {"$set": {"owner": worker, "until": now + lasts}}
        await insert_new(self.retention, [{"_id": "lease", "owner": "", "until": now}])
        for guard in ({"owner": worker}, {"until": {"$lte": now}}):
            if (await self.retention.update_one({"_id": "lease", **guard}, lease)).matched_count:
                return True
        return False
