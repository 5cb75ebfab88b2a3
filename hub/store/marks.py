"""What a line of the journal is found by, in one array. Pure.

The embedded database reads the definitions of all indexes of a collection several times for each document it
writes, and every mail is written to the journal twice: one index over words costs a third of five indexes.
"""

from collections.abc import Mapping
from typing import Any

LINE = "line"  # every line has it: those of a channel, by when they came in
IGNORED = "ignored"
REACHED = "reached"  # it tells whether somebody can be reached
REACHABILITY = "ReachabilityChanged"


def ref_mark(ref: str) -> str:
    """It led to this conversation or entry."""
    return f"ref {ref}"


def body_mark(file: str) -> str:
    """Its original is this file."""
    return f"body {file}"


def marks_of(line: Mapping[str, Any]) -> list[str]:
    """All that a line, as it is stored, is found by."""
    ref, file = line.get("ref"), line.get("body_media")
    return [
        LINE,
        *([REACHED] if line.get("kind") == REACHABILITY else []),
        *([IGNORED] if line.get("outcome") == "ignored" else []),
        *([ref_mark(ref)] if ref else []),
        *([body_mark(file)] if file else []),
    ]
