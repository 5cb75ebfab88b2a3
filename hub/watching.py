"""What can be wrong with a channel that runs, and which of its failures says most.

Looks now and then whether a platform's calls arrive: one whose calls fail tells nobody of itself.
And asks for what a platform has given up bringing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from hub.contract.connector import CatchesUp, ChecksWebhook, TellsTrouble
from hub.contract.errors import AuthBroken, ConnectorError
from hub.contract.inbound import Batch, Cursor
from hub.model.channels import Channel, Health
from hub.model.sentences import sentence

EVERY = 60.0  # seconds
WITHIN = 30.0


async def watch_webhook(
    connector: object, url: str, report: Callable[[Health, str], Awaitable[None]], *, every: float = EVERY
) -> None:
    """Until cancelled; reports when it changes. Raises AuthBroken."""
    if not isinstance(connector, ChecksWebhook):
        await asyncio.Event().wait()
        return
    told = ""
    while True:
        await asyncio.sleep(every)
        words = ""
        try:
            async with asyncio.timeout(WITHIN):
                await connector.check_webhook(url)
        except AuthBroken:
            raise
        except ConnectorError as problem:
            words = str(problem)
        except TimeoutError:
            words = sentence("platform_silent")
        if words != told:
            await report(Health.RETRYING if words else Health.CONNECTED, words or trouble_of(connector))
            told = words


def trouble_of(connector: object) -> str:
    return connector.trouble() if isinstance(connector, TellsTrouble) else ""


async def watch_trouble(
    connector: object,
    kept: Callable[[], Awaitable[Channel]],
    reader: Callable[[Channel], object],
    report: Callable[[Health, str], Awaitable[None]],
) -> None:
    """Until cancelled; reports what only a part of a channel suffers from, when it changes.

    Asks one made of what is kept of the channel: who heard of it may be another process, at its door.
    """
    while isinstance(connector, TellsTrouble):
        await asyncio.sleep(min(EVERY, 5.0))
        channel = await kept()
        words = trouble_of(reader(channel))
        if channel.health is Health.CONNECTED and words != (channel.problem or ""):
            await report(Health.CONNECTED, words)


async def keep_up(
    connector: CatchesUp,
    cursor: Cursor | None,
    take: Callable[[Batch], Awaitable[None]],
) -> None:
    """Until cancelled. Raises what the connector raises."""
    while True:
        batch = await connector.catch_up(cursor)
        await take(batch)
        cursor = batch.cursor
        if not batch.more:
            await asyncio.sleep(EVERY)


def first_problem(problem: BaseException) -> BaseException:
    """Of a group, the one that says most: refused credentials before anything else."""
    if not isinstance(problem, BaseExceptionGroup):
        return problem
    flat = [first_problem(each) for each in problem.exceptions]
    broken = [each for each in flat if isinstance(each, AuthBroken)]
    return (broken or flat)[0]
