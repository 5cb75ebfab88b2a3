"""Tables for people, and RESULTS.md: a section per benchmark, replaced when its benchmark ran again."""

import re
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = "# Benchmark results\n\nWritten by `make bench`.\n"


class Table:
    def __init__(self, columns: tuple[str, ...], title: str = "") -> None:
        self.title = title
        self.columns = columns
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: str) -> None:
        self.rows.append(cells)

    def __str__(self) -> str:
        """Markdown, with the columns aligned for reading as it is."""
        rows = [self.columns, *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.columns))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in rows
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return (f"{self.title}\n\n" if self.title else "") + "\n".join(lines) + "\n"


@dataclass(slots=True)
class Section:
    name: str
    title: str
    tables: list[Table] = field(default_factory=list)
    words: str = ""

    def __str__(self) -> str:
        parts = [f"## {self.title} (`{self.name}`)\n", *(str(table) for table in self.tables), self.words]
        return "\n".join(part for part in parts if part)


def keep(section: Section, machine: str) -> None:
    """Put a section in the place of its former self."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    sections = re.split(r"(?m)^(?=## )", text)
    fresh = f"{section}\n{machine}\n\n"
    mine = re.compile(rf"## .*\(`{section.name}`\)\n")
    for number, former in enumerate(sections):
        if mine.match(former):
            sections[number] = fresh
            break
    else:
        sections.append(fresh if sections[-1].endswith("\n\n") else f"\n{fresh}")
    RESULTS.write_text("".join(sections).rstrip() + "\n", encoding="utf-8")
