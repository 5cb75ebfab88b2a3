"""The door for webhooks: stored before it is acknowledged, refused when forged, never lost."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel, SecretStr, ValidationError

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.platform import Platform
from connectors.simulator.posting import post_webhooks
from connectors.simulator.signing import sign
from connectors.simulator.world import World
from hub.app import Hub
from hub.contract.errors import PayloadUnrecognised
from hub.contract.inbound import WebhookRequest
from hub.ingest.reasons import reason_of
from hub.ingest.webhooks import LARGEST_BODY, WebhookDoor
from hub.model.channels import Channel
from hub.model.inbox import Status
from hub.store import Store, StoreUnavailable
from hub.store.channels import Channels
from hub.store.queues import LANES
from hub.work import ingest_worker, running
from tests.hubs import connect, until


@dataclass(frozen=True, slots=True)
class Door:
    hub: Hub
    url: str
    channel: Channel
    platform: Platform
    world: World

    async def conversations(self) -> int:
        return len(await self.hub.store.inbox.list_conversations(Status.OPEN))


@pytest.fixture
async def door(hub: Hub, world: World) -> AsyncIterator[Door]:
    secret = SecretStr("a secret of sixteen and more")
    config = SimulatorConfig(world=world.name, way="webhook", webhook_secret=secret)
    platform = world.platform("shop", imitates="messenger")
    platform.webhook_cursor = platform.feed.after(None, 0)[1]  # whatever is written from here on is pushed
    channel = await connect(hub, "simulator", config)
    async with (
        running(hub, web_server=True, worker=True) as at_work,
        aiohttp.ClientSession() as http,
        asyncio.TaskGroup() as tasks,
    ):
        assert at_work.url is not None
        posting = tasks.create_task(post_webhooks(platform, http))
        yield Door(hub, f"{at_work.url}/hooks/{channel.id}", channel, platform, world)
        posting.cancel()


async def test_what_is_pushed_becomes_a_conversation(door: Door) -> None:
    door.platform.write(door.world.person("ana"), "Pushed.")

    async def there() -> bool:
        return await door.conversations() == 1

    await until(there)


async def test_a_forged_body_is_refused_counted_and_not_kept(door: Door) -> None:
    async with aiohttp.ClientSession() as http, http.post(door.url, json={"events": []}) as answer:
        assert answer.status == 401
        assert "signature" in await answer.text()
    found = await door.hub.store.channels.find(door.channel.id)
    assert found is not None
    assert found.counts == {"forged": 1}
    assert await door.hub.store.database.arrivals.count_documents({"channel": door.channel.id}) == 0


async def test_unknown_channels_and_endless_bodies_are_refused(door: Door) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.post(door.url[:-3] + "000", data=b"{}") as answer:
            assert answer.status == 404
        async with http.post(door.url, data=io.BytesIO(b"x" * (LARGEST_BODY + 1))) as answer:
            assert answer.status == 413


async def test_a_body_that_cannot_be_read_is_kept_and_can_be_replayed(door: Door) -> None:
    door.platform.troubles.chances.broken = 1.0
    door.platform.write(door.world.person("ana"), "Between rubbish.")
    journal = door.hub.store.journal

    async def there() -> bool:
        return await door.conversations() == 1

    async def failed() -> bool:
        return bool(await journal.list_failed_arrivals(door.channel.id))

    door.platform.troubles.mend()
    await until(there)
    for arrival in await journal.list_failed_arrivals(door.channel.id):
        kept = await journal.get_arrival(arrival.id)
        assert kept is not None
        assert kept.request.body
        assert await journal.replay_arrival(arrival.id)
        await until(failed)


class AwayChannels(Channels):
    async def find(self, channel: str) -> Channel | None:
        raise StoreUnavailable("away")


def door_alone(hub: Hub, store: Store) -> web.Application:
    app = web.Application()
    app.add_routes(WebhookDoor(store, hub.registry, hub.clock, None, None).routes())
    return app


async def test_while_the_database_is_away_the_platform_is_asked_to_come_again(hub: Hub) -> None:
    store = replace(hub.store, channels=AwayChannels(hub.store.database))
    app = door_alone(hub, store)
    async with TestClient(TestServer(app)) as http, http.post("/hooks/any", data=b"{}") as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]


async def test_the_journal_keeps_headers_but_no_passwords_or_cookies(hub: Hub, world: World) -> None:
    secret = "a secret of sixteen and more"
    config = SimulatorConfig(world=world.name, way="webhook", webhook_secret=SecretStr(secret))
    channel = await connect(hub, "simulator", config)
    body = b'{"events": []}'
    headers = {
        "Authorization": "Basic dXM6c2VjcmV0",
        "COOKIE": "session=secret",
        "X-Kept": "yes",
        **sign(secret, hub.clock(), body),
    }
    app = door_alone(hub, hub.store)
    async with (
        TestClient(TestServer(app)) as http,
        http.post(f"/hooks/{channel.id}", data=body, headers=headers) as answer,
    ):
        assert answer.status == 200
    kept = await hub.store.database.arrivals.find_one({"channel": channel.id})
    assert kept is not None
    names = {name.lower(): value for name, value in kept["headers"]}
    assert names["x-kept"] == "yes"
    assert not {"authorization", "cookie"} & names.keys()
    (arrival,) = await hub.store.journal.waiting_arrivals(range(LANES))
    assert arrival.request.headers["x-KEPT"] == "yes"  # read back, they are still found by any spelling


async def test_an_arrival_that_breaks_a_parser_tells_what_broke_and_none_of_what_it_says(
    hub: Hub, world: World
) -> None:
    config = SimulatorConfig(world=world.name, way="webhook", webhook_secret=SecretStr("x" * 16))
    channel = await connect(hub, "simulator", config)
    request = WebhookRequest(
        "POST", "https://hub.example/hooks/x", {}, {}, b'{"events": [{"id": "hunter2"}]}'
    )
    arrival = await hub.store.journal.add_arrival(channel.id, request, hub.clock())
    worker = ingest_worker(hub, "one")
    worker.held = frozenset(range(LANES))
    await worker.work_off(sorted(worker.held))
    (failed,) = await hub.store.journal.list_failed_arrivals(channel.id)
    assert failed.id == arrival
    assert "hunter2" not in failed.words
    assert failed.words.count(".") >= 1


def test_the_words_of_an_unforeseen_error_are_left_out() -> None:
    class Asked(BaseModel):
        token: int

    try:
        Asked(token="hunter2")
    except ValidationError as problem:
        words = reason_of(problem)
    assert "ValidationError" in words
    assert "hunter2" not in words
    assert reason_of(PayloadUnrecognised("It is no JSON.")) == "It is no JSON."
