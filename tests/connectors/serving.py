"""Platforms of our own, each in a thread with a loop of its own: what they leave running is nobody else's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from aiohttp import web


class Platform(Protocol):
    """`base` and `loop` are set before anybody calls."""

    base: str
    loop: asyncio.AbstractEventLoop | None

    def routes(self) -> list[web.RouteDef]: ...


PlatformT = TypeVar("PlatformT", bound=Platform)


@contextmanager
def served(platform: PlatformT) -> Iterator[PlatformT]:
    loop = asyncio.new_event_loop()
    platform.loop = loop
    thread = threading.Thread(target=loop.run_forever, name=type(platform).__name__, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(platform), loop).result(10)
    try:
        yield platform
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(platform: Platform) -> web.AppRunner:
    app = web.Application(client_max_size=60_000_000)
    app.router.add_routes(platform.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    platform.base = f"http://{host}:{port}"
    return runner
