"""What is kept for a while and goes by its time alone, gone through by the hour for what names somebody.

The log of deeds is not thinned: it loses names and values, and keeps who did what and when.
"""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.store.answers import KEPT_FOR
from hub.store.codec import Document
from hub.store.schema import EVENTS_KEPT_SECONDS, UNDO_KEPT_SECONDS, Database
from hub.store.shelves import EPOCH

HOUR = timedelta(hours=1)
AT_ONCE = 200
ID = re.compile(r"[0-9a-f]{24}")
SAFE = ("only", "agents", "opened")  # details of an event that say whom it is for


@dataclass(frozen=True, slots=True)
class Naming:
    """What betrays that a document is about a person: ids of theirs, and words."""

    ids: Collection[str]
    words: Sequence[str]

    def fits(self, document: Document) -> bool:
        text = str(document)
        if any(each in self.ids for each in ID.findall(text)):
            return True
        folded = text.casefold()
        return any(each in folded for each in self.words)


class Sifting:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def undo_steps(self, naming: Naming, now: datetime) -> int:
        kept, count = timedelta(seconds=UNDO_KEPT_SECONDS), 0
        async for each in self._hours("undo", "at", now - kept - HOUR, now + HOUR):
            if naming.fits(each):
                count += (await self.db.undo.delete_one({"_id": each["_id"]})).deleted_count
        return count

    async def events(self, naming: Naming, now: datetime) -> int:
        """What happened stays known to those who follow; what it says of somebody does not."""
        kept, count = timedelta(seconds=EVENTS_KEPT_SECONDS), 0
        async for each in self._hours("events", "at", now - kept - HOUR, now + HOUR):
            details = each.get("details", {})
            safe = {key: details[key] for key in SAFE if key in details}
            if details != safe and naming.fits(each):
                change = {"$set": {"details": safe}}
                count += (await self.db.events.update_one({"_id": each["_id"]}, change)).modified_count
        return count

    async def answers(self, naming: Naming, now: datetime) -> int:
        """What was answered to requests with a key, kept for those who ask once more."""
        count = 0
        async for each in self._hours("answers", "expires_at", now - HOUR, now + KEPT_FOR + HOUR):
            if each.get("body", "") not in ("", "{}") and naming.fits(each):
                change = {"$set": {"body": "{}"}}
                count += (await self.db.answers.update_one({"_id": each["_id"]}, change)).modified_count
        return count

    async def told_of(self, conversation: str, naming: Naming) -> dict[str, int]:
        """What was told to webhooks and agents of one person's part in a conversation with others."""
        counts = {}
        for kind, name in (("webhook_deliveries", "hook_deliveries"), ("notices", "notices")):
            found = self.db[name].find({"conversation": conversation}, batch_size=AT_ONCE)
            theirs = [each["_id"] async for each in found if naming.fits(each)]
            counts[kind] = (await self.db[name].delete_many({"_id": {"$in": theirs}})).deleted_count
        return counts

    async def new_drafts(self, naming: Naming) -> int:
        """What is being written first, to somebody with whom there is no conversation: one an agent."""
        count = 0
        for each in await self.db.drafts.find({"conversation": "new"}).to_list(None):
            if naming.fits(each):
                count += (await self.db.drafts.delete_one({"_id": each["_id"]})).deleted_count
        return count

    async def audit(self, targets: Sequence[str]) -> int:
        """Entries about these lose names and values. Returns how many had any."""
        count = 0
        for start in range(0, len(targets), AT_ONCE):
            some = {"target": {"$in": list(targets[start : start + AT_ONCE])}}
            for each in await self.db.audit.find(some).to_list(None):
                if each.get("target_name") or each.get("details"):
                    gone = {"$unset": {"target_name": "", "details": ""}}
                    count += (await self.db.audit.update_one({"_id": each["_id"]}, gone)).modified_count
        return count

    async def audit_lines(self, targets: Sequence[str]) -> AsyncIterator[Document]:
        for start in range(0, len(targets), AT_ONCE):
            some = {"target": {"$in": list(targets[start : start + AT_ONCE])}}
            for each in await self.db.audit.find(some).to_list(None):
                yield each

    async def unmatched(self, identities: Collection[str]) -> int:
        """Whom somebody will look for; there are few."""
        count = 0
        async for each in self.db.unmatched.find({"at": {"$gt": EPOCH}}):
            if each["identity"] in identities:
                count += (await self.db.unmatched.delete_one({"_id": each["_id"]})).deleted_count
        return count

    async def _hours(
        self, name: str, field: str, since: datetime, until: datetime
    ) -> AsyncIterator[Document]:
        """Hour by hour: the embedded database holds what one query finds."""
        at = since
        while at < until:
            query = {field: {"$gte": at, "$lt": at + HOUR}}
            for each in await self.db[name].find(query).to_list(None):
                yield each
            at += HOUR
