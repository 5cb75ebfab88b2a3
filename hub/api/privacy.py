"""Everything about one person taken out or erased, with receipts; and how long things are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Bytes, Call
from hub.api.shapes import Next, Shape
from hub.model.privacy import JobKind, JobState, Kept, PrivacyJob
from hub.model.sign_ins import Scope
from hub.privacy import Privacy, build_privacy, jobs, retention
from hub.privacy.receipts import KEPT, LONGEST


class Job(Shape):
    """Says nothing of the person but the id of the customer."""

    id: str
    kind: JobKind
    customer: str
    state: JobState
    by: str | None
    at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    step: str = Field(description="What it is at.")
    counts: dict[str, int] = Field(description="What has gone, or was taken out, by kind.")
    problem: str
    has_receipt: bool
    has_file: bool
    size: int = Field(description="Bytes of the file.")
    expires_at: datetime | None = Field(description="When the file goes.")


class Jobs(Shape):
    """Newest first."""

    rows: list[Job]
    next: Next


class Staying(Shape):
    what: str
    count: int
    because: str


class Plan(Shape):
    counts: dict[str, int] = Field(description="What would go, by kind.")
    kept: list[Staying] = Field(description="What would stay, and why.")


class Receipt(Shape):
    receipt: str = Field(description="As it was signed: keep it to the letter.")


class Verdict(Shape):
    genuine: bool = Field(description="Signed here, and unchanged.")
    receipt: dict[str, Any]


class VerifyReceipt(Body):
    receipt: Annotated[str, StringConstraints(min_length=2, max_length=LONGEST)]


class ListJobs(Query):
    cursor: Cursor = None
    limit: Limit = 50


class Rule(Shape):
    kind: Kept
    channel: str = Field(description="Empty: every channel that has no rule of its own.")
    days: int
    last_at: datetime | None = Field(description="When it was gone by last.")
    last_removed: int
    removed: int = Field(description="Ever.")


class Rules(Shape):
    rows: list[Rule]


class SetRule(Body):
    kind: Kept
    channel: Id | None = None
    days: int | None = Field(ge=1, le=retention.DAYS_MOST, description="null: no rule, kept for ever.")


class Rehearsal(Shape):
    counts: dict[str, int] = Field(description="How many would go, by `kind:channel`.")


def _privacy(call: Call) -> Privacy:
    return build_privacy(call.desk)


async def plan(call: Call, asked: Nothing) -> Plan:
    found = await jobs.plan_erasure(_privacy(call), call.agent, call.path["customer"])
    kept = [
        Staying(what=code, count=count, because=KEPT[code])
        for code, count in found.kept.items()
        if code in KEPT
    ]
    return Plan(counts=dict(found.counts), kept=kept)


async def erase(call: Call, asked: Nothing) -> Job:
    return await _asked(call, JobKind.ERASURE)


async def export(call: Call, asked: Nothing) -> Job:
    return await _asked(call, JobKind.EXPORT)


async def _asked(call: Call, kind: JobKind) -> Job:
    customer = call.path["customer"]
    return _shape(await jobs.ask(_privacy(call), call.agent, customer, kind, address=call.address))


async def list_jobs(call: Call, asked: ListJobs) -> Jobs:
    found = await jobs.list_jobs(_privacy(call), call.agent, asked.cursor, asked.limit)
    return Jobs(rows=[_shape(each) for each in found.rows], next=found.next_cursor)


async def get_job(call: Call, asked: Nothing) -> Job:
    return _shape(await jobs.get_job(_privacy(call), call.agent, call.path["job"]))


async def begin_again(call: Call, asked: Nothing) -> Job:
    done = await jobs.begin_again(_privacy(call), call.agent, call.path["job"], address=call.address)
    return _shape(done)


async def get_receipt(call: Call, asked: Nothing) -> Receipt:
    return Receipt(receipt=await jobs.get_receipt(_privacy(call), call.agent, call.path["job"]))


async def verify(call: Call, asked: VerifyReceipt) -> Verdict:
    found = jobs.verify(_privacy(call), call.agent, asked.receipt)
    return Verdict(genuine=found.genuine, receipt=dict(found.receipt))


async def get_file(call: Call, asked: Nothing) -> Bytes:
    job, content = await jobs.download(_privacy(call), call.agent, call.path["job"], address=call.address)
    return Bytes(name=f"export-{job.id}.zip", content=content)


async def discard_file(call: Call, asked: Nothing) -> Job:
    return _shape(await jobs.discard(_privacy(call), call.agent, call.path["job"], address=call.address))


async def list_rules(call: Call, asked: Nothing) -> Rules:
    return await _rules(call)


async def set_rule(call: Call, asked: SetRule) -> Rules:
    await retention.set_rule(
        _privacy(call), call.agent, asked.kind, asked.channel or "", asked.days, address=call.address
    )
    return await _rules(call)


async def rehearse(call: Call, asked: Nothing) -> Rehearsal:
    found: Mapping[str, int] = await retention.rehearse_rules(_privacy(call), call.agent)
    return Rehearsal(counts=dict(found))


async def _rules(call: Call) -> Rules:
    rows = []
    for each in await retention.list_rules(_privacy(call), call.agent):
        run, rule = each.run, each.rule
        rows.append(
            Rule(
                kind=rule.kind,
                channel=rule.channel,
                days=rule.days,
                last_at=run.at if run else None,
                last_removed=run.removed if run else 0,
                removed=run.total if run else 0,
            )
        )
    return Rules(rows=rows)


def _shape(job: PrivacyJob) -> Job:
    return Job(
        id=job.id,
        kind=job.kind,
        customer=job.customer,
        state=job.state,
        by=job.by,
        at=job.at,
        began_at=job.began_at,
        ended_at=job.ended_at,
        step=job.step,
        counts=job.counts,
        problem=job.problem,
        has_receipt=bool(job.receipt),
        has_file=job.file is not None,
        size=job.size,
        expires_at=job.expires_at,
    )


CUSTOMER, JOB, KEEPING = "/customers/{customer}", "/privacy/jobs/{job}", "/privacy/retention"
PRIVACY: Sequence[AnyRoute] = (
    reading(
        f"{CUSTOMER}/erasure-plan", "planErasure", "What an erasure would take, and what would stay.",
        plan, Nothing, Plan, "not-possible", scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{CUSTOMER}/erasures", "eraseCustomer",
        "Erase everything about a person, for good. A job; its receipt says what was done.",
        erase, Nothing, Job, "not-possible", status=201, scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{CUSTOMER}/exports", "exportCustomer",
        "Take out everything about a person, as a zip. A job; the file is there for some days.",
        export, Nothing, Job, "not-possible", status=201, scope=Scope.ADMIN,
    ),
    reading(
        "/privacy/jobs", "listPrivacyJobs", "People who were taken out or erased.",
        list_jobs, ListJobs, Jobs, scope=Scope.ADMIN,
    ),
    reading(JOB, "getPrivacyJob", "One of them.", get_job, Nothing, Job, "not-possible", scope=Scope.ADMIN),
    writing(
        "POST", f"{JOB}/attempts", "resumePrivacyJob", "Begin again what has failed, where it stopped.",
        begin_again, Nothing, Job, "not-possible", scope=Scope.ADMIN,
    ),
    reading(
        f"{JOB}/receipt", "getPrivacyReceipt", "What was done, signed.",
        get_receipt, Nothing, Receipt, "not-possible", scope=Scope.ADMIN,
    ),
    reading(
        f"{JOB}/file", "getPrivacyExport", "The zip of an export.",
        get_file, Nothing, None, "not-possible", scope=Scope.ADMIN,
    ),
    writing(
        "DELETE", f"{JOB}/file", "discardPrivacyExport", "Remove the zip before its time.",
        discard_file, Nothing, Job, "not-possible", scope=Scope.ADMIN,
    ),
    writing(
        "POST", "/privacy/receipts/verification", "verifyReceipt", "Whether a receipt is ours and unchanged.",
        verify, VerifyReceipt, Verdict, "not-possible", scope=Scope.ADMIN,
    ),
    reading(KEEPING, "listRetentionRules", "How long things are kept.", list_rules, Nothing, Rules,
            scope=Scope.ADMIN),
    writing(
        "POST", KEEPING, "setRetentionRule", "Keep something for so many days.",
        set_rule, SetRule, Rules, "not-possible", scope=Scope.ADMIN,
    ),
    reading(
        f"{KEEPING}/rehearsal", "rehearseRetention", "How many would go by the rules now.",
        rehearse, Nothing, Rehearsal, scope=Scope.ADMIN,
    ),
)  # fmt: skip
