"""Running a hub until it is told to stop: what `serve`, `web`, `worker` and the demo have in common."""

import asyncio
import signal
import sys
from typing import Any

import structlog

from config.settings import Settings
from hub.app import Hub, open_hub
from hub.auth.first_admin import start_first_admin
from hub.store import StoreError
from hub.store.embedded import Embedded
from hub.work import running

log = structlog.get_logger()


async def run_until_stopped(
    settings: Settings, *, web_server: bool, worker: bool, starts_database: bool
) -> None:
    """What `serve`, `web` and `worker` do: run until SIGTERM or SIGINT. Raises StoreError."""
    stopping = told_to_stop()
    try:
        async with (
            open_hub(settings, starts_database=starts_database) as hub,
            running(hub, web_server=web_server, worker=worker) as at_work,
        ):
            await greet(hub, at_work.url)
            await stopped(stopping, hub.embedded)
            log.info("stopping")
    except* StoreError as group:
        raise _innermost(group) from None


async def greet(hub: Hub, url: str | None) -> None:
    """At the first run: the link that makes the first admin, for the person at the terminal alone."""
    if url is not None and (path := await start_first_admin(hub.auth)):
        where = f"{hub.settings.web.public_url or url}{path}"
        sys.stderr.write(f"\nNobody can sign in yet. Make the first admin, within 24 hours, at\n{where}\n\n")
        sys.stderr.flush()


def _innermost(problem: BaseException) -> BaseException:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def told_to_stop() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT from now on."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    return stopping


async def stopped(stopping: asyncio.Event, embedded: Embedded | None) -> None:
    """Until we are told to stop. Raises StoreError when our own database cannot be kept alive."""
    told = asyncio.create_task(stopping.wait())
    ends: set[asyncio.Future[Any]] = {told, embedded.lost} if embedded else {told}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if embedded and embedded.lost.done():
        told.cancel()
        raise embedded.lost.result()
