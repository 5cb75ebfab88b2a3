"""A connector's life: connecting, letting go, being cancelled, and keeping its secrets."""

import asyncio
import gc
import logging
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from hub.contract.connector import Connector, Polls, Streams
from hub.contract.errors import AuthBroken, ConnectorError, Unavailable
from hub.contract.inbound import Cursor
from tests.conformance_kit.harness import Broken, Check, Failure, Harness, require
from tests.conformance_kit.reading import connected, start, stream_of
from tests.conformance_kit.sending import KEY, check_words

_LOGS: tuple[str, ...] = ("hub", "connectors", "hubbub", "")


async def connecting_to_a_platform_that_is_down_says_unavailable(harness: Harness) -> None:
    await _connecting_fails(harness, Failure.UNAVAILABLE, Unavailable)


async def connecting_with_refused_credentials_says_so(harness: Harness) -> None:
    await _connecting_fails(harness, Failure.AUTH_BROKEN, AuthBroken)


async def _connecting_fails(harness: Harness, failure: Failure, expected: type[ConnectorError]) -> None:
    """…and the same connector connects once the failure is over."""
    connector = harness.make()
    await harness.fail(failure)
    try:
        async with asyncio.timeout(harness.patience):
            await connector.connect()
    except ConnectorError as problem:
        require(type(problem) is expected, f"{failure} is said as {type(problem).__name__}: {problem}")
        check_words(problem)
    except Exception as problem:
        raise Broken(f"{failure} raises {type(problem).__name__}: {problem}") from problem
    else:
        raise Broken(f"{failure} goes unnoticed when connecting.")
    await harness.fail(None)
    try:
        async with asyncio.timeout(harness.patience):
            await connector.connect()
    except (ConnectorError, TimeoutError) as problem:
        raise Broken(f"It does not connect again after {failure}: {problem}") from problem
    finally:
        await connector.close()


async def close_may_be_called_before_connect_and_twice(harness: Harness) -> None:
    connector = harness.make()
    await _close(harness, connector, "before connect")
    connector = await connected(harness)
    await _close(harness, connector, "after connect")
    await _close(harness, connector, "a second time")
    await harness.fail(Failure.UNAVAILABLE)
    await _close(harness, harness.make(), "while the platform is down")
    await harness.fail(None)


async def _close(harness: Harness, connector: Connector[Any], when: str) -> None:
    try:
        async with asyncio.timeout(harness.closing):
            await connector.close()
    except TimeoutError as problem:
        raise Broken(f"close {when} takes longer than {harness.closing} s.") from problem
    except Exception as problem:
        raise Broken(f"close {when} raises {type(problem).__name__}: {problem}") from problem


async def close_lets_go_while_it_reads(harness: Harness) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    reading = asyncio.ensure_future(_read_on(connector, cursor))
    await asyncio.wait([reading], timeout=harness.headway)
    await _close(harness, connector, "while it reads")
    await _cancel(harness, reading)


async def a_cancelled_reading_leaves_nothing_behind(harness: Harness) -> None:
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    complaints: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(str(context.get("message"))))
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gc.freeze()  # what was there before is none of ours, and much in a process of many tests
            await _read_and_cancel(harness)
            gc.collect()
            await asyncio.sleep(0)
    finally:
        loop.set_exception_handler(None)
    left = asyncio.all_tasks() - tasks
    for task in left:
        task.cancel()
    require(not left, f"Tasks are left behind: {[task.get_name() for task in left]}")
    # A warning elsewhere in the process is none of ours to judge: it names its own file.
    spoken = [str(warning.message) for warning in caught if "unclosed" in str(warning.message)]
    spoken += [str(warning.message) for warning in caught if "never awaited" in str(warning.message)]
    require(not spoken and not complaints, f"It is complained about: {spoken + complaints}")
    busy = await asyncio.to_thread(_busy_threads, threads, harness.closing)
    require(not busy, f"Threads are left behind: {busy}")


async def _read_and_cancel(harness: Harness) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    reading = asyncio.ensure_future(_read_on(connector, cursor))
    await asyncio.wait([reading], timeout=harness.headway)
    await _cancel(harness, reading)
    await _close(harness, connector, "after a cancelled reading")


async def _read_on(connector: Connector[Any], cursor: Cursor | None) -> None:
    """Read for ever, as the supervisor does."""
    if isinstance(connector, Streams):
        stream = stream_of(connector, cursor)
        try:
            async for _ in stream:
                pass
        finally:
            await stream.aclose()
    elif isinstance(connector, Polls):
        while True:
            cursor = (await connector.poll(cursor)).cursor
            await asyncio.sleep(0.02)
    else:
        await asyncio.get_running_loop().create_future()


async def _cancel(harness: Harness, reading: asyncio.Future[None]) -> None:
    reading.cancel()
    done, _ = await asyncio.wait([reading], timeout=harness.closing)
    require(done, f"A cancelled reading goes on for more than {harness.closing} s.")
    problem = None if reading.cancelled() else reading.exception()
    if problem is not None and not isinstance(problem, ConnectorError):
        raise Broken(f"A cancelled reading raises {type(problem).__name__}: {problem}") from problem


def _busy_threads(before: set[threading.Thread], limit: float) -> list[str]:
    """New threads that are still at work after `limit` seconds; the loop's own idle workers are not."""
    end = time.monotonic() + limit
    ours = threading.current_thread()
    while busy := [
        thread.name
        for thread in threading.enumerate()
        if thread not in before and thread is not ours and not _idle_worker(thread)
    ]:
        if time.monotonic() > end:
            return busy
        time.sleep(0.05)
    return []


def _idle_worker(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    return thread.name.startswith("asyncio_") and (frame is None or frame.f_code.co_name == "_worker")


async def secrets_are_seen_nowhere(harness: Harness) -> None:
    require(harness.secrets, "The harness names no secrets to look for.")
    seen: list[str] = []
    with _listening(seen.append):
        connector = harness.make()
        failures: list[Failure | None] = [None, *(each for each in Failure if each not in harness.exempt)]
        for failure in failures:
            await harness.fail(failure)
            seen += await _words_of(harness, connector)
        await harness.fail(None)
        seen += [repr(connector), str(connector), repr(connector.config), str(connector.config)]
        seen += [repr(value) for value in vars(connector).values()]
        await connector.close()
    for secret in harness.secrets:
        for text in seen:
            require(secret not in text, f"A secret is seen in {text.replace(secret, '***')[:300]!r}")


async def _words_of(harness: Harness, connector: Connector[Any]) -> list[str]:
    """Connect and send; what the errors say, as agents see them and as a log shows them."""
    words: list[str] = []
    for deed in (connector.connect, lambda: connector.send(harness.outbound(KEY))):
        try:
            async with asyncio.timeout(harness.patience):
                account = await deed()
                words.append(repr(account))
        except Exception as problem:  # noqa: BLE001 - of which kind is for another check
            words += [str(problem), repr(problem), "".join(traceback.format_exception(problem))]
    return words


class _listening(logging.Handler):  # noqa: N801 - used as a function
    """Everything that is logged meanwhile, at any level, as it would be written."""

    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__(logging.DEBUG)
        self.take = take
        self.levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.take(self.format(record))
        self.take(repr(vars(record)))

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self)
        for name in _LOGS:
            self.levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(logging.DEBUG)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        for name, level in self.levels.items():
            logging.getLogger(name).setLevel(level)


CHECKS = (
    Check(
        "connecting to a platform that is down says unavailable",
        connecting_to_a_platform_that_is_down_says_unavailable,
        (),
        Failure.UNAVAILABLE,
    ),
    Check(
        "connecting with refused credentials says so",
        connecting_with_refused_credentials_says_so,
        (),
        Failure.AUTH_BROKEN,
    ),
    Check("close may be called before connect and twice", close_may_be_called_before_connect_and_twice),
    Check("close lets go while it reads", close_lets_go_while_it_reads),
    Check("a cancelled reading leaves nothing behind", a_cancelled_reading_leaves_nothing_behind),
    Check("secrets are seen nowhere", secrets_are_seen_nowhere),
)
