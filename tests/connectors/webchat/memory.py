"""Where a web chat keeps what is said: the counterpart of the connector, and it can fail.

Memory    keeps it in memory
Keeping   stands before the real one
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from hub.contract.errors import Unavailable
from hub.contract.visitors import Line, Visit, Visitor, Visitors
from tests.conformance import Failure


@dataclass(slots=True)
class Memory:
    """`hub.contract.visitors.Visitors`. `says` counts how often a line was brought, taken or not."""

    channel: str = "c1"
    down: bool = False
    says: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    typing: list[tuple[str, bool]] = field(default_factory=list)

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The database cannot be reached.")

    async def say(self, line: Line) -> Line:
        self.says += 1
        self._up()
        known = self.visitors.get(line.thread)
        if line.ours and known and known.moved_to:
            line = replace(line, thread=known.moved_to)
        return self.lines.setdefault(line.id, line)

    async def find_line(self, line: str) -> Line | None:
        self._up()
        return self.lines.get(line)

    async def change_line(self, line: str, changes: Mapping[str, Any]) -> bool:
        self._up()
        if line not in self.lines:
            return False
        kept = self.lines[line]
        rest = {name: value for name, value in changes.items() if name != "text"}
        text = changes.get("text", kept.content.text)
        self.lines[line] = replace(kept, content=replace(kept.content, text=text), **rest)
        return True

    async def list_lines(
        self, thread: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Line]:
        self._up()
        found = sorted(
            (each for each in self.lines.values() if each.thread == thread),
            key=lambda each: (each.at, each.id),
        )
        return [each for each in found if before is None or (each.at, each.id) < before][-limit:]

    async def find_visitor(self, key: str) -> Visitor | None:
        self._up()
        return self.visitors.get(key)

    async def note_visitor(
        self, key: str, changes: Mapping[str, Any], trail: Sequence[Visit] = ()
    ) -> Visitor:
        self._up()
        known = self.visitors.get(key) or Visitor(key=key, first_at=datetime.now(UTC))
        self.visitors[key] = replace(known, **changes, trail=(*known.trail, *trail))
        return self.visitors[key]

    async def move(self, old: str, new: str) -> None:
        self._up()
        for line in [each for each in self.lines.values() if each.thread == old]:
            self.lines[line.id] = replace(line, thread=new)
        await self.note_visitor(old, {"moved_to": new})

    async def show_typing(self, thread: str, *, on: bool, name: str = "") -> None:
        self._up()
        self.typing.append((thread, on))

    async def hear_typing(self, thread: str, *, on: bool, name: str) -> None:
        self._up()

    async def show_read(self, thread: str, at: datetime) -> None:
        await self.note_visitor(thread, {"read_by_us_at": at})

    async def saw(self, thread: str) -> None:
        await self.note_visitor(thread, {"unread_since": None})


@dataclass(slots=True)
class Keeping:
    """Passes everything on, but for the failures; `taken`: each line as it was first kept."""

    failure: Failure | None = None
    taken: list[Line] = field(default_factory=list)
    visitors: Visitors | None = None

    def of(self, visitors: Visitors) -> "Keeping":
        self.visitors = visitors
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.visitors, name)

    async def say(self, line: Line) -> Line:
        assert self.visitors is not None
        if self.failure in (Failure.UNAVAILABLE, Failure.RATE_LIMITED):
            raise Unavailable("The database cannot be reached.")
        known = await self.visitors.find_line(line.id)
        kept = await self.visitors.say(line)
        if known is None:
            self.taken.append(kept)
        if self.failure is Failure.LOST_ANSWER:
            raise Unavailable("The answer was lost.")
        return kept
