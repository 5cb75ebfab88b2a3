"""A real database for every test that wants one: one embedded server per test process, one database per test.

Listed under `pytest_plugins` in tests/conftest.py, it gives

    store_uri   where the server is, with its password; for code that connects by itself
    prepared    names of databases for those who open a store in them and empty them afterwards
    database    a Motor database of the test's own, dropped afterwards
"""

import asyncio
import shutil
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    register,
)

from hub.store.embedded import embedded_database

Database = AsyncIOMotorDatabase[dict[str, Any]]


MEMORY = Path("/dev/shm")
SPACE = 2 << 30


@pytest.fixture(scope="session")
def database_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where there is room: what waits for a disk is a third of what a test costs.

    Tests of what a database survives have folders of their own, on a disk.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < SPACE:
        yield tmp_path_factory.mktemp("database")
        return
    with tempfile.TemporaryDirectory(prefix="hubbub-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def store_uri(database_folder: Path) -> Iterator[str]:
    """Where this test process's server listens, from the first test that asks until the session ends."""
    with asyncio.Runner() as runner:
        server = embedded_database(database_folder / "folder")
        embedded = runner.run(server.__aenter__())
        try:
            yield embedded.uri
        finally:
            runner.run(server.__aexit__(None, None, None))


@dataclass(slots=True)
class Prepared:
    """Databases whose indexes exist already, empty again: creating those takes longer than most tests."""

    written: dict[str, set[str]]
    free: list[str] = field(default_factory=list)
    before: dict[str, int] = field(default_factory=dict)  # programs started, when it was taken

    def take(self) -> str:
        name = self.free.pop() if self.free else f"test_{uuid.uuid4().hex[:12]}"
        self.before[name] = Started.count
        return name

    async def give_back(self, database: Database) -> None:
        """Empty it, but for what says which indexes it has. Programs started meanwhile may have written, too:
        then the database is asked, which takes it longer than many a test."""
        await _empty(database, self.written.pop(database.name, set()))
        alone = self.before.pop(database.name) == Started.count
        if not alone and (await database.command("dbStats"))["objects"] > 1:
            await _empty(database, set(await database.list_collection_names()))
        self.free.append(database.name)


class Started:
    """Counts the programs that this process has started."""

    count = 0

    @classmethod
    def notice(cls, event: str, _: tuple[object, ...]) -> None:
        if event == "subprocess.Popen":
            cls.count += 1


class Written(CommandListener):
    """Notes which collections this process has written, by database."""

    def __init__(self) -> None:
        self.seen: defaultdict[str, set[str]] = defaultdict(set)

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ("insert", "update"):
            self.seen[event.database_name].add(event.command[event.command_name])

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest."""


async def _empty(database: Database, names: set[str]) -> None:
    """One after the other: each that runs beside another needs a connection of its own."""
    for name in names:
        await database[name].delete_many(KEPT.get(name, {}))


KEPT = {"meta": {"_id": {"$ne": "schema"}}}


@pytest.fixture(scope="session")
def prepared(store_uri: str) -> Prepared:
    listener = Written()
    register(listener)
    sys.addaudithook(Started.notice)
    return Prepared(listener.seen)


@pytest.fixture
async def database(store_uri: str) -> AsyncIterator[Database]:
    """An empty database that no other test sees."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(store_uri, tz_aware=True)
    own = client[f"test_{uuid.uuid4().hex[:12]}"]
    try:
        yield own
        await client.drop_database(own.name)
    finally:
        client.close()
