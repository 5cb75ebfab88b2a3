"""Files of customers: brought in by a job, with a rehearsal, and undone; and all customers as a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api.bodies import Body, Cursor, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Bytes, Call
from hub.api.shapes import Next, Shape
from hub.desk import imports
from hub.desk.exporting import customers_as_csv, customers_as_json
from hub.model.imports import Import, ImportState
from hub.model.sign_ins import Scope

Target = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=60)]


class NewImport(Query):
    name: str = Field("customers.csv", max_length=200, description="Of the file.")


class ListImports(Query):
    cursor: Cursor = None
    limit: Limit = 50


class Columns(Body):
    columns: list[Target] = Field(
        max_length=200, description="What each column of the file is, from `targets`; empty: left out."
    )
    overwrite: bool = Field(False, description="What is known already gives way to the file.")
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = Field(
        "", description="Of numbers without an international prefix: DE."
    )


class ImportShape(Shape):
    id: str
    name: str = Field(description="Of the file.")
    state: ImportState
    at: datetime
    by: str
    encoding: str
    delimiter: str
    titles: tuple[str, ...]
    columns: tuple[str, ...] = Field(description="What each is taken for.")
    overwrite: bool
    country: str
    total: int = Field(description="Rows in the file.")
    place: int = Field(description="Rows that are done.")
    added: int
    changed: int
    same: int
    wrong: int
    undone: int
    left: int = Field(description="What could not be undone: somebody has done more with it since.")
    problem: str
    ended_at: datetime | None


class OneImport(ImportShape):
    targets: list[str] = Field(description="What a column may be.")
    sample: list[list[str]] = Field(description="The first rows, as long as the file is here.")


class Imports(Shape):
    """Newest first."""

    rows: list[ImportShape]
    next: Next


class WrongLine(Shape):
    line: int = Field(description="Of the file, counted from 1.")
    reason: str
    words: str


class WrongLines(Shape):
    """In the order of the file."""

    rows: list[WrongLine]
    next: Next


class Discarded(Shape):
    id: str


async def bring(call: Call, asked: NewImport) -> OneImport:
    made = await imports.bring_file(call.desk, call.agent, call.content, asked.name, address=call.address)
    return await _whole(call, made)


async def list_all(call: Call, asked: ListImports) -> Imports:
    found = await imports.list_imports(call.desk, call.agent, asked.cursor, asked.limit)
    return Imports(
        rows=[ImportShape.model_validate(_values(each)) for each in found.rows], next=found.next_cursor
    )


async def get(call: Call, asked: Nothing) -> OneImport:
    return await _whole(call, await imports.get_import(call.desk, call.agent, call.path["import"]))


async def wrong(call: Call, asked: ListImports) -> WrongLines:
    found = await imports.list_wrong(call.desk, call.agent, call.path["import"], asked.cursor, asked.limit)
    rows = [WrongLine(line=each.line, reason=each.code, words=each.reason) for each in found.rows]
    return WrongLines(rows=rows, next=found.next_cursor)


async def check(call: Call, asked: Columns) -> OneImport:
    meant = imports.Meant(asked.columns, asked.overwrite, asked.country)
    job = call.path["import"]
    return await _whole(
        call, await imports.check_file(call.desk, call.agent, job, meant, address=call.address)
    )


async def run(call: Call, asked: Columns) -> OneImport:
    meant = imports.Meant(asked.columns, asked.overwrite, asked.country)
    job = call.path["import"]
    return await _whole(
        call, await imports.run_import(call.desk, call.agent, job, meant, address=call.address)
    )


async def go_on(call: Call, asked: Nothing) -> OneImport:
    job = call.path["import"]
    return await _whole(call, await imports.go_on(call.desk, call.agent, job, address=call.address))


async def undo(call: Call, asked: Nothing) -> OneImport:
    job = call.path["import"]
    return await _whole(call, await imports.undo_import(call.desk, call.agent, job, address=call.address))


async def discard(call: Call, asked: Nothing) -> Discarded:
    await imports.discard_import(call.desk, call.agent, call.path["import"], address=call.address)
    return Discarded(id=call.path["import"])


async def export_csv(call: Call, asked: Nothing) -> Bytes:
    text = await customers_as_csv(call.desk, call.agent, address=call.address)
    return Bytes(name="customers.csv", content=_encoded(text))


async def export_json(call: Call, asked: Nothing) -> Bytes:
    text = await customers_as_json(call.desk, call.agent, address=call.address)
    return Bytes(name="customers.json", content=_encoded(text))


async def _encoded(text: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for each in text:
        yield each.encode()


async def _whole(call: Call, job: Import) -> OneImport:
    return OneImport.model_validate(
        {
            **_values(job),
            "targets": await imports.targets(call.desk, call.agent),
            "sample": await imports.sample(call.desk, call.agent, job.id),
        }
    )


def _values(job: Import) -> Mapping[str, object]:
    return {name: getattr(job, name) for name in ImportShape.model_fields}


ALL, ONE = "/customer-imports", "/customer-imports/{import}"
REFUSED = ("changed", "not-possible")
IMPORTS: Sequence[AnyRoute] = (
    writing(
        "POST", ALL, "uploadCustomers",
        "Upload a CSV file of customers and have it looked at. Nothing is brought in yet. Only for admins.",
        bring, NewImport, OneImport, "not-possible", status=201, scope=Scope.ADMIN, takes_bytes=True,
    ),
    reading(ALL, "listImports", "Files of customers.", list_all, ListImports, Imports, scope=Scope.ADMIN),
    reading(
        ONE, "getImport", "One of them, and how far it is.", get, Nothing, OneImport, "not-possible",
        scope=Scope.ADMIN,
    ),
    reading(
        f"{ONE}/wrong", "listWrongRows", "The rows that are not brought in, and why.",
        wrong, ListImports, WrongLines, "not-possible", scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{ONE}/rehearsals", "rehearseImport", "Have the whole file gone through, and write nothing.",
        check, Columns, OneImport, *REFUSED, scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{ONE}/runs", "runImport",
        "Bring the file in, as a job. Whoever is known by their address is not made twice.",
        run, Columns, OneImport, *REFUSED, scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{ONE}/attempts", "resumeImport", "Begin again what has failed, where it stopped.",
        go_on, Nothing, OneImport, *REFUSED, scope=Scope.ADMIN,
    ),
    writing(
        "POST", f"{ONE}/undoing", "undoImport",
        "Take out again whoever came with it and had nothing to do with us since; give back what was there.",
        undo, Nothing, OneImport, *REFUSED, scope=Scope.ADMIN,
    ),
    writing(
        "DELETE", ONE, "discardImport", "Forget the file; what was brought in stays.",
        discard, Nothing, Discarded, "not-possible", scope=Scope.ADMIN,
    ),
    reading(
        "/customer-export.csv", "exportCustomersCsv", "All customers as CSV, as the import reads it.",
        export_csv, Nothing, None, scope=Scope.ADMIN,
    ),
    reading(
        "/customer-export.json", "exportCustomersJson", "All customers as a list in JSON.",
        export_json, Nothing, None, scope=Scope.ADMIN,
    ),
)  # fmt: skip
