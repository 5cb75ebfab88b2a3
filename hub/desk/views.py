"""Lists of conversations: what an agent may look through, a page at a time.

A view reads one or more shelves (hub/store/shelves.py), so that a page costs the same however much there is;
what the shelves cannot tell (a filter, a restricted agent) is decided row by row. Sorted by a moment that not
every conversation has, those without one follow, the newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from hub.desk.lenses import BUILT_IN, SAVED, TEAM, Lens, NoSuchView, View, lens_of, look
from hub.desk.replying import Desk
from hub.model.desk import Filter
from hub.model.inbox import Conversation
from hub.model.people import Agent, Customer
from hub.store.deliveries import Spot
from hub.store.shelves import EPOCH, Shelf, moment_of, ms_of
from hub.store.views import key_of

__all__ = ["BUILT_IN", "SAVED", "TEAM", "NoSuchView", "View"]

Row = TypeVar("Row")
SMALL = 120  # a view up to this size is sorted whole
ROUNDS = 4  # reads for one page, where most rows are not for this view; the page may then be short
READ_MOST = 120  # rows of one such read
SORTED = 400  # conversations with failed deliveries that are sorted by anything but the newest
FIRST, LAST = "", "~"  # before and behind every id
SORTS = ("newest", "waiting", "due", "window")
FIELDS = {"waiting": "waiting_since", "due": "due_at", "window": "window_ends_at"}
# In cursors: those without the moment stand behind all that have one, the newest first.
NEVER = 1 << 53
BEHIND = NEVER + (1 << 42)

Place = tuple[int, str]  # moment in ms, id of the last row seen


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Short, even empty, with a cursor: only so many rows were looked through; there may be more."""

    rows: Sequence[Row]
    next_cursor: str | None = None


async def list_view(
    desk: Desk,
    agent: Agent,
    view: str,
    *,
    wanted: Filter | None = None,
    cursor: str | None = None,
    sort: str = "newest",
    limit: int = 50,
) -> Page[Conversation]:
    """A page; `sort`: newest, waiting (longest first), due, window (ending first).

    Raises NoSuchView, NotAllowed.
    """
    lens = await look(desk, agent, view, wanted)
    return await list_lens(desk, lens, place_of(cursor), sort, limit)


async def list_lens(
    desk: Desk, lens: Lens, start: Place | None = None, sort: str = "newest", limit: int = 50
) -> Page[Conversation]:
    reading = _Reading(desk, lens, desk.clock())
    if lens.view.key == "failed":
        if sort == "newest":
            return await reading.failed(start, limit)
        return _sorted_page((await reading.failed(None, SORTED)).rows, start, sort, limit, reading.now)
    if sort == "newest":
        return await reading.walk(lens.shelves(), "activity_at", start, limit)
    sizes = await desk.store.views.tallies.totals([each.key for each in lens.shelves()])
    if sum(sizes.values()) <= SMALL:
        whole = await reading.walk(lens.shelves(), "activity_at", None, SMALL * 2)
        return _sorted_page(whole.rows, start, sort, limit, reading.now)
    return await reading.by_moment(sort, start, limit)


def belongs(view: str, agent: Agent, conversation: Conversation) -> bool:
    """Whether a conversation, as it is now, is in a view of this agent. A saved view and failed deliveries
    cannot be told from the conversation alone: those say no."""
    if view == "failed" or view.startswith(SAVED):
        return False
    return lens_of(agent, view).shows(conversation, EPOCH)


async def repair_counts(desk: Desk) -> int:
    """Count every view anew. Returns how many counts were wrong."""
    return await desk.store.views.tallies.repair()


@dataclass(frozen=True, slots=True)
class _Reading:
    desk: Desk
    lens: Lens
    now: datetime

    async def walk(
        self,
        wanted: Sequence[Shelf],
        field: str,
        start: Place | None,
        limit: int,
        *,
        without: str | None = None,  # only those that `without` puts behind all others
    ) -> Page[Conversation]:
        newest = field == "activity_at"
        rows: list[Conversation] = []
        position = start[0] if start else None
        want = limit + 1
        for _ in range(ROUNDS):
            read = await self.desk.store.views.read(wanted, position, want)
            found = [each for each in read.rows if _behind(key_of(each, field), start, newest)]
            if without:
                found = [each for each in found if _rank(each, without, self.now) is None]
            rows += await self._shown(found)
            position = read.position
            if position is None or len(rows) > limit:
                break
            if len(rows) * 2 < limit:  # most rows are not for this view
                want = max(READ_MOST, limit + 1 - len(rows))
        if len(rows) > limit:
            return Page(rows[:limit], _cursor(key_of(rows[limit - 1], field)))
        return Page(rows, None if position is None else _cursor((position, LAST if newest else FIRST)))

    async def by_moment(self, sort: str, start: Place | None, limit: int) -> Page[Conversation]:
        """First those that have the moment, in its order, then the others."""
        rows: list[Conversation] = []
        if start is None or start[0] < NEVER:
            begin = start
            if sort == "window":  # what is over is no longer pressing
                begin = max(start or (0, FIRST), (ms_of(self.now), FIRST))
            page = await self.walk(self.lens.shelves_by(sort), FIELDS[sort], begin, limit)
            if page.next_cursor or len(page.rows) == limit:
                return Page(page.rows, page.next_cursor or _cursor((NEVER, FIRST)))
            rows, start = list(page.rows), None
        behind = None if start is None or start[0] == NEVER else (BEHIND - start[0], start[1])
        rest = await self.walk(self.lens.shelves(), "activity_at", behind, limit - len(rows), without=sort)
        after = place_of(rest.next_cursor)
        return Page([*rows, *rest.rows], _cursor((BEHIND - after[0], after[1])) if after else None)

    async def failed(self, start: Place | None, limit: int) -> Page[Conversation]:
        """Each where its newest delivery in trouble stands, the newest first."""
        deliveries = self.desk.store.deliveries
        spot = (moment_of(start[0]), start[1]) if start else None
        seen = await deliveries.conversations_in_trouble(spot) if spot else set()
        rows: list[tuple[Spot, Conversation]] = []
        for _ in range(ROUNDS):
            found = await deliveries.spots_in_trouble(READ_MOST, spot)
            stands: dict[str, Spot] = {}
            for at, of in found:
                if of not in seen:
                    stands.setdefault(of, at)
            seen |= stands.keys()
            known = await self.desk.store.inbox.find_conversations(sorted(stands))
            shown = {each.id: each for each in await self._shown(list(known.values()))}
            rows += [(stands[of], shown[of]) for of in stands if of in shown]
            spot = found[-1][0] if len(found) == READ_MOST else None
            if spot is None or len(rows) > limit:
                break
        if len(rows) > limit:
            spot = rows[limit - 1][0]
        after = _cursor((ms_of(spot[0]), spot[1])) if spot else None
        return Page([each for _, each in rows[:limit]], after)

    async def _shown(self, rows: Sequence[Conversation]) -> list[Conversation]:
        customers: dict[str, Customer] = {}
        if self.lens.asks_customer:
            customers = await self.desk.store.people.find_customers(list({each.customer for each in rows}))
        return [each for each in rows if self.lens.shows(each, self.now, customers.get(each.customer))]


def _sorted_page(
    rows: Sequence[Conversation], start: Place | None, sort: str, limit: int, now: datetime
) -> Page[Conversation]:
    """A page of rows that are there all together; the same places as `by_moment` gives."""
    ranks = {each.id: None if sort == "newest" else _rank(each, sort, now) for each in rows}
    dated = sorted((rank, each.id) for each in rows if (rank := ranks[each.id]) is not None)
    rest = sorted((key_of(each, "activity_at") for each in rows if ranks[each.id] is None), reverse=True)
    if start is not None and (sort == "newest" or start[0] >= NEVER):
        behind = start if sort == "newest" else (BEHIND - start[0], start[1])
        dated, rest = [], [key for key in rest if key < behind]
    elif start is not None:
        dated = [key for key in dated if key > start]
    places = [*dated, *(key if sort == "newest" else (BEHIND - key[0], key[1]) for key in rest)]
    by_id = {each.id: each for each in rows}
    return Page(
        [by_id[each] for _, each in places[:limit]],
        _cursor(places[limit - 1]) if len(places) > limit else None,
    )


def _rank(conversation: Conversation, sort: str, now: datetime) -> int | None:
    """The moment it is sorted by, in ms; None: it stands behind those that have one."""
    moment: datetime | None = getattr(conversation, FIELDS[sort])
    if moment is None or (sort == "window" and moment <= now):
        return None
    return ms_of(moment)


def _behind(key: Place, start: Place | None, newest: bool) -> bool:
    if start is None:
        return True
    return key < start if newest else key > start


def _cursor(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


def place_of(cursor: str | None) -> Place | None:
    """Raises NoSuchView."""
    if cursor is None:
        return None
    moment, dash, conversation = cursor.partition("-")
    if not dash or not moment.isdecimal() or not moment.isascii() or int(moment[:17]) > BEHIND:
        raise NoSuchView("list_place_gone")
    return int(moment[:17]), conversation
