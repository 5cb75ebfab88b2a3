"""Sending while the database goes away, others fail, or somebody pulls the plug: nothing is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.simulator.config import SimulatorConfig
from hub.app import Hub
from hub.contract.capabilities import ReceiptState, Surface
from hub.contract.connector import Account, Connector
from hub.contract.errors import AuthBroken
from hub.contract.inbound import ReceiptReceived, RemoteId, Thread
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.ids import new_id
from hub.model.inbox import Delivery, DeliveryState, Message, Side
from hub.outbox.receipts import apply_receipt
from hub.outbox.worker import Sender
from hub.store import Store, StoreUnavailable
from hub.store.deliveries import Deliveries
from tests.hubs import connect


@dataclass
class Wire:
    """Takes messages as a connector does; what happens on the way is up to the test."""

    way: Callable[[OutboundMessage], Awaitable[None]]
    taken: list[str] = field(default_factory=list)

    async def send(self, message: OutboundMessage) -> Sent:
        await self.way(message)
        self.taken.append(message.content.text)
        return Sent(messages=(RemoteId(f"r{message.key}"),), at=message.at)

    surfaces: dict[Any, Any] = field(default_factory=dict)


class Flaky(Deliveries):
    """A database that goes away at one kind of move: before it is made, or after."""

    def __init__(self, deliveries: Deliveries, to: DeliveryState, *, made: bool) -> None:
        self.entries = deliveries.entries
        self.to, self.made, self.left = to, made, 1

    async def move(self, message: Message, expected: Any, state: DeliveryState, **more: Any) -> bool:
        if state is self.to and self.left:
            self.left -= 1
            if self.made:
                await super().move(message, expected, state, **more)
            raise StoreUnavailable("gone for a moment")
        return await super().move(message, expected, state, **more)


async def nothing(message: OutboundMessage) -> None:
    return None


@pytest.fixture
async def channel(hub: Hub) -> Channel:
    return await connect(hub, "simulator", SimulatorConfig())


async def queue(hub: Hub, channel: Channel, text: str, **more: Any) -> Message:
    now = hub.clock()
    message = Message(
        id=new_id(now),
        conversation="c",
        at=now,
        channel=channel.id,
        platform="simulator",
        thread=f"thread of {text}",
        side=Side.US,
        author="ana",
        author_name="Ana",
        content=Content(text=text),
        visibility="private",
        surface="direct",
        delivery=Delivery(
            state=DeliveryState.QUEUED, to=("x",), due_at=now, give_up_at=now + timedelta(hours=1)
        ),
    )
    await hub.store.inbox.add_entries([message])
    return message


def sender(hub: Hub, channel: Channel, wire: Wire, store: Store | None = None) -> Sender:
    connector: Any = wire
    assert not isinstance(connector, Connector)
    return Sender(store or hub.store, channel, connector, Account(key="us", name="Us"), hub.clock)


async def state_of(hub: Hub, message: Message) -> DeliveryState:
    found = await hub.store.inbox.find_entry(message.id)
    assert isinstance(found, Message)
    assert found.delivery is not None
    return found.delivery.state


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("at", [DeliveryState.SENDING, DeliveryState.SENT])
async def test_a_database_that_goes_away_while_sending_leaves_it_sent_once(
    hub: Hub, channel: Channel, at: DeliveryState, made: bool
) -> None:
    message = await queue(hub, channel, "Hi")
    wire = Wire(nothing)
    store = replace(hub.store, deliveries=Flaky(hub.store.deliveries, at, made=made))
    sending = sender(hub, channel, wire, store)
    for _ in range(3):
        await sending.work_off()
    assert wire.taken == ["Hi"]
    assert await state_of(hub, message) is DeliveryState.SENT


async def test_refused_credentials_of_one_do_not_break_off_another(hub: Hub, channel: Channel) -> None:
    slow, broken = await queue(hub, channel, "slow"), await queue(hub, channel, "broken")
    refused = asyncio.Event()

    async def way(message: OutboundMessage) -> None:
        if message.content.text == "broken":
            refused.set()
            raise AuthBroken("Wrong password.")
        await refused.wait()
        await asyncio.sleep(0.05)

    wire = Wire(way)
    with pytest.raises(AuthBroken):
        await sender(hub, channel, wire).work_off()
    assert wire.taken == ["slow"]
    assert await state_of(hub, slow) is DeliveryState.SENT
    assert await state_of(hub, broken) is DeliveryState.QUEUED


async def test_what_is_under_way_may_end_when_the_channel_is_given_back(hub: Hub, channel: Channel) -> None:
    message = await queue(hub, channel, "Hi")
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def way(message: OutboundMessage) -> None:
        begun.set()
        await may_end.wait()

    task = asyncio.create_task(sender(hub, channel, Wire(way)).run())
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state_of(hub, message) is DeliveryState.SENT


async def test_many_that_wait_for_later_hide_nothing(hub: Hub, channel: Channel) -> None:
    for number in range(250):
        message = await queue(hub, channel, f"later {number}")
        await hub.store.deliveries.postpone(message, hub.clock() + timedelta(hours=1))
    await queue(hub, channel, "now")
    wire = Wire(nothing)
    await sender(hub, channel, wire).work_off()
    assert wire.taken == ["now"]


async def test_a_bounce_counts_however_its_address_is_spelt(hub: Hub, channel: Channel) -> None:
    message = await queue(hub, channel, "Hi")
    assert message.delivery is not None
    people = replace(message.delivery, to=("Anna@Example.org", "ben@bücher.example"))
    message = replace(message, delivery=people)
    await sender(hub, channel, Wire(nothing)).work_off()
    for spelling in ("anna@example.org", "ben@xn--bcher-kva.example"):
        report = ReceiptReceived(
            key=spelling,
            at=hub.clock(),
            thread=Thread("t", Surface.EMAIL),
            state=ReceiptState.FAILED,
            problem="No such user.",
            recipient=spelling,
        )
        assert await apply_receipt(hub.store, message, report, hub.clock())
        found = await hub.store.inbox.find_entry(message.id)
        assert isinstance(found, Message)
        assert found.delivery is not None
        message = replace(message, delivery=replace(people, refused=found.delivery.refused))
    assert await state_of(hub, message) is DeliveryState.FAILED
