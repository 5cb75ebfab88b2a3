"""What agents do to a conversation, one function a deed: check, do, record, tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hub.auth.access import access_deletion
from hub.desk.replying import Desk, NoSuchConversation, get_conversation
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Activity, Attempt, Conversation, DeliveryState, Message, Note, Status
from hub.model.people import Agent
from hub.realtime import publish


class Changed(Exception):
    """Somebody else changed the conversation at the same moment; look again."""


class NotPossible(Exception):
    """The deed does not fit the state things are in."""


async def note(desk: Desk, agent: Agent, conversation: str, text: str) -> Note:
    found = await get_conversation(desk, agent, conversation)
    now = desk.clock()
    entry = Note(
        id=new_id(now),
        conversation=found.id,
        at=now,
        author=agent.id,
        author_name=agent.name,
        text=text.strip(),
    )
    await desk.store.inbox.add_entries([entry])
    await _tell(desk, "note_added", found.id, agent, entry.id, now)
    return entry


async def assign(desk: Desk, agent: Agent, conversation: str, to: Agent | None) -> None:
    """Give to an agent; None releases it."""
    found = await get_conversation(desk, agent, conversation)
    kind = "assigned" if to else "released"
    because = f"{agent.name} gave it to {to.name}." if to else f"{agent.name} released it."
    if to is not None and to.id == agent.id:
        because = f"{agent.name} took it."
    await _change(desk, agent, found, kind, because, {"agent": to.id if to else None})


async def resolve(desk: Desk, agent: Agent, conversation: str) -> None:
    found = await get_conversation(desk, agent, conversation)
    if found.status is Status.RESOLVED:
        return
    now = desk.clock()
    changes = {"status": Status.RESOLVED, "resolved_at": now, "waiting_since": None}
    await _change(desk, agent, found, "resolved", f"{agent.name} resolved it.", changes)


async def reopen(desk: Desk, agent: Agent, conversation: str) -> None:
    found = await get_conversation(desk, agent, conversation)
    if found.status is Status.OPEN:
        return
    changes = {"status": Status.OPEN, "resolved_at": None}
    await _change(desk, agent, found, "reopened", f"{agent.name} reopened it.", changes)


async def delete(desk: Desk, agent: Agent, conversation: str) -> int:
    """For good. What the platform hands us again of it stays away. Returns the number of entries deleted."""
    found = await desk.store.inbox.find_conversation(conversation)
    if found is None:
        raise NoSuchConversation(f"There is no conversation {conversation}.")
    access_deletion(agent, found)
    now = desk.clock()
    deleted = await desk.store.inbox.remove_conversation(conversation, now)
    await _tell(desk, "conversation_deleted", conversation, agent, None, now)
    return deleted


async def retry_delivery(desk: Desk, delivery: str) -> Message:
    """Send again what failed or whose outcome is unknown: somebody decided that it shall be.

    Raises NotPossible.
    """
    message = await desk.store.inbox.find_entry(delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise NotPossible(f"There is no delivery {delivery}.")
    now = desk.clock()
    stuck = (DeliveryState.FAILED, DeliveryState.UNSURE)
    also = {"due_at": now, "give_up_at": now + desk.give_up_after, "tries": 0}
    attempt = Attempt(now, "retry", "Sent again by hand.")
    moved = await desk.store.deliveries.move(message, stuck, DeliveryState.QUEUED, attempt=attempt, also=also)
    if not moved:
        raise NotPossible(f"It is {message.delivery.state}; only what failed or is unsure can be sent again.")
    event = Event(
        id=new_id(now),
        kind="delivery_changed",
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
    )
    await publish(desk.store, [event])
    return replace(message, delivery=replace(message.delivery, state=DeliveryState.QUEUED))


async def _change(
    desk: Desk,
    agent: Agent,
    conversation: Conversation,
    kind: str,
    because: str,
    changes: Mapping[str, object],
) -> None:
    now = desk.clock()
    if not await desk.store.inbox.change_conversation(conversation, changes):
        raise Changed("Somebody else changed this conversation at the same moment.")
    fact = Activity(
        id=derived_id(kind, conversation.id, str(conversation.version)),
        conversation=conversation.id,
        at=now,
        kind=kind,
        by=agent.id,
        because=because,
    )
    await desk.store.inbox.add_entries([fact])
    await _tell(desk, "conversation_changed", conversation.id, agent, fact.id, now)


async def _tell(
    desk: Desk, kind: str, conversation: str, agent: Agent, entry: str | None, now: datetime
) -> None:
    event = Event(id=new_id(now), kind=kind, at=now, conversation=conversation, entry=entry, by=agent.id)
    await publish(desk.store, [event])
