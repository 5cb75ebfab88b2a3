"""Lists of conversations: what an agent may look through, a page at a time.

A view reads one or more shelves (hub/store/shelves.py), so that a page costs the same however much there is;
what the shelves cannot tell (a saved filter, a restricted agent) is decided here, row by row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hub.auth.access import NotAllowed, may_see, visible_query
from hub.desk.replying import Desk
from hub.desk.saved_views import find_saved_view, matches
from hub.model.desk import SavedView
from hub.model.inbox import Conversation, Status
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.store import shelves
from hub.store.shelves import Shelf
from hub.store.views import key_of

Row = TypeVar("Row")
COUNTED = 100  # "99+"
SMALL = 500  # a view up to this size is sorted whole
ROUNDS = 4  # reads for one page, where most rows are not for this view; the page may then be short
NEVER = 1 << 53  # ms: sorts behind every moment
FIRST, LAST = "", "~"  # before and behind every id
SORTS = ("newest", "waiting", "due")
TEAM = "team:"
SAVED = "view:"


class NoSuchView(Refusal):
    pass


@dataclass(frozen=True, slots=True)
class View:
    """A filter with a name. `status`: what it shows; None: everything but spam."""

    key: str
    title: str
    status: Status | None = Status.OPEN


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    next_cursor: str | None = None


BUILT_IN: Mapping[str, View] = {
    view.key: view
    for view in (
        View("open", "Open"),
        View("mine", "Mine"),
        View("unassigned", "Unassigned"),
        View("mentions", "Mentions", None),
        View("following", "Following", None),
        View("snoozed", "Snoozed", Status.SNOOZED),
        View("resolved", "Resolved", Status.RESOLVED),
        View("failed", "Failed deliveries", None),
        View("spam", "Spam", Status.SPAM),
    )
}
UNCOUNTED = ("resolved", "spam")  # nothing waits there


async def list_view(
    desk: Desk, agent: Agent, view: str, *, cursor: str | None = None, sort: str = "newest", limit: int = 50
) -> Page[Conversation]:
    """A page; `sort`: newest, waiting (longest first), due. Raises NoSuchView, NotAllowed."""
    lens = await _lens(desk, agent, view)
    start = _place(cursor)
    if view == "failed":
        rows = await _failed(desk, lens)
        return _sorted_page(rows, start, "newest", limit)
    if sort == "newest":
        return await _walk(desk, lens, _shelves(lens), "activity_at", start, limit)
    sizes = await desk.store.views.tallies.totals([each.key for each in _shelves(lens)])
    if sum(sizes.values()) <= SMALL:
        whole = await _walk(desk, lens, _shelves(lens), "activity_at", None, SMALL * 2)
        return _sorted_page(whole.rows, start, sort, limit)
    status = lens.view.status or Status.OPEN
    shelf, field = shelves.by_waiting(status), "waiting_since"
    if sort == "due":
        shelf, field = shelves.by_due(status), "due_at"
    return await _walk(desk, lens, [shelf], field, start, limit)


async def count_views(desk: Desk, agent: Agent) -> dict[str, int]:
    """How many each built-in view and each team of the agent holds; 100 means 99+."""
    keys = [key for key in BUILT_IN if key not in UNCOUNTED] + [TEAM + team for team in agent.teams]
    lenses = {key: _Lens(agent, _view(key)) for key in keys}
    exact = {key: _shelves(lens) for key, lens in lenses.items() if key != "failed" and _by_tally(lens)}
    totals = await desk.store.views.tallies.totals([each.key for found in exact.values() for each in found])
    counts = {}
    for key, lens in lenses.items():
        if key in exact:
            counts[key] = min(sum(totals.get(each.key, 0) for each in exact[key]), COUNTED)
        elif key == "failed":
            counts[key] = min(len(await _failed(desk, lens)), COUNTED)
        else:
            page = await _walk(desk, lens, _shelves(lens), "activity_at", None, COUNTED)
            counts[key] = min(len(page.rows), COUNTED)
    return counts


def belongs(view: str, agent: Agent, conversation: Conversation) -> bool:
    """Whether a conversation, as it is now, is in a view of this agent. A saved view and failed deliveries
    cannot be told from the conversation alone: those say no."""
    if view == "failed" or view.startswith(SAVED):
        return False
    return _Lens(agent, _view(view)).shows(conversation)


async def repair_counts(desk: Desk) -> int:
    """Count every view anew. Returns how many counts were wrong."""
    return await desk.store.views.tallies.repair()


@dataclass(frozen=True, slots=True)
class _Lens:
    """One agent's look at one view."""

    agent: Agent
    view: View
    saved: SavedView | None = None

    def shows(self, conversation: Conversation) -> bool:
        if not may_see(self.agent, conversation) or not self._status(conversation.status):
            return False
        if self.saved is not None:
            return matches(self.saved.filter, conversation)
        match self.view.key:
            case "mine":
                return conversation.agent == self.agent.id
            case "unassigned":
                return conversation.agent is None
            case "mentions":
                return self.agent.id in conversation.mentioned
            case "following":
                return self.agent.id in conversation.followers
            case key if key.startswith(TEAM):
                return conversation.team == key.removeprefix(TEAM)
        return True

    def _status(self, status: Status) -> bool:
        if self.view.status is None:
            return status not in (Status.SPAM, Status.MERGED)
        return status is self.view.status


async def _lens(desk: Desk, agent: Agent, view: str) -> _Lens:
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if not view.startswith(SAVED):
        return _Lens(agent, _view(view))
    saved = await find_saved_view(desk, agent, view.removeprefix(SAVED))
    if saved is None:
        raise NoSuchView("view_gone", view=view)
    return _Lens(agent, View(view, saved.title, saved.filter.status), saved)


def _view(key: str) -> View:
    if key.startswith(TEAM) and key != TEAM:
        return View(key, key.removeprefix(TEAM))
    try:
        return BUILT_IN[key]
    except KeyError:
        raise NoSuchView("view_gone", view=key) from None


def _shelves(lens: _Lens) -> list[Shelf]:
    """The narrowest shelves that hold all rows of a view."""
    agent, view = lens.agent, lens.view
    if view.key == "mentions":
        return [shelves.by_mention(agent.id)]
    if view.key == "following":
        return [shelves.by_follower(agent.id)]
    status = view.status or Status.OPEN
    if view.key == "mine":
        return [shelves.by_agent(agent.id, status)]
    if view.key.startswith(TEAM):
        return [shelves.by_team(view.key.removeprefix(TEAM), status)]
    wanted = lens.saved.filter if lens.saved else None
    if wanted and wanted.agent:
        return [shelves.by_agent(wanted.agent, status)]
    if wanted and wanted.team:
        return [shelves.by_team(wanted.team, status)]
    visible = visible_query(agent)
    if not visible.everything:
        # What is theirs, and what is their teams'.
        teams = [shelves.by_team(team, status) for team in visible.teams]
        return [*teams, shelves.by_agent(visible.agent, status)] if visible.agent else teams
    return [shelves.by_agent(None, status) if view.key == "unassigned" else shelves.by_status(status)]


def _by_tally(lens: _Lens) -> bool:
    """Whether every row of the view's shelves is shown, so that the tallies are the count."""
    if lens.view.key in ("mentions", "following"):
        return False
    if lens.view.key.startswith(TEAM):
        return visible_query(lens.agent).everything or lens.view.key.removeprefix(TEAM) in lens.agent.teams
    return lens.view.key == "mine" or visible_query(lens.agent).everything


Place = tuple[int, str]  # moment in ms, id of the last row seen


async def _walk(
    desk: Desk, lens: _Lens, wanted: Sequence[Shelf], field: str, start: Place | None, limit: int
) -> Page[Conversation]:
    newest = field == "activity_at"
    rows: list[Conversation] = []
    position = start[0] if start else None
    for _ in range(ROUNDS):
        read = await desk.store.views.read(wanted, position, limit + 1 - len(rows))
        rows += [
            each for each in read.rows if _behind(key_of(each, field), start, newest) and lens.shows(each)
        ]
        position = read.position
        if position is None or len(rows) > limit:
            break
    if len(rows) > limit:
        return Page(rows[:limit], _cursor(key_of(rows[limit - 1], field)))
    return Page(rows, None if position is None else _cursor((position, LAST if newest else FIRST)))


async def _failed(desk: Desk, lens: _Lens) -> list[Conversation]:
    troubled = {each.conversation for each in await desk.store.deliveries.in_trouble()}
    found = await desk.store.inbox.find_conversations(sorted(troubled))
    return [each for each in found.values() if lens.shows(each)]


def _sorted_page(
    rows: Sequence[Conversation], start: Place | None, sort: str, limit: int
) -> Page[Conversation]:
    newest = sort == "newest"
    keyed = sorted(((_rank(each, sort), each) for each in rows), key=lambda pair: pair[0], reverse=newest)
    left = [(key, each) for key, each in keyed if _behind(key, start, newest)]
    more = len(left) > limit
    return Page([each for _, each in left[:limit]], _cursor(left[limit - 1][0]) if more else None)


def _rank(conversation: Conversation, sort: str) -> Place:
    if sort == "newest":
        return key_of(conversation, "activity_at")
    ms, own = key_of(conversation, "due_at" if sort == "due" else "waiting_since")
    return (ms or NEVER, own)


def _behind(key: Place, start: Place | None, newest: bool) -> bool:
    if start is None:
        return True
    return key < start if newest else key > start


def _cursor(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    moment, dash, conversation = cursor.partition("-")
    if not dash or not moment.isdecimal() or not moment.isascii() or int(moment[:17]) > NEVER:
        raise NoSuchView("list_place_gone")
    return int(moment[:17]), conversation
