"""The program from outside: started, joined by commands, stopped."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import TOP
from tests.hubs import until

pytestmark = pytest.mark.timeout(180)  # each starts programs that start programs


@asynccontextmanager
async def hubbub(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", *arguments),
        cwd=TOP,
        env={**os.environ, "HUBBUB_DATA__FOLDER": str(folder), "HUBBUB_WEB__PORT": "0"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def finished(folder: Path, *arguments: str) -> tuple[int, str, str]:
    async with hubbub(folder, *arguments) as process, asyncio.timeout(60):
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()


async def line_with(process: asyncio.subprocess.Process, words: str) -> str:
    """The log line that says so."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        async for line in process.stderr:
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"it ended without saying {words!r}")


async def test_serve_runs_with_commands_beside_it_until_it_is_told_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with hubbub(folder, "serve") as process:
        await line_with(process, "listening")
        status, _, err = await finished(folder, "agent", "add", "Ana", "ana@hub.example")
        assert status == 0, err
        status, out, _ = await finished(folder, "--json", "agent", "list")
        assert json.loads(out)["email"] == "ana@hub.example"
        status, _, err = await finished(folder, "serve")
        assert status == 1
        assert "already running" in err
        assert "Traceback" not in err
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        assert "Traceback" not in said.decode()
    status, out, err = await finished(folder, "--json", "agent", "list")
    assert status == 0, err
    assert json.loads(out)["email"] == "ana@hub.example"


async def test_events_are_followed_in_another_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with hubbub(folder, "serve") as process:
        await line_with(process, "listening")
        async with hubbub(folder, "events", "--follow", "--json") as following:
            assert following.stdout is not None
            add = ("channel", "add", "simulator", "--set", "world=w", "--name")
            names = iter(range(100))

            async def something() -> dict[str, Any] | None:
                """Connect channels until one is heard of: the first may be before the follower listens."""
                assert following.stdout is not None
                status, _, err = await finished(folder, *add, f"Channel {next(names)}")
                assert status == 0, err
                try:
                    async with asyncio.timeout(2):
                        return dict(json.loads(await following.stdout.readline()))
                except TimeoutError:
                    return None

            event = await until(something, "an event", 60)
            assert event["kind"] == "channel_changed"
            following.send_signal(signal.SIGINT)
            async with asyncio.timeout(30):
                _, err = await following.communicate()
            assert "Traceback" not in err.decode()


async def test_the_demo_says_where_it_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with hubbub(tmp_path, "demo", "--count", "3", "--port", "0", "--json") as process:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            said = json.loads(await process.stdout.readline())
        folder = Path(said["config"]).parent
        assert said["url"].startswith("http://127.0.0.1:")
        status, _, err = await finished(tmp_path, "--config", said["config"], "store", "info", "--json")
        assert status == 0, err
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            await process.communicate()
        assert process.returncode == 0
        assert not folder.exists()
