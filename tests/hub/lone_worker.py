"""A worker process to be killed: `python -m tests.hub.lone_worker URI DATABASE FOLDER WORLD`."""

import asyncio
import sys
from pathlib import Path

from connectors.simulator.world import open_world
from hub.app import open_hub
from hub.work import running
from tests.hubs import settings_for


async def work(uri: str, database: str, folder: Path, world: str) -> None:
    """Until killed. Says its name once it is at work."""
    open_world(world)
    async with (
        open_hub(settings_for(uri, database, folder)) as hub,
        running(hub, web_server=False, worker=True) as at_work,
    ):
        assert at_work.supervisor is not None
        print(at_work.supervisor.name, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
