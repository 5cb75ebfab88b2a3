"""How much memory `hubbub serve` and its database hold: at rest, and after a busy while."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from config.settings import Settings
from connectors.email.config import EmailConfig
from hub.app import Hub, open_hub
from hub.store.embedded import running_database
from hub.store.queues import LANES
from tests.benchmarks.mailbox import imap_config, mail_server
from tests.benchmarks.mails import Post
from tests.benchmarks.meter import family
from tests.benchmarks.report import Section, Table
from tests.hubs import connect, until

REST = 30.0  # seconds
MAILS = 2_000


async def measure() -> Section:
    table = Table(("when", "hub MB", "database MB", "together MB", "together, shared pages counted once"))
    with tempfile.TemporaryDirectory(prefix="hubbub-benchmark-") as folder, _serving(Path(folder)) as serve:
        settings = Settings.model_validate({"data": {"folder": Path(folder)}})
        await until(lambda: _answering(Path(folder)), "the hub to start", 60)
        await asyncio.sleep(REST)
        _add(table, f"at rest, {REST:.0f} s after the start", serve.pid)
        with mail_server() as server:
            account, post = server.account("support"), Post(5)
            await asyncio.to_thread(server.deliver, account.address, *(post.next() for _ in range(MAILS)))
            async with open_hub(settings) as hub:
                await connect(
                    hub, "email", EmailConfig.model_validate(imap_config(server, account)), "Support"
                )
                await until(lambda: _all_worked(hub), "the mails to be worked off", 300)
            _add(table, f"right after {MAILS:,} mails", serve.pid)
            await asyncio.sleep(REST)
            _add(table, f"{REST:.0f} s later", serve.pid)
    words = "Resident memory of the processes. The aim at rest is 250 MB together.\n"
    return Section("memory", "Memory of `hubbub serve`", [table], words)


@contextmanager
def _serving(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("HUBBUB_")},
        "HUBBUB_DATA__FOLDER": str(folder),
        "HUBBUB_WEB__PORT": "0",
    }
    command = [sys.executable, "-m", "hub", "serve"]
    with (
        (folder / "serve.log").open("wb") as said,
        subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


async def _answering(folder: Path) -> bool:
    return b"listening" in (folder / "serve.log").read_bytes() and running_database(folder) is not None


async def _all_worked(hub: Hub) -> bool:
    journal = hub.store.database.journal
    waits = await journal.find_one({"pending": {"$in": list(range(LANES))}}, {"_id": 1})
    return waits is None and len(await journal.find({}, {"_id": 1}).to_list(None)) >= MAILS


def _add(table: Table, when: str, serve: int) -> None:
    hub, *others = family(serve)
    own, database = _resident([hub]), _resident(others)
    table.add(
        when, f"{own:.0f}", f"{database:.0f}", f"{own + database:.0f}", f"{_shared_once([hub, *others]):.0f}"
    )


def _resident(processes: list[psutil.Process]) -> float:
    return sum(each.memory_info().rss for each in processes) / 1_000_000


def _shared_once(processes: list[psutil.Process]) -> float:
    return sum(each.memory_full_info().pss for each in processes) / 1_000_000
