"""Browsers that ask for pages and send answers, in a process of their own: what they cost is not the hub's.

Reads one request a line (`Asked` as JSON) and answers each with the milliseconds that every page took.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

import aiohttp

from inbox_ui.visitor import SESSION_COOKIE

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CONVERSATION = re.compile(r"/desk/inbox/open/(\w+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """`paths`: dealt out to the clients, one after the other. `part`: only a piece, as our scripts ask.

    `keep`: the reply forms of the pages are kept; `answers`: send those that were kept before.
    """

    paths: Sequence[str]
    clients: int = 1
    part: bool = False
    keep: bool = False
    answers: bool = False


@dataclass(slots=True)
class Clients:
    process: asyncio.subprocess.Process

    async def ask(self, asked: Asked) -> list[float]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asdict(asked)).encode() + b"\n")
        line = await self.process.stdout.readline()
        assert line, "the clients ended: see above"
        return [float(each) for each in json.loads(line)]


@asynccontextmanager
async def clients(url: str, cookie: str) -> AsyncIterator[Clients]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.clients", url, cookie, stdin=pipe, stdout=pipe, limit=1 << 20
    )
    try:
        yield Clients(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@dataclass(slots=True)
class _Browser:
    url: str
    http: aiohttp.ClientSession
    forms: dict[str, dict[str, str]] = field(default_factory=dict)  # by the path of the page

    async def do(self, asked: Asked) -> list[float]:
        waiting, taken = list(reversed(asked.paths)), list[float]()

        async def client() -> None:
            while waiting:
                path = waiting.pop()
                began = time.perf_counter()
                page = await (self._answer(path) if asked.answers else self._get(path, asked.part))
                taken.append((time.perf_counter() - began) * 1000)
                if asked.keep:
                    form = page[page.index('data-composer="reply"') :].split("</form>")[0]
                    self.forms[path] = dict(HIDDEN.findall(form))

        await asyncio.gather(*(client() for _ in range(asked.clients)))
        return taken

    async def _get(self, path: str, part: bool) -> str:
        headers = {"X-Part": "1"} if part else {}
        async with self.http.get(self.url + path, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, f"{path}: {answer.status}"
            return text

    async def _answer(self, path: str) -> str:
        """Send the reply form of a page, as it stood there."""
        found = CONVERSATION.search(path)
        assert found is not None
        address = f"{self.url}/desk/conversations/{found[1]}/replies"
        fields = {**self.forms.pop(path), "text": "It is on its way."}
        async with self.http.post(address, data=fields, headers={"X-Part": "1"}) as done:
            text = await done.text()
            assert done.status == 200, f"{path}: {done.status}"
            return text


async def _obey(url: str, cookie: str) -> None:
    async with aiohttp.ClientSession(cookies={SESSION_COOKIE: cookie}) as http:
        browser = _Browser(url, http)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await browser.do(Asked(**json.loads(line)))), flush=True)


if __name__ == "__main__":
    asyncio.run(_obey(*sys.argv[1:]))
