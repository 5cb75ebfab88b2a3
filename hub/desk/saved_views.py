"""Views that agents save: a filtered view with a title, for themselves, a team or everybody.

What others use is made, changed and removed by supervisors and admins alone. Every change is told, so that
the navigation of whoever has the view follows.
"""

from dataclasses import replace

from hub.auth.access import NotAllowed, access_sharing, is_restricted
from hub.auth.audit import record
from hub.desk.replying import Desk
from hub.model.desk import Filter, SavedView
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.realtime import publish

TITLE_MOST = 80
MOST = 100  # views of one owner
VALUES_MOST = 100  # in one line of a filter
LONGEST = 500  # characters of one value


class BadView(Refusal):
    """A view cannot be saved like this; the text says why."""


async def save_view(
    desk: Desk,
    agent: Agent,
    title: str,
    wanted: Filter,
    *,
    sort: str = "newest",
    shared: bool = False,
    team: str | None = None,
    base: str = "open",
) -> SavedView:
    """`base`: the view it filters. Raises BadView, NotAllowed (only supervisors and admins share)."""
    _access(agent, shared or team is not None)
    now = desk.clock()
    mine = await desk.store.drafts.list_views(agent.id, ())
    if sum(each.owner == agent.id for each in mine) >= MOST:
        raise BadView("views_most", most=MOST)
    view = SavedView(
        id=new_id(now),
        title=_title(title),
        owner=agent.id,
        shared=shared,
        team=team,
        base=base,
        filter=_checked(wanted),
        sort=sort,
        created_at=now,
    )
    await desk.store.drafts.save_view(view)
    await _told(desk, agent, "view_saved", view)
    return view


async def change_view(
    desk: Desk,
    agent: Agent,
    view: str,
    *,
    title: str | None = None,
    wanted: Filter | None = None,
    sort: str | None = None,
    sharing: tuple[bool, str | None] | None = None,
) -> SavedView:
    """Give a view another title, filter, order, or other people: (everybody, team).

    None leaves it. Raises BadView, NotAllowed.
    """
    found = await desk.store.drafts.find_view(view)
    if found is None or not _sees(agent, found):
        raise BadView("no_such_view")
    access_view(agent, found)
    changed = replace(
        found,
        title=found.title if title is None else _title(title),
        filter=found.filter if wanted is None else _checked(wanted),
        sort=sort or found.sort,
    )
    if sharing is not None:
        changed = replace(changed, shared=sharing[0], team=sharing[1])
        _access(agent, changed.shared or changed.team is not None)
    await desk.store.drafts.save_view(changed)
    await _told(desk, agent, "view_changed", changed, was=found)
    return changed


async def list_saved_views(desk: Desk, agent: Agent) -> list[SavedView]:
    """The agent's own, those of their teams, and those for everybody, by title."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    found = await desk.store.drafts.list_views(agent.id, agent.teams)
    return sorted(found, key=lambda each: (each.title.casefold(), each.id))


async def find_saved_view(desk: Desk, agent: Agent, view: str) -> SavedView | None:
    found = await desk.store.drafts.find_view(view)
    return found if found and _sees(agent, found) else None


async def remove_view(desk: Desk, agent: Agent, view: str) -> None:
    """Raises NotAllowed."""
    found = await desk.store.drafts.find_view(view)
    if found is None:
        return
    access_view(agent, found)
    await desk.store.drafts.remove_view(view)
    await _told(desk, agent, "view_removed", found)


def access_view(agent: Agent, view: SavedView) -> None:
    """Raises NotAllowed unless the agent may change a saved view."""
    if not may_change(agent, view):
        raise NotAllowed("view_of_another")


def may_change(agent: Agent, view: SavedView) -> bool:
    if view.shared or view.team is not None:
        return agent.role is not Role.AGENT and not agent.disabled
    return view.owner == agent.id


def may_share(agent: Agent) -> bool:
    return agent.role is not Role.AGENT and not is_restricted(agent)


def _sees(agent: Agent, view: SavedView) -> bool:
    if view.owner == agent.id or view.shared or (view.team is not None and view.team in agent.teams):
        return True
    return view.team is not None and agent.role is not Role.AGENT


def _access(agent: Agent, shared: bool) -> None:
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if shared:
        access_sharing(agent)


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > TITLE_MOST:
        raise BadView("view_title", most=TITLE_MOST)
    return title


def _checked(wanted: Filter) -> Filter:
    """Raises BadView for what only a made-up form would send."""
    fields = (*wanted.fields.items(), *wanted.customer_fields.items())
    lists = (wanted.channels, wanted.platforms, wanted.surfaces, wanted.tags, wanted.languages)
    texts = [*(text for each in lists for text in each), *(text for pair in fields for text in pair)]
    names = [name for name, _ in fields]
    if len(texts) > VALUES_MOST or any(len(text) > LONGEST for text in texts):
        raise BadView("filter_most")
    if any(not name or "\0" in name for name in names):
        raise BadView("filter_field")
    return wanted


async def _told(desk: Desk, agent: Agent, deed: str, view: SavedView, was: SavedView | None = None) -> None:
    """Whoever has it in their navigation hears of it; what others use is written down, too."""
    now = desk.clock()
    ours = any(each.shared or each.team for each in (view, was or view))
    if ours:
        await record(desk.store, desk.clock, agent, deed, target=view.id, target_name=view.title)
    details = {} if ours else {"only": view.owner}
    await publish(
        desk.store, [Event(id=new_id(now), kind="views_changed", at=now, by=agent.id, details=details)]
    )
