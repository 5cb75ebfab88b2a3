"""One process of the race, to be killed: `… -m tests.chaos.race_worker URI DATABASE FOLDER SIZE NUMBER`."""

import asyncio
import json
import sys
from pathlib import Path

from hub.app import open_hub
from tests.chaos.race import Size, Worker
from tests.hubs import settings_for


async def work(uri: str, database: str, folder: Path, size: Size, number: int) -> None:
    async with open_hub(settings_for(uri, database, folder)) as hub:
        await Worker(hub.store, hub.registry, size, number).run()


if __name__ == "__main__":
    _, uri, database, folder, size, number = sys.argv
    asyncio.run(work(uri, database, Path(folder), Size(**json.loads(size)), int(number)))
