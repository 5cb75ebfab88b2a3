"""`hubbub customer`: customers brought in from a file, and written to one."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import click

from hub.app import Hub
from hub.commands.erasing import check_receipt, erase, take_out
from hub.commands.errors import Failure
from hub.commands.finding import acting_agent
from hub.commands.frame import with_hub
from hub.commands.output import Output
from hub.desk.exporting import export_columns, export_customers
from hub.desk.importing import COLUMNS, FIELD, Imported, check_columns, import_customers
from hub.desk.importing_events import import_events
from hub.desk.tables import harmless, meant

BATCH = 500
Row = Mapping[str, str]
Lines = Iterator[tuple[int, Mapping[str, object]]]


@click.group()
def customer() -> None:
    """Customers brought in from files, written to them, taken out and erased."""


@customer.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as", "email", metavar="EMAIL", help="In whose name. Left out where there is one admin alone."
)
@click.option(
    "--map", "mapped", metavar="THEIRS=OURS", multiple=True, help="What a column of the file is here."
)
@click.option("--dry-run", is_flag=True, help="Tell what would become of it, and write nothing.")
@click.option("--overwrite", is_flag=True, help="What is known already gives way to the file.")
@click.option("--country", default="", metavar="DE", help="Of numbers without an international prefix.")
@with_hub
async def import_(
    hub: Hub,
    out: Output,
    file: Path,
    email: str | None,
    mapped: tuple[str, ...],
    dry_run: bool,
    overwrite: bool,
    country: str,
) -> None:
    """From a CSV file with a line of titles, or from lines of JSON (.jsonl).

    Whoever is there already is not made twice: an import that was broken off is begun again.
    """
    agent = await acting_agent(hub, email)
    mapping = _mapping(mapped)
    await check_columns(hub.desk, agent, sorted(set(mapping.values())))
    added = changed = same = done = wrong = 0
    with file.open(encoding="utf-8-sig", newline="") as opened, out.progress("Customers") as meter:
        rows = _rows(opened, file, mapping)
        while batch := list(islice(rows, BATCH)):
            found: Imported = await import_customers(
                hub.desk, agent, [row for _, row in batch],
                rehearse=dry_run, overwrite=overwrite, country=country.upper(),
            )  # fmt: skip
            for each in found.wrong:
                click.echo(f"Line {batch[each.place][0]}: {each.refusal}", err=True)
            added, changed, same = added + found.added, changed + found.changed, same + found.same
            wrong, done = wrong + len(found.wrong), done + len(batch)
            meter.show(f"{done} lines", done, 0)
    row = {"added": added, "changed": changed, "same": same, "wrong": wrong, "dry_run": dry_run}
    would = "would be " if dry_run else ""
    out.one(row, f"{added} {would}added, {changed} {would}changed, {same} the same, {wrong} wrong.")


@customer.command("events")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "email", metavar="EMAIL", help="Which admin; needed where there are several agents.")
@click.option("--country", default="", metavar="DE", help="Of numbers without an international prefix.")
@with_hub
async def events(hub: Hub, out: Output, file: Path, email: str | None, country: str) -> None:
    """What happened elsewhere, from CSV or lines of JSON: customer, type, key, at, and the type's fields.

    Each is kept once, however often its file is read.
    """
    agent = await acting_agent(hub, email)
    added = known = wrong = 0
    with file.open(encoding="utf-8-sig", newline="") as opened, out.progress("Events") as meter:
        rows = _readable(_lines(opened, file), file)
        while batch := list(islice(rows, BATCH)):
            told = [{str(title): str(v or "") for title, v in row.items()} for _, row in batch]
            found = await import_events(hub.desk, agent, told, country=country.upper())
            for each in found.wrong:
                click.echo(f"Line {batch[each.place][0]}: {each.refusal}", err=True)
            added, known, wrong = added + found.added, known + found.known, wrong + len(found.wrong)
            meter.show(f"{added + known + wrong} events", added + known + wrong, 0)
    row = {"added": added, "known": known, "wrong": wrong}
    out.one(row, f"{added} added, {known} known already, {wrong} wrong.")


@customer.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "email", metavar="EMAIL", help="Which admin; needed where there are several agents.")
@with_hub
async def export(hub: Hub, out: Output, file: Path, email: str | None) -> None:
    """All customers to a CSV file, or to lines of JSON (.jsonl), in the columns that `import` reads."""
    agent = await acting_agent(hub, email)
    rows, done = await export_customers(hub.desk, agent), 0
    titles = await export_columns(hub.desk, agent)
    with file.open("w", encoding="utf-8", newline="") as opened, out.progress("Customers") as meter:
        table = csv.DictWriter(opened, titles)
        if not _is_lines(file):
            table.writeheader()
        async for row in rows:
            if _is_lines(file):
                opened.write(json.dumps(row, ensure_ascii=False) + "\n")
            else:
                table.writerow({title: harmless(value) for title, value in row.items()})
            done += 1
            meter.show(f"{done} customers", done, 0)
    out.one({"customers": done, "file": str(file)}, f"{done} customers are in {file}.")


for each in (take_out, erase, check_receipt):
    customer.add_command(each)


def _is_lines(file: Path) -> bool:
    return file.suffix in (".jsonl", ".ndjson")


def _mapping(mapped: Sequence[str]) -> dict[str, str]:
    """A title of the file, whatever its case, to what it is here."""
    found = {each: each for each in COLUMNS}
    for each in mapped:
        theirs, equals, ours = each.rpartition("=")
        if not equals:
            raise Failure(f"--map {each!r} is not like 'Their title=name'.")
        found[theirs.strip().casefold()] = ours.strip()
    return found


def _rows(opened: IO[str], file: Path, mapping: Mapping[str, str]) -> Iterator[tuple[int, Row]]:
    """The number of a line and what it says of what is mapped; everything else is left out."""
    known = set(mapping.values())
    for line, given in _readable(_lines(opened, file), file):
        titles = {str(title).strip(): value for title, value in given.items() if value is not None}
        row = {mapping.get(title.casefold(), title): str(value) for title, value in titles.items()}
        yield line, {each: row[each] for each in row if each in known or each.startswith(FIELD)}


def _readable(lines: Lines, file: Path) -> Lines:
    """The same, with what is wrong with the file as a sentence."""
    try:
        yield from lines
    except UnicodeDecodeError:
        raise Failure(f"{file} is not written in UTF-8.") from None
    except (csv.Error, ValueError) as problem:
        raise Failure(f"{file} cannot be read: {problem}.") from None


def _lines(opened: IO[str], file: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Raises ValueError."""
    if not _is_lines(file):
        titles = opened.readline()
        opened.seek(0)
        reader = csv.DictReader(opened, delimiter=max(",;\t", key=titles.count), restkey="")
        for row in reader:
            yield (
                reader.line_num,
                {title: meant(value) if isinstance(value, str) else value for title, value in row.items()},
            )
        return
    for number, text in enumerate(opened, 1):
        given = json.loads(text) if text.strip() else {}
        if not isinstance(given, dict):
            raise ValueError(f"line {number} is not an object")
        if given:
            yield number, given
