"""What a person decides about a delivery whose outcome nobody knows: it did arrive, or send it again."""

from collections.abc import Mapping
from typing import Any

from hub.auth.audit import record
from hub.desk.changing import Done, NotPossible, tell
from hub.desk.replying import Desk, get_conversation
from hub.model.ids import new_id
from hub.model.inbox import Activity, Attempt, DeliveryState, Message
from hub.model.people import Agent


async def confirm_delivery(desk: Desk, agent: Agent, delivery: str, *, address: str | None = None) -> Done:
    """It did arrive, as the agent has found out: sent from now on. Raises NotPossible, NotAllowed.

    It stands in the audit log, since no platform has said so.
    """
    message = await _message(desk, agent, delivery)
    assert message.delivery is not None
    now = desk.clock()
    attempt = Attempt(now, "confirmed", f"{agent.name} says that it arrived.")
    unsure = (DeliveryState.UNSURE,)
    if not await desk.store.deliveries.move(message, unsure, DeliveryState.SENT, attempt=attempt):
        raise NotPossible("outcome_known")
    token = new_id(now)
    step = {"kind": "delivery", "delivery": message.id, "problem": message.delivery.problem}
    await desk.store.drafts.keep_undo(token, agent.id, now, step)
    because = f"{agent.name} says that the message arrived."
    await _tell(desk, agent, message, "delivery_confirmed", because, {"message": message.id, "undo": token})
    await record(
        desk.store, desk.clock, agent, "delivery_confirmed", target=message.id, address=address or ""
    )
    return Done(message.conversation, "delivery_confirmed", token)


async def doubt(desk: Desk, agent: Agent, step: Mapping[str, Any]) -> None:
    """Take back that it arrived. Raises NotPossible when more is known by now."""
    message = await _message(desk, agent, step["delivery"])
    also = {"problem": step["problem"]} if step["problem"] else None
    if not await desk.store.deliveries.move(message, (DeliveryState.SENT,), DeliveryState.UNSURE, also=also):
        raise NotPossible("outcome_known")
    await _tell(desk, agent, message, "undone", f"{agent.name} took it back.", {"what": "delivery_confirmed"})


async def _message(desk: Desk, agent: Agent, delivery: str) -> Message:
    message = await desk.store.inbox.find_entry(delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise NotPossible("delivery_gone", delivery=delivery)
    await get_conversation(desk, agent, message.conversation)
    return message


async def _tell(
    desk: Desk, agent: Agent, message: Message, kind: str, because: str, details: dict[str, str]
) -> None:
    """The fact in the timeline, and the message with its new state on every screen."""
    now = desk.clock()
    fact = Activity(
        id=new_id(now),
        conversation=message.conversation,
        at=now,
        kind=kind,
        by=agent.id,
        because=because,
        details=details,
    )
    await desk.store.inbox.add_entries([fact])
    await tell(desk, "conversation_changed", message.conversation, agent, fact.id, now, {"what": kind})
    await tell(desk, "delivery_changed", message.conversation, agent, message.id, now)
