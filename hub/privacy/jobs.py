"""Asking for a person to be taken out or erased, and what became of it. Only admins may.

The log of deeds says who asked and for which job; who the person was, it does not.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.privacy import JobKind, JobState, PrivacyJob
from hub.privacy import Privacy
from hub.privacy.looking import Plan, rehearse
from hub.privacy.receipts import Verdict

PAGE = 50


@dataclass(frozen=True, slots=True)
class JobPage:
    rows: Sequence[PrivacyJob]
    next_cursor: str | None


def access_privacy(agent: Agent) -> None:
    """Raises NotAllowed."""
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_privacy")


async def plan_erasure(privacy: Privacy, agent: Agent, customer: str) -> Plan:
    """What would go and what would stay. Changes nothing. Raises NotPossible, NotAllowed."""
    access_privacy(agent)
    root, _ = await _person(privacy, customer)
    return await rehearse(privacy.desk.store, root, privacy.desk.clock())


async def ask(
    privacy: Privacy, agent: Agent, customer: str, kind: JobKind, *, address: str = ""
) -> PrivacyJob:
    """Queue it; a worker does it. Raises NotPossible, NotAllowed."""
    access_privacy(agent)
    store = privacy.desk.store
    root, members = await _person(privacy, customer)
    for each in await store.privacy.of_customers(members):
        if each.kind is kind and each.state in (JobState.WAITING, JobState.RUNNING):
            raise NotPossible("privacy_under_way")
    now = privacy.desk.clock()
    job = PrivacyJob(id=new_id(now), kind=kind, customer=root, by=agent.id, by_name=agent.name, at=now)
    await store.privacy.add(job)
    deed = "person_export_asked" if kind is JobKind.EXPORT else "person_erasure_asked"
    await record(store, privacy.desk.clock, agent, deed, target=job.id, address=address)
    return job


async def list_jobs(privacy: Privacy, agent: Agent, cursor: str | None = None, limit: int = PAGE) -> JobPage:
    """Newest first."""
    access_privacy(agent)
    found = await privacy.desk.store.privacy.list_jobs(cursor, limit + 1)
    return JobPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def get_job(privacy: Privacy, agent: Agent, job: str) -> PrivacyJob:
    """Raises NotPossible, NotAllowed."""
    access_privacy(agent)
    found = await privacy.desk.store.privacy.find(job)
    if found is None:
        raise NotPossible("privacy_job_gone")
    return found


async def begin_again(privacy: Privacy, agent: Agent, job: str, *, address: str = "") -> PrivacyJob:
    """What has failed, where it stopped. Raises NotPossible, NotAllowed."""
    found = await get_job(privacy, agent, job)
    if not await privacy.desk.store.privacy.again(found.id):
        raise NotPossible("privacy_not_failed")
    await record(
        privacy.desk.store, privacy.desk.clock, agent, "person_job_resumed", target=job, address=address
    )
    return replace(found, state=JobState.WAITING, tries=0, problem="")


async def get_receipt(privacy: Privacy, agent: Agent, job: str) -> str:
    """As it was signed. Raises NotPossible, NotAllowed."""
    found = await get_job(privacy, agent, job)
    if not found.receipt:
        raise NotPossible("privacy_no_receipt")
    return found.receipt


def verify(privacy: Privacy, agent: Agent, receipt: str) -> Verdict:
    """Raises NotPossible, NotAllowed."""
    access_privacy(agent)
    return privacy.signing.verify(receipt)


async def download(
    privacy: Privacy, agent: Agent, job: str, *, address: str = ""
) -> tuple[PrivacyJob, AsyncIterator[bytes]]:
    """The zip of an export. Each time is written down. Raises NotPossible, NotAllowed."""
    found = await get_job(privacy, agent, job)
    store = privacy.desk.store
    if found.file is None or _over(found, privacy.desk.clock()) or not await store.media.find(found.file):
        raise NotPossible("privacy_export_gone")
    await store.privacy.took(job)
    await record(store, privacy.desk.clock, agent, "person_export_taken", target=job, address=address)
    return found, store.media.open(found.file)


async def discard(privacy: Privacy, agent: Agent, job: str, *, address: str = "") -> PrivacyJob:
    """Remove the file of an export before its time. Raises NotPossible, NotAllowed."""
    found = await get_job(privacy, agent, job)
    if found.file is None:
        raise NotPossible("privacy_export_gone")
    await _remove(privacy, found)
    store = privacy.desk.store
    await record(store, privacy.desk.clock, agent, "person_export_removed", target=job, address=address)
    return replace(found, file=None, expires_at=None)


async def expire(privacy: Privacy, limit: int = 50) -> int:
    """Remove the files of exports whose time is over. Returns how many."""
    over = await privacy.desk.store.privacy.expired(privacy.desk.clock(), limit)
    for each in over:
        await _remove(privacy, each)
    return len(over)


async def _remove(privacy: Privacy, job: PrivacyJob) -> None:
    # The bytes first: without the job they would never be found again.
    if job.file is not None:
        await privacy.desk.store.media.delete(job.file)
    await privacy.desk.store.privacy.set_file(job.id, {"file": None, "expires_at": None})


async def _person(privacy: Privacy, customer: str) -> tuple[str, Sequence[str]]:
    people = privacy.desk.store.people
    if customer not in await people.find_parts([customer]):
        raise NotPossible("customer_gone")
    root = (await people.roots_of([customer]))[customer]
    return root, await people.members_of(root)


def _over(job: PrivacyJob, now: datetime) -> bool:
    return job.expires_at is not None and job.expires_at <= now
