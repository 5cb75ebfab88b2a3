"""Saved replies in the office: made, changed and removed.

Agents keep their own; supervisors and admins also those of every team and of everybody. What others use is
changed with an audit entry, and told.
"""

from collections.abc import Sequence
from dataclasses import replace

from hub.auth.access import NotAllowed, access_sharing
from hub.auth.audit import record
from hub.desk.replying import Desk
from hub.desk.saved_replies import BadReply, Filled, checked, files_of, filled
from hub.desk.teams import get_team
from hub.desk.uploading import let_go
from hub.model.desk import SavedReply
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.realtime import publish

EXAMPLE = {
    "customer": {"name": "Mariam Köhler"},
    "conversation": {"subject": "Wrong size delivered", "id": "example"},
    "fields": {},
}


async def list_replies(desk: Desk, agent: Agent, asked: str = "") -> list[SavedReply]:
    """Those the agent may use or change, by title; `asked`: words that stand in them."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    teams = agent.teams
    if agent.role is not Role.AGENT:
        teams = tuple(each.id for each in await desk.store.people.list_teams())
    words = asked.casefold().split()
    found = [
        each
        for each in await desk.store.drafts.list_replies(agent.id, teams)
        if all(word in f"{each.title}\n{each.shortcut}\n{each.text}".casefold() for word in words)
    ]
    return sorted(found, key=lambda each: (each.title.casefold(), each.id))


def may_change(agent: Agent, reply: SavedReply) -> bool:
    if reply.shared or reply.team is not None:
        return agent.role is not Role.AGENT
    return reply.owner == agent.id


async def get_reply(desk: Desk, agent: Agent, reply: str) -> SavedReply:
    """One that the agent may change. Raises BadReply, NotAllowed."""
    found = await desk.store.drafts.find_reply(reply)
    # Whoever may not know of it is told the same as if it were not there.
    if found is None or found.id not in {each.id for each in await list_replies(desk, agent)}:
        raise BadReply("saved_reply_gone")
    if not may_change(agent, found):
        raise NotAllowed("saved_reply_of_another")
    return found


async def keep_reply(
    desk: Desk,
    agent: Agent,
    reply: str | None,
    title: str,
    text: str,
    *,
    team: str | None = None,
    shared: bool = False,
    shortcut: str = "",
    files: Sequence[str] | None = None,
    address: str | None = None,
) -> SavedReply:
    """Make one (`reply` None), or change one. `files`: its own ones that stay, and uploads; None: as it was.

    Raises BadReply, NotAllowed, NotPossible.
    """
    old = await get_reply(desk, agent, reply) if reply is not None else None
    if shared or team is not None:
        access_sharing(agent)
    if team is not None:
        await get_team(desk, team)
    title, shortcut = checked(title, text, shortcut)
    before = old.attachments if old else ()
    attachments = before if files is None else await files_of(desk, agent, files, before)
    now = desk.clock()
    fresh = SavedReply(id=new_id(now), title=title, text=text, owner=agent.id, created_at=now)
    kept = replace(old or fresh, title=title, text=text, shortcut=shortcut, attachments=attachments)
    kept = replace(kept, team=None if shared else team, shared=shared)
    await desk.store.drafts.save_reply(kept)
    await let_go(desk, [each for each in before if each not in attachments])
    if kept.shared or kept.team or (old and (old.shared or old.team)):
        await _tell(desk, agent, "saved_reply_changed" if old else "saved_reply_made", kept, address)
    return kept


async def discard_reply(desk: Desk, agent: Agent, reply: str, *, address: str | None = None) -> None:
    """Raises BadReply, NotAllowed."""
    found = await get_reply(desk, agent, reply)
    await desk.store.drafts.remove_reply(reply)
    await let_go(desk, found.attachments)
    if found.shared or found.team:
        await _tell(desk, agent, "saved_reply_removed", found, address)


def preview(agent: Agent, text: str) -> Filled:
    """As it reads for an example customer. Raises BadReply."""
    return filled(text, {**EXAMPLE, "agent": {"name": agent.name, "email": agent.email}})


async def _tell(desk: Desk, agent: Agent, deed: str, reply: SavedReply, address: str | None) -> None:
    await record(
        desk.store, desk.clock, agent, deed,
        target=reply.id, target_name=reply.title, address=address or "",
        details={"team": reply.team or "", "shared": "yes" if reply.shared else "no"},
    )  # fmt: skip
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="saved_replies_changed", at=now, by=agent.id)])
