"""Files of customers, brought in as a whole: uploaded, their columns named, checked, imported, undone.

A file is kept until everything in it is done, or nobody has gone on with it for a week. Only admins may.
"""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import BinaryIO

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.desk.changing import Changed, NotPossible
from hub.desk.fields import list_fields
from hub.desk.importing import COLUMNS, FIELD, check_columns
from hub.desk.replying import Desk
from hub.desk.tables import Survey, records, survey
from hub.ingest.names import safe_file_name
from hub.model.fields import FieldOn
from hub.model.ids import new_id
from hub.model.imports import AT_WORK, Import, ImportState, WrongRow
from hub.model.people import Agent, Role
from hub.store.media import MediaMissing, MediaTooLarge

LARGEST = 64 * 1024 * 1024  # bytes
SAMPLE = 5  # rows that are shown
PAGE = 50
LIES_FOR = timedelta(days=7)
GIVEN, FAMILY = "given_name", "family_name"  # what a name is made of
TARGETS = (*COLUMNS[:1], GIVEN, FAMILY, *COLUMNS[1:])
ADDRESSES = frozenset({"email", "phone"})


@dataclass(frozen=True, slots=True)
class Imports:
    rows: Sequence[Import]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class WrongRows:
    rows: Sequence[WrongRow]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Meant:
    """How a file is to be taken: `columns` says of each of its columns what it is here; "": left out."""

    columns: Sequence[str]
    overwrite: bool = False
    country: str = ""


def access_imports(agent: Agent) -> None:
    """Raises NotAllowed."""
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_import")


async def bring_file(
    desk: Desk, agent: Agent, chunks: AsyncIterator[bytes] | bytes, name: str, *, address: str = ""
) -> Import:
    """Keep a file and look at it; nothing is brought in yet. Raises NotAllowed, NotPossible."""
    access_imports(agent)
    now, media = desk.clock(), desk.store.media
    shown = safe_file_name(name, "text/csv")
    try:
        kept = await media.add(chunks, shown, "text/csv", LARGEST, apart=secrets.token_hex(16))
    except MediaTooLarge as problem:
        raise NotPossible("upload_large", name=shown[:100], most=problem.largest // 1_048_576) from None
    try:
        with await spooled(desk, kept.id) as file:
            found: Survey = await asyncio.to_thread(survey, file)
    except NotPossible:
        await media.delete(kept.id)
        raise
    job = Import(
        id=new_id(now), by=agent.id, by_name=agent.name, at=now, state=ImportState.NEW,
        name=shown, file=kept.id, size=kept.size,
        encoding=found.encoding, delimiter=found.delimiter, titles=found.titles, total=found.rows,
        columns=tuple(await guessed(desk, agent, found.titles)),
    )  # fmt: skip
    await desk.store.imports.add(job)
    await desk.store.imports.set_lying(job.id, now)
    await _told(desk, agent, "import_uploaded", job, address)
    return job


async def get_import(desk: Desk, agent: Agent, job: str) -> Import:
    """Raises NotAllowed, NotPossible."""
    access_imports(agent)
    found = await desk.store.imports.find(job)
    if found is None:
        raise NotPossible("import_gone")
    return found


async def list_imports(desk: Desk, agent: Agent, cursor: str | None = None, limit: int = PAGE) -> Imports:
    """Newest first."""
    access_imports(agent)
    found = await desk.store.imports.list_jobs(cursor, limit + 1)
    return Imports(found[:limit], found[limit - 1].id if len(found) > limit else None)


async def list_wrong(
    desk: Desk, agent: Agent, job: str, cursor: str | None = None, limit: int = PAGE
) -> WrongRows:
    """Rows that were not brought in, in the order of the file, and why."""
    await get_import(desk, agent, job)
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise NotPossible("list_place_gone")
    found = await desk.store.imports.list_wrong(job, int(cursor or 0), limit + 1)
    return WrongRows(found[:limit], str(found[limit - 1].line) if len(found) > limit else None)


async def sample(desk: Desk, agent: Agent, job: str) -> list[list[str]]:
    """The first rows, as they stand in the file; none once it is gone."""
    found = await get_import(desk, agent, job)
    try:
        with await spooled(desk, found.file or "", SAMPLE_BYTES) as file:
            rows = islice(records(file, found.encoding, found.delimiter), 1, SAMPLE + 1)
            return [row for _, row in rows]
    except (MediaMissing, NotPossible):
        return []


async def check_file(desk: Desk, agent: Agent, job: str, meant: Meant, *, address: str = "") -> Import:
    """Have it gone through without writing anything. Raises NotAllowed, NotPossible, Changed."""
    return await _begin(desk, agent, job, meant, ImportState.CHECKING, address)


async def run_import(desk: Desk, agent: Agent, job: str, meant: Meant, *, address: str = "") -> Import:
    """Have it brought in, by a worker. Raises NotAllowed, NotPossible, Changed."""
    return await _begin(desk, agent, job, meant, ImportState.IMPORTING, address)


async def go_on(desk: Desk, agent: Agent, job: str, *, address: str = "") -> Import:
    """Begin again what has failed, where it stopped. Raises NotAllowed, NotPossible, Changed."""
    found = await get_import(desk, agent, job)
    if found.state is not ImportState.FAILED or found.failed_at is None:
        raise NotPossible("import_not_failed")
    changes = {
        "state": str(found.failed_at),
        "failed_at": None,
        "tries": None,
        "problem": None,
        "lying_at": None,
    }
    if not await desk.store.imports.begin(job, [ImportState.FAILED], changes):
        raise Changed("changed_meanwhile")
    await _told(desk, agent, "import_resumed", found, address)
    return await get_import(desk, agent, job)


async def undo_import(desk: Desk, agent: Agent, job: str, *, address: str = "") -> Import:
    """Take out again whoever came with it and has had nothing to do with us since, and give back what was
    there before. Within a month. Raises NotAllowed, NotPossible, Changed."""
    found = await get_import(desk, agent, job)
    undoable = found.state is ImportState.DONE or (
        found.state is ImportState.FAILED and found.failed_at is ImportState.IMPORTING
    )
    if not undoable:
        raise NotPossible("import_not_done")
    changes = {"state": str(ImportState.UNDOING), "tries": None, "problem": None, "failed_at": None}
    if not await desk.store.imports.begin(job, [found.state], changes):
        raise Changed("changed_meanwhile")
    await _told(desk, agent, "import_undone", found, address)
    return await get_import(desk, agent, job)


async def discard_import(desk: Desk, agent: Agent, job: str, *, address: str = "") -> None:
    """Forget a file, and what was found in it; what was brought in stays. Raises NotAllowed, NotPossible."""
    found = await get_import(desk, agent, job)
    if found.state in AT_WORK:
        raise NotPossible("import_at_work")
    if found.file is not None:
        await desk.store.media.delete(found.file)
    await desk.store.imports.clear_wrong(job)
    await desk.store.imports.remove(job)
    await _told(desk, agent, "import_discarded", found, address)


async def targets(desk: Desk, agent: Agent) -> list[str]:
    """What a column may be."""
    access_imports(agent)
    fields = await list_fields(desk, agent, FieldOn.CUSTOMER)
    return [*TARGETS, *(FIELD + each.key for each in fields)]


async def guessed(desk: Desk, agent: Agent, titles: Sequence[str]) -> list[str]:
    """What the columns are, by their titles; each only once."""
    fields = await list_fields(desk, agent, FieldOn.CUSTOMER)
    known: dict[str, str] = {each: each for each in TARGETS}
    known |= {word: target for target, words in SYNONYMS.items() for word in words.split()}
    for each in fields:
        known |= {_word(each.name): FIELD + each.key, _word(each.key): FIELD + each.key}
        known[FIELD + each.key] = FIELD + each.key
    found: list[str] = []
    for title in titles:
        target = known.get(title.strip().casefold()) or known.get(_word(title), "")
        found.append("" if target in found else target)
    return found


async def spooled(desk: Desk, file: str, most: int | None = None) -> BinaryIO:
    """A file of the media store, on disk. Raises MediaMissing."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115 closed by whoever asked for it
    try:
        async for piece in desk.store.media.open(file, 0, most):
            kept.write(piece)
    except BaseException:
        kept.close()
        raise
    return kept


def named(row: Sequence[str], columns: Sequence[str]) -> Mapping[str, str]:
    """A row by what its columns are here."""
    found = {column: value.strip() for column, value in zip(columns, row, strict=False) if column}
    parts = [each for each in (found.pop(GIVEN, ""), found.pop(FAMILY, "")) if each]
    if parts and not found.get("name"):
        found["name"] = " ".join(parts)
    return found


SAMPLE_BYTES = 1 << 20
SYNONYMS = {
    "name": "fullname displayname customer kunde kundenname contact kontakt ansprechpartner",
    GIVEN: "firstname givenname vorname first",
    FAMILY: "lastname familyname surname nachname familienname last",
    "email": "mail emailaddress mailaddress emailadresse mailadresse",
    "phone": "phonenumber telephone tel telefon telefonnummer mobile mobil handy cell rufnummer",
    "language": "sprache lang locale",
    "zone": "timezone zeitzone",
    "note": "notes notiz notizen comment bemerkung bemerkungen kommentar",
    "salutation": "anrede briefanrede greeting",
    "pronouns": "pronomen",
    "company": "domain companydomain firmendomain",
    "tags": "tag labels schlagworte schlagwörter",
}  # fmt: skip


def _word(title: str) -> str:
    return "".join(each for each in title.casefold() if each.isalnum())


async def _begin(
    desk: Desk, agent: Agent, job: str, meant: Meant, state: ImportState, address: str
) -> Import:
    found = await get_import(desk, agent, job)
    columns, country = tuple(meant.columns), meant.country.strip().upper()
    await _check(desk, agent, found, columns)
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise NotPossible("import_country")
    if found.file is None or found.state not in (ImportState.NEW, ImportState.CHECKED):
        raise NotPossible("import_begun")
    await desk.store.imports.clear_wrong(job)
    changes = {
        "state": str(state), "columns": list(columns), "overwrite": meant.overwrite, "country": country,
        "began_at": desk.clock(), "ended_at": None, "lying_at": None,
        **dict.fromkeys(("place", "added", "changed", "wrong", "tries", "problem")),
    }  # fmt: skip
    if not await desk.store.imports.begin(job, [found.state], changes):
        raise Changed("changed_meanwhile")
    if state is ImportState.IMPORTING:
        await _told(desk, agent, "import_begun", found, address)
    return await get_import(desk, agent, job)


async def _check(desk: Desk, agent: Agent, job: Import, columns: Sequence[str]) -> None:
    chosen = [each for each in columns if each]
    await check_columns(desk, agent, [each for each in chosen if each not in (GIVEN, FAMILY)])
    if len(columns) != len(job.titles):
        raise NotPossible("import_columns", many=len(job.titles))
    for each in chosen:
        if chosen.count(each) > 1:
            raise NotPossible("import_twice", name=each)
    if not ADDRESSES & set(chosen):
        raise NotPossible("import_address")


async def _told(desk: Desk, agent: Agent, deed: str, job: Import, address: str) -> None:
    await record(
        desk.store, desk.clock, agent, deed,
        target=job.id, target_name=job.name, address=address, details={"rows": str(job.total)},
    )  # fmt: skip
