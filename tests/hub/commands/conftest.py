"""Running the command line in this process, against the database of the test's hub."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from hub.__main__ import main
from hub.app import Hub


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        [row] = self.rows
        return row

    @property
    def error(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.err.splitlines()[-1])
        return parsed


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """`run("channel", "list")`, from a thread: `await asyncio.to_thread(run, ...)` beside a hub at work."""
    settings = hub.settings
    assert settings.mongo.url is not None
    monkeypatch.setenv("HUBBUB_MONGO__URL", settings.mongo.url.get_secret_value())
    monkeypatch.setenv("HUBBUB_MONGO__DATABASE", settings.mongo.database)
    monkeypatch.setenv("HUBBUB_DATA__FOLDER", str(settings.data.folder))

    def run_command(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run_command


Run = Callable[..., Ran]


async def beside(run: Run, *arguments: str, typed: str = "") -> Ran:
    """Run a command while the hub of this test goes on working."""
    async with asyncio.timeout(90):
        return await asyncio.to_thread(run, *arguments, typed=typed)
