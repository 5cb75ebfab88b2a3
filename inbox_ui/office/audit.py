"""The audit log: who did what, when, from where; filtered, paged by cursor, exported as it is read."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from aiohttp import web

from hub.auth.agents import list_names
from hub.auth.audit import Wanted, export_audit, list_audit
from hub.model.sign_ins import AuditEntry
from inbox_ui.office.audit_words import deed_words, detail_words, known_deeds
from inbox_ui.office.frame import ADMINS, Place, office
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, words_of

PLACE = Place(
    key="audit", group="company", icon="audit", title=lambda words: words.gettext("Audit log"), roles=ADMINS
)
FILTERS = ("by", "deed", "target", "since", "until")
COLUMNS = ("at", "by", "by_name", "deed", "target", "target_name", "address", "details")
A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


async def page(request: web.Request) -> web.StreamResponse:
    pages, words = request.app[PAGES], words_of(request)
    asked = {name: request.query.get(name, "").strip() for name in FILTERS}
    names = await list_names(pages.auth)
    wanted, problems = _wanted(request)
    found = await list_audit(
        pages.auth.store,
        agent_of(request),
        by=wanted.by,
        deed=wanted.deed,
        target=wanted.target,
        since=wanted.since,
        until=wanted.until,
        cursor=request.query.get("after"),
    )
    rows = [
        {
            "entry": each,
            "who": each.by_name or words.gettext("Hubbub itself"),
            "words": deed_words(each.deed, words),
            "target": each.target_name,
            "details": detail_words(each, names, words),
        }
        for each in found.rows
    ]
    more = {**asked, "after": found.next_cursor} if found.next_cursor else None
    return office(
        request,
        PLACE,
        "office/audit.html",
        422 if problems else 200,
        problems,
        rows=rows,
        asked=asked,
        agents=sorted(names.items(), key=lambda each: each[1].casefold()),
        deeds=known_deeds(words),
        more=f"{PLACE.address}?{_query(more)}" if more else "",
        query=_query(asked),
        first=f"{PLACE.address}?{_query(asked)}" if request.query.get("after") else "",
    )


async def export(request: web.Request) -> web.StreamResponse:
    """Written as it is read: however long the log is, one page of it is in memory."""
    pages, kind = request.app[PAGES], request.match_info["kind"]
    wanted, problems = _wanted(request)
    if kind not in ("csv", "json") or problems:
        raise web.HTTPNotFound
    store, clock = pages.auth.store, pages.auth.clock
    entries = export_audit(store, clock, agent_of(request), wanted, address=request.remote or "")
    mime, writes = ("text/csv", _as_csv) if kind == "csv" else ("application/json", _as_json)
    name = f"hubbub-audit-{clock():%Y-%m-%d}.{kind}"
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{mime}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        }
    )
    await response.prepare(request)
    async for piece in writes(entries):
        await response.write(piece.encode())
    await response.write_eof()
    return response


def _wanted(request: web.Request) -> tuple[Wanted, dict[str, str]]:
    """Days are those of the reader; `until` includes its day."""
    words, problems = words_of(request), {}
    days: dict[str, datetime | None] = {"since": None, "until": None}
    for name in days:
        given = request.query.get(name, "").strip()
        try:
            day = datetime.fromisoformat(given).replace(tzinfo=words.tz) if given else None
        except ValueError:
            problems[name] = words.gettext("That is not a day.")
            continue
        days[name] = day.astimezone(UTC) if day else None
    until = days["until"] + timedelta(days=1, milliseconds=-1) if days["until"] else None
    chosen = {name: request.query.get(name, "").strip() or None for name in ("by", "deed", "target")}
    return Wanted(**chosen, since=days["since"], until=until), problems


def _query(asked: dict[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


async def _as_csv(entries: AsyncIterator[AuditEntry]) -> AsyncIterator[str]:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    async for each in entries:
        plain = _plain(each)
        plain["details"] = json.dumps(plain["details"], ensure_ascii=False) if each.details else ""
        rows.writerow([_harmless(str(plain[name] or "")) for name in COLUMNS])
        yield _taken(text)
    yield _taken(text)


async def _as_json(entries: AsyncIterator[AuditEntry]) -> AsyncIterator[str]:
    """A list, one entry a line."""
    before = "[\n"
    async for each in entries:
        yield before + json.dumps(_plain(each), ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before != "[\n" else "[]\n"


def _plain(entry: AuditEntry) -> dict[str, object]:
    return {**{name: getattr(entry, name) for name in COLUMNS}, "at": entry.at.isoformat()}


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(A_FORMULA) else text


def _taken(text: io.StringIO) -> str:
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written


ROUTES = [
    web.get("/office/audit", page),
    web.get("/office/audit/export.{kind}", export),
]
