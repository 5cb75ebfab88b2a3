"""The embedded database against everything that ends processes, and everybody who has no business in it."""

import asyncio
import os
import signal
import socket
import stat
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, OperationFailure

from hub.store import embedded as embedded_module
from hub.store.embedded import NOTICE, embedded_database, running_database
from hub.store.errors import StoreError
from hub.store.server import LOG_LIMIT, Server, find_program

HUB = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from hub.store.embedded import embedded_database

    async def main():
        async with embedded_database(Path(sys.argv[1])) as embedded:
            print(embedded.pid, embedded.uri, flush=True)
            await asyncio.Event().wait()

    asyncio.run(main())
    """
)


@asynccontextmanager
async def connected(uri: str) -> AsyncIterator[AsyncIOMotorClient[dict[str, Any]]]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, serverSelectionTimeoutMS=20_000)
    try:
        yield client
    finally:
        client.close()


@asynccontextmanager
async def another_hub(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int, str]]:
    """A hub in a process of its own, its database's process id and where that listens."""
    hub = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HUB, str(folder)),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )
    try:
        assert hub.stdout is not None
        pid, uri = (await hub.stdout.readline()).decode().split()
        yield hub, int(pid), uri
    finally:
        if hub.returncode is None:
            hub.kill()
        await hub.wait()


async def until_ended(pid: int) -> None:
    async with asyncio.timeout(20):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


async def write_through_an_outage(client: AsyncIOMotorClient[dict[str, Any]], number: int) -> None:
    """As our code does it: an upsert, again until it is acknowledged."""
    async with asyncio.timeout(30):
        while True:
            try:
                await client.t.c.update_one({"_id": number}, {"$set": {"n": number}}, upsert=True)
                return
            except ConnectionFailure:
                await asyncio.sleep(0.05)


async def test_what_was_written_is_there_at_the_next_start(tmp_path: Path) -> None:
    for start in range(2):
        async with embedded_database(tmp_path / "data") as embedded, connected(embedded.uri) as client:
            assert await client.t.c.count_documents({}) == start
            await client.t.c.insert_one({"_id": start})
            pid = embedded.pid
        assert not psutil.pid_exists(pid)


async def test_nobody_enters_without_the_password(tmp_path: Path) -> None:
    async with embedded_database(tmp_path) as embedded:
        async with connected(embedded.uri) as client:
            await client.t.c.insert_one({"_id": 1})
            users = await client.admin["system.users"].find().to_list(None)
            assert [user["_id"] for user in users] == ["admin.hubbub"]
        bare = f"127.0.0.1:{embedded.port}/?replicaSet=secantus"
        for who in ("", "hubbub:guess@", "root:root@"):
            async with connected(f"mongodb://{who}{bare}") as client:
                with pytest.raises(OperationFailure):
                    await client.t.c.find_one({"_id": 1})
        async with connected(f"mongodb://{bare}") as client:
            with pytest.raises(OperationFailure):
                await client.admin.command("createUser", "mallory", pwd="x", roles=["root"])


async def test_the_first_start_admits_nobody_else_while_it_makes_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    start = Server.start

    async def start_and_intrude(server: Server, port: int = 0) -> Any:
        run = await start(server, port)
        if not server.auth:
            for scheme in ("", "tls=true&tlsInsecure=true&"):
                uri = f"mongodb://127.0.0.1:{run.port}/?{scheme}directConnection=true&serverSelectionTimeoutMS=500"
                client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
                with pytest.raises(ConnectionFailure):
                    await client.admin.command("createUser", "mallory", pwd="x", roles=["root"])
                client.close()
                refused.append(scheme)
        return run

    monkeypatch.setattr(Server, "start", start_and_intrude)
    async with embedded_database(tmp_path) as embedded, connected(embedded.uri) as client:
        assert await client.admin["system.users"].count_documents({}) == 1
    assert len(refused) == 2
    assert not list(tmp_path.rglob("*.pem"))


async def test_everything_in_the_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    async with embedded_database(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "database.secret").stat().st_mode) == 0o600
        for entry in folder.iterdir():
            assert not stat.S_IMODE(entry.stat().st_mode) & 0o077, entry
        password = (folder / "database.secret").read_text().strip()
        assert password not in (folder / "database.log").read_text()
        assert password not in " ".join(psutil.Process(await _child(folder)).cmdline())


async def _child(folder: Path) -> int:
    return int((folder / "database.lock").read_text())


async def test_a_second_hub_is_kept_out_and_told_who_is_in(tmp_path: Path) -> None:
    async with embedded_database(tmp_path) as embedded:
        with pytest.raises(StoreError, match=rf"already running on .*process {os.getpid()}\)"):
            async with embedded_database(tmp_path):
                pass
        async with connected(embedded.uri) as client:
            await client.admin.command("ping")
    async with embedded_database(tmp_path):
        pass


async def test_a_killed_database_comes_back_on_its_port_with_all_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    async with embedded_database(tmp_path) as embedded, connected(embedded.uri) as client:
        before = embedded.pid
        for number in range(60):
            if number == 30:
                os.kill(embedded.pid, signal.SIGKILL)
            await write_through_an_outage(client, number)
        assert sorted([each["_id"] async for each in client.t.c.find({})]) == list(range(60))
        assert embedded.pid != before
        assert not embedded.lost.done()


async def test_a_database_that_keeps_dying_is_given_up_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "PAUSES", (0.01, 0.02))
    async with embedded_database(tmp_path) as embedded:
        (tmp_path / "database" / "WiredTiger").write_text("damaged")
        (tmp_path / "database" / "WiredTiger.turtle").write_text("damaged")
        os.kill(embedded.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            problem = await embedded.lost
        assert "keeps ending" in str(problem)
        assert "database.log" in str(problem)


async def test_a_killed_hub_takes_its_database_along(tmp_path: Path) -> None:
    async with another_hub(tmp_path) as (hub, database, _):
        hub.kill()
        await hub.wait()
        await until_ended(database)


async def test_the_hub_after_a_killed_one_finds_everything(tmp_path: Path) -> None:
    async with another_hub(tmp_path) as (hub, database, uri):
        async with connected(uri) as client:
            await client.t.c.insert_many([{"_id": number} for number in range(200)])
        hub.kill()
        os.kill(database, signal.SIGKILL)
        await hub.wait()
    async with embedded_database(tmp_path) as embedded, connected(embedded.uri) as client:
        assert await client.t.c.count_documents({}) == 200


async def test_a_database_left_behind_is_ended_before_a_new_one_starts(tmp_path: Path) -> None:
    async with embedded_database(tmp_path):
        pass
    # One whose parent, unlike a hub, does not take it along: this test.
    left_behind = await Server(folder=tmp_path, program=find_program("secantusd-py"), cache=64).start()
    async with embedded_database(tmp_path) as embedded:
        assert embedded.pid != left_behind.process.pid
        await left_behind.process.wait()


async def test_a_command_beside_a_running_hub_finds_its_database(tmp_path: Path) -> None:
    assert running_database(tmp_path / "data") is None
    async with embedded_database(tmp_path / "data") as embedded:
        assert running_database(tmp_path / "data") == embedded.uri
    assert running_database(tmp_path / "data") is None


async def test_a_command_during_the_first_start_is_asked_to_wait(tmp_path: Path) -> None:
    async with embedded_database(tmp_path) as embedded:
        (tmp_path / "database.port").rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match="just being started"):
            running_database(tmp_path)
        (tmp_path / "elsewhere").rename(tmp_path / "database.port")
        assert running_database(tmp_path) == embedded.uri


async def test_an_interrupted_first_start_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "database.new").mkdir()
    (tmp_path / "database.new" / "WiredTiger").write_text("half")
    async with embedded_database(tmp_path) as embedded, connected(embedded.uri) as client:
        await client.admin.command("ping")
    assert not (tmp_path / "database.new").exists()


async def test_a_lost_password_is_explained(tmp_path: Path) -> None:
    async with embedded_database(tmp_path):
        pass
    secret = tmp_path / "database.secret"
    secret.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        async with embedded_database(tmp_path):
            pass
    secret.unlink()
    with pytest.raises(StoreError, match="database.secret is missing"):
        async with embedded_database(tmp_path):
            pass


async def test_a_missing_program_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r'pip install "hubbub\[embedded\]".*mongo.url'):
        async with embedded_database(tmp_path, program="no-such-database"):
            pass


@pytest.mark.parametrize(
    ("says", "explained"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full.*Make room"),
        ("PermissionError: [Errno 13] Permission denied", "cannot be written to"),
        ("Segmentation fault", "cannot start: Segmentation fault.*database.log"),
        ("", "it said nothing"),
    ],
)
async def test_a_database_that_cannot_start_is_explained(tmp_path: Path, says: str, explained: str) -> None:
    program = tmp_path / "broken-database"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
    program.chmod(0o700)
    with pytest.raises(StoreError, match=explained):
        async with embedded_database(tmp_path / "data", program=str(program)):
            pass


async def test_a_folder_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o770)
    with pytest.raises(StoreError, match="chmod go-w"):
        async with embedded_database(tmp_path):
            pass


async def test_a_folder_that_is_none_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is not a folder"):
        async with embedded_database(tmp_path / "file"):
            pass


async def test_the_databases_log_stays_bounded(tmp_path: Path) -> None:
    log = tmp_path / "database.log"
    log.write_bytes(b"old\n" * LOG_LIMIT)
    async with embedded_database(tmp_path):
        assert log.stat().st_size < LOG_LIMIT
        assert b"listening" in log.read_bytes()


async def test_those_who_write_much_at_once_do_not_hold_each_other_up_for_good(tmp_path: Path) -> None:
    async with (
        embedded_database(tmp_path / "data", cache=16) as embedded,
        connected(embedded.uri + "&socketTimeoutMS=20000") as client,
    ):
        await client.t.c.create_index("words")

        async def write(writer: int) -> None:
            for number in range(3):
                await client.t.c.insert_many(
                    {"words": [f"{writer} {number} {each} {word}" for word in range(8)], "text": "x" * 6000}
                    for each in range(250)
                )

        await asyncio.gather(*map(write, range(3)))
        assert await client.t.c.estimated_document_count() == 3 * 3 * 250


async def test_it_uses_the_port_only_on_this_machine(tmp_path: Path) -> None:
    async with embedded_database(tmp_path) as embedded:
        listening = [
            each
            for each in psutil.Process(embedded.pid).net_connections()
            if each.status == psutil.CONN_LISTEN
        ]
        assert [each.laddr.ip for each in listening] == ["127.0.0.1"]
        with socket.create_connection(("127.0.0.1", embedded.port)):
            pass


def test_the_notice_says_where_to_go_beyond_a_trial() -> None:
    assert "docker compose up" in NOTICE
    assert "hubbub store copy" in NOTICE
