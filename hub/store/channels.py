"""The connected accounts: their settings (secrets sealed), their health, and who holds them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from hub.model.channels import Channel, Health, Lease
from hub.model.sentences import sentence
from hub.store.codec import Document, from_document, to_document
from hub.store.remembered import Remembered
from hub.store.schema import Database

log = structlog.get_logger()

PASSING = frozenset({"cursor", "progress", "lease.until"})  # written all the time, not shown


class Channels:
    def __init__(self, db: Database) -> None:
        self.channels = db.channels
        self.arrivals = db.arrivals
        # Also those that were removed. Of their leases and positions it knows how they were some seconds ago.
        self.known = Remembered(lambda: self.list_channels(removed=True))

    async def add(self, channel: Channel) -> None:
        await self.channels.insert_one(to_document(channel))
        self.known.forget()

    async def list_channels(self, *, removed: bool = False) -> list[Channel]:
        """By name. There are tens of them: read whole."""
        found = [_channel(each) for each in await self.channels.find().to_list(None)]
        return sorted((each for each in found if removed or not each.removed), key=lambda each: each.name)

    async def find(self, channel: str) -> Channel | None:
        document = await self.channels.find_one({"_id": channel})
        return _channel(document) if document else None

    async def last_posted(self, channel: str) -> datetime | None:
        """When the last webhook body came that was proven to be the platform's."""
        found = self.arrivals.find({"channel": channel}, {"received_at": 1}).sort("received_at", -1).limit(1)
        return next((each["received_at"] for each in await found.to_list(1)), None)

    async def change(self, channel: str, changes: Mapping[str, Any]) -> None:
        """Set fields; None removes one."""
        await self.channels.update_one({"_id": channel}, _update(changes))
        self.known.forget()

    async def change_config(
        self, channel: Channel, config: Mapping[str, Any], also: Mapping[str, Any] | None = None
    ) -> bool:
        """Set its configuration, unless another one was set since the channel was read. False: one was."""
        guard: Document = {"_id": channel.id, "config": channel.config}
        changed = await self.channels.update_one(guard, _update({**(also or {}), "config": dict(config)}))
        self.known.forget()
        return bool(changed.matched_count)

    async def count(self, channel: str, what: str) -> None:
        """One more of something an admin may want to know: forged webhooks."""
        await self.channels.update_one({"_id": channel}, {"$inc": {f"counts.{what}": 1}})

    async def change_as_holder(self, channel: str, lease: Lease, changes: Mapping[str, Any]) -> bool:
        """Set fields, but only while the lease is still ours. False: somebody else holds the channel now."""
        changed = await self.channels.update_one(
            {"_id": channel, "lease.owner": lease.owner, "lease.fence": lease.fence}, {"$set": dict(changes)}
        )
        if changes.keys() - PASSING:
            self.known.forget()
        return bool(changed.matched_count)

    async def take(self, channel: Channel, worker: str, now: datetime, lasts: timedelta) -> Lease | None:
        """Take a channel whose lease is free or over. None when somebody else was faster."""
        old = channel.lease
        lease = Lease(owner=worker, until=now + lasts, fence=(old.fence if old else 0) + 1)
        same: Document = {"lease.fence": old.fence, "lease.owner": old.owner} if old else {"lease": None}
        taken = await self.channels.update_one(
            {"_id": channel.id, **same}, {"$set": {"lease": to_document(lease)}}
        )
        return lease if taken.modified_count else None

    async def renew(self, channel: str, lease: Lease, until: datetime) -> bool:
        return await self.change_as_holder(channel, lease, {"lease.until": until})

    async def release(self, channel: str, lease: Lease, now: datetime) -> None:
        await self.change_as_holder(channel, lease, {"lease.until": now})


def _update(changes: Mapping[str, Any]) -> Document:
    kept: Document = {key: value for key, value in changes.items() if value is not None}
    gone: Document = {key: "" for key, value in changes.items() if value is None}
    return {**({"$set": kept} if kept else {}), **({"$unset": gone} if gone else {})}


def _channel(document: Document) -> Channel:
    """The channel of a document; of one that cannot be read, what there is of it, shown as broken.

    It must not keep the others from being listed and run.
    """
    try:
        return from_document(document, Channel)
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        log.error("channel cannot be read", channel=document["_id"], error=type(problem).__name__)
        created_at = document.get("created_at")
        return Channel(
            id=document["_id"],
            name=str(document.get("name", document["_id"])),
            platform=str(document.get("platform", "")),
            config={},
            created_at=created_at if isinstance(created_at, datetime) else datetime.fromtimestamp(0, UTC),
            removed=document.get("removed") is True,
            health=Health.BROKEN,
            problem=sentence("channel_unreadable"),
        )
