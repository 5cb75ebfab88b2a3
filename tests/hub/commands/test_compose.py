"""The commands that docker-compose.yml gives its services, run as it gives them, on a database by URL."""

import asyncio
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.hubs import until

COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"


def compose_plugin() -> bool:
    docker = shutil.which("docker")
    asked = [docker, "compose", "version"] if docker else None
    return asked is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not compose_plugin(), reason="there is no `docker compose` on this machine")
def test_compose_itself_understands_the_file() -> None:
    ran = subprocess.run(
        ["docker", "compose", "--file", str(COMPOSE), "config", "--quiet"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.timeout(120)
async def test_web_and_worker_run_and_are_found_healthy(store_uri: str, tmp_path: Path) -> None:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    environ = {
        **os.environ,
        "HUBBUB_MONGO__URL": store_uri,
        "HUBBUB_MONGO__DATABASE": f"compose_{tmp_path.name[-12:].replace('.', '_')}",
        "HUBBUB_DATA__FOLDER": str(tmp_path),
        "HUBBUB_SECRETS__KEY": b64encode(bytes(32)).decode(),
        "HUBBUB_WEB__PORT": "0",
        "HUBBUB_LOG__FORMAT": "json",
    }
    processes = [
        await asyncio.create_subprocess_exec(
            *hubbub(services[name]["command"]),
            env=environ,
            stderr=asyncio.subprocess.PIPE,
            cwd=COMPOSE.parent,
        )
        for name in ("web", "worker")
    ]
    try:
        url = await asyncio.wait_for(listening(processes[0]), 60)
        async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as answer:
            assert answer.status == 200

        async def healthy() -> bool:
            command = hubbub(services["worker"]["healthcheck"]["test"][1:])
            checking = await asyncio.create_subprocess_exec(
                *command, env=environ, stdout=asyncio.subprocess.DEVNULL, cwd=COMPOSE.parent
            )
            return await checking.wait() == 0

        await until(healthy, "the worker to be found healthy", 60)
    finally:
        for process in processes:
            process.terminate()
        ended = [await asyncio.wait_for(process.wait(), 30) for process in processes]
    assert ended == [0, 0]


def hubbub(command: list[str]) -> list[str]:
    """`hubbub …` with the Python of the tests, installed or not."""
    assert command[0] == "hubbub"
    return [sys.executable, "-m", "hub", *command[1:]]


async def listening(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if b"http://127.0.0.1:" in line:
            return f"http://{line.decode().partition('http://')[2].split(chr(34))[0]}"
    raise AssertionError("the web server ended without saying where it listens")
