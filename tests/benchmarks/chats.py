"""Web chats open at once in one process: what each holds, what they cost at rest, how soon an answer is seen.

The visitors are a process of their own (`chatters.py`), so that what they hold is not the hub's.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import patch

import psutil
from pydantic import SecretStr

from connectors.webchat import rates
from connectors.webchat.config import WebchatConfig
from hub.contract.visitors import Line
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.ids import new_id
from hub.work import running
from tests.benchmarks.meter import Meter
from tests.benchmarks.pages import percentile
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.hubs import connect, until

CHATS = tuple(int(each) for each in os.environ.get("CHATS", "100,1000").split(","))
ORIGIN = "https://shop.example"
REST = 45.0  # seconds: two signs of life, and a note that they are there
ANSWERS = 50
PAUSE = 0.1  # seconds between two answers
WORDS = """Visitors whose page is open and listens, all in one process that also runs the pipeline. Memory is
what the process holds more than before they came; the share of a core is what hub and database take while
nobody says anything (a sign of life every 20 s). Answers: from being kept until the visitor's page has it.
What one address may ask is not limited here, as all come from one.
"""


async def measure() -> Section:
    table = Table(
        ("open chats", "kB each", "hub MB", "% of a core at rest", "answer p50 ms", "p95 ms", "slowest ms")
    )
    with patch.object(rates, "BY_ADDRESS", 1e6):
        for count in CHATS:
            async with open_rig() as rig:
                table.add(*await _with(rig, count))
    return Section("chats", "Open web chats", [table], WORDS)


async def _with(rig: Rig, count: int) -> tuple[str, ...]:
    config = WebchatConfig(origins=(ORIGIN,), secret=SecretStr("a-secret-that-nobody-but-the-hub-knows"))
    channel = await connect(rig.hub, "webchat", config, "Site")
    async with running(rig.hub, web_server=True, worker=True) as at_work:
        url = f"{at_work.url}/chat/{channel.id}"
        async with _open(url, 1):  # what is loaded at the first is not of each
            pass
        gc.collect()
        process = psutil.Process()
        before = process.memory_info().rss
        async with _open(url, count) as heard:
            gc.collect()
            held = process.memory_info().rss
            meter = Meter(rig.database)
            await asyncio.sleep(REST)
            rest = meter.cost()
            taken = await _answered(rig, channel, heard)
    times = [percentile(taken, 50), percentile(taken, 95), max(taken)]
    return (
        f"{count:,}",
        f"{(held - before) / 1000 / count:.0f}",
        f"{held / 1_000_000:.0f}",
        f"{100 * rest.cpu / rest.wall:.0f}",
        *(f"{each:.0f}" for each in times),
    )


async def _answered(rig: Rig, channel: Channel, heard: Path) -> list[float]:
    """Milliseconds, to as many of them as there are answers."""
    visitors = rig.hub.registry.kit(channel.id).visitors
    assert visitors is not None
    keys = [line.split()[1] for line in await until(lambda: _lines(heard, 1, "ready"), "the visitors")]
    began: dict[str, float] = {}
    for key in keys[:: max(1, len(keys) // ANSWERS)][:ANSWERS]:
        began[key] = time.time()
        now = rig.hub.clock()
        said = Content(text="It is on its way.")
        await visitors.say(Line(id=f"{key}/{new_id(now)}", thread=key, at=now, ours=True, content=said))
        await asyncio.sleep(PAUSE)
    lines = await until(lambda: _lines(heard, len(began), "said"), "all to hear their answers", 60)
    arrived = {key: float(at) for _, key, at in (line.split() for line in lines)}
    return [(arrived[key] - at) * 1000 for key, at in began.items()]


@asynccontextmanager
async def _open(url: str, count: int) -> AsyncIterator[Path]:
    """Visitors who listen; the file of what they heard."""
    with tempfile.TemporaryDirectory() as folder:
        heard, asked = Path(folder) / "heard", Path(folder) / "asked"
        asked.write_text(json.dumps({"url": url, "origin": ORIGIN, "count": count, "heard": str(heard)}))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.chatters", str(asked)
        )
        try:
            await until(lambda: _lines(heard, count, "ready"), f"{count} visitors to listen", 300)
            yield heard
        finally:
            process.terminate()
            await process.wait()


async def _lines(heard: Path, count: int, kind: str) -> list[str] | None:
    if not heard.exists():
        return None
    found = [line for line in heard.read_text().splitlines() if line.startswith(kind)]
    return found if len(found) >= count else None
