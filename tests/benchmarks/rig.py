"""A hub with its embedded database and one e-mail channel, for measuring."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connectors.email.config import EmailConfig
from connectors.email.connector import EmailConnector
from connectors.email.threads import thread_of
from hub.app import CONNECTORS, Hub, open_hub
from hub.clock import utc_now
from hub.contract.capabilities import Surface
from hub.contract.inbound import ArrivedRaw, InboundEvent, Thread
from hub.model.channels import Channel
from hub.store import Store
from hub.store.embedded import embedded_database
from hub.store.queues import Finished, Journal
from tests.benchmarks.mails import SUPPORT
from tests.benchmarks.meter import commands
from tests.hubs import connect, settings_for

CHANNEL_CONFIG: Mapping[str, object] = {
    "address": SUPPORT,
    "name": "Support",
    "imap": {"host": "127.0.0.1", "port": 9, "security": "none"},
    "smtp": {"host": "127.0.0.1", "port": 9, "security": "none"},
    "auth": {"kind": "password", "password": "not used"},
    "signing_key": "a key that signs nothing real",
}


class CountingJournal(Journal):
    """The journal, which also counts what was finished in this process."""

    finished = 0

    async def finish(self, finished: Sequence[Finished], now: datetime) -> None:
        await super().finish(finished, now)
        self.finished += len(finished)


class TimedReader(EmailConnector):
    """The e-mail connector, which also adds up the processor time of reading mails."""

    seconds = 0.0

    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        began = time.thread_time()
        events = super().read(event)
        TimedReader.seconds += time.thread_time() - began
        return events


@dataclass(frozen=True, slots=True)
class Rig:
    hub: Hub
    journal: CountingJournal
    channel: Channel
    database: int  # process id

    @property
    def store(self) -> Store:
        return self.hub.store


@asynccontextmanager
async def open_rig(
    config: Mapping[str, object] = CHANNEL_CONFIG, *, paused: bool = True
) -> AsyncIterator[Rig]:
    """`paused`: nobody connects the channel, and what is put into the journal is worked on all the same."""
    commands()
    with tempfile.TemporaryDirectory(prefix="hubbub-benchmark-") as folder:
        async with embedded_database(Path(folder) / "database") as database:
            settings = settings_for(database.uri, "benchmark", Path(folder))
            async with open_hub(settings) as hub:
                journal = CountingJournal(hub.store.database, hub.store.media)
                counted = replace(hub, store=replace(hub.store, journal=journal))
                counted.registry.types = {**CONNECTORS, "email": TimedReader}
                settled = EmailConfig.model_validate(config)
                channel = await connect(counted, "email", settled, "Support", paused=paused)
                yield Rig(counted, journal, channel, database.pid)


def arrived(body: bytes, number: int) -> ArrivedRaw:
    """A mail as the IMAP reader hands it over."""
    return ArrivedRaw(
        key=f"INBOX:1:{number}",
        at=utc_now(),
        thread=Thread(thread_of(body), Surface.EMAIL),
        raw={"folder": "INBOX", "uid": number, "size": len(body)},
        body=body,
    )


async def until_finished(journal: CountingJournal, count: int, seconds: float = 300) -> None:
    async with asyncio.timeout(seconds):
        while journal.finished < count:
            await asyncio.sleep(0.02)
