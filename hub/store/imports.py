"""Files of customers that are brought in: the jobs, the rows that were wrong, and what was done.

`pending` holds 1 while there is something to do, so the index over it is as small as the backlog. What is
written down for undoing, and which rows were wrong, goes after a month by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.model.channels import Lease
from hub.model.imports import Import, ImportState, Logged, LogKind, WrongRow
from hub.store.bulk import insert_new, update_each
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database
from hub.store.shelves import EPOCH

PENDING_MOST = 100


class Imports:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.jobs = db.imports
        self.wrong = db.import_wrong
        self.log = db.import_log

    async def add(self, job: Import) -> None:
        await self.jobs.insert_one(to_document(job))

    async def find(self, job: str) -> Import | None:
        found = await self.jobs.find_one({"_id": job})
        return from_document(found, Import) if found else None

    async def list_jobs(self, before: str | None, limit: int) -> list[Import]:
        """Newest first, those before an id."""
        found = self.jobs.find({"_id": {"$lt": before or "g"}}).sort("_id", -1).limit(limit)
        return [from_document(each, Import) for each in await found.to_list(limit)]

    async def begin(self, job: str, was: Sequence[ImportState], changes: Mapping[str, Any]) -> bool:
        """Give it to the workers. False: it is in another state by now."""
        guard: Document = {"_id": job, "state": {"$in": [str(each) for each in was]}, "pending": None}
        return await self._update(guard, {**changes, "pending": 1})

    async def waiting(self) -> list[Import]:
        """What is to be done, the oldest first."""
        found = await self.jobs.find({"pending": 1}).limit(PENDING_MOST).to_list(PENDING_MOST)
        return sorted((from_document(each, Import) for each in found), key=lambda each: each.id)

    async def take(self, job: Import, worker: str, now: datetime, lasts: timedelta) -> Lease | None:
        """Take a job whose lease is free or over. None: somebody else was faster."""
        old = job.lease
        lease = Lease(owner=worker, until=now + lasts, fence=(old.fence if old else 0) + 1)
        same: Document = {"lease.fence": old.fence, "lease.owner": old.owner} if old else {"lease": None}
        change = {"$set": {"lease": to_document(lease)}}
        taken = await self.jobs.update_one({"_id": job.id, "pending": 1, **same}, change)
        return lease if taken.modified_count else None

    async def change(self, job: str, lease: Lease, changes: Mapping[str, Any]) -> bool:
        """Set fields, None removes one. False: somebody else has the job by now."""
        return await self._update(
            {"_id": job, "lease.owner": lease.owner, "lease.fence": lease.fence}, changes
        )

    async def remove(self, job: str) -> None:
        await self.jobs.delete_one({"_id": job})

    async def lying(self, before: datetime, limit: int) -> list[Import]:
        """Files that nobody went on with."""
        found = self.jobs.find({"lying_at": {"$gt": EPOCH, "$lt": before}}).limit(limit)
        return [from_document(each, Import) for each in await found.to_list(limit)]

    async def set_lying(self, job: str, at: datetime | None) -> None:
        await self._update({"_id": job}, {"lying_at": at})

    async def drop_file(self, job: str) -> None:
        await self._update({"_id": job}, {"file": None, "lying_at": None})

    # Rows that were wrong

    async def add_wrong(self, rows: Sequence[WrongRow]) -> None:
        """Their ids are derived: a batch that is read again adds nothing."""
        await insert_new(self.wrong, [to_document(each) for each in rows])

    async def list_wrong(self, job: str, after: int, limit: int) -> list[WrongRow]:
        """In the order of the file, those after a line."""
        found = self.wrong.find({"job": job, "line": {"$gt": after}}).sort("line", 1).limit(limit)
        return [from_document(each, WrongRow) for each in await found.to_list(limit)]

    async def clear_wrong(self, job: str) -> None:
        await self.wrong.delete_many({"job": job})

    # What was done

    async def note(self, done: Sequence[Logged]) -> None:
        """Before it is done. Noted twice: what was there first, and what is there at last."""
        changes: list[tuple[str, Document]] = []
        known = await insert_new(self.log, [to_document(each) for each in done])
        for each in done:
            if each.id in known and each.kind is not LogKind.CHANGED:
                late = {name: value for name, value in to_document(each).items() if name in LATE}
                changes.append((each.id, {"$set": late}))
        if changes:
            await update_each(self.log, changes)

    async def noted(self, job: str, limit: int) -> list[Logged]:
        found = await self.log.find({"job": job}).limit(limit).to_list(limit)
        return [from_document(each, Logged) for each in found]

    async def count(self, job: str, kind: LogKind) -> int:
        return int(await self.log.count_documents({"job": job, "kind": str(kind)}))

    async def forget(self, ids: Sequence[str]) -> None:
        await self.log.delete_many({"_id": {"$in": list(ids)}})

    # Taking back

    async def untouched(self, added: Sequence[Logged], job: str) -> set[str]:
        """Of the customers who came with an import, those with whom nothing has been done since."""
        db, ids = self.db, [each.customer for each in added]
        identities = [each.identity for each in added if each.identity]
        whose = {each["_id"] async for each in db.customers.find({"_id": {"$in": ids}, "merged_into": None})}
        whose -= {each["_id"] async for each in db.customers.find({"_id": {"$in": ids}, "absorbed": True})}
        silent = {"_id": {"$in": identities}, "source": "import", "last_seen_at": None}
        whose &= {each["customer"] async for each in db.identities.find(silent)}
        theirs: Document = {"customer": {"$in": ids}}
        for collection in (db.conversations, db.consents, db.customer_events, db.privacy_jobs):
            whose -= {each["customer"] async for each in collection.find(theirs, {"customer": 1})}
        several: dict[str, int] = {}
        async for each in db.identities.find(theirs, {"customer": 1}):
            several[each["customer"]] = several.get(each["customer"], 0) + 1
        whose -= {customer for customer, many in several.items() if many > 1}
        async for each in db.audit.find({"target": {"$in": ids}, "deed": "customer_changed"}):
            if each.get("details", {}).get("import") != job:
                whose.discard(each["target"])
        return whose

    async def take_out(self, added: Logged) -> bool:
        """Nobody has written from there: the address first, so that who writes now is somebody new."""
        guard = {"_id": added.identity, "customer": added.customer, "source": "import", "last_seen_at": None}
        if not (await self.db.identities.delete_one(guard)).deleted_count:
            return False
        await self.db.suggestions.delete_many({"customers": added.customer})
        return bool((await self.db.customers.delete_one({"_id": added.customer})).deleted_count)

    async def _update(self, guard: Document, changes: Mapping[str, Any]) -> bool:
        kept = {name: value for name, value in changes.items() if value is not None}
        gone = {name: "" for name, value in changes.items() if value is None}
        update: Document = {**({"$set": kept} if kept else {}), **({"$unset": gone} if gone else {})}
        return bool((await self.jobs.update_one(guard, update)).matched_count)


LATE = ("customer", "now")
