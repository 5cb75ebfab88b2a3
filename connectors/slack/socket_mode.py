"""Socket Mode: what Slack hands over through a websocket that we open. Acknowledged once it is kept.

https://docs.slack.dev/apis/events-api/using-socket-mode (checked 2026-11-23).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp

from connectors.slack.calls import Calls, spoken
from hub.contract.errors import AuthBroken, Unavailable

ALIVE = 15.0  # seconds between two signs of life; Slack answers them at once
HELLO_WITHIN = 15.0
CLOSE_WITHIN = 2.0
SWITCHED_OFF = "Socket Mode is switched off for this app: api.slack.com/apps has it under Socket Mode."


class Socket:
    """One connection after the other: Slack ends each after some hours and says so before."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.closed = False
        self._now: aiohttp.ClientWebSocketResponse | None = None

    async def payloads(self) -> AsyncGenerator[Any, None]:
        """What came. Being asked for the next acknowledges the last. Raises ConnectorError."""
        while not self.closed:
            connection = await self.open()
            try:
                async for envelope in self._envelopes(connection):
                    yield envelope.get("payload")
                    with suppress(aiohttp.ClientError, ConnectionError):  # then it comes again
                        await connection.send_json({"envelope_id": envelope["envelope_id"]})
            finally:
                await self._let_go(connection)

    async def open(self) -> aiohttp.ClientWebSocketResponse:
        """Raises AuthBroken or Unavailable."""
        token = self.calls.config.app_token
        assert token is not None
        within = self.calls.config.timeout
        async with spoken(within):
            answer = await self.calls.client(None).apps_connections_open(app_token=token.get_secret_value())
        try:
            closing = aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN)
            async with asyncio.timeout(within):
                connection = await self.calls.kit.http.ws_connect(
                    str(answer.get("url")), heartbeat=ALIVE, timeout=closing
                )
        except (aiohttp.ClientError, OSError, TimeoutError):
            # Not the error itself: it names the address, which lets in whoever knows it.
            raise Unavailable("Slack's socket cannot be reached.") from None
        self._now = connection
        return connection

    async def _envelopes(self, connection: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
        greeted = False
        while True:
            try:
                async with asyncio.timeout(None if greeted else HELLO_WITHIN):
                    message = await connection.receive()
            except TimeoutError as problem:
                raise Unavailable("Slack's socket says nothing.") from problem
            if message.type is not aiohttp.WSMsgType.TEXT:
                if not greeted and not self.closed:
                    raise Unavailable("Slack closes the socket as soon as it is open.")
                return
            found = _parsed(message)
            match found.get("type"):
                case "hello":
                    greeted = True
                case "disconnect" if found.get("reason") == "link_disabled":
                    raise AuthBroken(SWITCHED_OFF)
                case "disconnect" if found.get("reason") == "warning":
                    continue  # it will end soon; until then things come
                case "disconnect":
                    return
                case _ if isinstance(found.get("envelope_id"), str):
                    greeted = True
                    yield found

    async def _let_go(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._now = None
        with suppress(aiohttp.ClientError, OSError):
            await asyncio.shield(connection.close())

    async def close(self) -> None:
        self.closed = True
        if self._now is not None:
            await self._let_go(self._now)


def _parsed(message: aiohttp.WSMessage) -> dict[str, Any]:
    try:
        found = message.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
