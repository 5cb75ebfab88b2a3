"""From the journal to the screen: how long until a mail's row is at every browser that listens.

The browsers are a process of their own (`listeners.py`), so that what they cost is not the hub's.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from hub.auth.sessions import start_session
from hub.model.people import Agent
from hub.work import running
from tests.benchmarks.mails import Post
from tests.benchmarks.pages import FILL_WITHIN, percentile
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, arrived, open_rig, until_finished
from tests.benchmarks.stored import store_conversations
from tests.hubs import until

AGENTS = tuple(int(each) for each in os.environ.get("AGENTS", "1,50,500").split(","))
STORED = int(os.environ.get("STORED", "10000"))
MAILS = 25
PAUSE = 0.4  # seconds between two mails: agents see them come one by one
MARK = re.compile(r"zq\d{6}")
WORDS = """From `journal.add` until the row has arrived at a browser, all browsers of all mails together; each
agent looks at the list of what is open. The aim: p95 under 250 ms with 50 agents and 10,000 conversations.
Memory is what the hub's process holds more than before they connected, for each of them.
"""


async def measure() -> Section:
    table = Table(("stored", "agents", "p50 ms", "p95 ms", "last browser, p95 ms", "kB per agent"))
    async with open_rig() as rig, running(rig.hub, web_server=True, worker=True) as at_work:
        assert at_work.url is not None
        assert at_work.ingest is not None
        stored = await store_conversations(rig, 0, STORED, FILL_WITHIN)
        cookies: list[str] = []
        sent = 0
        for agents in AGENTS:
            while len(cookies) < agents:
                cookies.append(await _agent(rig, len(cookies)))
            held = psutil.Process().memory_info().rss
            async with _listening(at_work.url, cookies[:agents]) as heard:
                more = psutil.Process().memory_info().rss - held
                began: dict[str, float] = {}
                for _ in range(MAILS):
                    sent += 1
                    mark = f"zq{sent:06}"
                    began[mark] = time.time()
                    event = arrived(_mail(sent, mark), 5_000_000 + sent)
                    await rig.journal.add(rig.channel.id, [event], rig.hub.clock())
                    at_work.ingest.arrived.set()
                    await asyncio.sleep(PAUSE)
                await until_finished(rig.journal, sent)
                rows = await _all_heard(heard, MAILS * agents)
            taken = [(at - began[mark]) * 1000 for mark, at in rows if mark in began]
            last = [max((at - began[mark]) * 1000 for found, at in rows if found == mark) for mark in began]
            table.add(
                f"{stored:,}",
                f"{agents:,}",
                f"{percentile(taken, 50):.0f}",
                f"{percentile(taken, 95):.0f}",
                f"{percentile(last, 95):.0f}",
                f"{more / 1000 / agents:.0f}",
            )
            print(f"{agents} agents: p95 {percentile(taken, 95):.0f} ms", flush=True)
    return Section("live", "From the journal to the screen", [table], WORDS)


def _mail(number: int, mark: str) -> bytes:
    """Of somebody new, with a subject to know it by."""
    body = next(each for each in Post(7, 0, 2_000_000 + number) if b"\nSubject:" in each)
    return re.sub(rb"(?m)^Subject: .*(?:\r?\n[ \t].*)*", f"Subject: {mark}".encode(), body, count=1)


async def _agent(rig: Rig, number: int) -> str:
    hub = rig.hub
    agent = Agent(
        id=f"agent{number}",
        name=f"Agent {number}",
        email=f"agent{number}@hub.example",
        created_at=hub.clock(),
    )
    await hub.store.people.add_agent(agent)
    session = await start_session(hub.auth, agent, "password", address="127.0.0.1", browser="benchmark")
    return session.token


@asynccontextmanager
async def _listening(url: str, cookies: list[str]) -> AsyncIterator[Path]:
    """Browsers at the live stream; the file their rows are written to."""
    with tempfile.TemporaryDirectory() as folder:
        heard = Path(folder) / "heard"
        (Path(folder) / "asked").write_text(json.dumps({"url": url, "cookies": cookies, "heard": str(heard)}))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.listeners", str(Path(folder) / "asked")
        )
        try:
            await until(lambda: _lines(heard, 1, "ready"), "the browsers to listen", 120)
            yield heard
        finally:
            process.terminate()
            await process.wait()


async def _lines(heard: Path, count: int, kind: str) -> list[str] | None:
    if not heard.exists():
        return None
    found = [line for line in heard.read_text().splitlines() if line.startswith(kind)]
    return found if len(found) >= count else None


async def _all_heard(heard: Path, count: int) -> list[tuple[str, float]]:
    lines = await until(lambda: _lines(heard, count, "zq"), f"{count} rows", 120)
    return [(mark, float(at)) for mark, at in (line.split() for line in lines)]
