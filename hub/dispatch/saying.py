"""A fact of the hub's own in a timeline, and the event that tells of it."""

from hub.dispatch.deciding import BY
from hub.dispatch.office import Dispatch
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity


async def write_fact(dispatch: Dispatch, fact: Activity, **details: str) -> Event:
    """Kept at once; the event is to be published by whoever has it. `details`: more than what it is."""
    await dispatch.store.inbox.add_entries([fact])
    return Event(
        id=derived_id("changed", fact.id),
        kind="conversation_changed",
        at=fact.at,
        conversation=fact.conversation,
        entry=fact.id,
        by=BY,
        details={"what": fact.kind, **details},
    )
