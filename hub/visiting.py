"""Web chat's keeping: what a channel's connector and its door write, and everybody hears of.

Lines are told to visitors' pages, and typing to both sides, by the same events as all that happens here: any
process may say something, and each has the pages of its own visitors.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hub.clock import Clock
from hub.contract.errors import Unavailable
from hub.contract.visitors import Line, Visit, Visitor
from hub.model.desk import Doing, Presence
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.sentences import sentence
from hub.realtime import publish
from hub.store import Store, StoreUnavailable
from hub.store.inbox import thread_id

Found = TypeVar("Found")

TOLD = "visitor_told"  # the kind of the events; `details["what"]`: line, typing, read, seen
TYPING_LASTS = timedelta(seconds=10)  # a page says so anew every few seconds
MOVES = 5  # of a visitor who signs in, out and in again


@dataclass(frozen=True, slots=True)
class ChannelVisitors:
    """`hub.contract.visitors.Visitors` of one channel."""

    store: Store
    channel: str
    clock: Clock

    async def say(self, line: Line) -> Line:
        return await _kept(self._say(line))

    async def find_line(self, line: str) -> Line | None:
        return await _kept(self.store.visitors.find_line(self.channel, line))

    async def change_line(self, line: str, changes: Mapping[str, Any]) -> bool:
        return await _kept(self._change_line(line, changes))

    async def list_lines(
        self, thread: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[Line]:
        return await _kept(self.store.visitors.list_lines(self.channel, thread, before, limit))

    async def find_visitor(self, key: str) -> Visitor | None:
        return await _kept(self.store.visitors.find_visitor(self.channel, key))

    async def note_visitor(
        self, key: str, changes: Mapping[str, Any], trail: Sequence[Visit] = ()
    ) -> Visitor:
        return await _kept(self._note(key, changes, trail))

    async def move(self, old: str, new: str) -> None:
        await _kept(self.store.visitors.move(self.channel, old, new))

    async def show_typing(self, thread: str, *, on: bool, name: str = "") -> None:
        await _kept(self._tell(thread, "typing", {"on": "yes" if on else "", "name": name}))

    async def hear_typing(self, thread: str, *, on: bool, name: str) -> None:
        await _kept(self._hear_typing(thread, on, name))

    async def show_read(self, thread: str, at: datetime) -> None:
        await _kept(self._show_read(thread, at))

    async def saw(self, thread: str) -> None:
        await _kept(self._saw(thread))

    async def _say(self, line: Line) -> Line:
        book = self.store.visitors
        line = replace(line, thread=await self._now_of(line.thread)) if line.ours else line
        if not await book.add_line(self.channel, line):
            kept = await book.find_line(self.channel, line.id)
            return kept or line
        if line.ours:
            await book.waits_to_be_read(self.channel, line.thread, line.at)
        await self._tell(line.thread, "line", {"line": line.id})
        return line

    async def _now_of(self, key: str) -> str:
        """What a visitor goes by now who may have signed in since."""
        for _ in range(MOVES):
            found = await self.store.visitors.find_visitor(self.channel, key)
            if found is None or found.moved_to is None:
                break
            key = found.moved_to
        return key

    async def _change_line(self, line: str, changes: Mapping[str, Any]) -> bool:
        wanted = {("content.text" if name == "text" else name): value for name, value in changes.items()}
        if not await self.store.visitors.change_line(self.channel, line, wanted):
            return False
        if found := await self.store.visitors.find_line(self.channel, line):
            await self._tell(found.thread, "line", {"line": line})
        return True

    async def _note(self, key: str, changes: Mapping[str, Any], trail: Sequence[Visit]) -> Visitor:
        now = self.clock()
        before = (
            await self.store.visitors.find_visitor(self.channel, key) if "here_until" in changes else None
        )
        await self.store.visitors.note(self.channel, key, changes, trail, now)
        if trail or (
            before is not None and _is_here(before, now) != _is_here(replace(before, **changes), now)
        ):
            await self._moved_on(key, now)
        found = await self.store.visitors.find_visitor(self.channel, key)
        if found and "email" in changes and found.unread_since is not None:
            await self.store.visitors.waits_to_be_read(self.channel, key, found.unread_since)
        return found or Visitor(key=key, first_at=now)

    async def _moved_on(self, key: str, now: datetime) -> None:
        """Whoever looks at their conversation sees where they are now, or that they have gone."""
        record = thread_id(self.channel, key)
        found = (await self.store.inbox.find_threads([record])).get(record)
        if found is None:
            return
        event = Event(
            id=new_id(now), kind="visit_changed", at=now, conversation=found.conversation, by=record
        )
        await publish(self.store, [event])

    async def _show_read(self, thread: str, at: datetime) -> None:
        thread = await self._now_of(thread)
        known = await self.store.visitors.find_visitor(self.channel, thread)
        if known is None or (known.read_by_us_at is not None and known.read_by_us_at >= at):
            return
        await self.store.visitors.note(self.channel, thread, {"read_by_us_at": at}, (), self.clock())
        await self._tell(thread, "read", {"at": at.isoformat()})

    async def _hear_typing(self, thread: str, on: bool, name: str) -> None:
        """As the presence of somebody more in their conversation: a page shows it like a colleague's."""
        record = thread_id(self.channel, thread)
        found = (await self.store.inbox.find_threads([record])).get(record)
        if found is None:
            return
        now, presence = self.clock(), derived_id("presence", found.conversation, record)
        if on:
            there = await self.store.drafts.at_conversation(found.conversation, now)
            writing = Presence(
                id=presence,
                conversation=found.conversation,
                agent=record,
                agent_name=name,
                doing=Doing.WRITING,
                until=now + TYPING_LASTS,
            )
            await self.store.drafts.be_at(writing)
            if any(each.id == presence for each in there):
                return
        elif not await self.store.drafts.leave(presence):
            return
        details = {"doing": "writing" if on else "gone", "name": name}
        event = Event(
            id=new_id(now),
            kind="presence_changed",
            at=now,
            conversation=found.conversation,
            by=record,
            details=details,
        )
        await publish(self.store, [event])

    async def _saw(self, thread: str) -> None:
        seen = {"unread_since": None, "unmailed_since": None}
        await self.store.visitors.note(self.channel, thread, seen, (), self.clock())
        await self._tell(thread, "seen", {})

    async def _tell(self, thread: str, what: str, details: Mapping[str, str]) -> None:
        now = self.clock()
        told = {"what": what, "thread": thread, **details}
        event = Event(id=new_id(now), kind=TOLD, at=now, channel=self.channel, details=told)
        await publish(self.store, [event])


def _is_here(visitor: Visitor, now: datetime) -> bool:
    return visitor.here_until is not None and visitor.here_until > now


async def _kept(doing: Awaitable[Found]) -> Found:
    try:
        return await doing
    except StoreUnavailable as problem:
        raise Unavailable(sentence("database_away")) from problem
