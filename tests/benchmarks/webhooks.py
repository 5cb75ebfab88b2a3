"""Webhooks accepted at a steady rate, from the post to the 200; what reading costs by platform."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from statistics import median, quantiles
from time import thread_time
from typing import Any

from pydantic import SecretStr

from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import SECRET_HEADER
from hub.contract.errors import PayloadUnrecognised
from hub.work import running
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.connectors.subjects import SECRET, SUBJECTS
from tests.hubs import connect

RATES = tuple(float(each) for each in os.environ.get("RATES", "50,100,200").split(","))
SECONDS = float(os.environ.get("SECONDS", "15"))
WARM = 2.0  # seconds before
ROUNDS = 3  # of each input the fastest counts: whatever else runs only ever adds
WORDS = """A body is verified and stored before it is acknowledged; the poster is a process of its own, which
posts at its moments, however long the answers take. "pipeline" says whether the same process also puts what
came into conversations. The aim: p99 under 50 ms at 200 a second. Costs are processor time, of recorded
payloads.
"""


async def measure() -> Section:
    accepted = Table(("a second", "pipeline", "accepted", "p50 ms", "p95 ms", "p99 ms", "slowest ms"))
    async with open_rig() as rig:
        for worker in (False, True):
            for rate in RATES:
                times = sorted(await _posted(rig, rate, worker=worker))
                cuts = quantiles(times, n=100)
                accepted.add(
                    f"{rate:g}",
                    "at work" if worker else "elsewhere",
                    f"{len(times)}",
                    *(f"{each * 1000:.1f}" for each in (cuts[49], cuts[94], cuts[98], times[-1])),
                )
    return Section("webhooks", "Webhooks in", [accepted, _costs()], WORDS)


async def _posted(rig: Rig, rate: float, *, worker: bool) -> list[float]:
    config = TelegramConfig(token=SecretStr("4711:AAtoken"), way="webhook", webhook_secret=SecretStr(SECRET))
    # Paused: nobody signs in to a platform that is not there, and its door is open all the same.
    name = f"Bot {rate:g} {worker}"
    channel = await connect(rig.hub, "telegram", config, name, paused=True)
    async with running(rig.hub, web_server=True, worker=worker) as at_work:
        url = f"{at_work.url}/hooks/{channel.id}"
        await _run(url, rate, WARM)
        return await _run(url, rate, SECONDS)


async def _run(url: str, rate: float, seconds: float) -> list[float]:
    command = ("-m", "tests.benchmarks.poster", url, f"{rate}", f"{seconds}", SECRET_HEADER, SECRET)
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    times: list[float] = json.loads(out)
    return times


def _costs() -> Table:
    table = Table(("platform", "what", "payloads", "median ms", "95 % within ms", "slowest ms"))
    for platform, make in SUBJECTS.items():
        subject = make()
        connector: Any = subject.connector
        if subject.posts:
            _add(table, platform, "verify", connector.verify, subject.posts)
            _add(table, platform, "parse", connector.parse, subject.posts)
        if subject.raw:
            _add(table, platform, "read", connector.read, subject.raw)
    return table


def _add(
    table: Table, platform: str, what: str, work: Callable[[Any], object], inputs: Sequence[Any]
) -> None:
    times = [min(_timed(work, each) for _ in range(ROUNDS)) * 1000 for each in inputs]
    figures = (median(times), quantiles(times, n=20)[-1] if len(times) > 1 else times[0], max(times))
    table.add(platform, what, f"{len(inputs)}", *(f"{each:.3f}" for each in figures))


def _timed(work: Callable[[Any], object], what: Any) -> float:
    began = thread_time()
    try:
        work(what)
    except PayloadUnrecognised:  # some are recorded because they are refused
        pass
    return thread_time() - began
