"""From the journal to conversations: the whole pipeline on the embedded store, at several fillings."""

import asyncio
import os
from dataclasses import dataclass

from hub.work import running
from tests.benchmarks.mails import Post
from tests.benchmarks.meter import Cost, Meter, commands
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, TimedReader, arrived, open_rig, until_finished
from tests.benchmarks.stored import store_conversations

MAILS = int(os.environ.get("MAILS", "2000"))
PORTION = 50  # mails per batch of the IMAP reader
FILLINGS = tuple(int(each) for each in os.environ.get("FILLINGS", "0,10000,50000").split(","))
FILL_WITHIN = 540.0  # seconds for each filling; what is not stored by then is not stored
WORDS = """The aims: 60 mails per CPU second, hub and database together, working towards 100; at most a fifth
more per mail with 50,000 conversations stored than with none. The second table is of the first run; commands
that ran side by side are counted in full. The live updates are one change stream: `getMore` on events.
"""


@dataclass(frozen=True, slots=True)
class Run:
    stored: int
    mails: int
    cost: Cost
    reading: float  # seconds of processor time
    steps: list[tuple[str, str, int, float]]


async def measure() -> Section:
    runs = []
    stored = 0
    async with open_rig() as rig, running(rig.hub, web_server=False, worker=True) as at_work:
        assert at_work.ingest is not None
        wake = at_work.ingest.arrived
        await _put_in(rig, _mails(Post(90), 200), 0, wake)  # so that the first run finds everything warm
        for number, wanted in enumerate(FILLINGS):
            stored = await store_conversations(rig, stored, wanted, FILL_WITHIN)
            runs.append(await _run(rig, number, stored, wake))
            print(f"{stored:,} stored: {MAILS / runs[-1].cost.cpu:.0f} mails per CPU second", flush=True)
    return Section(
        "pipeline", "The whole pipeline on the embedded store", [_speed(runs), _steps(runs[0])], WORDS
    )


async def _run(rig: Rig, number: int, stored: int, wake: asyncio.Event) -> Run:
    log = commands()
    log.steps.clear()
    read_before = TimedReader.seconds
    bodies = _mails(Post(number, stored), MAILS)
    meter = Meter(rig.database)
    log.on = True
    await _put_in(rig, bodies, (number + 1) * 1_000_000, wake)
    cost = meter.cost()
    log.on = False
    steps = sorted(
        ((name, collection, step.count, step.seconds) for (name, collection), step in log.steps.items()),
        key=lambda step: -step[3],
    )
    return Run(stored, MAILS, cost, TimedReader.seconds - read_before, steps)


def _mails(post: Post, count: int) -> list[bytes]:
    return [post.next() for _ in range(count)]


async def _put_in(rig: Rig, bodies: list[bytes], first: int, wake: asyncio.Event) -> None:
    """As the supervisor does: portion by portion, each safe before the next; then wait for the outcomes."""
    done = rig.journal.finished
    events = [arrived(body, first + number) for number, body in enumerate(bodies)]
    for start in range(0, len(events), PORTION):
        await rig.journal.add(rig.channel.id, events[start : start + PORTION], rig.hub.clock())
        wake.set()
    await until_finished(rig.journal, done + len(events))


def _speed(runs: list[Run]) -> Table:
    table = Table(
        (
            "conversations stored",
            "mails",
            "per second",
            "per CPU second",
            "ms CPU per mail",
            "of it hub",
            "of it database",
            "of it reading mail",
        )
    )
    for run in runs:
        each = 1000 / run.mails
        table.add(
            f"{run.stored:,}",
            f"{run.mails:,}",
            f"{run.mails / run.cost.wall:.0f}",
            f"{run.mails / run.cost.cpu:.0f}",
            f"{run.cost.cpu * each:.2f}",
            f"{run.cost.hub * each:.2f}",
            f"{run.cost.database * each:.2f}",
            f"{run.reading * each:.2f}",
        )
    return table


def _steps(run: Run) -> Table:
    table = Table(("command", "collection", "round trips per 100 mails", "ms waited per mail"))
    for name, collection, count, seconds in run.steps:
        table.add(name, collection, f"{count * 100 / run.mails:.1f}", f"{seconds * 1000 / run.mails:.3f}")
    total = sum(step[2] for step in run.steps)
    table.add(
        "all", "", f"{total * 100 / run.mails:.1f}", f"{sum(s[3] for s in run.steps) * 1000 / run.mails:.3f}"
    )
    return table
