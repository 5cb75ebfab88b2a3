"""Steps that belong together although they are several writes: a process that stops ends them first."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def unbroken(step: Coroutine[Any, Any, Result]) -> Result:
    """What it gives. Who is cancelled meanwhile is so only when it has ended; it must not wait for long."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
