"""What waits to be sent outlives the hub: sent once by the one that is started again, or taken back there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.world import World
from hub.app import Hub, open_hub
from hub.clock import utc_now
from hub.desk.replying import Draft, reply
from hub.desk.sending import cancel_delivery, send_later
from hub.model.inbox import DeliveryState, Message, Status
from hub.model.people import Agent, Role
from hub.work import running
from tests.hubs import connect, until

HOUR = timedelta(hours=1)


@asynccontextmanager
async def at_work(hub: Hub, passed: timedelta = timedelta()) -> AsyncIterator[Hub]:
    """The hub started once more, so much later; stopped at the end of the block."""
    opened = open_hub(hub.settings, clock=lambda: utc_now() + passed)
    async with opened as again, running(again, web_server=False, worker=True):
        yield again


async def conversation_of(hub: Hub, world: World, who: str) -> str:
    """This customer writes."""
    world.platform("shop").write(world.person(who), "Hello?")

    async def look() -> str | None:
        found = await hub.store.inbox.list_conversations(Status.OPEN)
        return next((each.id for each in found if each.customer_name == world.person(who).name), None)

    return await until(look, f"the conversation of {who}")


async def received(world: World, who: str, count: int = 1) -> list[str]:
    async def look() -> list[str] | None:
        found = [copy.text for copy in world.inbox_of(who)]
        return found if len(found) >= count else None

    return await until(look, f"{count} messages for {who}")


async def state_of(hub: Hub, message: Message) -> DeliveryState | None:
    found = await hub.store.inbox.find_entry(message.id)
    return found.delivery.state if isinstance(found, Message) and found.delivery else None


async def test_what_waits_is_sent_once_after_a_restart_and_what_is_taken_back_there_never(
    hub: Hub, world: World
) -> None:
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(ana)
    await connect(hub, "simulator", SimulatorConfig(world=world.name, account="shop", from_start=True))
    async with at_work(hub) as first:
        of_tomas, of_lea, of_eva = [
            await conversation_of(first, world, who) for who in ("tomas", "lea", "eva")
        ]
        in_an_hour = first.clock() + HOUR
        later = await send_later(first.desk, ana, of_tomas, Draft(text="Good morning!"), in_an_hour)
        patient = replace(first.desk, undo=timedelta(minutes=10))
        waiting = await reply(patient, ana, of_lea, Draft(text="One moment."))
        regretted = await reply(patient, ana, of_eva, Draft(text="Oops"))
    async with at_work(hub) as second:
        draft = await cancel_delivery(second.desk, ana, regretted.id)
        assert draft.text == "Oops"
        await conversation_of(second, world, "jun")  # it is at work
        assert [await state_of(second, each) for each in (later, waiting)] == [DeliveryState.QUEUED] * 2
    assert not any(world.inbox_of(who) for who in ("tomas", "lea", "eva"))
    async with at_work(hub, 2 * HOUR) as third:
        assert await received(world, "tomas") == ["Good morning!"]
        assert await received(world, "lea") == ["One moment."]

        async def kept_as_sent() -> bool:
            return [await state_of(third, each) for each in (later, waiting)] == [DeliveryState.SENT] * 2

        await until(kept_as_sent, "both to be kept as sent")
    async with at_work(hub, 4 * HOUR) as fourth:
        for who, conversation in (("tomas", of_tomas), ("lea", of_lea), ("eva", of_eva)):
            await reply(fourth.desk, ana, conversation, Draft(text=f"Bye, {who}"))
        assert await received(world, "tomas", 2) == ["Good morning!", "Bye, tomas"]
        assert await received(world, "lea", 2) == ["One moment.", "Bye, lea"]
        assert await received(world, "eva") == ["Bye, eva"]
