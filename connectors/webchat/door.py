"""Where visitors' browsers knock: `/chat/{channel}/…`, open to everybody and trusting nobody.

Each request comes from an origin that the channel allows, carries a token that we signed (but for the first,
which asks for one), is small, and is counted. What a visitor says is journalled before it is answered.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from connectors.webchat.bundle import widget
from connectors.webchat.connector import WebchatConnector
from connectors.webchat.rates import Rates
from connectors.webchat.tokens import Holder, read_token
from hub.contract.errors import Unavailable
from hub.contract.visitors import Hosting

LARGEST_BODY = 64 * 1024  # bytes; files have a door of their own
SCRIPT_KEPT = 300  # seconds that a browser keeps the widget without asking
PREFLIGHT_KEPT = 7200


@dataclass(frozen=True, slots=True)
class Caller:
    """A request that may be here. `holder` None: it has no token yet."""

    request: web.Request
    channel: str
    connector: WebchatConnector
    holder: Holder | None
    origin: str

    @property
    def secret(self) -> str:
        return self.connector.config.secret.get_secret_value()

    @property
    def key(self) -> str:
        assert self.holder is not None
        return self.holder.key


Answer = Callable[[Caller], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """What the widget is told: a code it knows, and how long to wait."""

    def __init__(self, status: int, code: str, *, wait: float = 0, **more: object) -> None:
        super().__init__(code)
        self.status, self.code, self.wait, self.more = status, code, wait, more


@dataclass(slots=True)
class Door:
    """Lets in and answers in the browser's manner; what is asked is answered elsewhere."""

    hosting: Hosting
    rates: Rates = field(default_factory=Rates)

    def open(self, what: str, answer: Answer, *, token: bool = True, origin: bool = True) -> Any:
        """A handler: `what` it is counted as; with `token`, for those who have one."""

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                caller = await self._caller(request, needs_origin=origin)
                if token and caller.holder is None:
                    raise Refused(401, "token")
                self._count(what, caller)
                response = await answer(caller)
            except Refused as refused:
                response = _refusal(request, refused)
            except Unavailable:
                response = _refusal(request, Refused(503, "away", wait=3))
            if not response.prepared:
                response.headers.update(cors(request))
            return response

        return handler

    async def preflight(self, request: web.Request) -> web.Response:
        """Browsers ask before they send; what is allowed is decided when they do."""
        return web.Response(
            status=204, headers={**cors(request), "Access-Control-Max-Age": str(PREFLIGHT_KEPT)}
        )

    async def script(self, request: web.Request) -> web.Response:
        """The widget: the same for every channel; it knows from its address whose it is."""
        found = widget()
        headers = {
            "ETag": f'"{found.tag}"',
            "Cache-Control": f"public, max-age={SCRIPT_KEPT}",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }
        if found.tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=found.packed if packed else found.content,
            content_type="text/javascript",
            charset="utf-8",
            headers=headers,
        )

    async def _caller(self, request: web.Request, *, needs_origin: bool) -> Caller:
        channel = request.match_info["channel"]
        connector = await self.hosting.connector(channel, WebchatConnector.manifest.platform)
        if not isinstance(connector, WebchatConnector):
            raise Refused(404, "channel")
        origin = request.headers.get("Origin", "")
        ours = f"{request.scheme}://{request.host}"
        demo = connector.config.demo and origin == ours
        if needs_origin and not demo and not connector.config.allows(origin):
            raise Refused(403, "origin")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        secret = connector.config.secret.get_secret_value()
        holder = read_token(secret, channel, token, self.hosting.now()) if token else None
        return Caller(request, channel, connector, holder, origin)

    def _count(self, what: str, caller: Caller) -> None:
        visitor = f"{caller.channel}:{caller.holder.key}" if caller.holder else ""
        now = asyncio.get_running_loop().time()
        wait = self.rates.wait(what, visitor, caller.request.remote or "", now)
        if wait > 0:
            raise Refused(429, "too_fast", wait=wait)


def cors(request: web.Request) -> Mapping[str, str]:
    """No cookies are ever sent or set here: the token is the only thing that counts."""
    return {
        "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Allow-Methods": "POST, GET",
        "Access-Control-Expose-Headers": "Retry-After",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Origin",
    }


def _refusal(request: web.Request, refused: Refused) -> web.Response:
    headers = {"Retry-After": str(max(1, round(refused.wait)))} if refused.wait else {}
    return said({"refused": refused.code, **refused.more}, status=refused.status, headers=headers)


def said(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        text=text,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


async def asked(caller: Caller) -> dict[str, Any]:
    """The body of a request as an object. Raises Refused."""
    body = bytearray()
    async for chunk in caller.request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Refused(413, "too_large")
    try:
        found = json.loads(bytes(body) or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "unreadable") from None
    if not isinstance(found, dict):
        raise Refused(400, "unreadable")
    return found


def words(value: object, most: int) -> str:
    """A text of a request, on one line; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join(value.encode("utf-8", "replace").decode().replace("\0", "").split())[:most]


async def pieces_of(request: web.Request) -> AsyncIterator[bytes]:
    async for piece in request.content.iter_chunked(65_536):
        yield piece
