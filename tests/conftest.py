"""What every test gets: nothing of the settings of whoever runs it, and no clock over hypothesis."""

import gc
import os
import signal

import hypothesis
import pytest
import structlog
from argon2 import PasswordHasher

from hub.auth import passwords

pytest_plugins = ("tests.database", "tests.hubs", "tests.mailserver")

# How long one example takes says more about the other processes of the machine than about us.
# The same code is told the same thing each time; `make explore` looks where nobody has looked yet.
hypothesis.settings.register_profile("hubbub", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("hubbub")


def pytest_configure() -> None:
    """Started in the background, a shell has us ignore Ctrl-C, and so would every program we start.

    Tracebacks are plain, as in a real log: to draw a rich one takes seconds, in which nothing else goes on.
    """
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HUBBUB_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes guessing dear makes tests dear: only those of signing in pay for it."""
    if request.path.parent.name != "auth":
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that may take long, and have a limit of their own, begin first: none is left alone at the end."""
    items.sort(key=lambda each: each.get_closest_marker("timeout") is None)


def pytest_collection_finish() -> None:
    """What all tests have in common, a quarter of a million objects, is looked through once."""
    gc.collect()
    gc.freeze()
