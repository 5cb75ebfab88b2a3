"""The data folder of the embedded database: who may enter, who is in, and whether an orphan is left inside.

lock              held by the hub that uses the folder; its process id
database/         the files of the database
database.secret   its password
database.lock     held by the database itself as long as it runs; its process id
database.port     where it listens, for the commands that join a running hub
database.log      what it says, bounded
"""

import asyncio
import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from hub.store.errors import StoreError

log = structlog.get_logger(__name__)

GRACE = 3.0  # seconds an orphan gets to end by itself
PATIENCE = 10.0  # seconds it then gets to close its files before it is killed
STEP = 0.02


def prepare_folder(folder: Path) -> None:
    """Make the folder, for its owner alone; refuse one in which others could exchange our files."""
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        entry = folder.stat()
        if entry.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise StoreError(f"Others may write to the data folder {folder}: `chmod go-w {folder}` mends it.")
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "not ours")


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses in `folder` into a sentence."""
    try:
        yield
    except OSError as problem:
        raise StoreError(explanation(folder, problem.errno)) from problem


def explanation(folder: Path, number: int | None) -> str:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: the embedded database cannot write to {folder}. Make room and start again."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The data folder {folder} cannot be written to. Give it to Hubbub's user, or set data.folder."
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"The data folder {folder} is not a folder. Set data.folder to another place."
    return f"The data folder {folder} cannot be used: {os.strerror(number or 0)}."


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep every other hub out. The kernel frees the lock however we end, so a stale file locks nothing."""
    with explained(folder):
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try_lock(lock):
            raise StoreError(
                f"Hubbub is already running on {folder} (process {_pid_in(lock)}). "
                "Stop it first, or give this one a data folder of its own (data.folder)."
            )
        _write_pid(lock, os.getpid())
        yield
        os.ftruncate(lock, 0)
    finally:
        os.close(lock)


@contextmanager
def database_lock(folder: Path) -> Iterator[int]:
    """A descriptor that holds `database.lock`. Handed to the database, it goes on holding it there."""
    with explained(folder):
        lock = os.open(folder / "database.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try_lock(lock):
            raise StoreError(f"The database in {folder} is still running (process {_pid_in(lock)}).")
        yield lock
    finally:
        os.close(lock)


async def end_orphan(folder: Path) -> None:
    """End the database of a hub that was killed, if it still runs: politely, then not."""
    with explained(folder):
        lock = os.open(folder / "database.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # On Linux it has already been told to end when its hub was killed; to be told twice would confuse it.
        if await _locked_within(lock, GRACE):
            return
        for means in (signal.SIGTERM, signal.SIGKILL):
            pid = _pid_in(lock)
            log.warning("ending the database a killed hub left behind", pid=pid, signal=means.name)
            if pid is not None:
                _send(pid, means)
            if await _locked_within(lock, PATIENCE):
                return
        raise StoreError(
            f"An earlier database (process {_pid_in(lock)}) still holds {folder} and cannot be ended. "
            "End it and start again."
        )
    finally:
        os.close(lock)


def is_running(folder: Path) -> bool:
    """Whether a database has the files of this folder open."""
    try:
        lock = os.open(folder / "database.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _try_lock(lock)
    finally:
        os.close(lock)


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path`, whole or not at all, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


async def _locked_within(descriptor: int, seconds: float) -> bool:
    for _ in range(round(seconds / STEP)):
        if _try_lock(descriptor):
            return True
        await asyncio.sleep(STEP)
    return False


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid_in(descriptor: int) -> int | None:
    digits = os.pread(descriptor, 20, 0).split()
    return int(digits[0]) if digits and digits[0].isdigit() else None


def _write_pid(descriptor: int, pid: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{pid}\n".encode(), 0)


def _send(pid: int, means: signal.Signals) -> None:
    try:
        os.kill(pid, means)
    except ProcessLookupError:
        pass  # ended meanwhile: the lock tells
