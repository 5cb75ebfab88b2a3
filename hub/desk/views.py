"""Lists of conversations: what an agent may look through, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from hub.auth.access import NotAllowed, access_conversation
from hub.desk.replying import Desk
from hub.model.inbox import Conversation, Status
from hub.model.people import Agent

Row = TypeVar("Row")
LOOK_THROUGH = 500  # newest conversations of a status that a view is picked from
COUNTED = 100  # "99+"


class NoSuchView(Exception):
    pass


@dataclass(frozen=True, slots=True)
class View:
    """A saved filter. `status`: the conversations it is picked from."""

    key: str
    title: str
    status: Status = Status.OPEN


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
        View("snoozed", "Snoozed", Status.SNOOZED),
        View("resolved", "Resolved", Status.RESOLVED),
    )
}


async def list_view(
    desk: Desk, agent: Agent, view: str, *, cursor: str | None = None, sort: str = "newest", limit: int = 50
) -> Page[Conversation]:
    """Newest activity first. Raises NoSuchView."""
    found = await _matching(desk, agent, _view(view), before=_moment(cursor), sort=sort)
    rows = found[:limit]
    more = len(found) > limit
    return Page(rows, _cursor(rows[-1]) if more else None)


async def count_views(desk: Desk, agent: Agent) -> dict[str, int]:
    """How many each built-in view holds; 100 means 99+."""
    return {
        view.key: min(len(await _matching(desk, agent, view)), COUNTED)
        for view in BUILT_IN.values()
        if view.status is not Status.RESOLVED
    }


def belongs(view: str, agent: Agent, conversation: Conversation) -> bool:
    """Whether a conversation, as it is now, is in a view of this agent."""
    wanted = _view(view)
    if conversation.status is not wanted.status or not _may_see(agent, conversation):
        return False
    if wanted.key == "mine":
        return conversation.agent == agent.id
    if wanted.key == "unassigned":
        return conversation.agent is None
    return True


def _view(key: str) -> View:
    try:
        return BUILT_IN[key]
    except KeyError:
        raise NoSuchView(f"There is no view {key!r}.") from None


async def _matching(
    desk: Desk,
    agent: Agent,
    view: View,
    before: tuple[datetime, str] | None = None,
    sort: str = "newest",
) -> list[Conversation]:
    found = await desk.store.inbox.list_conversations(view.status, before=before, limit=LOOK_THROUGH)
    rows = [each for each in found if belongs(view.key, agent, each)]
    if sort == "waiting":
        late = datetime.max.replace(tzinfo=UTC)
        rows.sort(key=lambda each: (each.waiting_since or late, each.id))
    return rows


def _may_see(agent: Agent, conversation: Conversation) -> bool:
    try:
        access_conversation(agent, conversation)
    except NotAllowed:
        return False
    return True


def _cursor(row: Conversation) -> str:
    return f"{round(row.activity_at.timestamp() * 1000)}-{row.id}"


def _moment(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    moment, _, conversation = cursor.partition("-")
    if not moment.isdecimal() or len(moment) > 14:
        raise NoSuchView("This place in the list does not exist.")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(moment)), conversation
