"""One storm: mails into a real mailbox, replies out by real SMTP, processes killed in between."""

import asyncio
import contextlib
import os
import random
import re
import signal
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from config.settings import Settings
from hub.app import Hub, open_hub
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel
from hub.model.inbox import Conversation, DeliveryState, Message, Status
from hub.model.people import Agent, Role
from hub.store import StoreUnavailable
from hub.store.embedded import Embedded, embedded_database
from tests.chaos.letters import Letter, letters
from tests.hubs import connect, until
from tests.mailbox import email_config
from tests.mailserver import MailAccount, MailServer

TOKEN = re.compile(rb"token-[0-9]+-[0-9]+-end")
ANSWER = re.compile(rb"answer-[0-9]+-end")
PATIENCE = 900.0
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Size:
    mails: int
    replies: int
    worker_kills: int
    database_kills: int
    seed: int = 1
    workers: int = 2


@dataclass(slots=True)
class Tally:
    """What the storm left behind. As many conversations as threads; every list must be empty."""

    mails: int = 0
    threads: int = 0
    conversations: int = 0
    replies: int = 0
    states: Counter[str] = field(default_factory=Counter)
    worker_kills: int = 0
    database_kills: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)  # threads in several conversations
    merged: list[str] = field(default_factory=list)  # conversations of several threads
    replies_lost: list[str] = field(default_factory=list)
    replies_doubled: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.mails} mails of {self.threads} threads in {self.conversations} conversations: "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.misplaced)} misplaced, "
            f"{len(self.merged)} merged; {self.replies} replies "
            f"({', '.join(f'{count} {state}' for state, count in sorted(self.states.items()))}): "
            f"{len(self.replies_lost)} lost, {len(self.replies_doubled)} doubled; killed: "
            f"workers {self.worker_kills} times, the database {self.database_kills} times"
        )

    def count_mails(self, sent: Sequence[Letter], places: Mapping[str, Sequence[str]]) -> None:
        """Which conversation has each mail, by its token: where it must not be?"""
        self.mails = len(sent)
        self.lost = [letter.token for letter in sent if letter.token not in places]
        self.doubled = [token for token, where in places.items() if len(where) > 1]
        led: dict[int, set[str]] = {}
        held: dict[str, set[int]] = {}
        for letter in sent:
            led.setdefault(letter.thread, set()).update(places.get(letter.token, ()))
            for conversation in places.get(letter.token, ()):
                held.setdefault(conversation, set()).add(letter.thread)
        self.threads, self.conversations = len(led), len(held)
        self.misplaced = [str(thread) for thread, where in led.items() if len(where) > 1]
        self.merged = [conversation for conversation, threads in held.items() if len(threads) > 1]

    @property
    def is_clean(self) -> bool:
        mails = (self.lost, self.doubled, self.misplaced, self.merged)
        wrong = (*mails, self.replies_lost, self.replies_doubled)
        return self.threads == self.conversations and not any(wrong)


async def storm(size: Size, server: MailServer, folder: Path) -> Tally:
    """Run it to the end and count. Raises when something does not settle in time."""
    box, customer = server.account("support"), server.account("customer", "example.test")
    customers = [customer.address, *(f"{customer.address.replace('@', f'+{n}@')}" for n in range(20))]
    sent = list(letters(size.mails, box.address, customers, size.seed))
    async with embedded_database(folder / "store") as database:
        environ = _environ(database, folder)
        async with open_hub(_settings(environ, folder)) as hub:
            ana = Agent(id="ana", name="Ana", email="ana@hub.test", role=Role.ADMIN, created_at=hub.clock())
            await hub.store.people.add_agent(ana)
            channel = await connect(hub, "email", email_config(server, box, start="unread"), "Support")
            tally = Tally()
            async with _workers(size.workers, environ, folder) as workers:
                await _weather(size, workers, database, server, box, sent, hub, ana, tally)
                await until(lambda: _calm(hub, channel, len(sent)), "everything to settle", PATIENCE)
            await _count(hub, sent, customer, tally)
            return tally


async def _weather(
    size: Size,
    workers: "Workers",
    database: Embedded,
    server: MailServer,
    box: MailAccount,
    sent: list[Letter],
    hub: Hub,
    ana: Agent,
    tally: Tally,
) -> None:
    """Deliver, answer and kill, all at once, until all three are done."""

    async def deliver() -> None:
        for start in range(0, len(sent), 20):
            batch = [letter.raw for letter in sent[start : start + 20]]
            await asyncio.to_thread(server.deliver, box.address, *batch)
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        tasks.create_task(_answer(size, hub, ana))
        tasks.create_task(_kill(size, workers, database, tally))


async def _answer(size: Size, hub: Hub, ana: Agent) -> None:
    chance = random.Random(size.seed)
    number = 0
    while number < size.replies:
        found = await _while_away(lambda: hub.store.inbox.list_conversations(Status.OPEN, limit=300))
        if not found:
            await asyncio.sleep(0.2)
        for conversation in chance.sample(found, min(len(found), 10, size.replies - number)):
            draft = Draft(text=f"This is answer-{number}-end.", key=f"answer {number}")
            # The same answer to the same conversation, however often we must ask: it is sent once.
            await _while_away(partial(reply, hub.desk, ana, conversation.id, draft))
            number += 1


async def _while_away(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask until the database is there to answer."""
    while True:
        try:
            return await ask()
        except StoreUnavailable:
            await asyncio.sleep(0.5)


async def _kill(size: Size, workers: "Workers", database: Embedded, tally: Tally) -> None:
    chance = random.Random(size.seed + 1)
    victims = ["worker"] * size.worker_kills + ["database"] * size.database_kills
    chance.shuffle(victims)
    while victims:
        await asyncio.sleep(chance.uniform(1.0, 3.0))
        try:
            if victims[-1] == "worker":
                workers.kill(chance)
                tally.worker_kills += 1
            else:
                os.kill(database.pid, signal.SIGKILL)
                tally.database_kills += 1
        except (IndexError, ProcessLookupError):
            continue  # dead already, and not yet started again
        victims.pop()


async def _calm(hub: Hub, channel: Channel, mails: int) -> bool:
    """Nothing waits, in or out, and the journal holds every mail."""
    try:
        journal = hub.store.database.journal
        if await journal.count_documents({"channel": channel.id}) < mails:
            return False
        waits = await journal.find_one({"pending": {"$gte": 0}})
        return waits is None and not await hub.store.deliveries.waiting(channel.id)
    except StoreUnavailable:
        return False
    finally:
        await asyncio.sleep(0.5)


async def _count(hub: Hub, sent: list[Letter], customer: MailAccount, tally: Tally) -> None:
    messages = await _all_messages(hub)
    places: dict[str, list[str]] = {}
    for message in messages:
        for token in TOKEN.findall(message.content.text.encode()):
            places.setdefault(token.decode(), []).append(message.conversation)
    tally.count_mails(sent, places)
    copies = Counter(token for mail in customer.mails() for token in set(ANSWER.findall(mail)))
    for message in messages:
        if message.delivery is None:
            continue
        [token] = ANSWER.findall(message.content.text.encode())
        state, arrived = message.delivery.state, copies[token]
        tally.replies += 1
        tally.states[state] += 1
        if arrived > 1:
            tally.replies_doubled.append(token.decode())
        if arrived == 0 and state is not DeliveryState.UNSURE:
            tally.replies_lost.append(token.decode())


async def _all_messages(hub: Hub) -> list[Message]:
    found: list[Conversation] = []
    before = None
    while page := await hub.store.inbox.list_conversations(Status.OPEN, before=before, limit=200):
        found += page
        before = (page[-1].activity_at, page[-1].id)
    entries = [entry for each in found for entry in await hub.store.inbox.timeline(each.id)]
    return [entry for entry in entries if isinstance(entry, Message)]


@dataclass(slots=True)
class Workers:
    """Worker processes that are started again whenever they end, as any service manager would."""

    environ: dict[str, str]
    log: Path
    processes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)

    async def keep(self, number: int) -> None:
        while True:
            with self.log.open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "hub", "worker", env=self.environ, stdout=log, stderr=log
                )
            self.processes[number] = process
            await process.wait()
            await asyncio.sleep(0.3)

    def kill(self, chance: random.Random) -> None:
        """Raises IndexError when none is alive."""
        alive = [each for each in self.processes.values() if each.returncode is None]
        chance.choice(alive).kill()


@asynccontextmanager
async def _workers(count: int, environ: dict[str, str], folder: Path) -> AsyncIterator[Workers]:
    workers = Workers(environ, folder / "workers.log")
    tasks = [asyncio.create_task(workers.keep(number)) for number in range(count)]
    try:
        yield workers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for process in workers.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _environ(database: Embedded, folder: Path) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("HUBBUB_")},
        "HUBBUB_MONGO__URL": database.uri,
        "HUBBUB_DATA__FOLDER": str(folder / "data"),
        "HUBBUB_SECRETS__KEY": b64encode(bytes(32)).decode(),
        "HUBBUB_LOG__FORMAT": "json",
    }


def _settings(environ: dict[str, str], folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "mongo": {"url": environ["HUBBUB_MONGO__URL"]},
            "data": {"folder": folder / "data"},
            "secrets": {"key": environ["HUBBUB_SECRETS__KEY"]},
            "outbox": {"undo_seconds": 0},
        }
    )
