"""Tells live pages that an agent is not what they were, or is not signed in any more."""

from hub.auth import Auth
from hub.model.events import Event
from hub.model.ids import new_id
from hub.realtime import publish


async def tell_change(auth: Auth, by: str | None, agent: str) -> None:
    """Every page of this agent looks again at whether its session lives, and what they may."""
    now = auth.clock()
    event = Event(id=new_id(now), kind="agent_changed", at=now, by=by, details={"agent": agent})
    await publish(auth.store, [event])
