"""Many visitors with a web chat open, in a process of their own: writes down when each heard its answer.

python -m tests.benchmarks.chatters ASKED, a file: {"url", "origin", "count", "heard"}
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import aiohttp

AT_ONCE = 10  # that come together
EVENT = "event: "


async def chat(asked: dict[str, Any], heard: TextIO) -> None:
    """`ready KEY` for each once it listens; `said KEY TIME` when a line came."""
    unlimited = aiohttp.TCPConnector(limit=0)
    forever = aiohttp.ClientTimeout(total=None)
    places = asyncio.Semaphore(AT_ONCE)
    headers = {"Origin": asked["origin"]}
    async with (
        aiohttp.ClientSession(connector=unlimited, timeout=forever, headers=headers) as http,
        asyncio.TaskGroup() as tasks,
    ):

        async def visitor() -> None:
            await places.acquire()
            token, key = await _come(http, asked["url"])
            given = {"Authorization": f"Bearer {token}"}
            async with http.post(f"{asked['url']}/stream", json={}, headers=given) as answer:
                assert answer.status == 200, answer.status
                async for raw in answer.content:
                    line = raw.decode().rstrip()
                    if line == f"{EVENT}hello":
                        places.release()
                        print("ready", key, file=heard, flush=True)
                    elif line == f"{EVENT}line":
                        print("said", key, time.time(), file=heard, flush=True)

        for _ in range(asked["count"]):
            tasks.create_task(visitor())


async def _come(http: aiohttp.ClientSession, url: str) -> tuple[str, str]:
    """Somebody new; the door lets in so many of one address at once, and they wait as told."""
    while True:
        async with http.post(f"{url}/session", json={}) as answer:
            if answer.status == 200:
                found = await answer.json()
                return found["token"], found["key"]
            assert answer.status == 429, answer.status
            await asyncio.sleep(float(answer.headers["Retry-After"]))


if __name__ == "__main__":
    wanted = json.loads(Path(sys.argv[1]).read_text())
    with Path(wanted["heard"]).open("w") as place:
        asyncio.run(chat(wanted, place))
