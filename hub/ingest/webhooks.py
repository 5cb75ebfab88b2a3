"""The door for webhooks: the body is stored before it is acknowledged, and before anybody looks into it."""

from collections.abc import Mapping
from dataclasses import replace

import structlog
from aiohttp import web
from multidict import CIMultiDict
from pydantic import ValidationError

from hub.auth.seal import SealError
from hub.clock import Clock
from hub.contract.connector import TakesWebhooks
from hub.contract.errors import SignatureInvalid
from hub.contract.inbound import WebhookRequest
from hub.ingest.worker import IngestWorker
from hub.model.channels import Channel
from hub.registry import Registry, UnknownPlatform
from hub.store import Store, StoreUnavailable

log = structlog.get_logger()

LARGEST_BODY = 5 * 1024 * 1024  # bytes; platforms send links to media, not media
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


class WebhookDoor:
    """`/hooks/{channel}` for every platform that pushes."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Clock,
        public_url: str | None,
        worker: IngestWorker | None,
    ) -> None:
        self.store = store
        self.registry = registry
        self.clock = clock
        self.public_url = public_url  # None: what the platform calls us
        self.worker = worker  # ours, if this process has one: it need not look for what we add

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/hooks/{channel}", self.take), web.post("/hooks/{channel}", self.take)]

    async def take(self, request: web.Request) -> web.Response:
        """Answers 503 while nothing can be stored: the platform sends it again."""
        try:
            return await self._take(request)
        except StoreUnavailable:
            log.warning("webhook put off: the database cannot be reached")
            raise web.HTTPServiceUnavailable(text="Try again.", headers={"Retry-After": "5"}) from None

    async def _take(self, request: web.Request) -> web.Response:
        channel = await self._channel(request.match_info["channel"])
        if channel is None or channel.removed:
            raise web.HTTPNotFound(text="No such channel.")
        try:
            connector = self.registry.reader(channel)
        except UnknownPlatform:
            raise web.HTTPNotFound(text="No such channel.") from None
        except (ValidationError, SealError) as problem:
            log.error(
                "settings of a channel cannot be read", channel=channel.id, error=type(problem).__name__
            )
            raise web.HTTPServiceUnavailable(text="Try again.", headers={"Retry-After": "300"}) from None
        if not isinstance(connector, TakesWebhooks):
            raise web.HTTPNotFound(text="This channel takes no webhooks.")
        received = WebhookRequest(
            method=request.method,
            url=f"{self.public_url or request.url.origin()}{request.raw_path}",
            headers=request.headers,
            query=request.query,
            body=await _body(request),
        )
        if reply := connector.challenge(received):
            return web.Response(body=reply.body, status=reply.status, content_type=reply.mime)
        try:
            await self.keep(channel.id, connector, received)
        except SignatureInvalid as problem:
            log.warning("webhook refused", channel=channel.id, reason=str(problem))
            await self.store.channels.count(channel.id, "forged")
            raise web.HTTPUnauthorized(text="The signature is not right.") from None
        return web.Response(text="")

    async def _channel(self, name: str) -> Channel | None:
        """As last read, some seconds ago at most; one that is not known, or was removed, is looked for."""
        known = await self.store.channels.known.get()
        found = next((each for each in known if each.id == name and not each.removed), None)
        return found or await self.store.channels.find(name)

    async def keep(self, channel: str, connector: TakesWebhooks, received: WebhookRequest) -> None:
        """Journalled when this returns. Raises SignatureInvalid, StoreUnavailable."""
        connector.verify(received)
        kept = replace(received, headers=_without_secrets(received.headers))
        await self.store.journal.add_arrival(channel, kept, self.clock())
        if self.worker:
            self.worker.arrived.set()


def _without_secrets(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Proven and then forgotten: to read the body again, no password or cookie is needed."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in SECRET_HEADERS)


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, len(body))
    return bytes(body)
