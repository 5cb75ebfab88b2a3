"""The promise for a worker that dies without a word: within 30 seconds another does its work."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.world import World
from hub.app import Hub
from hub.contract.capabilities import Surface
from hub.contract.inbound import Author, MessageReceived, RemoteId, Thread
from hub.model.channels import Lease
from hub.model.content import Content
from hub.model.inbox import Status
from tests.house.tree import TOP
from tests.hubs import connect, until

pytestmark = pytest.mark.timeout(150)

WITHIN = 30.0  # seconds from the death of a worker until another holds what it held


@asynccontextmanager
async def worker(hub: Hub, world: World) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A process of its own, at work, and its name."""
    settings = hub.settings
    assert settings.mongo.url is not None
    uri = settings.mongo.url.get_secret_value()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hub.lone_worker", uri, settings.mongo.database),
        *(str(settings.data.folder), world.name),
        cwd=TOP,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            name = (await process.stdout.readline()).decode().strip()
        assert name, "the worker ended before it was at work"
        yield process, name
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def letters(hub: Hub) -> list[MessageReceived]:
    """Of as many people as to reach every lane."""
    return [
        MessageReceived(
            key=f"m{number}",
            thread=Thread(f"t{number}", Surface.DIRECT),
            at=hub.clock(),
            message=RemoteId(f"m{number}"),
            author=Author(key=f"p{number}", name=f"Person {number}"),
            content=Content(text="Anybody there?"),
        )
        for number in range(40)
    ]


async def test_the_work_of_a_killed_worker_is_taken_over_within_thirty_seconds(
    hub: Hub, world: World
) -> None:
    channel = await connect(hub, "simulator", SimulatorConfig(world=world.name))

    async def held() -> Lease | None:
        found = await hub.store.channels.find(channel.id)
        lease = found.lease if found else None
        return lease if lease and lease.until > hub.clock() else None

    async with AsyncExitStack() as stack:
        processes = {}
        for _ in range(2):
            process, name = await stack.enter_async_context(worker(hub, world))
            processes[name] = process
        first = await until(held, "the channel to be held")
        processes[first.owner].kill()
        await processes[first.owner].wait()
        written = letters(hub)
        await hub.store.journal.add(channel.id, written, hub.clock())

        async def taken_over() -> Lease | None:
            lease = await held()
            if lease is None or lease.owner == first.owner:
                return None
            conversations = await hub.store.inbox.list_conversations(Status.OPEN)
            return lease if len(conversations) == len(written) else None

        second = await until(taken_over, "the other worker to do all of the work", WITHIN)
    assert second.owner in processes
    assert second.fence > first.fence
