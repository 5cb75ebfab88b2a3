"""One try: a POST that is bounded in time and in what is read of its answer."""

import asyncio
import errno
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from hub.clock import Clock
from hub.model.sentences import sentence

WITHIN = 10.0  # seconds, all in all
ANSWER_MOST = 4096  # bytes of the answer that are kept
RETRY_AFTER_LONGEST = 10  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Without a status there was none; `words` say why."""

    at: datetime
    took_ms: int
    status: int | None = None
    words: str = ""
    body: str = ""
    retry_after: timedelta | None = None


async def post(
    http: aiohttp.ClientSession,
    clock: Clock,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    within: float = WITHIN,
) -> Answer:
    """Never raises for what the receiver does."""
    at, began = clock(), time.monotonic()
    status, words, kept, retry_after = None, "", b"", None
    try:
        async with asyncio.timeout(within):
            response = await http.post(url, data=body, headers=dict(headers), allow_redirects=False)
            try:
                status = response.status
                words = _words(status)
                retry_after = _retry_after(response.headers.get("Retry-After"), at)
                kept = await _beginning(response)
            finally:
                response.close()  # not released: what else it wants to say is not waited for
    except TimeoutError:
        words = words if status is not None else sentence("hook_silent", seconds=f"{within:g}")
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        words = words if status is not None else _reason(problem)
    took = int((time.monotonic() - began) * 1000)
    text = kept.decode("utf-8", "replace").replace("\0", "")
    return Answer(at=at, took_ms=took, status=status, words=words, body=text, retry_after=retry_after)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    kept = b""
    while len(kept) < ANSWER_MOST and (piece := await response.content.read(ANSWER_MOST - len(kept))):
        kept += piece
    return kept


def _words(status: int) -> str:
    if 300 <= status < 400:
        return sentence("hook_redirects")
    if status == 410:
        return sentence("hook_says_gone")
    return ""


def _reason(problem: Exception) -> str:
    """For admins, without what was sent."""
    if isinstance(problem, aiohttp.InvalidURL | ValueError):
        return sentence("hook_address")
    if isinstance(problem, aiohttp.ClientConnectorCertificateError | ssl.SSLError):
        return sentence("hook_certificate")
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return sentence("hook_no_host")
    if isinstance(problem, aiohttp.ClientConnectorSSLError):
        return sentence("hook_insecure")
    if isinstance(problem, OSError) and problem.errno == errno.EACCES:
        return sentence("hook_private")
    if isinstance(problem, OSError) and problem.errno == errno.ECONNREFUSED:
        return sentence("hook_refuses")
    if isinstance(problem, aiohttp.ServerDisconnectedError | ConnectionResetError):
        return sentence("hook_closes")
    return sentence("hook_away", problem=type(problem).__name__)


def _retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, 10.2.3); anything else says nothing."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= RETRY_AFTER_LONGEST:
        return timedelta(seconds=min(int(text), 7 * 24 * 3600))
    try:
        at = parsedate_to_datetime(text)
        return max(timedelta(), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)
    except (ValueError, TypeError, OverflowError):
        return None
