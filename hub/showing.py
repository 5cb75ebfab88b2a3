"""Customers see that we write to them: shown by whoever holds the channel, for as long as somebody writes.

Pages say every few seconds that somebody writes, in any process (`desk/attention`); platforms show it for
some seconds. What fails is not tried again, as nothing depends on it, and no message waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from hub.contract.capabilities import Surface
from hub.contract.connector import MarksRead, ShowsTyping
from hub.contract.errors import ConnectorError
from hub.contract.inbound import RemoteId, Thread
from hub.desk.attention import SHOWN
from hub.model.events import Event
from hub.realtime import Follower, TooOld

log = structlog.get_logger()

EVERY = 4.5  # seconds; Telegram shows it for five
LASTS = 10.0  # seconds; a page says every eight that somebody writes
WITHIN = 4.0
MOST = 100  # threads at once


@dataclass(slots=True)
class Shower:
    """`connected`: the connectors of the channels that this process holds."""

    connected: Mapping[str, object]
    _until: dict[tuple[str, Thread], float] = field(default_factory=dict)

    async def run(self, follower: Follower) -> None:
        """Until cancelled."""
        while True:
            async with follower.subscribe() as events, asyncio.TaskGroup() as tasks:
                with suppress(TooOld):  # inside: what leaves a group of tasks comes wrapped, and is no TooOld
                    await self._follow(events, tasks)

    async def _follow(self, events: AsyncIterator[Event], tasks: asyncio.TaskGroup) -> None:
        async for event in events:
            channel, told = event.channel or "", event.details
            if event.kind != SHOWN or channel not in self.connected:
                continue
            place = Thread(told["thread"], Surface(told["surface"]))
            key = (channel, place)
            known = key in self._until
            if not told["writes"]:
                self._until.pop(key, None)
                tasks.create_task(self._say(channel, place, on=False))
            elif known or len(self._until) < MOST:
                self._until[key] = asyncio.get_running_loop().time() + LASTS
                if not known:
                    tasks.create_task(self._show(channel, place, told.get("message", "")))

    async def _show(self, channel: str, place: Thread, message: str) -> None:
        loop, key = asyncio.get_running_loop(), (channel, place)
        try:
            going_on = not message or await self._say(channel, place, read=message)
            while going_on and self._until.get(key, 0) > loop.time():
                going_on = await self._say(channel, place, on=True)
                await asyncio.sleep(EVERY)
        finally:
            self._until.pop(key, None)

    async def _say(self, channel: str, place: Thread, *, on: bool = False, read: str = "") -> bool:
        """Whether it could be said."""
        connector = self.connected.get(channel)
        try:
            async with asyncio.timeout(WITHIN):
                if read and isinstance(connector, MarksRead):
                    await connector.mark_read(place, RemoteId(read))
                elif not read and isinstance(connector, ShowsTyping):
                    await connector.typing(place, on=on)
        except (ConnectorError, TimeoutError) as problem:
            log.info("attention is not shown", channel=channel, problem=type(problem).__name__)
            return bool(read)  # that it was read need not be known for typing to be
        except Exception:  # a connector's bug: nobody waits for this
            log.exception("attention cannot be shown", channel=channel)
            return False
        return True
