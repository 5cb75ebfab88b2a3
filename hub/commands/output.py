"""What commands print: tables and sentences for people, one JSON object per line for scripts.

Data goes to standard output; progress, remarks and errors go to standard error. What customers wrote is shown
without the control characters with which a text could steer a terminal.
"""

import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Row = Mapping[str, Any]

# C0 and C1 controls but for line feed and tab, and the marks that turn the direction of writing.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
WIDE = 10_000  # columns where nobody looks: nothing is cut or wrapped for a pipe


@dataclass(slots=True)
class Meter:
    """A progress bar, or nothing where there is no terminal."""

    bar: Progress | None
    task: Any = None

    def show(self, title: str, done: int, total: int) -> None:
        if self.bar is not None:
            self.bar.update(self.task, completed=done, total=total or None, description=plain(title))


@dataclass(slots=True)
class Output:
    as_json: bool = False

    def rows(self, rows: Sequence[Row], columns: Sequence[str], empty: str) -> None:
        """A table of `columns`; as JSON, one line for each row with all that is in it."""
        if self.as_json:
            for row in rows:
                self.json_line(row)
        elif not rows:
            self.remark(empty)
        else:
            self._table(rows, columns)

    def one(self, row: Row, text: str) -> None:
        """One thing: its text for people, one line of JSON for scripts."""
        if self.as_json:
            self.json_line(row)
        else:
            click.echo(plain(text))

    def json_line(self, row: Row) -> None:
        click.echo(json.dumps(row, ensure_ascii=False, default=as_plain_value))
        sys.stdout.flush()

    def remark(self, sentence: str) -> None:
        """For people alone, beside the data."""
        if not self.as_json:
            click.echo(plain(sentence), err=True)

    def perhaps_more(self, rows: Sequence[Row], limit: int) -> None:
        if len(rows) == limit:
            self.remark(f"These are the newest {limit}; there may be more.")

    @contextmanager
    def progress(self, title: str) -> Iterator[Meter]:
        """A bar on the terminal, if there is one."""
        if self.as_json or not sys.stderr.isatty():
            yield Meter(None)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            yield Meter(bar, bar.add_task(title, total=None))

    def _table(self, rows: Sequence[Row], columns: Sequence[str]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        tty = sys.stdout.isatty()
        for column in columns:
            whole = column == columns[0] or column.endswith("id")  # ids are copied: never cut
            table.add_column(
                column.replace("_", " "), no_wrap=True, overflow="fold" if whole or not tty else "ellipsis"
            )
        for row in rows:
            table.add_row(*(Text(" ".join(plain(cell(row.get(column))).split())) for column in columns))
        console = Console(file=sys.stdout, width=None if tty else WIDE, highlight=False)
        with console.capture() as drawn:
            console.print(table)
        for line in drawn.get().rstrip("\n").split("\n"):
            click.echo(line.rstrip())


def cell(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value)
        case list() | tuple():
            return ", ".join(cell(each) for each in value) or "-"
    return str(value)


def moment(at: datetime | None) -> str:
    """In the reader's own time, to the second."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else "-"


def size(number: int) -> str:
    amount = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024 or unit == "GiB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return str(number)


def ago(seconds: float) -> str:
    """How long something has waited, in one unit."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} seconds"


def plain(text: str) -> str:
    """The text without what could steer a terminal."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def as_plain_value(value: Any) -> Any:
    """For JSON: moments in ISO 8601 and UTC, dataclasses by their fields."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
