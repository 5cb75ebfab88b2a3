"""Reading a connector's way in, whichever it is, within a limit of time."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from hub.contract.connector import Connector, Polls, ReadsRaw, Streams, TakesWebhooks
from hub.contract.inbound import ArrivedRaw, Batch, Cursor, InboundEvent
from tests.conformance_kit.harness import Broken, Harness, require

Way = Callable[[Harness, Connector[Any], Cursor | None, int], Awaitable[list[Batch]]]


async def connected(harness: Harness) -> Connector[Any]:
    connector = harness.make()
    async with asyncio.timeout(harness.patience):
        await connector.connect()
    return connector


async def start(harness: Harness, connector: Connector[Any]) -> Cursor | None:
    """Stand at "now": what arrives afterwards is new. Returns the cursor to read on from."""
    if isinstance(connector, Polls):
        async with asyncio.timeout(harness.patience):
            return (await connector.poll(None)).cursor
    if isinstance(connector, Streams):
        return await _first_cursor(harness, connector)
    return None


async def _first_cursor(harness: Harness, connector: Streams) -> Cursor | None:
    """Nobody can see from outside when a stream stands at "now": customers write until it says something."""
    async with aclosing(stream_of(connector, None)) as stream:
        first = asyncio.ensure_future(anext(stream))
        try:
            async with asyncio.timeout(harness.patience):
                await asyncio.wait([first], timeout=0.05)
                while not first.done():
                    await harness.arrive(1)
                    await asyncio.wait([first], timeout=0.5)
                return first.result().cursor
        except TimeoutError as problem:
            raise Broken("The stream says nothing however much arrives.") from problem
        finally:
            first.cancel()
            await asyncio.wait([first])


def stream_of(connector: Streams, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
    """The stream as the generator that it is, so that it can be closed."""
    stream = connector.stream(cursor)
    require(hasattr(stream, "aclose"), "stream() is not an async generator: it cannot be closed.")
    return cast(AsyncGenerator[Batch, None], stream)


async def receive(
    harness: Harness, connector: Connector[Any], cursor: Cursor | None, count: int
) -> list[Batch]:
    """By the connector's first way in: batches until `count` different events have come."""
    if isinstance(connector, Polls):
        return await by_poll(harness, connector, cursor, count)
    if isinstance(connector, Streams):
        return await by_stream(harness, connector, cursor, count)
    if isinstance(connector, TakesWebhooks):
        return await by_webhook(harness, connector, cursor, count)
    raise Broken("The connector has no way in.")


async def by_poll(
    harness: Harness, connector: Connector[Any], cursor: Cursor | None, count: int
) -> list[Batch]:
    assert isinstance(connector, Polls)
    batches: list[Batch] = []
    async with in_time(harness, count, batches):
        while len(keys(batches)) < count:
            batch = await connector.poll(cursor)
            batches.append(batch)
            cursor = batch.cursor
            if not batch.events and not batch.more:
                await asyncio.sleep(0.02)
    return batches


async def by_stream(
    harness: Harness, connector: Connector[Any], cursor: Cursor | None, count: int
) -> list[Batch]:
    assert isinstance(connector, Streams)
    batches: list[Batch] = []
    async with in_time(harness, count, batches), aclosing(stream_of(connector, cursor)) as stream:
        async for batch in stream:
            batches.append(batch)
            if len(keys(batches)) >= count:
                return batches
    raise Broken("The stream ended by itself.")


async def by_webhook(
    harness: Harness, connector: Connector[Any], cursor: Cursor | None, count: int
) -> list[Batch]:
    assert isinstance(connector, TakesWebhooks)
    batches: list[Batch] = []
    async with in_time(harness, count, batches):
        while len(keys(batches)) < count:
            for request in await harness.requests():
                connector.verify(request)
                batches.append(Batch(connector.parse(request)))
            if len(keys(batches)) < count:
                await asyncio.sleep(0.02)
    return batches


class in_time:  # noqa: N801 - used as a function, like asyncio.timeout
    """Limit a reading; when it runs out, say how many of the expected events came."""

    def __init__(self, harness: Harness, count: int, batches: list[Batch]) -> None:
        self.limit = harness.patience
        self.count = count
        self.batches = batches
        self.timeout = asyncio.timeout(self.limit)

    async def __aenter__(self) -> None:
        await self.timeout.__aenter__()

    async def __aexit__(self, kind: Any, problem: Any, trace: Any) -> None:
        try:
            await self.timeout.__aexit__(kind, problem, trace)
        except TimeoutError as late:
            got = len(keys(self.batches))
            raise Broken(f"Only {got} of {self.count} events came within {self.limit} s.") from late


def events_of(batches: Sequence[Batch]) -> list[InboundEvent]:
    return [event for batch in batches for event in batch.events]


def keys(batches: Sequence[Batch]) -> set[str]:
    return {event.key for event in events_of(batches)}


def opened(connector: Connector[Any], events: Sequence[InboundEvent]) -> list[InboundEvent]:
    """The same events with every one that is still in its wire form read."""
    result: list[InboundEvent] = []
    for event in events:
        if isinstance(event, ArrivedRaw):
            if not isinstance(connector, ReadsRaw):
                raise Broken("It yields ArrivedRaw but cannot read() it.")
            result.extend(connector.read(event))
        else:
            result.append(event)
    return result
