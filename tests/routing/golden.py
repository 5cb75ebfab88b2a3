"""The golden set of identity cases, and how well linking and suggesting do on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.contract.inbound import Author
from hub.model.people import Identity
from hub.model.traces import trace_keys
from routing import Routing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FILE = Path(__file__).with_name("golden.txt")
ROUTING = Routing()


@dataclass(frozen=True, slots=True)
class Case:
    line: str
    same: bool
    one: Identity
    other: Identity


@dataclass(frozen=True, slots=True)
class Judged:
    """What is done with a case: linked at once, or suggested."""

    case: Case
    linked: bool
    suggested: bool


@dataclass(frozen=True, slots=True)
class Figures:
    cases: int
    linked: int
    linked_wrongly: int
    suggested: int
    suggested_wrongly: int
    to_suggest: int  # one person, and not linked at once
    found: int  # of those

    @property
    def automatic_precision(self) -> float:
        return 1 - self.linked_wrongly / self.linked

    @property
    def precision(self) -> float:
        return 1 - self.suggested_wrongly / self.suggested

    @property
    def recall(self) -> float:
        return self.found / self.to_suggest


def read_cases() -> Iterator[Case]:
    for line in FILE.read_text("utf-8").splitlines():
        if line[:1] in "=!" and line:
            one, _, other = line[1:].partition("|")
            yield Case(line, line[0] == "=", _identity("one", one), _identity("other", other))


def judge(case: Case) -> Judged:
    """As the hub does: a verified address that both have is asked about first, then shared keys."""
    one, other = case.one, case.other
    shares = (one.email and one.email == other.email) or (one.phone and one.phone == other.phone)
    author = Author(key=one.key, name=one.name, handle=one.handle, email=one.email, phone=one.phone)
    if ROUTING.link(author, [other] if shares else [], NOW).customer:
        return Judged(case, True, False)
    meets = set(trace_keys(one)) & set(trace_keys(other))
    return Judged(case, False, bool(meets) and ROUTING.compare(one, other) is not None)


def measure() -> tuple[Figures, list[Judged]]:
    judged = [judge(each) for each in read_cases()]
    suggested = [each for each in judged if each.suggested]
    linked = [each for each in judged if each.linked]
    left = [each for each in judged if each.case.same and not each.linked]
    figures = Figures(
        cases=len(judged),
        linked=len(linked),
        linked_wrongly=sum(not each.case.same for each in linked),
        suggested=len(suggested),
        suggested_wrongly=sum(not each.case.same for each in suggested),
        to_suggest=len(left),
        found=sum(each.suggested for each in left),
    )
    return figures, judged


def _identity(id: str, text: str) -> Identity:
    names: list[str] = []
    found: dict[str, list[str]] = {}
    for word in text.split():
        kind, colon, value = word.partition(":")
        if colon and kind in ("e", "p", "c", "h", "d", "silent"):
            found.setdefault(kind, []).append(value)
        else:
            names.append(word)
    silent = int(found.get("silent", ["5"])[0])
    return Identity(
        id=id,
        platform="test",
        key=id,
        customer=id,
        name=" ".join(names) or None,
        email=found.get("e", [None])[0],
        phone=found.get("p", [None])[0],
        handle=found.get("h", [None])[0],
        device=found.get("d", [None])[0],
        claimed=tuple(found.get("c", ())),
        first_seen_at=NOW - timedelta(days=1000),
        last_seen_at=NOW - timedelta(days=silent),
        because="",
    )
