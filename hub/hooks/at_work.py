"""Everything behind outgoing webhooks, as an application runs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from hub.desk.replying import Desk
from hub.hooks import Webhooks
from hub.hooks.queueing import Describe, Queuer
from hub.hooks.sender import Sender
from hub.outgoing import outgoing_session
from hub.realtime import Follower, TooOld


@asynccontextmanager
async def open_webhooks(
    desk: Desk, *, private_addresses: bool, disable_after_days: int, log_days: int
) -> AsyncIterator[Webhooks]:
    """With connections of their own: receivers that hang must not use up those of others."""
    async with outgoing_session(allow_private=private_addresses, connections=0) as http:
        yield Webhooks(
            desk=desk,
            http=http,
            private=private_addresses,
            disable_after=timedelta(days=disable_after_days),
            kept=timedelta(days=log_days),
        )


async def run_webhooks(hooks: Webhooks, describe: Describe, follower: Follower, worker: str) -> None:
    """Queue and send until cancelled. Any number of workers may."""
    sender = Sender(hooks, worker)
    queuer = Queuer(hooks, describe, worker, sender.wake)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        tasks.create_task(queuer.run())
        tasks.create_task(_wake(follower, sender, queuer))


async def _wake(follower: Follower, sender: Sender, queuer: Queuer) -> None:
    """What an admin did in another process is noticed at once."""
    while True:
        with suppress(TooOld):
            async with follower.subscribe() as events:
                sender.wake()
                async for event in events:
                    if event.kind == "hook_changed":
                        sender.wake()
                        queuer.wake()
