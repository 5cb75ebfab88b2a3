"""What a check found: one line, and what to do about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    grade: Grade
    words: str
    advice: str = ""

    @property
    def row(self) -> Mapping[str, Any]:
        return asdict(self)

    @property
    def text(self) -> str:
        line = f"{self.grade:4}  {self.what}: {self.words}"
        return f"{line}\n      -> {self.advice}" if self.advice else line


def ok(what: str, words: str) -> Finding:
    return Finding(what, Grade.OK, words)


def warn(what: str, words: str, advice: str) -> Finding:
    return Finding(what, Grade.WARN, words, advice)


def fail(what: str, words: str, advice: str) -> Finding:
    return Finding(what, Grade.FAIL, words, advice)
