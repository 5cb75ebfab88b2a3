"""How many conversations each view holds: by the tallies where those are exact, else as far as is quick.

Asked for by every screen whenever something happened, so what several of them ask is worked out once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.auth.access import visible_query
from hub.desk.lenses import BUILT_IN, SAVED, TEAM, Lens, lens_of, saved_lens
from hub.desk.replying import Desk
from hub.desk.saved_views import list_saved_views
from hub.desk.views import list_lens
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
    counts = await Counting(desk).of(agent, saved=False)
    return {key: COUNTED if each.more else each.number for key, each in counts.items()}


@dataclass(slots=True)
class Counting:
    """Counts for many agents, remembered for a moment."""

    desk: Desk
    _kept: dict[object, tuple[datetime, Count]] = field(default_factory=dict)

    async def of(self, agent: Agent, *, saved: bool = True) -> dict[str, Count]:
        """By view; `saved`: the saved ones, too, under `view:…`."""
        keys = [key for key in BUILT_IN if key not in UNCOUNTED]
        keys += [TEAM + team for team in await self._teams(agent)]
        lenses = {key: lens_of(agent, key) for key in keys}
        if saved:
            views = await list_saved_views(self.desk, agent)
            lenses |= {SAVED + each.id: saved_lens(agent, each) for each in views}
        counts = await self._by_tallies([lens for lens in lenses.values() if lens.is_counted])
        return {key: await self._count(lens, counts) for key, lens in lenses.items()}

    async def _teams(self, agent: Agent) -> Sequence[str]:
        if not visible_query(agent).everything:
            return agent.teams
        return sorted({*agent.teams, *(each.id for each in await self.desk.store.people.list_teams())})

    async def _by_tallies(self, lenses: Sequence[Lens]) -> dict[str, int]:
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

    async def _count(self, lens: Lens, totals: Mapping[str, int]) -> Count:
        if lens.is_counted:
            number = sum(totals[shelf.key] for shelf in lens.shelves())
            return Count(number) if number < COUNTED else Count(COUNTED - 1, more=True)
        now = self.desk.clock()
        key = (lens.view.key, lens.filter, visible_query(lens.agent), self._personal(lens))
        if (known := self._known(repr(key), now, AGE_FILTERED)) is None:
            known = await self._look(lens)
            self._keep(repr(key), now, known)
        return known

    @staticmethod
    def _personal(lens: Lens) -> str:
        mine = lens.view.key in ("mine", "mentions", "following") or lens.filter.agent == "me"
        return lens.agent.id if mine else ""

    async def _look(self, lens: Lens) -> Count:
        if lens.view.key in ("mentions", "following") and lens.saved is None:
            keys = [shelf.key for shelf in lens.shelves()]
            if not any((await self.desk.store.views.tallies.totals(keys)).values()):
                return Count(0)
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
