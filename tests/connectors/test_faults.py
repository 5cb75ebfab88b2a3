"""What platforms do wrong, played on every connector: nothing lost, nothing doubled, order kept in a thread.

In:  the same twice, in another order, in heaps, answers of the platform that never come, an hour's outage.
Out: told to wait, an hour's outage, an answer that is lost after the message was taken.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from connectors.slack.connector import SocketSlack
from hub.app import Hub, open_hub
from hub.clock import utc_now
from hub.contract.connector import CatchesUp, Connector, Polls, Streams, TakesWebhooks
from hub.contract.errors import Unavailable
from hub.contract.inbound import Batch, Cursor, InboundEvent
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel, Health
from hub.model.inbox import Conversation, DeliveryState, Message, Side, Status
from hub.model.people import Agent, Role
from hub.outbox.worker import Sender
from hub.work import running
from tests.conformance import Failure
from tests.connectors.stage import CUSTOMERS, Stage
from tests.connectors.stages import STAGES
from tests.database import Prepared
from tests.hubs import connect, settings_for, until

EACH = 6  # messages per customer
ENDED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.UNSURE)


@dataclass(slots=True)
class Clock:
    """The real time, until somebody moves it on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(slots=True)
class Mischief:
    """The same each time: what a platform may do on the way in."""

    random: Random
    told: list[InboundEvent] = field(default_factory=list)
    lost: bool = False  # whether an answer was lost on the way already

    def on(self, batch: Batch) -> Batch:
        """Threads in another order, some of their events and some of earlier ones once more."""
        if batch.events and not self.lost:
            self.lost = True
            raise Unavailable("The answer was lost.")
        again = [each for each in (*self.told, *batch.events) if self.random.random() < 0.4]
        self.told += batch.events
        self.random.shuffle(again)
        events = [*batch.events, *again]
        threads = sorted({each.thread.key for each in events}, key=lambda key: self.random.random())
        events.sort(key=lambda each: threads.index(each.thread.key))
        return Batch(events, batch.cursor, batch.more, batch.progress)


def mischievous(kind: type[Connector[Any]], mischief: Mischief) -> type[Connector[Any]]:
    """The connector, between a platform and a hub that see each other badly."""
    if issubclass(kind, Polls):

        async def poll(self: Any, cursor: Cursor | None) -> Batch:
            return mischief.on(await kind.poll(self, cursor))

        return type("Played", (kind,), {"poll": poll})
    if issubclass(kind, Streams):

        async def stream(self: Any, cursor: Cursor | None) -> AsyncIterator[Batch]:
            async for batch in kind.stream(self, cursor):
                yield mischief.on(batch)

        return type("Played", (kind,), {"stream": stream})
    return kind


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param](request) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hub(
    store_uri: str, prepared: Prepared, tmp_path: Path, clock: Clock, stage: Stage
) -> AsyncIterator[Hub]:
    settings = settings_for(store_uri, prepared.take(), tmp_path, public_url="https://hub.example")
    async with open_hub(settings, clock=clock) as opened:
        platform = stage.kind.manifest.platform
        opened.registry.types = {platform: mischievous(stage.kind, Mischief(Random(5)))}
        yield opened
        await prepared.give_back(opened.store.database)


async def test_nothing_is_lost_or_doubled_and_order_is_kept_whatever_a_platform_does(
    hub: Hub, stage: Stage, clock: Clock
) -> None:
    """Both ways in one test: the second needs the conversations of the first."""
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=clock())
    await hub.store.people.add_agent(ana)
    channel = await connect(hub, stage.kind.manifest.platform, stage.config)
    conversations = await _come_in(hub, stage, channel)
    await _go_out(hub, stage, channel, ana, conversations, clock)


async def test_what_was_said_while_the_platform_was_gone_for_an_hour_is_there_once_and_in_order(
    hub: Hub, stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the test's clock; whoever gives up what nobody took, gives it up in that hour."""
    monkeypatch.setattr("hub.watching.EVERY", 0.1)
    stage.follow(clock)
    channel = await connect(hub, stage.kind.manifest.platform, stage.config)
    async with running(hub, web_server=True, worker=True) as at_work:
        url = f"{at_work.url}/hooks/{channel.id}"
        await until(lambda: _stands(hub, stage, channel), "the channel to stand at now")
        await _say(stage, range(2))
        if issubclass(stage.kind, TakesWebhooks):
            await _post(stage, url, Random(1))
        for who in CUSTOMERS:
            await _conversation(hub, who, 2)
        await until(lambda: _settled(hub, channel), "the journal to be worked off")
        await stage.gone()
        if issubclass(stage.kind, Polls | Streams | CatchesUp):
            await until(lambda: _is(hub, channel, Health.RETRYING), "the outage to be noticed")
        for number in range(2, EACH):
            clock.ahead += timedelta(minutes=15)
            await _say(stage, range(number, number + 1))
        clock.ahead += timedelta(minutes=15)
        await stage.fail(None)
        await until(lambda: _is(hub, channel, Health.CONNECTED), "the platform to be back")
        if issubclass(stage.kind, TakesWebhooks):
            await _post(stage, url, Random(2))
        conversations = {who: await _conversation(hub, who) for who in CUSTOMERS}
        await until(lambda: _settled(hub, channel), "the journal to be worked off")
    for who, found in conversations.items():
        assert await _said(hub, found) == [f"{who} {number}" for number in range(EACH)]
    names = [each.customer_name for each in await hub.store.inbox.list_conversations(Status.OPEN)]
    assert [names.count(who.title()) for who in CUSTOMERS] == [1] * len(CUSTOMERS)


async def _is(hub: Hub, channel: Channel, health: Health) -> bool:
    kept = await hub.store.channels.find(channel.id)
    return kept is not None and kept.health is health


async def _say(stage: Stage, numbers: range) -> None:
    for number in numbers:
        for who in CUSTOMERS:
            await stage.write(who, f"{who} {number}")


async def _stands(hub: Hub, stage: Stage, channel: Channel) -> bool:
    """From now on: when the first answer has come, of those that keep where they stand."""
    kept = await hub.store.channels.find(channel.id)
    keeps = issubclass(stage.kind, Polls | CatchesUp) or issubclass(stage.kind, SocketSlack)
    return bool(kept and (kept.cursor or (kept.health is Health.CONNECTED and not keeps)))


async def _come_in(hub: Hub, stage: Stage, channel: Channel) -> dict[str, Conversation]:
    async with running(hub, web_server=True, worker=True) as at_work:
        await until(lambda: _stands(hub, stage, channel), "the channel to stand at now")
        assert at_work.url is not None
        for number in range(EACH):
            for who in CUSTOMERS:
                await stage.write(who, f"{who} {number}")
            if number % 3 == 2 and issubclass(stage.kind, TakesWebhooks):
                await _post(stage, f"{at_work.url}/hooks/{channel.id}", Random(number))
        conversations = {who: await _conversation(hub, who) for who in CUSTOMERS}
        await until(lambda: _settled(hub, channel), "the journal to be worked off")
    for who, found in conversations.items():
        assert await _said(hub, found) == [f"{who} {number}" for number in range(EACH)]
    return conversations


async def _post(stage: Stage, url: str, random: Random) -> None:
    """Everything at least once, some of it twice, the last perhaps first."""
    posted = list(await stage.requests())
    posted += random.choices(posted, k=len(posted) // 2)
    random.shuffle(posted)
    async with aiohttp.ClientSession() as http:
        for request in posted:
            headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
            async with http.post(url, data=request.body, headers=headers) as answer:
                assert answer.status == 200


async def _conversation(hub: Hub, who: str, count: int = EACH) -> Conversation:
    async def look() -> Conversation | None:
        for each in await hub.store.inbox.list_conversations(Status.OPEN):
            if each.customer_name == who.title() and len(await _said(hub, each)) >= count:
                return each
        return None

    return await until(look, f"all that {who} said")


async def _said(hub: Hub, conversation: Conversation) -> list[str]:
    entries = await hub.store.inbox.timeline(conversation.id)
    messages = [each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER]
    return [each.content.text.strip() for each in messages]


async def _settled(hub: Hub, channel: Channel) -> bool:
    waiting, failed = await hub.store.journal.unfinished()
    assert failed[channel.id] == 0
    return waiting[channel.id] == 0


async def _go_out(
    hub: Hub,
    stage: Stage,
    channel: Channel,
    agent: Agent,
    conversations: dict[str, Conversation],
    clock: Clock,
) -> None:
    """One round of sending at a time, so that an hour takes no time."""
    wanted: list[str] = []

    async def say(text: str) -> None:
        wanted.append(text)
        for found in conversations.values():
            await reply(hub.desk, agent, found.id, Draft(text=text))

    connector = hub.registry.build(channel)
    try:
        account = await connector.connect()
        sender = Sender(hub.store, channel, connector, account, clock)
        await say("first")
        await stage.fail(Failure.RATE_LIMITED)
        await sender.work_off()
        assert [stage.taken(who) for who in CUSTOMERS] == [[]] * len(CUSTOMERS)
        await say("second")
        await stage.fail(Failure.UNAVAILABLE)
        for _ in range(6):
            clock.ahead += timedelta(minutes=10)
            await _round(hub, sender, channel)
        await stage.fail(None)
        await _until_sent(hub, sender, channel, conversations, clock)
        assert [stage.taken(who) for who in CUSTOMERS] == [wanted] * len(CUSTOMERS)
        await say("third")
        await stage.fail(Failure.LOST_ANSWER)
        await _round(hub, sender, channel)
        await stage.fail(None)
        await _until_sent(hub, sender, channel, conversations, clock)
    finally:
        await connector.close()
    assert [stage.taken(who) for who in CUSTOMERS] == [wanted] * len(CUSTOMERS)


async def _round(hub: Hub, sender: Sender, channel: Channel) -> None:
    sender.channel = await hub.store.channels.find(channel.id) or channel
    await sender.work_off()


async def _until_sent(
    hub: Hub, sender: Sender, channel: Channel, conversations: dict[str, Conversation], clock: Clock
) -> None:
    for _ in range(12):
        clock.ahead += timedelta(minutes=30)
        await _round(hub, sender, channel)
        if all([await _all_left(hub, each) for each in conversations.values()]):
            return
    raise AssertionError("after six hours not everything has left")


async def _all_left(hub: Hub, conversation: Conversation) -> bool:
    entries: Sequence[Any] = await hub.store.inbox.timeline(conversation.id)
    deliveries = [each.delivery for each in entries if isinstance(each, Message) and each.delivery]
    return all(each.state in ENDED for each in deliveries)
