"""A job that somebody is at work on: the lease on it, what it has counted, and where it stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hub.model.channels import Lease
from hub.model.privacy import PrivacyJob
from hub.privacy import Privacy

LEASE = timedelta(minutes=2)


class Lost(Exception):
    """Somebody else is at work on it by now: nothing more may be done here."""


@dataclass(slots=True)
class Running:
    """Every step asks `keep` before each piece of its work: two can never be at the same job for long."""

    privacy: Privacy
    job: PrivacyJob
    lease: Lease
    counts: dict[str, int] = field(default_factory=dict)

    async def keep(self) -> None:
        """Still ours. Raises Lost."""
        now = self.privacy.desk.clock()
        if self.lease.until - now > LEASE / 2:
            return
        await self.change({"lease.until": now + LEASE})
        self.lease = Lease(owner=self.lease.owner, until=now + LEASE, fence=self.lease.fence)

    async def change(self, changes: Mapping[str, Any]) -> None:
        """Raises Lost."""
        if changes and not await self.privacy.desk.store.privacy.change(self.job.id, self.lease, changes):
            raise Lost

    async def count(self, counts: Mapping[str, int]) -> None:
        """Written down at once, so that a crash forgets no more than the piece it was at."""
        added = {name: many for name, many in counts.items() if many}
        for name, many in added.items():
            self.counts[name] = self.counts.get(name, 0) + many
        await self.privacy.desk.store.privacy.count(
            self.job.id, {f"counts.{name}": many for name, many in added.items()}
        )


async def begun(privacy: Privacy, job: PrivacyJob, worker: str) -> Running | None:
    """Take a job that waits, or whose worker is gone. None: somebody else has it."""
    lease = await privacy.desk.store.privacy.take(job, worker, privacy.desk.clock(), LEASE)
    return None if lease is None else Running(privacy, job, lease, dict(job.counts))
