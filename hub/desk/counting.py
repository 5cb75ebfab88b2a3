"""How many conversations each view holds: by the tallies where those are exact, else as far as is quick.

Asked for by every screen whenever something happened, so what several of them ask is worked out once.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.auth.access import visible_query
from hub.desk.lenses import BUILT_IN, SAVED, TEAM, Lens, lens_of, saved_lens
from hub.desk.replying import Desk
from hub.desk.saved_views import list_saved_views
from hub.desk.views import list_lens
from hub.model.desk import ME, SavedView
from hub.model.people import Agent

COUNTED = 100  # "99+"
QUICK = 40  # rows of a filtered view that are counted; beyond it is "40+"
UNCOUNTED = ("resolved", "spam")  # nothing waits there
AGE = timedelta(seconds=1)  # how old a tally may be when it is told again
AGE_FILTERED = timedelta(seconds=4)  # and what had to be counted row by row
KEPT = 1_000  # counts that are remembered


@dataclass(frozen=True, slots=True)
class Count:
    """`more`: at least so many."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number}+" if self.more else str(self.number)


async def count_views(desk: Desk, agent: Agent) -> dict[str, int]:
    """How many each built-in view and each team holds that the agent may see; 100 means 99+."""
    counts = await Counting(desk).of(agent, saved=())
    return {key: COUNTED if each.more else each.number for key, each in counts.items()}


@dataclass(slots=True)
class Counting:
    """Counts for many agents, remembered for a moment."""

    desk: Desk
    _kept: dict[object, tuple[datetime, Count]] = field(default_factory=dict)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(
        self,
        agent: Agent,
        *,
        saved: Sequence[SavedView] | None = None,
        teams: Sequence[str] | None = None,
        quick: bool = False,
        since: datetime | None = None,
    ) -> dict[str, Count]:
        """By view. `saved`, `teams`: if the caller has read them.

        Saved views are left out where they would have to be counted and that is not due yet: `quick`, at all;
        `since`, because that was done a moment ago, but before this moment. Ask again.
        """
        if saved is None:
            saved = await list_saved_views(self.desk, agent)
        if teams is None:
            teams = [each.id for each in await self.desk.store.people.known_teams.get()]
        if not visible_query(agent).everything:
            teams = ()
        keys = [key for key in BUILT_IN if key not in UNCOUNTED]
        keys += [TEAM + team for team in sorted({*agent.teams, *teams})]
        lenses = {key: lens_of(agent, key) for key in keys}
        lenses |= {SAVED + each.id: saved_lens(agent, each) for each in saved}
        totals = await self._by_tallies(lenses.values())
        counts = {key: await self._count(lens, totals, quick, since) for key, lens in lenses.items()}
        return {key: count for key, count in counts.items() if count is not None}

    async def _by_tallies(self, lenses: Iterable[Lens]) -> dict[str, int]:
        """Totals by the key of a shelf."""
        now = self.desk.clock()
        keys = {shelf.key for lens in lenses for shelf in lens.shelves()}
        known = {key: count.number for key in keys if (count := self._known(("tally", key), now, AGE))}
        if missing := sorted(keys - known.keys()):
            found = await self.desk.store.views.tallies.totals(missing)
            for key in missing:
                known[key] = found.get(key, 0)
                self._keep(("tally", key), now, Count(known[key]))
        return known

    async def _count(
        self, lens: Lens, totals: Mapping[str, int], quick: bool, since: datetime | None
    ) -> Count | None:
        number = sum(totals[key] for key in {shelf.key for shelf in lens.shelves()})
        if lens.is_counted:
            return Count(number) if number < COUNTED else Count(COUNTED - 1, more=True)
        if number == 0 and lens.view.key != "failed":
            return Count(0)
        now = self.desk.clock()
        key = repr((lens.view.key, lens.filter, visible_query(lens.agent), self._personal(lens)))
        if lens.saved is None:
            since = None
        known = self._known(key, now, AGE_FILTERED)
        if known is None and not (quick and lens.saved):
            known = await self._looked(lens, key, now)
        elif known is not None and since and self._kept[key][0] < since:
            return None
        return known

    async def _looked(self, lens: Lens, key: object, now: datetime) -> Count:
        """One looks; who wants the same, asked by the same event, waits for it."""
        async with self._looking:
            known = self._known(key, now, AGE_FILTERED)
            if known is None:
                known = await self._look(lens)
                self._keep(key, now, known)
            return known

    @staticmethod
    def _personal(lens: Lens) -> str:
        mine = lens.view.key in ("mine", "mentions", "following") or lens.filter.agent == ME
        return lens.agent.id if mine else ""

    async def _look(self, lens: Lens) -> Count:
        most = COUNTED - 1 if lens.saved is None else QUICK
        page = await list_lens(self.desk, lens, limit=most)
        return Count(len(page.rows), more=page.next_cursor is not None)

    def _known(self, key: object, now: datetime, age: timedelta) -> Count | None:
        found = self._kept.get(key)
        return found[1] if found and now - found[0] < age else None

    def _keep(self, key: object, now: datetime, count: Count) -> None:
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[key] = (now, count)
