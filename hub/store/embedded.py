"""The embedded database: SecantusDB as a child process, for trials, demos and tests.

It speaks MongoDB's wire protocol, so everything else in this package works on it as on a real deployment. It
is started as a program of its own and never imported. It listens on a loopback port, asks for a password that
stands only in the data folder, is started again if it dies, and ends when the hub does, in whatever way the
hub ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import structlog

from hub.store.data_folder import (
    end_orphan,
    explained,
    hold_folder,
    is_running,
    prepare_folder,
    write_private,
)
from hub.store.errors import StoreError
from hub.store.provision import USER, provide_password
from hub.store.server import Run, Server, find_program

log = structlog.get_logger(__name__)

NOTICE = (
    "Using the embedded database, which is made for trials, demos and tests: it stays quick up to a few "
    "thousand conversations. Beyond that, `docker compose up` starts Hubbub with MongoDB, and "
    "`hubbub store copy` takes your data along."
)
PROGRAM = "secantusd-py"
CACHE = 64  # MB
PAUSES = (0.1, 1.0, 5.0, 15.0, 30.0)  # seconds before the first, second ... restart; then we give up
STEADY = 120.0  # seconds: a database that ran this long has earned a full set of restarts again


class Embedded:
    """A running embedded database. `lost` is done, with the reason, once it keeps dying and is given up."""

    def __init__(self, run: Run, password: str) -> None:
        self.port = run.port
        self.uri = _uri(run.port, password)
        self.lost: asyncio.Future[StoreError] = asyncio.get_running_loop().create_future()
        self._run = run

    @property
    def pid(self) -> int:
        """Process id of the database; another one after each restart."""
        return self._run.process.pid

    async def keep_alive(self) -> None:
        """Start it again on its port whenever it ends, until cancelled or given up."""
        clock = asyncio.get_running_loop().time
        restarts = 0
        while True:
            began = clock()
            code = await self._run.ended()
            if clock() - began > STEADY:
                restarts = 0
            log.error("the embedded database ended and is started again", code=code)
            try:
                restarts = await self._restart(restarts)
            except StoreError as problem:
                log.error("the embedded database is given up", reason=str(problem))
                self.lost.set_result(problem)
                return

    async def _restart(self, restarts: int) -> int:
        problem = StoreError("It ended again right after each start.")
        for number in range(restarts, len(PAUSES)):
            await asyncio.sleep(PAUSES[number])
            try:
                self._run = await self._run.server.start(self.port)
            except StoreError as refused:
                problem = refused
            else:
                return number + 1
        raise StoreError(f"The embedded database keeps ending, and Hubbub cannot work without it. {problem}")

    async def stop(self) -> None:
        await self._run.stop()


@asynccontextmanager
async def embedded_database(
    folder: Path, program: str = PROGRAM, cache: int = CACHE
) -> AsyncIterator[Embedded]:
    """Run the database of `folder` (made at the first start), with a cache of `cache` MB, inside the block.

    Raises StoreError if it cannot: not installed, folder in use or not writable, disk full.
    """
    folder = _place(folder)
    server = Server(folder=folder, program=find_program(program), cache=cache)
    prepare_folder(folder)
    with hold_folder(folder):
        await end_orphan(folder)
        password = await provide_password(server)
        embedded = Embedded(await server.start(), password)
        try:
            with explained(folder):
                write_private(folder / "database.port", f"{embedded.port}\n")
            keeper = asyncio.create_task(embedded.keep_alive(), name="embedded database")
            try:
                yield embedded
            finally:
                keeper.cancel()
                with suppress(asyncio.CancelledError):
                    await keeper
        finally:
            await embedded.stop()


def running_database(folder: Path) -> str | None:
    """The URI of the database that a hub runs in `folder`, for commands beside it; None if none runs."""
    folder = _place(folder)
    if not is_running(folder):
        return None
    try:
        port = (folder / "database.port").read_text(encoding="utf-8")
        secret = (folder / "database.secret").read_text(encoding="utf-8")
    except FileNotFoundError as problem:
        raise StoreError(
            f"Hubbub is just being started for the first time in {folder}: try again in a few seconds."
        ) from problem
    except OSError as problem:
        raise StoreError(f"Cannot read {folder}: {problem.strerror}.") from problem
    return _uri(int(port), secret.strip())


def _place(folder: Path) -> Path:
    return folder.expanduser().absolute()


def _uri(port: int, password: str) -> str:
    # One connection follows the events, two work: more would only wait for each other, and cost more.
    options = "replicaSet=secantus&retryWrites=false&journal=true&authSource=admin&maxPoolSize=3"
    return f"mongodb://{USER}:{quote(password, safe='')}@127.0.0.1:{port}/?{options}"
