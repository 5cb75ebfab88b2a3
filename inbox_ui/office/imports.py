"""Customers brought in from a file: uploaded, columns named, checked, done, undone; and all taken out."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from aiohttp import web
from aiohttp.web_request import FileField

from hub.desk import imports
from hub.desk.changing import Changed, NotPossible
from hub.desk.exporting import customers_as_csv, customers_as_json
from hub.desk.fields import list_fields
from hub.desk.importing import FIELD
from hub.model.addresses import PHONE_COUNTRIES
from hub.model.fields import FieldOn
from hub.model.imports import AT_WORK, Import, ImportState
from inbox_ui.facts import detail_names
from inbox_ui.office.countries import country_names
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="imports",
    group="company",
    icon="download",
    title=lambda words: words.gettext("Import and export"),
    roles=ADMINS,
)
PIECE = 64 * 1024  # bytes
SHOWN = 50


async def page(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def upload(request: web.Request) -> web.StreamResponse:
    """POST: `upload` is the file."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    file = (await request.post()).get("upload")
    if not isinstance(file, FileField) or not file.filename:
        return await _list(request, {"upload": words_of(request).gettext("Choose a file.")})
    try:
        with file.file:
            job = await imports.bring_file(
                desk, agent, _pieces(file), file.filename, address=request.remote or ""
            )
    except NotPossible as problem:
        return await _list(request, {"upload": told(problem, words_of(request))})
    return done(request, f"{PLACE.address}/{job.id}", words_of(request).gettext("The file is here"))


async def one(request: web.Request) -> web.StreamResponse:
    """GET: what its columns are, how far it is, which rows were wrong (`after`: further ones)."""
    return await _one(request)


async def act(request: web.Request) -> web.StreamResponse:
    """POST: `do` is check, import, again or undo. DELETE: forget the file."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    job, address = request.match_info["job"], request.remote or ""
    try:
        if form.get("_method") == "delete":
            await imports.discard_import(desk, agent, job, address=address)
            return done(request, PLACE.address, words.gettext("The file is gone"))
        found = await imports.get_import(desk, agent, job)
        match form.get("do"):
            case "check":
                await imports.check_file(desk, agent, job, _meant(form, found), address=address)
            case "import":
                await imports.run_import(desk, agent, job, _meant(form, found), address=address)
            case "again":
                await imports.go_on(desk, agent, job, address=address)
            case "undo":
                await imports.undo_import(desk, agent, job, address=address)
    except (NotPossible, Changed) as problem:
        return await _one(request, told(problem, words))
    return done(request, f"{PLACE.address}/{job}", words.gettext("It is being worked on"))


async def export(request: web.Request) -> web.StreamResponse:
    desk, agent, kind = request.app[PAGES].desk, agent_of(request), request.match_info["kind"]
    if kind not in ("csv", "json"):
        return gone(request)
    made = customers_as_csv if kind == "csv" else customers_as_json
    text = await made(desk, agent, address=request.remote or "")
    mime = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    headers = {
        "Content-Type": mime, "Content-Disposition": f'attachment; filename="customers.{kind}"',
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    async for each in text:
        await response.write(each.encode())
    await response.write_eof()
    return response


async def _list(request: web.Request, problems: Mapping[str, str] | None = None) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    found = await imports.list_imports(desk, agent, request.query.get("before"), SHOWN)
    lines = [(each, _state_words(each.state, words)) for each in found.rows]
    return office(
        request, PLACE, "office/imports.html", 422 if problems else 200, problems,
        lines=lines, next=found.next_cursor,
    )  # fmt: skip


async def _one(request: web.Request, problem: str = "") -> web.StreamResponse:
    desk, agent, words, form = (
        request.app[PAGES].desk, agent_of(request), words_of(request), request.get(FORM, {}),
    )  # fmt: skip
    try:
        job = await imports.get_import(desk, agent, request.match_info["job"])
        wrong = await imports.list_wrong(desk, agent, job.id, request.query.get("after"), SHOWN)
    except NotPossible:
        return gone(request)
    meant = _meant(form, job) if problem and "columns-0" in form else None
    rows = await imports.sample(desk, agent, job.id) if job.file else []
    shown = [
        (at, title, [row[at] if at < len(row) else "" for row in rows][:3])
        for at, title in enumerate(job.titles)
    ]
    return office(
        request, PLACE, "office/import.html", 422 if problem else 200, {"": problem} if problem else None,
        job=job,
        state=_state_words(job.state, words),
        at_work=job.state in AT_WORK,
        asks=job.file is not None and job.state in (ImportState.NEW, ImportState.CHECKED),
        can_undo=job.state is ImportState.DONE or job.failed_at is ImportState.IMPORTING,
        columns=shown,
        taken=meant.columns if meant else job.columns,
        overwrite=meant.overwrite if meant else job.overwrite,
        country=meant.country if meant else job.country,
        countries=[("", words.gettext("as they are written")), *country_names(PHONE_COUNTRIES, words)],
        targets=await _targets(request),
        wrong=[(each.line, why(each.reason, words)) for each in wrong.rows],
        next=wrong.next_cursor,
        trouble_words=why(job.problem, words),
    )  # fmt: skip


def _meant(form: Mapping[str, str], job: Import) -> imports.Meant:
    columns = [form.get(f"columns-{at}", "") for at in range(len(job.titles))]
    return imports.Meant(columns, form.get("overwrite") == "yes", form.get("country", ""))


async def _targets(request: web.Request) -> list[tuple[str, str]]:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    _ = words.gettext
    names = {
        **detail_names(words), "email": _("E-mail"), "phone": _("Phone"), "tags": _("Tags, with commas"),
        imports.GIVEN: _("First name"), imports.FAMILY: _("Last name"),
        "company": _("Mail domain of their company"),
    }  # fmt: skip
    names |= {FIELD + each.key: each.name for each in await list_fields(desk, agent, FieldOn.CUSTOMER)}
    known = [(each, names.get(each, each)) for each in await imports.targets(desk, agent)]
    return [("", _("– left out –")), *known]


def _state_words(state: ImportState, words: Words) -> str:
    _ = words.gettext
    return {
        ImportState.NEW: _("Columns to be named"),
        ImportState.CHECKING: _("Being checked"),
        ImportState.CHECKED: _("Checked, nothing written"),
        ImportState.IMPORTING: _("Being brought in"),
        ImportState.DONE: _("Brought in"),
        ImportState.UNDOING: _("Being undone"),
        ImportState.UNDONE: _("Undone"),
        ImportState.FAILED: _("Failed"),
    }[state]


async def _pieces(file: FileField) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(file.file.read, PIECE):
        yield piece


ROUTES = [
    web.get("/office/imports", page),
    web.post("/office/imports", upload),
    web.get("/office/imports/export.{kind}", export),
    web.get("/office/imports/{job}", one),
    web.post("/office/imports/{job}", act),
]
