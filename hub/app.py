"""The one place where everything is put together: what commands, pages and workers share.

Who runs it is in `work`, the web server in `site`: a command that asks one question starts in half the time
without them, and without the connectors it has no channel of.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import structlog

from config.settings import Settings
from hub.auth import Auth
from hub.auth.oidc_provider import Oidc, Provider
from hub.auth.seal import Sealer, load_or_create_key_file
from hub.clock import Clock, utc_now
from hub.contract.connector import Connector
from hub.desk.replying import Desk
from hub.dispatch import Dispatch
from hub.hooks import Webhooks
from hub.hooks.at_work import open_webhooks
from hub.model.people import Role
from hub.notifying.marks import Marks
from hub.outgoing import outgoing_session
from hub.registry import OnDemand, Registry
from hub.store import Store, open_store
from hub.store.embedded import NOTICE, Embedded, embedded_database, running_database
from routing import Routing

log = structlog.get_logger()

CONNECTORS: Mapping[str, type[Connector[Any]]] = OnDemand(
    {
        "email": "connectors.email.connector:EmailConnector",
        "simulator": "connectors.simulator.connector:SimulatorConnector",
        "slack": "connectors.slack:SlackConnector",
        "telegram": "connectors.telegram:TelegramConnector",
        "webchat": "connectors.webchat:WebchatConnector",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
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


def build_marks(hub: Hub) -> Marks:
    return Marks(hub.registry.sealer.derive("digests"), hub.settings.mail.sender)
