"""What a worker does so that agents are told: the teller, and the digester where there is a mail server."""

import asyncio
from collections.abc import Mapping
from typing import Any

from hub.clock import Clock
from hub.notifying.digesting import Digester, Writes
from hub.notifying.marks import Marks
from hub.notifying.posting import Post
from hub.notifying.telling import Teller
from hub.realtime import Follower
from hub.store import Store


async def tell_everybody(
    store: Store,
    follower: Follower,
    clock: Clock,
    worker: str,
    *,
    mail: Mapping[str, Any],
    marks: Marks,
    url: str,
    writes: Writes,
) -> None:
    """Until cancelled. `mail`: the settings of that name; `url`: how people reach us."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Teller(store, follower, clock, worker).run())
        if mail["host"] is not None:
            digester = Digester(store, clock, worker, Post(**mail), marks, url, writes)
            tasks.create_task(digester.run())
