"""A file of customers that is brought in: what it is, how it is read, how far it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.model.channels import Lease


class ImportState(StrEnum):
    NEW = "new"  # nobody has said yet what its columns are
    CHECKING = "checking"  # a rehearsal: nothing is written
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"  # after several tries; may be begun again where it stopped


AT_WORK = frozenset({ImportState.CHECKING, ImportState.IMPORTING, ImportState.UNDOING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    id: str
    by: str
    by_name: str
    at: datetime
    name: str  # of the file
    file: str | None = None  # in the media store, until everything in it is done
    size: int  # bytes
    encoding: str
    delimiter: str
    titles: tuple[str, ...]
    total: int  # rows
    columns: tuple[str, ...] = ()  # what each column is here; "": left out
    overwrite: bool = False
    country: str = ""
    state: ImportState
    failed_at: ImportState | None = None  # what it was doing
    place: int = 0  # rows that are done
    added: int = 0
    changed: int = 0
    wrong: int = 0
    undone: int = 0
    left: int = 0  # that could not be undone: somebody has done more with them since
    began_at: datetime | None = None
    ended_at: datetime | None = None
    tries: int = 0
    due_at: datetime | None = None  # not before
    problem: str = ""
    lease: Lease | None = None

    @property
    def same(self) -> int:
        return max(0, self.place - self.added - self.changed - self.wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRow:
    """A row that was not brought in. `reason`: the sentence, as it is stored."""

    id: str
    job: str
    line: int  # of the file, counted from 1
    code: str
    reason: str
    at: datetime


class LogKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"  # a customer; each thing that was is VALUE
    VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What an import did, written down before it is done: so it can be undone."""

    id: str
    job: str
    kind: LogKind
    customer: str
    identity: str | None = None  # that was added with them
    what: str = ""
    was: str = ""  # JSON
    now: str = ""
    at: datetime
