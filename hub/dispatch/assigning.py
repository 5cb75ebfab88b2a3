"""Asks the router who answers, and applies what it decides."""

from datetime import datetime

from hub.contract.routing import Router
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation
from hub.store import Store


async def assign(
    store: Store, router: Router, conversation: Conversation, channel: Channel, now: datetime
) -> list[Event]:
    """Give a conversation to whom the router says, unless somebody changed it meanwhile."""
    decision = router.assign(conversation, channel, now)
    if (decision.team, decision.agent) in ((None, None), (conversation.team, conversation.agent)):
        return []
    changes = {"team": decision.team, "agent": decision.agent}
    if not await store.inbox.change_conversation(conversation, changes):
        return []
    entry = derived_id("assigned", conversation.id, str(conversation.version))
    fact = Activity(
        id=entry,
        conversation=conversation.id,
        at=now,
        kind="assigned",
        by="routing",
        because=decision.because,
        details={key: value for key, value in changes.items() if value},
    )
    await store.inbox.add_entries([fact])
    return [
        Event(
            id=derived_id("changed", entry),
            kind="conversation_changed",
            at=now,
            conversation=conversation.id,
            entry=entry,
            by="routing",
        )
    ]
