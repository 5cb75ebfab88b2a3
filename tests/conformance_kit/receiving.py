"""Polls and streams: cursors, redelivery, and what every event looks like."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

from hub.contract.connector import Connector, Polls, ReadsRaw, Streams
from hub.contract.errors import AuthBroken, ConnectorError, Unavailable
from hub.contract.inbound import (
    ArrivedRaw,
    Batch,
    Cursor,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    ReceiptReceived,
)
from tests.conformance_kit.harness import Broken, Check, Failure, Harness, require
from tests.conformance_kit.reading import (
    Way,
    by_poll,
    by_stream,
    connected,
    events_of,
    keys,
    opened,
    receive,
    start,
    stream_of,
)

LONGEST_KEY = 512
LARGEST_RAW = 256_000  # characters of JSON: more belongs into the media store


async def from_a_saved_cursor_nothing_is_lost_or_repeated(harness: Harness, way: Way) -> None:
    first = await connected(harness)
    cursor = await start(harness, first)
    await harness.arrive(3)
    before = await way(harness, first, cursor, 3)
    await first.close()
    saved = before[-1].cursor
    require(isinstance(saved, str) and saved, "The last batch has no cursor to save.")
    await harness.arrive(2)
    second = await connected(harness)
    after = await way(harness, second, saved, 2)
    await second.close()
    repeated = keys(before) & keys(after)
    require(not repeated, f"Read twice, before and after the saved cursor: {sorted(repeated)}")
    total = len(keys(before) | keys(after))
    require(total == 5, f"Five messages arrived, {total} were read.")


async def what_was_not_acknowledged_comes_again_under_the_same_keys(harness: Harness, way: Way) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    await harness.arrive(2)
    first = await way(harness, connector, cursor, 1)
    await connector.close()
    second = await connected(harness)
    again = await way(harness, second, cursor, len(keys(first)))
    await second.close()
    _same_events(first, again)


def _same_events(first: Sequence[Batch], again: Sequence[Batch]) -> None:
    later = {event.key: event for event in events_of(again)}
    for event in events_of(first):
        require(event.key in later, f"{event.key!r} did not come again under the same key.")
        require(later[event.key] == event, f"{event.key!r} came again and says something else.")


async def a_strange_cursor_raises_only_contract_errors(harness: Harness, way: Way) -> None:
    connector = await connected(harness)
    try:
        for strange in ("", "rubbish", "-1", "99999999999999999999", "{}", '{"INBOX": 3}', "\ud800"):
            try:
                async with asyncio.timeout(1):
                    await _take_one(connector, Cursor(strange), way)
            except (ConnectorError, TimeoutError):
                continue  # a stream with nothing to say has not failed
            except Exception as problem:
                raise Broken(f"The cursor {strange!r} raises {type(problem).__name__}.") from problem
    finally:
        await connector.close()


async def _take_one(connector: Connector[Any], cursor: Cursor | None, way: Way) -> None:
    if way is by_poll and isinstance(connector, Polls):
        await connector.poll(cursor)
    elif isinstance(connector, Streams):
        async with aclosing(stream_of(connector, cursor)) as stream:
            await anext(stream)


async def reading_while_the_platform_is_down_says_unavailable(harness: Harness, way: Way) -> None:
    await _reading_fails(harness, way, Failure.UNAVAILABLE, Unavailable)


async def reading_with_refused_credentials_says_so(harness: Harness, way: Way) -> None:
    await _reading_fails(harness, way, Failure.AUTH_BROKEN, AuthBroken)


async def _reading_fails(
    harness: Harness, way: Way, failure: Failure, expected: type[ConnectorError]
) -> None:
    """The counterpart fails between connecting and reading; what arrived before is there afterwards."""
    connector = await connected(harness)
    cursor = await start(harness, connector)
    await harness.arrive(1)
    await harness.fail(failure)
    try:
        async with asyncio.timeout(harness.patience):
            await connector.connect()
            await _take_one(connector, cursor, way)
    except ConnectorError as problem:
        require(type(problem) is expected, f"{failure} is said as {type(problem).__name__}.")
    except Exception as problem:
        raise Broken(f"{failure} raises {type(problem).__name__}: {problem}") from problem
    else:
        raise Broken(f"{failure} goes unnoticed.")
    finally:
        await connector.close()
    await harness.fail(None)
    connector = await connected(harness)
    await way(harness, connector, cursor, 1)
    await connector.close()


async def events_are_well_formed(harness: Harness) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    await harness.arrive(2)
    batches = await receive(harness, connector, cursor, 2)
    await connector.close()
    transport = events_of(batches)
    for event in transport:
        check_event(event)
    reader = harness.make()  # reading and parsing need no connection
    for event in opened(reader, transport):
        check_event(event)
    for event in transport:
        if isinstance(event, ArrivedRaw):
            _check_read(reader, event)


def _check_read(reader: Connector[Any], event: ArrivedRaw) -> None:
    once, twice = opened(reader, [event]), opened(reader, [event])
    require(once == twice, "Reading an event twice gives different events.")
    wanted = [event.key, *(f"{event.key}#{number}" for number in range(2, len(once) + 1))]
    require([result.key for result in once] == wanted, "What was read does not carry the event's key.")


def check_event(event: InboundEvent) -> None:
    """What every event must be, whatever it tells. Harnesses may call it on events of their own."""
    names: dict[str, object] = {"key": event.key, "thread.key": event.thread.key}
    if isinstance(event, MessageReceived | MessageEdited | MessageDeleted | ReactionChanged):
        names["message"] = event.message
    if isinstance(event, MessageReceived | ReactionChanged):
        names["author.key"] = event.author.key
    if isinstance(event, ReceiptReceived) and event.message is not None:
        names["message"] = event.message
    for name, value in names.items():
        require(
            isinstance(value, str) and 0 < len(value) <= LONGEST_KEY,
            f"{type(event).__name__}.{name} is {value!r}: not a string of 1 to {LONGEST_KEY} characters.",
        )
    require(event.at.tzinfo is not None, f"{type(event).__name__}.at is not aware.")
    require(event.at.utcoffset() == timedelta(0), f"{type(event).__name__}.at is not UTC.")
    try:
        raw = json.dumps(dict(event.raw))
    except (TypeError, ValueError) as problem:
        raise Broken(f"{type(event).__name__}.raw cannot be written as JSON: {problem}") from problem
    require(len(raw) <= LARGEST_RAW, f"{type(event).__name__}.raw has {len(raw)} characters.")


async def reading_the_worst_input_gives_a_readable_message(harness: Harness) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    await harness.arrive(1)
    batches = await receive(harness, connector, cursor, 1)
    await connector.close()
    reader = harness.make()
    for event in events_of(batches):
        if not isinstance(event, ArrivedRaw):
            continue
        half = event.body[: len(event.body) // 2]
        for body in (b"", b"\x00", b"\xff\xfe\xfd" * 20, half, event.body[::-1], b"\r\n\r\n" + event.body):
            worst = ArrivedRaw(key=event.key, at=event.at, thread=event.thread, raw=event.raw, body=body)
            try:
                read = opened(reader, [worst])
            except Exception as problem:
                raise Broken(f"Rubbish raises {type(problem).__name__} in read().") from problem
            require(read, "Rubbish is read as nothing at all.")
            for result in read:
                check_event(result)


_EITHER_WAY: tuple[tuple[str, Callable[[Harness, Way], Awaitable[None]], Failure | None], ...] = (
    (
        "from a saved cursor nothing is lost or repeated",
        from_a_saved_cursor_nothing_is_lost_or_repeated,
        None,
    ),
    (
        "what was not acknowledged comes again under the same keys",
        what_was_not_acknowledged_comes_again_under_the_same_keys,
        None,
    ),
    ("a strange cursor raises only contract errors", a_strange_cursor_raises_only_contract_errors, None),
    (
        "reading while the platform is down says unavailable",
        reading_while_the_platform_is_down_says_unavailable,
        Failure.UNAVAILABLE,
    ),
    (
        "reading with refused credentials says so",
        reading_with_refused_credentials_says_so,
        Failure.AUTH_BROKEN,
    ),
)


def _reading(
    run: Callable[[Harness, Way], Awaitable[None]], way: Way
) -> Callable[[Harness], Awaitable[None]]:
    return lambda harness: run(harness, way)


CHECKS = (
    *(Check(f"poll: {name}", _reading(run, by_poll), (Polls,), fails) for name, run, fails in _EITHER_WAY),
    *(
        Check(f"stream: {name}", _reading(run, by_stream), (Streams,), fails)
        for name, run, fails in _EITHER_WAY
    ),
    Check("events are well formed", events_are_well_formed),
    Check(
        "reading the worst input gives a readable message",
        reading_the_worst_input_gives_a_readable_message,
        (ReadsRaw,),
    ),
)
