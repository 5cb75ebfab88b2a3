"""A short race, within one process: four workers with a store of their own each, on one database."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.app import open_hub
from tests.chaos.race import Result, Size, Worker, judge, set_up
from tests.hubs import settings_for

SHORT = Size(conversations=16, agents=3, capacity=2, burst=4)


@pytest.mark.timeout(300)
async def test_of_four_who_hand_out_at_once_none_overfills_an_agent_or_leaves_anything(
    store_uri: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        database = f"test_{uuid.uuid4().hex[:12]}"
        hubs = [
            await stack.enter_async_context(open_hub(settings_for(store_uri, database, tmp_path)))
            for _ in range(SHORT.workers)
        ]
        await set_up(hubs[0].store, SHORT)
        async with asyncio.TaskGroup() as tasks:
            for number, hub in enumerate(hubs):
                tasks.create_task(Worker(hub.store, hub.registry, SHORT, number).run())
        result = await judge(hubs[0].store, SHORT, Result())
        await hubs[0].store.database.client.drop_database(database)
    assert result.given == SHORT.conversations
    assert (result.overfull, result.while_away, result.left, result.drifts) == (0, 0, 0, 0)
