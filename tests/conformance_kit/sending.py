"""Sending: once, with names that hold, and failing in the contract's words."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from hub.contract.connector import Connector, FindsSent, NamesMessages
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)
from hub.contract.inbound import InboundEvent, MessageReceived
from hub.contract.outbound import OutboundMessage, Sent
from tests.conformance_kit.harness import Broken, Check, Failure, Harness, require
from tests.conformance_kit.reading import connected, events_of, opened, receive, start

KEY, OTHER_KEY, NEVER_SENT = (
    "019300000000aaaaaaaaaaaa",
    "019300000001bbbbbbbbbbbb",
    "019300000002cccccccccccc",
)

RIGHT_ERROR: dict[Failure, type[ConnectorError]] = {
    Failure.UNAVAILABLE: Unavailable,
    Failure.RATE_LIMITED: RateLimited,
    Failure.AUTH_BROKEN: AuthBroken,
    Failure.REJECTED: Rejected,
    Failure.LOST_ANSWER: OutcomeUnknown,
}


async def send(harness: Harness, connector: Connector[Any], message: OutboundMessage) -> Sent:
    async with asyncio.timeout(harness.patience):
        return await connector.send(message)


async def a_message_is_sent_once_and_gets_names(harness: Harness) -> None:
    connector = await connected(harness)
    before = harness.sends()
    sent = await send(harness, connector, harness.outbound(KEY))
    asked = harness.sends() - before
    other = await send(harness, connector, harness.outbound(OTHER_KEY))
    await connector.close()
    require(asked == 1, f"For one message the platform was asked {asked} times.")
    check_sent(sent)
    require(not set(sent.messages) & set(other.messages), "Two messages got the same name.")


def check_sent(sent: Sent) -> None:
    require(sent.messages, "Sent names no message.")
    for name in sent.messages:
        require(0 < len(name) <= 512, f"{name!r} is no name for a message.")
    require(sent.at.tzinfo is not None, "Sent.at is not aware.")


async def what_comes_in_names_what_was_sent(harness: Harness) -> None:
    connector = await connected(harness)
    cursor = await start(harness, connector)
    message = harness.outbound(KEY)
    sent = await send(harness, connector, message)
    await harness.confirm(message, sent)
    try:
        batches = await receive(harness, connector, cursor, 1)
    except Broken as problem:
        raise Broken(f"Nothing that names what was sent comes in. {problem}") from problem
    finally:
        await connector.close()
    named = {name for event in opened(harness.make(), events_of(batches)) for name in names_in(event)}
    require(named & set(sent.messages), f"Sent {sent.messages}, what came in names {sorted(named)}.")


def names_in(event: InboundEvent) -> set[str]:
    """Every message an event speaks of."""
    names = {getattr(event, "message", None), getattr(event, "reply_to", None)}
    if isinstance(event, MessageReceived):
        names.update(event.related)
    return {name for name in names if name}


async def a_failure_is_said_in_the_contracts_words(harness: Harness, failure: Failure) -> None:
    connector = await connected(harness)
    await harness.fail(failure)
    before = harness.sends()
    expected = RIGHT_ERROR[failure]
    try:
        await send(harness, connector, harness.outbound(KEY))
    except ConnectorError as problem:
        require(type(problem) is expected, f"{failure} is said as {type(problem).__name__}: {problem}")
        check_words(problem)
    except Exception as problem:
        raise Broken(f"{failure} raises {type(problem).__name__}: {problem}") from problem
    else:
        raise Broken(f"{failure} goes unnoticed.")
    finally:
        await connector.close()
    asked = harness.sends() - before
    require(asked <= 1, f"send tried {asked} times; trying again is the outbox's work.")


def check_words(problem: ConnectorError) -> None:
    """The text is shown to agents and admins: a sentence."""
    text = str(problem)
    require(len(text) >= 10 and " " in text, f"{text!r} tells nobody anything.")
    require(len(text) <= 500 and "\n" not in text, "The error's text is longer than a sentence.")
    require(text[-1] in ".!?", f"{text!r} is not a sentence: it has no end.")
    require(not text[0].islower(), f"{text!r} is not a sentence: it begins small.")
    require("Traceback" not in text and " object at 0x" not in text, "The error's text is for programmers.")
    if isinstance(problem, RateLimited):
        require(problem.retry_after > timedelta(0), "RateLimited does not say how long to wait.")
    if isinstance(problem, Rejected):
        require(isinstance(problem.reason, RejectReason), "Rejected gives no reason.")


async def after_an_outage_the_same_connector_sends_again(harness: Harness) -> None:
    connector = await connected(harness)
    await harness.fail(Failure.UNAVAILABLE)
    try:
        await send(harness, connector, harness.outbound(KEY))
    except Exception as problem:  # noqa: BLE001 - of which kind is for another check
        connector.kit.log.debug("failed as arranged: %s", type(problem).__name__)
    await harness.fail(None)
    try:
        async with asyncio.timeout(harness.patience):
            await connector.connect()
        check_sent(await send(harness, connector, harness.outbound(KEY)))
    except ConnectorError as problem:
        raise Broken(f"After the outage: {problem}") from problem
    finally:
        await connector.close()


async def names_given_beforehand_hold(harness: Harness) -> None:
    connector = await connected(harness)
    message = harness.outbound(KEY)
    assert isinstance(connector, NamesMessages)
    name = connector.name_message(message)
    again = harness.make()
    assert isinstance(again, NamesMessages)
    require(name == again.name_message(message), "name_message gives another name each time.")
    sent = await send(harness, connector, message)
    await connector.close()
    require(name in sent.messages, f"Named {name!r} beforehand, sent as {sent.messages}.")


async def what_was_never_sent_is_not_found(harness: Harness) -> None:
    connector = await connected(harness)
    assert isinstance(connector, FindsSent)
    before = harness.sends()
    found = await connector.find_sent(harness.outbound(NEVER_SENT))
    await connector.close()
    require(found is None, "find_sent finds a message that was never sent.")
    require(harness.sends() == before, "find_sent sends.")


async def what_was_sent_is_found_under_its_name(harness: Harness) -> None:
    connector = await connected(harness)
    assert isinstance(connector, FindsSent)
    message = harness.outbound(KEY)
    sent = await send(harness, connector, message)
    before = harness.sends()
    found = await connector.find_sent(message)
    await connector.close()
    require(harness.sends() == before, "find_sent sends.")
    if found is not None:  # None: cannot tell
        require(set(found.messages) & set(sent.messages), f"Sent {sent.messages}, found {found.messages}.")


async def where_it_dedupes_a_repeat_is_the_same_message(harness: Harness) -> None:
    connector = harness.make()
    account = await connector.connect()
    message = harness.outbound(KEY)
    surfaces = {**connector.surfaces, **account.surfaces}
    if surfaces[message.thread.surface].dedupes:
        first = await send(harness, connector, message)
        again = await send(harness, connector, message)
        require(first.messages == again.messages, "It declares `dedupes`, and a repeat is another message.")
    await connector.close()


def _failing(failure: Failure) -> Callable[[Harness], Awaitable[None]]:
    return partial(a_failure_is_said_in_the_contracts_words, failure=failure)


CHECKS = (
    Check("a message is sent once and gets names", a_message_is_sent_once_and_gets_names),
    Check("what comes in names what was sent", what_comes_in_names_what_was_sent),
    *(
        Check(f"send: {failure} is said in the contract's words", _failing(failure), (), failure)
        for failure in Failure
    ),
    Check(
        "after an outage the same connector sends again",
        after_an_outage_the_same_connector_sends_again,
        (),
        Failure.UNAVAILABLE,
    ),
    Check("names given beforehand hold", names_given_beforehand_hold, (NamesMessages,)),
    Check("what was never sent is not found", what_was_never_sent_is_not_found, (FindsSent,)),
    Check("what was sent is found under its name", what_was_sent_is_found_under_its_name, (FindsSent,)),
    Check("where it dedupes a repeat is the same message", where_it_dedupes_a_repeat_is_the_same_message),
)
