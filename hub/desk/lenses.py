"""One agent's look at one view: which conversations it shows, and from which shelves they are read.

Pure, but for `look`, which finds a saved view.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.auth.access import NotAllowed, may_see, visible_query
from hub.desk.filters import matches, statuses_of
from hub.desk.replying import Desk
from hub.desk.saved_views import find_saved_view
from hub.model.desk import ME, NONE, Filter, SavedView
from hub.model.inbox import Conversation, Status
from hub.model.people import Agent, Customer
from hub.model.sentences import Refusal
from hub.store import shelves
from hub.store.shelves import Shelf

TEAM = "team:"
SAVED = "view:"
NOTHING = Filter()


class NoSuchView(Refusal):
    pass


@dataclass(frozen=True, slots=True)
class View:
    """A list with a name. `status`: what it shows; None: everything but spam."""

    key: str
    title: str
    status: Status | None = Status.OPEN


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


@dataclass(frozen=True, slots=True)
class Lens:
    """`view`: a built-in one or a team's; a saved view is the one it filters, with its filter."""

    agent: Agent
    view: View
    filter: Filter = NOTHING
    saved: SavedView | None = None

    @property
    def statuses(self) -> tuple[Status, ...]:
        return statuses_of(self.filter, self.view.status)

    @property
    def asks_customer(self) -> bool:
        """Whether `shows` has to be told who the customer is."""
        return bool(self.filter.customer_fields)

    def shows(self, conversation: Conversation, now: datetime, customer: Customer | None = None) -> bool:
        if not may_see(self.agent, conversation) or conversation.status not in self.statuses:
            return False
        match self.view.key:
            case "mine" if conversation.agent != self.agent.id:
                return False
            case "unassigned" if conversation.agent is not None:
                return False
            case "mentions" if self.agent.id not in conversation.mentioned:
                return False
            case "following" if self.agent.id not in conversation.followers:
                return False
            case key if key.startswith(TEAM) and conversation.team != key.removeprefix(TEAM):
                return False
        return self.filter is NOTHING or matches(self.filter, conversation, customer, self.agent.id, now)

    def shelves(self) -> list[Shelf]:
        """The narrowest that hold all rows of the view, by when something last happened."""
        if self.view.key == "mentions":
            return [shelves.by_mention(self.agent.id, each) for each in self.statuses]
        if self.view.key == "following":
            return [shelves.by_follower(self.agent.id, each) for each in self.statuses]
        return [shelf for status in self.statuses for shelf in self._of(status)]

    def _of(self, status: Status) -> list[Shelf]:
        wanted, whose, team = self.filter, self.whose, self.team
        if whose:
            return [shelves.by_agent(whose, status)]
        if wanted.tags:
            return [shelves.by_tag(wanted.tags[0], status)]
        if whose is not None:
            return [shelves.by_agent(None, status)]
        if team:
            return [shelves.by_team(team, status)]
        visible = visible_query(self.agent)
        if not visible.everything:
            # What is theirs, and what is their teams'.
            teams = [shelves.by_team(each, status) for each in visible.teams]
            return [*teams, shelves.by_agent(visible.agent, status)] if visible.agent else teams
        if len(wanted.channels) == 1:
            return shelves.by_channel(wanted.channels[0], status)
        return [shelves.by_status(status)]

    def shelves_by(self, sort: str) -> list[Shelf]:
        """Those that a sort other than the newest begins with; they hold all rows that have such a moment."""
        return [self._sorted(sort, status) for status in self.statuses]

    def _sorted(self, sort: str, status: Status) -> Shelf:
        if sort == "due":
            return shelves.by_due(status)
        if sort == "window":
            return shelves.by_window(status)
        if self.whose is not None:
            return shelves.by_waiting_agent(self.whose or None, status)
        return shelves.by_waiting_team(self.team, status) if self.team else shelves.by_waiting(status)

    @property
    def whose(self) -> str | None:
        """The one agent whose it shows; "": nobody's; None: that does not matter."""
        if self.view.key == "mine":
            return self.agent.id
        if self.view.key == "unassigned":
            return "" if visible_query(self.agent).everything else None
        wanted = self.filter.agent
        if wanted == NONE and not visible_query(self.agent).everything:
            return None
        return {ME: self.agent.id, NONE: ""}.get(wanted, wanted) if wanted else None

    @property
    def team(self) -> str | None:
        if self.view.key.startswith(TEAM):
            return self.view.key.removeprefix(TEAM)
        return None if self.filter.team == NONE else self.filter.team

    @property
    def is_counted(self) -> bool:
        """Whether every row of the shelves is shown, so that the tallies are the count."""
        if self.filter != NOTHING or self.view.key in ("mentions", "following", "failed"):
            return False
        if self.view.key.startswith(TEAM):
            return visible_query(self.agent).everything or self.team in self.agent.teams
        return self.view.key == "mine" or visible_query(self.agent).everything


async def look(desk: Desk, agent: Agent, view: str, wanted: Filter | None = None) -> Lens:
    """`wanted`: filters the view; of a saved one it takes the place of its own filter.

    Raises NoSuchView, NotAllowed.
    """
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if not view.startswith(SAVED):
        return lens_of(agent, view, wanted)
    saved = await find_saved_view(desk, agent, view.removeprefix(SAVED))
    if saved is None:
        raise NoSuchView("view_gone", view=view)
    return saved_lens(agent, saved, wanted)


def lens_of(agent: Agent, view: str, wanted: Filter | None = None) -> Lens:
    """Of a view that nobody had to save. Raises NoSuchView."""
    return Lens(agent, _view(view), wanted or NOTHING)


def saved_lens(agent: Agent, saved: SavedView, wanted: Filter | None = None) -> Lens:
    return Lens(agent, _view(saved.base), saved.filter if wanted is None else wanted, saved)


def _view(key: str) -> View:
    if key.startswith(TEAM) and key != TEAM:
        return View(key, key.removeprefix(TEAM))
    try:
        return BUILT_IN[key]
    except KeyError:
        raise NoSuchView("view_gone", view=key) from None
