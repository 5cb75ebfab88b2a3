"""Views that agents save: a filter with a title, for themselves or for everybody."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.auth.access import NotAllowed, access_sharing
from hub.desk.replying import Desk
from hub.model.desk import Filter, SavedView
from hub.model.ids import new_id
from hub.model.inbox import Conversation
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal

TITLE_MOST = 80


class BadView(Refusal):
    """A view cannot be saved like this; the text says why."""


async def save_view(
    desk: Desk, agent: Agent, title: str, wanted: Filter, *, sort: str = "newest", shared: bool = False
) -> SavedView:
    """Raises BadView, NotAllowed (only supervisors and admins share)."""
    if shared:
        access_sharing(agent)
    title = " ".join(title.split())
    if not title or len(title) > TITLE_MOST:
        raise BadView("view_title", most=TITLE_MOST)
    now = desk.clock()
    view = SavedView(
        id=new_id(now), title=title, owner=agent.id, shared=shared, filter=wanted, sort=sort, created_at=now
    )
    await desk.store.drafts.save_view(view)
    return view


async def list_saved_views(desk: Desk, agent: Agent) -> list[SavedView]:
    """The agent's own and the shared ones, by title."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    found = await desk.store.drafts.list_views(agent.id)
    return sorted(found, key=lambda each: each.title.casefold())


async def find_saved_view(desk: Desk, agent: Agent, view: str) -> SavedView | None:
    found = await desk.store.drafts.find_view(view)
    return _for(found, agent, desk.clock()) if found and (found.shared or found.owner == agent.id) else None


async def remove_view(desk: Desk, agent: Agent, view: str) -> None:
    """Raises NotAllowed."""
    found = await desk.store.drafts.find_view(view)
    if found is None:
        return
    if found.owner != agent.id and not (found.shared and agent.role is not Role.AGENT):
        raise NotAllowed("view_of_another")
    await desk.store.drafts.remove_view(view)


def matches(wanted: Filter, conversation: Conversation) -> bool:
    """Whether a conversation fits a filter whose ages are moments already (see `find_saved_view`)."""
    fits = (
        wanted.awaiting is None or conversation.awaiting is wanted.awaiting,
        not wanted.channels or conversation.channel in wanted.channels,
        not wanted.platforms or conversation.platform in wanted.platforms,
        not wanted.surfaces or conversation.surface in wanted.surfaces,
        wanted.team is None or conversation.team == wanted.team,
        wanted.agent is None or conversation.agent == wanted.agent,
        set(wanted.tags) <= set(conversation.tags),
        not wanted.priorities or conversation.priority in wanted.priorities,
        wanted.fields.items() <= conversation.fields.items(),
        wanted.before is None or conversation.created_at < wanted.before,
        wanted.due_before is None
        or (conversation.due_at is not None and conversation.due_at < wanted.due_before),
    )
    return all(fits)


def _for(view: SavedView, agent: Agent, now: datetime) -> SavedView:
    """`me` is whoever looks; ages become moments."""
    wanted = view.filter
    if wanted.agent == "me":
        wanted = replace(wanted, agent=agent.id)
    if wanted.older_than_hours is not None:
        wanted = replace(wanted, before=now - timedelta(hours=wanted.older_than_hours))
    if wanted.overdue:
        wanted = replace(wanted, due_before=now)
    return replace(view, filter=wanted)
