"""A hub at work: starts its parts in the background, and stops them."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from hub.api.telling import describer
from hub.app import Hub, build_marks
from hub.csat.answering import said_in_chats
from hub.csat.asking import Asker
from hub.customers.matching import Matcher
from hub.desk.automatic import Answerer
from hub.desk.continuing import Continuer
from hub.desk.import_work import Importer
from hub.desk.indexing import Indexer
from hub.desk.rooms import Teller, said_in_rooms
from hub.desk.uploading import sweep_uploads
from hub.desk.waking import Waker
from hub.dispatch.sweeping import Sweeper
from hub.hooks.at_work import run_webhooks
from hub.ingest.catching_up import catch_up
from hub.ingest.pipeline import Pipeline
from hub.ingest.worker import IngestWorker
from hub.model.ids import new_id
from hub.notifying.working import tell_everybody
from hub.privacy import build_privacy
from hub.privacy.working import PrivacyWorker
from hub.realtime import Follower, TooOld
from hub.showing import Shower
from hub.store import StoreUnavailable
from hub.supervisor import Supervisor
from inbox_ui.digest import DigestWriter
from routing import Routing

log = structlog.get_logger()

SWEEP_EVERY = 3600.0  # seconds
WAKE = frozenset({"message_queued", "delivery_changed", "amendment_changed"})  # whoever sends


@dataclass(frozen=True, slots=True, repr=False)
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
            from hub.site import serving  # a worker alone starts without pages and API

            url = await stack.enter_async_context(serving(hub, ingest, follower))
        if ingest is not None:
            web_address = hub.settings.web
            public = web_address.public_url or url or f"http://{web_address.host}:{web_address.port}"
            supervisor = Supervisor(hub.store, hub.registry, hub.clock, name, public, ingest)
            background += [tasks.create_task(ingest.run()), tasks.create_task(supervisor.run())]
            telling = run_webhooks(hub.webhooks, describer(hub.store), follower, name)
            background.append(tasks.create_task(telling))
            background.append(tasks.create_task(_wake_senders(follower, supervisor)))
            background.append(tasks.create_task(Shower(supervisor.connected).run(follower)))
            background.append(tasks.create_task(_sweep(hub)))
            background.append(tasks.create_task(Teller(hub.desk, public).run(follower)))
            background.append(tasks.create_task(Answerer(hub.desk).run()))
            background.append(tasks.create_task(Asker(hub.desk, public).run()))
            background.append(tasks.create_task(Sweeper(hub.desk.dispatch, name).run()))
            background.append(tasks.create_task(catch_up(hub.store, hub.registry)))
            background.append(tasks.create_task(Waker(hub.store, hub.clock).run()))
            background.append(tasks.create_task(Matcher(hub.store, Routing(), hub.clock).run()))
            background.append(tasks.create_task(Continuer(hub.desk).run()))
            background.append(tasks.create_task(Indexer(hub.store, hub.clock, name).run()))
            background.append(tasks.create_task(_tell(hub, follower, name, public)))
            background.append(tasks.create_task(PrivacyWorker(build_privacy(hub.desk), name).run()))
            background.append(tasks.create_task(Importer(hub.desk, name).run()))
        try:
            yield Running(hub, url, follower, ingest, supervisor)
        finally:
            for task in background:
                task.cancel()


def ingest_worker(hub: Hub, name: str) -> IngestWorker:
    largest = hub.settings.media.largest_file_bytes
    in_rooms = partial(said_in_rooms, hub.desk)
    pipeline = Pipeline(
        hub.store, hub.registry, hub.desk.dispatch, hub.clock, largest, build_marks(hub), in_rooms,
        build_privacy(hub.desk).secrecy, partial(said_in_chats, hub.desk),
    )  # fmt: skip
    return IngestWorker(hub.store, pipeline, hub.registry, hub.clock, name)


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
                    if event.kind in WAKE and event.channel:
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
