"""Tables in files: CSV as spreadsheets and other programs write it. Pure but for the file it is given.

Written in UTF-8 with or without a mark, UTF-16 with one, or Windows-1252; separated by commas, semicolons,
tabs or bars. A file is read a line at a time, however long it is.
"""

import codecs
import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from hub.desk.changing import NotPossible

FORMULA = "=+-@\t\r"
PIECE = 1 << 20
DELIMITERS = ",;\t|"
LINE_LONGEST = 1 << 20
TITLES_MOST, TITLE_LONGEST = 200, 100
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """How a file is to be read, and what is in it."""

    encoding: str
    delimiter: str
    titles: tuple[str, ...]
    rows: int


def survey(file: BinaryIO) -> Survey:
    """Reads all of it once. Raises NotPossible with what is wrong."""
    encoding = _encoding(file)
    with _opened(file, encoding) as text:
        first = text.readline(LINE_LONGEST)
    named = first[4:5] if first[:4].casefold() == "sep=" else ""
    delimiter = named if named and named in DELIMITERS else max(DELIMITERS, key=first.count)
    rows = records(file, encoding, delimiter)
    titles = next(rows, (0, []))[1]
    if not any(each.strip() for each in titles):
        raise NotPossible("table_empty")
    if len(titles) > TITLES_MOST:
        raise NotPossible("table_wide", most=TITLES_MOST)
    named_titles = (each.strip()[:TITLE_LONGEST] or str(at) for at, each in enumerate(titles, 1))
    return Survey(encoding, delimiter, tuple(named_titles), sum(1 for _ in rows))


def records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that says something, the titles first, with the line it begins on. Raises NotPossible."""
    line = 1
    with _opened(file, encoding) as text:
        reader = csv.reader((each.replace("\0", "") for each in text), delimiter=delimiter)
        try:
            for row in reader:
                if any(each.strip() for each in row) and not (line == 1 and _names_delimiter(row)):
                    yield line, [meant(each) for each in row]
                line = reader.line_num + 1
        except csv.Error:
            raise NotPossible("table_broken", line=line) from None
        except UnicodeDecodeError:
            raise NotPossible("table_letters") from None


def _names_delimiter(row: Sequence[str]) -> bool:
    """As Excel writes it in front of everything."""
    return len(row) <= 2 and row[0].casefold().startswith("sep=")


def harmless(value: str) -> str:
    """Customers choose their names: a spreadsheet must not take one for a formula. +49 is none."""
    number = value[:1] == "+" and value[1:].isdecimal()
    return f"'{value}" if value[:1] in FORMULA and value and not number else value


def meant(value: str) -> str:
    """What was written for a spreadsheet, as it was."""
    return value[1:] if value[:1] == "'" and value[1:2] and value[1] in FORMULA else value


def written(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([[harmless(each) for each in row] for row in rows])
    return text.getvalue()


def _encoding(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(4)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), "")
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        if not marked and b"\0" in head:
            break
        if _reads(file, encoding):
            return encoding
    raise NotPossible("table_letters")


def _reads(file: BinaryIO, encoding: str) -> bool:
    """Whether all of it is written so. What has bytes of nothing in it is no text."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(PIECE):
            if "\0" in decoder.decode(piece):
                raise NotPossible("table_letters")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _opened(file: BinaryIO, encoding: str) -> TextIO:
    """From its beginning; the file itself stays open."""
    file.seek(0)
    return open(os.dup(file.fileno()), encoding=encoding, newline="")
