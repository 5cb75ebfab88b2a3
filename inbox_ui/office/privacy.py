"""Privacy: people who were taken out or erased, with their receipts, and how long things are kept."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.customers import get_person
from hub.desk.opening import list_channels
from hub.model.privacy import JobKind, JobState, Kept, PrivacyJob
from hub.privacy import Privacy, build_privacy, jobs, retention
from hub.privacy.erasing import STEPS
from inbox_ui.alike import somebody_of
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.office.privacy_words import counted_words, kept_words, kind_words, state_words
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, see_other, words_of

PLACE = Place(
    key="privacy",
    group="company",
    icon="lock",
    title=lambda words: words.gettext("Privacy"),
    roles=ADMINS,
)
SHOWN = 20
ASKED = {"kind": str(Kept.RESOLVED), "channel": "", "days": ""}  # of a new rule


async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def person(request: web.Request) -> web.StreamResponse:
    """What would go and what would stay, before anything is done."""
    desk, words = request.app[PAGES].desk, words_of(request)
    try:
        found = await get_person(desk, agent_of(request), request.match_info["customer"])
        plan = await jobs.plan_erasure(_privacy(request), agent_of(request), found.customer.id)
    except NotPossible:
        return gone(request)
    return office(
        request,
        PLACE,
        "office/privacy_person.html",
        who=somebody_of(found),
        counts=counted_words(plan.counts, words),
        kept=kept_words(plan.kept, words),
    )


async def ask(request: web.Request) -> web.StreamResponse:
    """POST: `kind` is export or erasure; an erasure is asked for with `sure`."""
    words, form, customer = words_of(request), request[FORM], request.match_info["customer"]
    kind = JobKind.ERASURE if form.get("kind") == JobKind.ERASURE else JobKind.EXPORT
    if kind is JobKind.ERASURE and form.get("sure") != "yes":
        return see_other(f"{PLACE.address}/people/{customer}")
    try:
        job = await jobs.ask(
            _privacy(request), agent_of(request), customer, kind, address=request.remote or ""
        )
    except NotPossible as problem:
        return await _page(request, 409, {"": told(problem, words)})
    return done(request, f"{PLACE.address}/jobs/{job.id}", words.gettext("It is under way"))


async def one(request: web.Request) -> web.StreamResponse:
    words = words_of(request)
    try:
        job = await jobs.get_job(_privacy(request), agent_of(request), request.match_info["job"])
    except NotPossible:
        return gone(request)
    steps = len(STEPS) if job.kind is JobKind.ERASURE else 1
    return office(
        request,
        PLACE,
        "office/privacy_job.html",
        job=job,
        kind=kind_words(job.kind, words),
        state=state_words(job.state, words),
        steps=steps,
        at_work=job.state in (JobState.WAITING, JobState.RUNNING),
        counts=counted_words(job.counts, words),
        kept=kept_words(job.kept, words),
    )


async def change(request: web.Request) -> web.StreamResponse:
    """POST: begin again what has failed. DELETE: the file of an export."""
    words, job = words_of(request), request.match_info["job"]
    privacy, agent, address = _privacy(request), agent_of(request), request.remote or ""
    try:
        if request[FORM].get("_method") == "delete":
            await jobs.discard(privacy, agent, job, address=address)
            said = words.gettext("The file was removed")
        else:
            await jobs.begin_again(privacy, agent, job, address=address)
            said = words.gettext("It goes on where it stopped")
    except NotPossible as problem:
        return await _page(request, 409, {"": told(problem, words)})
    return done(request, f"{PLACE.address}/jobs/{job}", said)


async def receipt(request: web.Request) -> web.StreamResponse:
    job = request.match_info["job"]
    try:
        text = await jobs.get_receipt(_privacy(request), agent_of(request), job)
    except NotPossible:
        return gone(request)
    return web.Response(
        body=f"{text}\n".encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="receipt-{job}.json"', **PRIVATE},
    )


async def file(request: web.Request) -> web.StreamResponse:
    job = request.match_info["job"]
    try:
        found, content = await jobs.download(
            _privacy(request), agent_of(request), job, address=request.remote or ""
        )
    except NotPossible:
        return gone(request)
    return await _streamed(request, found, content)


PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def _streamed(
    request: web.Request, job: PrivacyJob, content: AsyncIterator[bytes]
) -> web.StreamResponse:
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="export-{job.id}.zip"',
        "Content-Length": str(job.size),
        **PRIVATE,
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    async for piece in content:
        await response.write(piece)
    await response.write_eof()
    return response


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: a rule. DELETE: none any more."""
    words, form = words_of(request), request[FORM]
    given = form.get("days", "").strip()
    removes = form.get("_method") == "delete"
    days = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
    try:
        await retention.set_rule(
            _privacy(request), agent_of(request), form.get("kind", ""), form.get("channel", ""),
            None if removes else days, address=request.remote or "",
        )  # fmt: skip
    except NotPossible as problem:
        field = "days" if problem.code == "retention_days" else "channel"
        return await _page(request, 422, {field: told(problem, words)})
    return done(request, PLACE.address, words.gettext("Saved"))


async def _page(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    privacy, agent, words = _privacy(request), agent_of(request), words_of(request)
    found = await jobs.list_jobs(privacy, agent, request.query.get("before"), SHOWN)
    channels = {each.id: each.name for each in await list_channels(request.app[PAGES].desk)}
    rehearsed: Mapping[str, int] = {}
    if request.query.get("rehearse") == "yes":
        rehearsed = await retention.rehearse_rules(privacy, agent)
    rules = [
        {
            "kept": each,
            "kind": kind_words(each.rule.kind, words),
            "channel": channels.get(each.rule.channel, each.rule.channel),
            "due": rehearsed.get(retention.name_of(each.rule)),
        }
        for each in await retention.list_rules(privacy, agent)
    ]
    lines = [(each, kind_words(each.kind, words), state_words(each.state, words)) for each in found.rows]
    return office(
        request,
        PLACE,
        "office/privacy.html",
        status,
        problems,
        lines=lines,
        next=found.next_cursor,
        rules=rules,
        kinds=[(str(each), kind_words(each, words)) for each in Kept],
        channels=sorted(channels.items(), key=lambda each: each[1].casefold()),
        asked={**ASKED, **({key: request[FORM].get(key, "") for key in ASKED} if status == 422 else {})},
    )


def _privacy(request: web.Request) -> Privacy:
    return build_privacy(request.app[PAGES].desk)


ROUTES = [
    web.get("/office/privacy", page),
    web.post("/office/privacy/retention", keep),
    web.get("/office/privacy/people/{customer}", person),
    web.post("/office/privacy/people/{customer}", ask),
    web.get("/office/privacy/jobs/{job}", one),
    web.post("/office/privacy/jobs/{job}", change),
    web.get("/office/privacy/jobs/{job}/receipt", receipt),
    web.get("/office/privacy/jobs/{job}/file", file),
]
