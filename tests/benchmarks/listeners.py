"""Many browsers at the live stream, in a process of their own: writes down when each heard of which mail."""

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import TextIO

import aiohttp

from inbox_ui.visitor import SESSION_COOKIE

MARK = re.compile(rb"zq\d{6}")
AT_ONCE = 25  # that connect together


async def listen(asked: dict[str, object], heard: TextIO) -> None:
    cookies = asked["cookies"]
    assert isinstance(cookies, list)
    unlimited = aiohttp.TCPConnector(limit=0)
    forever = aiohttp.ClientTimeout(total=None)
    places = asyncio.Semaphore(AT_ONCE)
    left = len(cookies)
    async with (
        aiohttp.ClientSession(connector=unlimited, timeout=forever) as http,
        asyncio.TaskGroup() as tasks,
    ):

        async def browser(cookie: str) -> None:
            nonlocal left
            await places.acquire()
            headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
            async with http.get(f"{asked['url']}/desk/live?view=open", headers=headers) as answer:
                greeted, known = False, set[bytes]()
                async for line in answer.content:
                    if not greeted and line.startswith(b"event: hello"):
                        greeted, left = True, left - 1
                        places.release()
                        if not left:
                            print("ready", file=heard, flush=True)
                    for mark in MARK.findall(line):
                        if mark not in known:
                            known.add(mark)
                            print(mark.decode(), time.time(), file=heard, flush=True)

        for cookie in cookies:
            tasks.create_task(browser(str(cookie)))


if __name__ == "__main__":
    wanted = json.loads(Path(sys.argv[1]).read_text())
    with Path(wanted["heard"]).open("w") as place:
        asyncio.run(listen(wanted, place))
