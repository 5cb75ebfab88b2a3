"""The web server: webhooks, API, pages and web chat under one address."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from config.logging import AccessLog
from connectors.webchat.routes import set_up_webchat
from hub.api.mounting import set_up as set_up_api
from hub.app import Hub, build_marks
from hub.auth.addresses import behind_proxies
from hub.hosting import Hosted
from hub.ingest.webhooks import WebhookDoor
from hub.ingest.worker import IngestWorker
from hub.notifying.posting import Post
from hub.realtime import Follower
from hub.store import StoreError, StoreUnavailable
from inbox_ui.mistakes import Unreadable
from inbox_ui.mounting import set_up as set_up_pages
from inbox_ui.pages import Pages

log = structlog.get_logger()

TO_THE_API = re.compile(r"([A-Z]+ )?/api/")


@asynccontextmanager
async def serving(hub: Hub, ingest: IngestWorker | None, follower: Follower) -> AsyncIterator[str]:
    app = web_app(hub, ingest, follower)
    runner = Runner(app, Unreadable(), access_log_class=AccessLog, shutdown_timeout=5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, hub.settings.web.host, hub.settings.web.port)
        try:
            await site.start()
        except OSError as problem:
            raise StoreError(
                f"Cannot listen on {hub.settings.web.host}:{hub.settings.web.port} ({problem.strerror}): "
                "set web.port to another one, or stop what uses it."
            ) from problem
        host, port = runner.addresses[0][:2]
        url = f"http://{host}:{port}"
        log.info("listening", url=url)
        yield url
    finally:
        await runner.cleanup()


class Runner(web.AppRunner):
    """Answers what is no request (an address of more than 8 kB) with a page, and quotes nothing of it: it may
    be a secret."""

    def __init__(self, app: web.Application, unreadable: Unreadable, **settings: Any) -> None:
        super().__init__(app, **settings)
        self._unreadable = unreadable

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        return _Server(made, self._unreadable)


class _Server(Server):
    def __init__(self, made: Server, unreadable: Unreadable) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory, **made._kwargs)
        self._unreadable = unreadable

    def __call__(self) -> RequestHandler:
        return _Handler(self, self._unreadable, loop=self._loop, **self._kwargs)


class _Handler(RequestHandler):
    __slots__ = ("_unreadable",)

    def __init__(self, server: Server, unreadable: Unreadable, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._unreadable = unreadable

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        log.info("not a request", problem=type(exc).__name__)
        line = exc.args[0] if isinstance(exc, LineTooLong) else ""  # as far as it was read
        beginning = line if isinstance(line, str) else bytes(line[:40]).decode("latin-1")
        response = self._unreadable.response(api=TO_THE_API.match(beginning) is not None)
        response.force_close()
        return response


def web_app(hub: Hub, ingest: IngestWorker | None, follower: Follower) -> web.Application:
    app = web.Application(middlewares=[behind_proxies(hub.settings.web.trusted_proxies)])
    door = WebhookDoor(hub.store, hub.registry, hub.clock, hub.settings.web.public_url, ingest)
    app.add_routes(door.routes())
    app.router.add_get("/healthz", _health(hub))
    set_up_api(app, hub.webhooks, hub.auth)
    set_up_webchat(app, Hosted(hub.desk, door, follower))
    public_url, mail = hub.settings.web.public_url, hub.settings.mail
    pages = Pages(
        desk=hub.desk,
        auth=hub.auth,
        webhooks=hub.webhooks,
        follower=follower,
        key=hub.registry.sealer.derive("links to files"),
        secure=(public_url or "").startswith("https://"),
        public_url=public_url,
        marks=build_marks(hub),
        post=Post(**mail.model_dump()) if mail.host is not None else None,
    )
    set_up_pages(app, pages)
    return app


def _health(hub: Hub) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def healthz(request: web.Request) -> web.Response:
        """200 while the database answers; for container health checks."""
        try:
            await hub.store.database.command("ping")
        except StoreUnavailable:
            return web.json_response({"database": "away"}, status=503)
        return web.json_response({"database": "ok"})

    return healthz
