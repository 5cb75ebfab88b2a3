"""What falls due as time passes: rules about what is due soon, and promises that break.

What has fallen due since the last look is told at once, all of it. What fell due before (and broke while
nobody looked) and what is due soon is looked through a part at each look, from where the last one stopped.
A snoozed conversation keeps its promises.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.dispatch.office import Dispatch, Office
from hub.dispatch.reckoning import RUNNING, standing_of, tell_broken
from hub.model.inbox import Conversation
from hub.model.rules import Rule, Trigger
from hub.store.shelves import by_due, ms_of

AT_ONCE = 200
FOREVER = timedelta(days=3650)
REMEMBERED = 20_000
SHELVES = [by_due(each) for each in RUNNING]

# Asks the rules about a conversation: the minutes left, and what makes this asking another than the last.
Ask = Callable[[Office, Conversation, Trigger, float, str], Awaitable[None]]


@dataclass(slots=True)
class Dues:
    dispatch: Dispatch
    ask: Ask
    _looked: datetime | None = None
    _behind: int | None = None  # ms: how far what is overdue was looked through
    _ahead: int | None = None  # and what is due soon
    _told: dict[str, datetime] = field(default_factory=dict)  # until when one need not be looked at

    async def look(self, office: Office) -> None:
        now = self.dispatch.clock()
        if len(self._told) > REMEMBERED:
            self._told.clear()  # what was told is known by its fact; it is only looked at once more
        await self._fallen(office, self._looked or now, now)
        self._looked = now
        await self._overdue(office, now)
        await self._soon(office, now)

    async def _fallen(self, office: Office, since: datetime, now: datetime) -> None:
        start: int | None = ms_of(since)
        while start is not None:
            read = await self.dispatch.store.views.read(SHELVES, start, AT_ONCE)
            for each in read.rows:
                if each.due_at is None or each.due_at >= now:
                    return
                await self._tell(office, each, now)
            start = read.position

    async def _overdue(self, office: Office, now: datetime) -> None:
        read = await self.dispatch.store.views.read(SHELVES, self._behind, AT_ONCE)
        self._behind = read.position
        for each in read.rows:
            if each.due_at is None or each.due_at >= now:
                self._behind = None
                return
            await self._tell(office, each, now)

    async def _tell(self, office: Office, each: Conversation, now: datetime) -> None:
        key = f"{each.id} {each.version} {office.version}"
        if self._told.get(key, now) > now:
            return
        standing = await standing_of(self.dispatch, office, each)
        later = [due.at for due in standing.dues if due.at > now] if standing else []
        if standing is not None:
            await tell_broken(self.dispatch, office, each, standing)
        self._told[key] = min(later, default=now + FOREVER)

    async def _soon(self, office: Office, now: datetime) -> None:
        rules = [each for each in office.rules if each.enabled and Trigger.DUE in each.on]
        if not rules:
            return
        soon = now + timedelta(minutes=max(each.minutes for each in rules))
        start = max(self._ahead or 0, ms_of(now))
        read = await self.dispatch.store.views.read(SHELVES, start, AT_ONCE)
        self._ahead = read.position
        for each in read.rows:
            if each.due_at is None or each.due_at > soon:
                self._ahead = None
                return
            if each.due_at > now:
                await self._ask(office, each, rules, each.due_at - now)

    async def _ask(self, office: Office, each: Conversation, rules: list[Rule], left: timedelta) -> None:
        minutes = left.total_seconds() / 60
        fit = sorted(rule.id for rule in rules if rule.minutes >= minutes)
        if fit:
            await self.ask(office, each, Trigger.DUE, minutes, f"{each.due_at} {' '.join(fit)}")
