"""Deliveries of the whole company that a person must look at: failed, or unsure to have arrived."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.auth.access import NotAllowed, may_see
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.deeds import retry_delivery
from hub.desk.deliveries import confirm_delivery
from hub.desk.replying import Desk
from hub.model.channels import Channel
from hub.model.inbox import Conversation, DeliveryState, Message
from hub.model.people import Agent, Role

MOST = 200


@dataclass(frozen=True, slots=True)
class Troubled:
    """One delivery, and the conversation it belongs to."""

    message: Message
    conversation: Conversation


async def list_troubled(desk: Desk, by: Agent) -> tuple[list[Troubled], Mapping[str, Channel]]:
    """Newest first, and all channels, the removed ones too. Raises NotAllowed."""
    _only_leads(by)
    messages = await desk.store.deliveries.in_trouble(MOST)
    found = await desk.store.inbox.find_conversations(sorted({each.conversation for each in messages}))
    channels = {each.id: each for each in await desk.store.channels.list_channels(removed=True)}
    rows = [
        Troubled(each, found[each.conversation])
        for each in messages
        if each.conversation in found and may_see(by, found[each.conversation])
    ]
    return rows, channels


async def retry(desk: Desk, by: Agent, delivery: str, *, address: str | None = None) -> None:
    """Raises NotAllowed, NotPossible."""
    _only_leads(by)
    await retry_delivery(desk, delivery, by)
    await _record(desk, by, "delivery_retried", delivery, address)


async def retry_failed(desk: Desk, by: Agent, *, address: str | None = None) -> int:
    """All that surely did not arrive; what is unsure is for a person to decide. Returns how many."""
    _only_leads(by)
    count = 0
    for each in (await list_troubled(desk, by))[0]:
        delivery = each.message.delivery
        if delivery is None or delivery.state is not DeliveryState.FAILED:
            continue
        try:
            await retry_delivery(desk, each.message.id, by)
        except NotPossible:  # somebody else was faster
            continue
        count += 1
    if count:
        await _record(desk, by, "deliveries_retried", "", address, messages=str(count))
    return count


async def confirm(desk: Desk, by: Agent, delivery: str, *, address: str | None = None) -> None:
    """It did arrive. Raises NotAllowed, NotPossible."""
    _only_leads(by)
    await confirm_delivery(desk, by, delivery, address=address)


def _only_leads(by: Agent) -> None:
    if by.disabled or by.role is Role.AGENT:
        raise NotAllowed("office_not_yours")


async def _record(desk: Desk, by: Agent, deed: str, target: str, address: str | None, **details: str) -> None:
    await record(desk.store, desk.clock, by, deed, target=target, address=address or "", details=details)
