"""Answers out: queued by the desk, sent by the outbox, over SMTP to a sink and through the simulator."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.world import close_world, open_world
from hub.contract.connector import Account
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel
from hub.model.people import Agent, Role
from hub.outbox.worker import Sender
from hub.work import running
from tests.benchmarks.mails import SUPPORT
from tests.benchmarks.meter import Cost, Meter
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import CHANNEL_CONFIG, Rig, open_rig, until_finished
from tests.benchmarks.stored import store_conversations
from tests.hubs import connect, until

REPLIES = 400
TEXT = (
    "Thank you for your message.\n\nYour order left our house **yesterday** and should be with you soon.\n"
    * 3
)


async def measure() -> Section:
    table = Table(
        ("what", "how many", "per second", "per CPU second", "ms CPU each", "of it hub", "of it database")
    )
    with _sink() as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        async with open_rig({**CHANNEL_CONFIG, "smtp": smtp}) as rig:
            await store_conversations(rig, 0, REPLIES, 60)
            ids = await _conversations(rig, rig.channel)
            _add(table, "answers written and queued", await _queue(rig, ids))
            _add(table, "mails sent over SMTP to a local sink", await _send(rig))
    async with open_rig() as rig:
        queued, sent = await _simulated(rig)
        _add(table, "answers queued, simulator", queued)
        _add(table, "messages sent through the simulator, until the last receipt", sent)
    return Section("send", "Answers out", [table])


@contextmanager
def _sink() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.benchmarks.sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _conversations(rig: Rig, channel: Channel) -> list[str]:
    found = rig.store.database.conversations.find({"channel": channel.id}, {"_id": 1})
    return [each["_id"] async for each in found]


async def _ana(rig: Rig) -> Agent:
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=rig.hub.clock())
    await rig.store.people.add_agent(ana)
    return ana


async def _queue(rig: Rig, conversations: list[str]) -> Cost:
    ana = await _ana(rig)
    meter = Meter(rig.database)
    for each in conversations:
        await reply(rig.hub.desk, ana, each, Draft(text=TEXT))
    return meter.cost()


async def _send(rig: Rig) -> Cost:
    connector = rig.hub.registry.build(rig.channel)
    account = Account(key=SUPPORT, name="Support")
    sender = Sender(rig.store, replace(rig.channel, paused=False), connector, account, rig.hub.clock)
    meter = Meter(rig.database)
    task = asyncio.create_task(sender.run())
    await _all_sent(rig, rig.channel)
    cost = meter.cost()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await connector.close()
    return cost


async def _all_sent(rig: Rig, channel: Channel) -> None:
    async def look() -> bool:
        return not await rig.store.database.entries.find_one({"outbox": channel.id}, {"_id": 1})

    await until(look, "everything to be sent", 120)


async def _simulated(rig: Rig) -> tuple[Cost, Cost]:
    name = uuid.uuid4().hex
    world = open_world(name)
    try:
        platform = world.platform("shop", imitates="messenger")
        config = SimulatorConfig(world=name, account="shop", imitates="messenger", from_start=True)
        channel = await connect(rig.hub, "simulator", config)
        for number in range(REPLIES):
            platform.write(world.person(f"person{number}", name=f"Person {number}"), f"Question {number}?")
        async with running(rig.hub, web_server=False, worker=True):
            await until_finished(rig.journal, REPLIES)
            # Held back until all are queued, so that queueing and sending are measured apart.
            await rig.store.channels.change(channel.id, {"paused": True})
            queued = await _queue(rig, await _conversations(rig, channel))
            done = rig.journal.finished
            meter = Meter(rig.database)
            await rig.store.channels.change(channel.id, {"paused": False})
            await _all_sent(rig, channel)
            await until_finished(rig.journal, done + REPLIES)
            return queued, meter.cost()
    finally:
        close_world(name)


def _add(table: Table, what: str, cost: Cost) -> None:
    each = 1000 / REPLIES
    table.add(
        what,
        f"{REPLIES}",
        f"{REPLIES / cost.wall:.0f}",
        f"{REPLIES / cost.cpu:.0f}",
        f"{cost.cpu * each:.2f}",
        f"{cost.hub * each:.2f}",
        f"{cost.database * each:.2f}",
    )
