"""Webhooks from the platform's side: several events in a body, signed, posted until they are accepted."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime

import aiohttp
from multidict import CIMultiDict

from connectors.simulator.feed import Raw
from connectors.simulator.platform import Platform
from connectors.simulator.signing import sign
from hub.contract.inbound import WebhookRequest

RUBBISH = (b"", b"{", b"null", b'{"object":"simulator","entries":3}', b"\xff\xfe<html>", b'{"hello":"world"}')
PATIENCE = aiohttp.ClientTimeout(total=10)


def body_of(account: str, updates: Sequence[Raw]) -> bytes:
    """As real platforms do: several entries in one body, several updates in one entry."""
    middle = (len(updates) + 1) // 2
    halves = [half for half in (updates[:middle], updates[middle:]) if half]
    entries = [{"account": account, "updates": list(half)} for half in halves]
    return json.dumps({"object": "simulator", "entries": entries}, ensure_ascii=False).encode()


def request_for(platform: Platform, body: bytes, at: datetime | None = None) -> WebhookRequest:
    """`body` as a request, signed now or at another moment."""
    moment = at or platform.world.now()
    headers = CIMultiDict({"Content-Type": "application/json"})
    headers.update(sign(platform.webhook_secret or "", moment, body))
    url = platform.webhook_url or "https://hub.example/hooks/simulated"
    return WebhookRequest("POST", url, headers, {}, body)


def challenge_for(platform: Platform, secret: str, word: str) -> WebhookRequest:
    """The platform asks whether the address is really ours."""
    url = platform.webhook_url or "https://hub.example/hooks/simulated"
    query = {"mode": "subscribe", "verify": secret, "challenge": word}
    nothing: CIMultiDict[str] = CIMultiDict()
    return WebhookRequest("GET", url, nothing, query, b"")


def pending(platform: Platform, limit: int = 50) -> tuple[WebhookRequest, str] | None:
    """The next request to post and the cursor to stand at once it is accepted; None: nothing to post."""
    updates, cursor = platform.feed.after(platform.webhook_cursor, limit, from_start=True)
    if not updates:
        return None
    return request_for(platform, body_of(platform.account, updates)), cursor


def take_pending(platform: Platform, limit: int = 50) -> list[WebhookRequest]:
    """Everything there is to post, taken as accepted. Rubbish comes in between, by chance."""
    requests: list[WebhookRequest] = []
    while (found := pending(platform, limit)) is not None:
        if platform.random.random() < platform.troubles.chances.broken:
            requests.append(request_for(platform, platform.random.choice(RUBBISH)))
        requests.append(found[0])
        platform.webhook_cursor = found[1]
    return requests


async def post_webhooks(
    platform: Platform, http: aiohttp.ClientSession, *, limit: int = 50, again_after: float = 1.0
) -> None:
    """Post to the registered address until cancelled; what is not answered with 200 is posted again."""
    while True:
        found = pending(platform, limit) if platform.webhook_url else None
        if found is None:
            cursor = platform.webhook_cursor or platform.feed.after(None, 0)[1]
            await platform.feed.news(cursor) if platform.webhook_url else await asyncio.sleep(again_after)
            continue
        request, cursor = found
        if await _accepted(http, request):
            platform.webhook_cursor = cursor
        else:
            await asyncio.sleep(again_after)


async def _accepted(http: aiohttp.ClientSession, request: WebhookRequest) -> bool:
    try:
        async with http.post(
            request.url, data=request.body, headers=request.headers, timeout=PATIENCE
        ) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
