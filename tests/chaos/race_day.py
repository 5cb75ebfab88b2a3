"""The whole race: `python -m tests.chaos.race_day`, with 4 processes, 5,000 conversations, 50 agents.

Smaller with numbers of one's own: `python -m tests.chaos.race_day 500 20 4` (conversations, agents, kills).
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path

from hub.app import open_hub
from hub.store.embedded import embedded_database
from tests.chaos.race import Result, Size, judge, set_up
from tests.hubs import settings_for

WHOLE = Size(conversations=5000, agents=50, kills=20)
DATABASE = "race"


async def race(size: Size, folder: Path) -> Result:
    result, chosen = Result(), random.Random(size.seed)
    async with AsyncExitStack() as stack:
        embedded = await stack.enter_async_context(embedded_database(folder / "database"))
        hub = await stack.enter_async_context(open_hub(settings_for(embedded.uri, DATABASE, folder)))
        await set_up(hub.store, size)
        began = time.monotonic()
        workers = [await _begin(embedded.uri, folder, size, each) for each in range(size.workers)]
        while any(each.returncode is None for each in workers):
            await asyncio.sleep(chosen.uniform(2, 6))
            victim = chosen.randrange(size.workers)
            if result.kills < size.kills and workers[victim].returncode is None:
                workers[victim].kill()
                await workers[victim].wait()
                workers[victim] = await _begin(embedded.uri, folder, size, victim)
                result.kills += 1
        result.seconds = round(time.monotonic() - began, 1)
        return await judge(hub.store, size, result)


async def _begin(uri: str, folder: Path, size: Size, number: int) -> Process:
    given = (uri, DATABASE, str(folder), json.dumps(asdict(size)), str(number))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.chaos.race_worker", *given)


def main() -> int:
    size = WHOLE
    if len(sys.argv) == 4:
        conversations, agents, kills = map(int, sys.argv[1:])
        size = Size(conversations=conversations, agents=agents, kills=kills)
    with tempfile.TemporaryDirectory(prefix="hubbub-race-", ignore_cleanup_errors=True) as folder:
        result = asyncio.run(race(size, Path(folder)))
    print(result)
    return 1 if result.overfull or result.while_away or result.left else 0


if __name__ == "__main__":
    sys.exit(main())
