"""The web server: webhooks, API, pages and web chat under one address."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

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
from inbox_ui import Pages
from inbox_ui import set_up as set_up_pages

log = structlog.get_logger()


@asynccontextmanager
async def serving(hub: Hub, ingest: IngestWorker | None, follower: Follower) -> AsyncIterator[str]:
    app = web_app(hub, ingest, follower)
    runner = web.AppRunner(app, access_log_class=AccessLog, shutdown_timeout=5)
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
