"""Everything that can go wrong, on demand and the same way each time."""

import asyncio
import json
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.simulator import World, close_world
from connectors.simulator.platform import Platform
from connectors.simulator.posting import post_webhooks, take_pending
from connectors.simulator.troubles import Chances, Trouble
from connectors.simulator.wire import read
from hub.contract.connector import FindsSent, Polls, Streams, TakesWebhooks
from hub.contract.errors import AuthBroken, OutcomeUnknown, PayloadUnrecognised, RateLimited, Unavailable
from hub.contract.inbound import Cursor, Ignored, MessageReceived
from tests.connectors.simulator.worlds import HOOK_SECRET, Clock, connector_for, fresh_world, message_to


async def polled(platform: Platform, http: aiohttp.ClientSession) -> list[Any]:
    """Read from the start until there is nothing more."""
    connector = connector_for(platform, http, way="poll", batch=7, from_start=True)
    assert isinstance(connector, Polls)
    events: list[Any] = []
    cursor: Cursor | None = None
    while True:
        batch = await connector.poll(cursor)
        if not batch.events:
            return events
        events += batch.events
        cursor = batch.cursor


async def test_duplicates_come_later_under_the_same_key_and_nothing_is_lost(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    shop.troubles.chances = Chances(duplicated=0.5, reordered=0.3, broken=0.2)
    for number in range(60):
        shop.write(world.people["ana"], f"Message {number}")
    events = await polled(shop, http)
    good = [event for event in events if isinstance(event, MessageReceived)]
    texts = [event.content.text for event in good]
    assert set(texts) == {f"Message {number}" for number in range(60)}
    assert len(texts) > 70
    assert len({event.key for event in good}) == 60
    first_seen = list(dict.fromkeys(texts))
    assert first_seen != sorted(first_seen, key=lambda text: int(text.split()[1]))
    assert any(isinstance(event, Ignored) for event in events)


def test_the_same_seed_gives_the_same_troubles() -> None:
    def story(seed: int) -> list[str]:
        world = fresh_world(seed=seed)
        world.name = "the same name"
        platform = world.platform("shop")
        platform.troubles.chances = Chances(duplicated=0.3, reordered=0.3, broken=0.1, down=0.2)
        for number in range(40):
            platform.write(world.person("ana"), f"Message {number}")
        told = [update["id"] for update in platform.feed.after(None, 500, from_start=True)[0]]
        return [*told, *(str(platform.troubles.meet("send")) for _ in range(40))]

    assert story(3) == story(3)
    assert story(3) != story(4)


async def test_a_platform_that_forgets_its_cursors_is_read_again_under_the_same_keys(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(shop, http, way="poll")
    assert isinstance(connector, Polls)
    cursor = (await connector.poll(None)).cursor
    shop.write(world.people["ana"], "One")
    before = await connector.poll(cursor)
    shop.feed.forget_cursors()
    shop.write(world.people["ana"], "Two")
    after = await connector.poll(before.cursor)
    assert [event.key for event in after.events][:1] == [event.key for event in before.events]
    assert len(after.events) == 2


async def test_a_rate_limit_says_how_long(shop: Platform, world: World, http: aiohttp.ClientSession) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    shop.troubles.retry_after = timedelta(seconds=17)
    shop.fail(Trouble.RATE_LIMITED, on="send", calls=1)
    connector = connector_for(shop, http)
    with pytest.raises(RateLimited) as limited:
        await connector.send(message_to(shop, asked.thread))
    assert limited.value.retry_after == timedelta(seconds=17)
    await connector.send(message_to(shop, asked.thread))
    assert len(world.inbox_of("ana")) == 1


@pytest.mark.parametrize(("trouble", "taken"), [(Trouble.LOST_ANSWER, 1), (Trouble.LOST_REQUEST, 0)])
async def test_a_lost_answer_looks_the_same_whether_it_was_taken_or_not(
    trouble: Trouble, taken: int, shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    shop.fail(trouble, on="send", calls=1)
    connector = connector_for(shop, http)
    message = message_to(shop, asked.thread)
    with pytest.raises(OutcomeUnknown):
        await connector.send(message)
    assert len(world.inbox_of("ana")) == taken
    assert isinstance(connector, FindsSent)
    assert (await connector.find_sent(message) is not None) == bool(taken)
    blind = connector_for(shop, http, finds_sent=False)
    assert await blind.find_sent(message) is None


async def test_an_outage_lasts_as_long_as_it_was_arranged(
    shop: Platform, clock: Clock, http: aiohttp.ClientSession
) -> None:
    shop.fail(Trouble.DOWN, lasting=timedelta(hours=6))
    connector = connector_for(shop, http)
    clock.advance(timedelta(hours=5, minutes=59))
    with pytest.raises(Unavailable):
        await connector.connect()
    clock.advance(timedelta(minutes=1))
    await connector.connect()


async def test_revoked_credentials_stay_refused_until_mended(
    shop: Platform, http: aiohttp.ClientSession
) -> None:
    shop.token = "another"
    connector = connector_for(shop, http)
    for _ in range(2):
        with pytest.raises(AuthBroken):
            await connector.connect()
    shop.token = None
    await connector.connect()


async def test_a_waiting_stream_notices_an_outage_at_once(
    shop: Platform, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(shop, http, way="stream")
    assert isinstance(connector, Streams)
    stream: Any = connector.stream(None)
    async with aclosing(stream):
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        shop.fail(Trouble.DOWN)
        with pytest.raises(Unavailable):
            await waiting


async def test_slow_answers_take_the_worlds_time(http: aiohttp.ClientSession) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    world = fresh_world()
    world.sleep = sleep
    shop = world.platform("shop")
    shop.troubles.slow = timedelta(seconds=9)
    await connector_for(shop, http).connect()
    assert slept == [9.0]
    close_world(world.name)


def test_one_post_carries_several_events_in_several_entries(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    shop.webhook_secret = HOOK_SECRET
    for number in range(5):
        shop.write(world.people["ana"], f"Message {number}")
    [request] = take_pending(shop)
    assert len(json.loads(request.body)["entries"]) == 2
    connector = connector_for(shop, http, way="webhook")
    assert isinstance(connector, TakesWebhooks)
    connector.verify(request)
    assert len(connector.parse(request)) == 5


def test_rubbish_is_posted_too_and_rightly_signed(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    shop.webhook_secret = HOOK_SECRET
    shop.write(world.people["ana"], "Hello")
    shop.troubles.chances = Chances(broken=1.0)
    rubbish, _ = take_pending(shop)
    connector = connector_for(shop, http, way="webhook")
    assert isinstance(connector, TakesWebhooks)
    connector.verify(rubbish)
    with pytest.raises(PayloadUnrecognised):
        connector.parse(rubbish)


def test_one_unreadable_update_stops_none_of_the_others() -> None:
    broken = read({"id": "u1", "type": "message", "at": "yesterday"})
    assert isinstance(broken, Ignored)
    assert broken.raw
    assert broken == read({"id": "u1", "type": "message", "at": "yesterday"})


async def test_webhooks_are_posted_again_until_they_are_accepted(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    answers = iter([500, 503, 200])
    bodies: list[bytes] = []
    accepted = asyncio.Event()

    async def hook(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        status = next(answers)
        if status == 200:
            accepted.set()
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    connector: Any = connector_for(shop, http, way="webhook")
    await connector.register_webhook(f"http://{host}:{port}/hook")
    posting = asyncio.ensure_future(post_webhooks(shop, http, again_after=0.01))
    shop.write(world.people["ana"], "Hello")
    async with asyncio.timeout(10):
        await accepted.wait()
    posting.cancel()
    await asyncio.wait([posting])
    await runner.cleanup()
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
