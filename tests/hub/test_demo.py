"""The demo: two weeks behind it, a day before it, and customers who answer."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from connectors.simulator.scenario import Live, Scenario, load_scenario
from hub.clock import utc_now
from hub.demo import open_demo
from hub.desk.replying import Draft, reply
from hub.model.inbox import Activity, Conversation, DeliveryState, Message, Side, Status
from tests.hubs import until

COUNT = 12


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data": {"folder": tmp_path / "demo"}, "web": {"port": 0}})


@pytest.fixture
def quick() -> Scenario:
    """The scenario of the demo, with a customer who answers at once and nobody else who writes."""
    live = Live(every=3600, answer_after=(0.01, 0.02))
    return load_scenario().model_copy(update={"live": live, "step": ()})


@pytest.mark.timeout(120)  # an embedded database of its own, made and stopped
async def test_the_demo_has_a_past_and_its_customers_answer(settings: Settings, quick: Scenario) -> None:
    async with open_demo(settings, scenario=quick, count=COUNT) as demo:
        inbox = demo.hub.store.inbox
        conversations: list[Conversation] = []
        for status in Status:
            conversations += await inbox.list_conversations(status)
        assert len(conversations) == COUNT
        assert min(each.activity_at for each in conversations) < utc_now() - timedelta(days=1)
        entries = [entry for each in conversations for entry in await inbox.timeline(each.id)]
        assert all(entry.at <= utc_now() for entry in entries)
        said = [entry for entry in entries if isinstance(entry, Message)]
        ours = [message for message in said if message.side is Side.US]
        assert ours
        done = {DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED}
        assert {message.delivery.state for message in ours if message.delivery} <= done
        assert {message.author_name for message in ours} <= set(demo.director.agents)
        assert {"assigned", "resolved"} <= {each.kind for each in entries if isinstance(each, Activity)}
        assert await demo.hub.store.journal.list_entries(failed=True) == []
        fresh = demo.director.arrive()
        thread = demo.director.thread_of(fresh).key

        async def conversation() -> Conversation | None:
            newest = await inbox.list_conversations(Status.OPEN, limit=1)
            timeline = await inbox.timeline(newest[0].id) if newest else []
            there = any(isinstance(entry, Message) and entry.thread == thread for entry in timeline)
            return newest[0] if there else None

        found = await until(conversation)
        answer = Draft(text="Thank you, we will look into it at once!", wait=timedelta())
        await reply(demo.hub.desk, demo.agents[0], found.id, answer)

        async def answered() -> bool:
            timeline = await inbox.timeline(found.id)
            said = [entry.side for entry in timeline if isinstance(entry, Message)]
            return said[-1] is Side.CUSTOMER and Side.US in said

        await until(answered)


@pytest.mark.timeout(120)
async def test_what_was_kept_is_there_at_the_next_start(settings: Settings, quick: Scenario) -> None:
    async with open_demo(settings, scenario=quick, count=2) as demo:
        first = {each.id for each in await demo.hub.store.inbox.list_conversations(Status.OPEN)}
        first |= {each.id for each in await demo.hub.store.inbox.list_conversations(Status.RESOLVED)}
    async with open_demo(settings, scenario=quick, count=2) as demo:
        assert (
            len(await demo.hub.store.channels.list_channels()) == len(quick.account) + 1
        )  # and the web chat
        demo.director.arrive()

        async def one_more() -> bool:
            both = [await demo.hub.store.inbox.list_conversations(status) for status in Status]
            return len({each.id for page in both for each in page} - first) == 1

        await until(one_more)
