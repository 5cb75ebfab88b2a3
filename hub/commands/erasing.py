"""`hubbub customer take-out, erase, receipt`: everything about one person, in a file or gone."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.finding import acting_agent, find_id
from hub.commands.frame import with_hub
from hub.commands.output import Output
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.model.privacy import JobKind, JobState, PrivacyJob
from hub.privacy import Privacy, build_privacy
from hub.privacy.erasing import STEPS
from hub.privacy.jobs import ask, download, get_job, get_receipt, plan_erasure, verify
from hub.privacy.receipts import COUNTED, KEPT, readable
from hub.privacy.working import work_on

REST = 0.5  # seconds between two looks at what another process does

as_option = click.option(
    "--as", "email", metavar="EMAIL", help="Which admin; needed where there are several agents."
)


@click.command("take-out")
@click.argument("customer")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_option
@with_hub
async def take_out(hub: Hub, out: Output, customer: str, file: Path, email: str | None) -> None:
    """Everything about one person as a zip: messages of all channels, files, a readable index."""
    agent, privacy = await acting_agent(hub, email), build_privacy(hub.desk)
    job = await _done(hub, out, agent, await _person(hub, customer), JobKind.EXPORT)
    _, content = await download(privacy, agent, job.id)
    with file.open("wb") as opened:
        async for piece in content:
            opened.write(piece)
    told = {"job": job.id, "file": str(file), "size": job.size, "counts": job.counts}
    out.one(told, f"{file} has {_counted(job.counts)}.")


@click.command()
@click.argument("customer")
@click.option("--dry-run", is_flag=True, help="Tell what would go and what would stay, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--receipt", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the receipt."
)
@as_option
@with_hub
async def erase(
    hub: Hub, out: Output, customer: str, dry_run: bool, yes: bool, receipt: Path | None, email: str | None
) -> None:
    """Everything about one person, for good. What stays is said, with the reason; there is a receipt."""
    agent, privacy = await acting_agent(hub, email), build_privacy(hub.desk)
    found = await _person(hub, customer)
    plan = await plan_erasure(privacy, agent, found)
    told = {"counts": dict(plan.counts), "kept": {code: KEPT[code] for code in plan.kept}}
    if dry_run:
        out.one({**told, "dry_run": True}, _plan_words(plan.counts, plan.kept))
        return
    if not yes:
        out.remark(_plan_words(plan.counts, plan.kept))
        click.confirm("Erase it for good?", abort=True, err=True)
    job = await _done(hub, out, agent, found, JobKind.ERASURE)
    signed = await get_receipt(privacy, agent, job.id)
    if receipt is not None:
        await asyncio.to_thread(receipt.write_text, f"{signed}\n", encoding="utf-8")
    out.one({"job": job.id, "receipt": signed}, readable(privacy.signing.verify(signed).receipt))


@click.command("receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_option
@with_hub
async def check_receipt(hub: Hub, out: Output, file: Path, email: str | None) -> None:
    """Whether a receipt was signed here and is unchanged. Exit status 1 when not."""
    agent = await acting_agent(hub, email)
    text = await asyncio.to_thread(file.read_text, encoding="utf-8", errors="replace")
    verdict = verify(build_privacy(hub.desk), agent, text.strip())
    if not verdict.genuine:
        raise Failure("This receipt was not signed here, or was changed since.")
    out.one({"genuine": True, "receipt": verdict.receipt}, f"Genuine.\n\n{readable(verdict.receipt)}")


async def _person(hub: Hub, typed: str) -> str:
    """By the id or its beginning, or by an address."""
    if "@" in typed or typed.startswith("+"):
        emails, phones = ([typed.casefold()], []) if "@" in typed else ([], [typed])
        found = await hub.store.people.with_address(emails, phones)
        people = {each.customer for each in found}
        roots = set((await hub.store.people.roots_of(sorted(people))).values())
        if len(roots) == 1:
            return roots.pop()
        if roots:
            raise Failure(
                f"{typed} is the address of several customers ({', '.join(sorted(roots))}): say which."
            )
    return await find_id(hub, "customers", "customer", typed)


async def _done(hub: Hub, out: Output, agent: Agent, customer: str, kind: JobKind) -> PrivacyJob:
    """Ask for it and do it here, unless a worker that runs was faster: then look on."""
    privacy = build_privacy(hub.desk)
    job = await ask(privacy, agent, customer, kind)
    with out.progress("Working") as meter:
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(work_on(privacy, job, f"command {new_id(hub.clock())}"))
            while (job := await get_job(privacy, agent, job.id)).state is not JobState.DONE:
                meter.show(job.step.replace("_", " ") or "waiting", job.done, len(STEPS))
                if working.done():
                    await _goes_on(privacy, job)
                await asyncio.sleep(REST)
    return job


async def _goes_on(privacy: Privacy, job: PrivacyJob) -> None:
    """Somebody else is at it. Raises Failure when nobody is."""
    now = privacy.desk.clock()
    if job.problem or job.state is JobState.FAILED or job.lease is None or job.lease.until < now:
        raise Failure(f"Job {job.id} stopped ({job.problem or 'nobody is at it'}); a worker goes on with it.")


def _plan_words(counts: Mapping[str, int], kept: Mapping[str, int]) -> str:
    lines = ["This goes:", *(f"  {many:>8}  {COUNTED[name]}" for name, many in counts.items())]
    return "\n".join([*lines, "This stays:", *(f"  {KEPT[code]}" for code in kept)])


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {COUNTED.get(name, name)}" for name, many in counts.items()) or "nothing"
