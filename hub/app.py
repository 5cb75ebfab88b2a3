"""The one place where everything meets: builds the pieces, starts them, stops them."""

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import structlog
from aiohttp import web

from config.logging import AccessLog
from config.settings import Settings
from connectors.email.connector import EmailConnector
from connectors.simulator.connector import SimulatorConnector
from connectors.slack import SlackConnector
from connectors.telegram import TelegramConnector
from connectors.webchat import WebchatConnector
from connectors.webchat.routes import set_up_webchat
from hub.api.mounting import set_up as set_up_api
from hub.api.telling import describer
from hub.auth import Auth
from hub.auth.addresses import behind_proxies
from hub.auth.oidc_provider import Oidc, Provider
from hub.auth.seal import Sealer, load_or_create_key_file
from hub.clock import Clock, utc_now
from hub.contract.connector import Connector
from hub.customers.matching import Matcher
from hub.desk.automatic import Answerer
from hub.desk.continuing import Continuer
from hub.desk.indexing import Indexer
from hub.desk.replying import Desk
from hub.desk.rooms import Teller, said_in_rooms
from hub.desk.uploading import sweep_uploads
from hub.desk.waking import Waker
from hub.dispatch import Dispatch
from hub.dispatch.sweeping import Sweeper
from hub.hooks import Webhooks
from hub.hooks.at_work import open_webhooks, run_webhooks
from hub.hosting import Hosted
from hub.ingest.catching_up import catch_up
from hub.ingest.pipeline import Pipeline
from hub.ingest.webhooks import WebhookDoor
from hub.ingest.worker import IngestWorker
from hub.model.ids import new_id
from hub.model.people import Role
from hub.notifying.marks import Marks
from hub.notifying.posting import Post
from hub.notifying.working import tell_everybody
from hub.outgoing import outgoing_session
from hub.realtime import Follower, TooOld
from hub.registry import Registry
from hub.store import Store, StoreError, StoreUnavailable, open_store
from hub.store.embedded import NOTICE, Embedded, embedded_database, running_database
from hub.supervisor import Supervisor
from inbox_ui import Pages
from inbox_ui import set_up as set_up_pages
from inbox_ui.digest import DigestWriter
from routing import Routing

log = structlog.get_logger()

CONNECTORS: Mapping[str, type[Connector[Any]]] = {
    EmailConnector.manifest.platform: EmailConnector,
    SimulatorConnector.manifest.platform: SimulatorConnector,
    SlackConnector.manifest.platform: SlackConnector,
    TelegramConnector.manifest.platform: TelegramConnector,
    WebchatConnector.manifest.platform: WebchatConnector,
}


SWEEP_EVERY = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Hub:
    """What commands, pages and workers share: the database, the connectors, the desk."""

    settings: Settings
    store: Store
    registry: Registry
    desk: Desk
    auth: Auth
    webhooks: Webhooks
    clock: Clock
    embedded: Embedded | None = None  # the database, if it was started here


@asynccontextmanager
async def open_hub(
    settings: Settings, *, starts_database: bool = False, clock: Clock = utc_now
) -> AsyncIterator[Hub]:
    """Without a `mongo.url`: the embedded database, started here or, for a command, by the hub that runs.

    Raises StoreError.
    """
    async with AsyncExitStack() as stack:
        url, embedded = await _database(settings, stack, starts_database)
        store = await stack.enter_async_context(open_store(url, settings.mongo.database))
        await store.leases.prepare(clock())
        private = settings.media.fetch_private_addresses
        http = await stack.enter_async_context(outgoing_session(allow_private=private))
        sealer = _sealer(settings)
        registry = Registry(CONNECTORS, store, sealer, http, clock, settings.web.public_url or "")
        outbox = settings.outbox
        desk = Desk(
            store,
            registry,
            clock,
            Dispatch(store, Routing(), clock),
            give_up_after=timedelta(hours=outbox.give_up_after_hours),
            undo=timedelta(seconds=outbox.undo_seconds),
            largest_file=settings.media.largest_file_bytes,
        )
        # The provider of single sign-on is an admin's choice, often inside their own network.
        inside = await stack.enter_async_context(outgoing_session(allow_private=True))
        auth = build_auth(settings, store, sealer, inside, clock)
        hooks = settings.webhooks
        opening = open_webhooks(
            desk,
            private_addresses=hooks.private_addresses,
            disable_after_days=hooks.disable_after_days,
            log_days=hooks.log_days,
        )
        webhooks = await stack.enter_async_context(opening)
        yield Hub(settings, store, registry, desk, auth, webhooks, clock, embedded)


async def _database(
    settings: Settings, stack: AsyncExitStack, starts_database: bool
) -> tuple[str, Embedded | None]:
    if settings.mongo.url is not None:
        return settings.mongo.url.get_secret_value(), None
    folder = settings.data.folder
    if not starts_database and (url := running_database(folder)):
        return url, None
    embedded = await stack.enter_async_context(
        embedded_database(folder, settings.embedded.program, settings.embedded.cache_mb)
    )
    if starts_database:
        log.info(NOTICE)
    return embedded.uri, embedded


def build_auth(
    settings: Settings, store: Store, sealer: Sealer, http: aiohttp.ClientSession, clock: Clock
) -> Auth:
    oidc = settings.oidc
    provider = None
    if oidc.issuer is not None:
        pairs = [each.rpartition("=") for each in oidc.group_roles]
        chosen = Oidc(
            issuer=oidc.issuer,
            client_id=oidc.client_id,
            client_secret=oidc.client_secret.get_secret_value() if oidc.client_secret else None,
            title=oidc.title,
            scopes=tuple(oidc.scopes),
            groups_claim=oidc.groups_claim,
            roles={group.strip(): Role(role.strip()) for group, _, role in pairs},
            create_agents=oidc.create_agents,
            trust_email=oidc.trust_email,
        )
        provider = Provider(chosen, http, clock)
    return Auth(
        store,
        clock,
        sealer,
        idle=timedelta(hours=settings.sign_in.idle_hours),
        longest=timedelta(days=settings.sign_in.longest_days),
        provider=provider,
    )


def _sealer(settings: Settings) -> Sealer:
    if settings.secrets.key is not None:
        present = base64.b64decode(settings.secrets.key.get_secret_value())
    else:
        present = load_or_create_key_file(settings.key_file)
    old = [base64.b64decode(each.get_secret_value()) for each in settings.secrets.old_keys]
    return Sealer([present, *old])


@dataclass(frozen=True, slots=True)
class Running:
    """A hub at work in this process."""

    hub: Hub
    url: str | None  # of the web server, if it runs here
    follower: Follower
    ingest: IngestWorker | None
    supervisor: Supervisor | None


@asynccontextmanager
async def running(hub: Hub, *, web_server: bool, worker: bool) -> AsyncIterator[Running]:
    """Run the parts in the background for as long as the block lasts. One that fails ends the block."""
    name = f"{socket.gethostname()}:{os.getpid()}:{new_id(hub.clock())[-6:]}"
    follower = Follower(hub.store)
    ingest = ingest_worker(hub, name) if worker else None
    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
        background = [tasks.create_task(follower.run())]
        url, supervisor = None, None
        if web_server:
            url = await stack.enter_async_context(_serving(hub, ingest, follower))
        if ingest is not None:
            web_address = hub.settings.web
            public = web_address.public_url or url or f"http://{web_address.host}:{web_address.port}"
            supervisor = Supervisor(hub.store, hub.registry, hub.clock, name, public, ingest)
            background += [tasks.create_task(ingest.run()), tasks.create_task(supervisor.run())]
            telling = run_webhooks(hub.webhooks, describer(hub.store), follower, name)
            background.append(tasks.create_task(telling))
            background.append(tasks.create_task(_wake_senders(follower, supervisor)))
            background.append(tasks.create_task(_sweep(hub)))
            background.append(tasks.create_task(Teller(hub.desk, public).run(follower)))
            background.append(tasks.create_task(Answerer(hub.desk).run()))
            background.append(tasks.create_task(Sweeper(hub.desk.dispatch, name).run()))
            background.append(tasks.create_task(catch_up(hub.store, hub.registry)))
            background.append(tasks.create_task(Waker(hub.store, hub.clock).run()))
            background.append(tasks.create_task(Matcher(hub.store, Routing(), hub.clock).run()))
            background.append(tasks.create_task(Continuer(hub.desk).run()))
            background.append(tasks.create_task(Indexer(hub.store, hub.clock, name).run()))
            background.append(tasks.create_task(_tell(hub, follower, name, public)))
        try:
            yield Running(hub, url, follower, ingest, supervisor)
        finally:
            for task in background:
                task.cancel()


def ingest_worker(hub: Hub, name: str) -> IngestWorker:
    largest = hub.settings.media.largest_file_bytes
    in_rooms = partial(said_in_rooms, hub.desk)
    pipeline = Pipeline(
        hub.store, hub.registry, hub.desk.dispatch, hub.clock, largest, build_marks(hub), in_rooms
    )
    return IngestWorker(hub.store, pipeline, hub.registry, hub.clock, name)


def build_marks(hub: Hub) -> Marks:
    return Marks(hub.registry.sealer.derive("digests"), hub.settings.mail.sender)


async def _tell(hub: Hub, follower: Follower, name: str, url: str) -> None:
    await tell_everybody(
        hub.store,
        follower,
        hub.clock,
        name,
        mail=hub.settings.mail.model_dump(),
        marks=build_marks(hub),
        url=url,
        writes=DigestWriter(),
    )


async def _wake_senders(follower: Follower, supervisor: Supervisor) -> None:
    """What was queued anywhere is sent at once by whoever holds its channel."""
    while True:
        with suppress(TooOld):  # after missing too much: listen again, and look at everything
            async with follower.subscribe() as events:
                supervisor.wake_all()
                async for event in events:
                    if event.kind in ("message_queued", "delivery_changed") and event.channel:
                        supervisor.wake(event.channel)
                    elif event.kind == "channel_changed":
                        supervisor.changed.set()


async def _sweep(hub: Hub) -> None:
    """Now and then, throw away the pieces of files whose storing was interrupted, and files nobody sent."""
    while True:
        try:
            await sweep_uploads(hub.desk)
            await hub.store.media.sweep_unfinished(hub.clock() - timedelta(days=1))
        except StoreUnavailable:
            log.warning("the media store cannot be swept just now")
        await asyncio.sleep(SWEEP_EVERY)


@asynccontextmanager
async def _serving(hub: Hub, ingest: IngestWorker | None, follower: Follower) -> AsyncIterator[str]:
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
