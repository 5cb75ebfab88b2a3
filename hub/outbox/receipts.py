"""What a platform says of a message it took: sent, delivered, read, failed. Never backwards."""

from datetime import datetime

from hub.contract.capabilities import ReceiptState
from hub.contract.inbound import ReceiptReceived
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Attempt, DeliveryState, Message
from hub.realtime import publish
from hub.store import Store

# The states each receipt may follow. Whoever read it has it, so nothing follows "read".
FOLLOWS: dict[ReceiptState, tuple[DeliveryState, ...]] = {
    ReceiptState.SENT: (
        DeliveryState.QUEUED,
        DeliveryState.SENDING,
        DeliveryState.UNSURE,
        DeliveryState.SENT,
    ),
    ReceiptState.DELIVERED: (DeliveryState.SENDING, DeliveryState.UNSURE, DeliveryState.SENT),
    ReceiptState.READ: (
        DeliveryState.SENDING,
        DeliveryState.UNSURE,
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
    ),
    ReceiptState.FAILED: (
        DeliveryState.SENDING,
        DeliveryState.UNSURE,
        DeliveryState.SENT,
        DeliveryState.DELIVERED,
    ),
}


async def apply_receipt(store: Store, message: Message, receipt: ReceiptReceived, now: datetime) -> bool:
    """Move the delivery on. False when it has come further already.

    With several recipients, one refusal is kept beside the message; it has failed when all of them refused.
    """
    delivery = message.delivery
    if delivery is None:
        return False
    state = DeliveryState(receipt.state)
    also: dict[str, object] = {}
    if receipt.problem:
        also["problem"] = receipt.problem
    if receipt.state is ReceiptState.FAILED and receipt.recipient:
        refused = {**dict(delivery.refused), receipt.recipient: receipt.problem or "refused"}
        also["refused"] = [list(pair) for pair in refused.items()]
        everybody = {_same(each) for each in (*delivery.to, *delivery.cc, *delivery.bcc)}
        # With one recipient the report is about them, whatever address it names: they may have forwarded it.
        if len(everybody) > 1 and everybody - {_same(each) for each in refused}:
            state = delivery.state if delivery.state.settled else DeliveryState.SENT
    attempt = Attempt(receipt.at, f"receipt: {receipt.state}", receipt.problem or "")
    moved = await store.deliveries.move(message, FOLLOWS[receipt.state], state, attempt=attempt, also=also)
    if moved:
        event = Event(
            id=derived_id("delivery_changed", message.id, receipt.key, receipt.recipient or ""),
            kind="delivery_changed",
            at=now,
            conversation=message.conversation,
            entry=message.id,
            channel=message.channel,
            details={"state": state},
        )
        await publish(store, [event])
    return moved


def _same(address: str) -> str:
    """One spelling for every spelling of an address: reports write it as the server does, not as we did."""
    local, at, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        pass
    return f"{local}{at}{domain}".casefold()
