"""What every page asks for and rarely changes, kept in memory: agents, teams, channels, custom fields,
saved views.

Read anew after this process has written it, after another one has told that it did (`Store.heard`), and after
some seconds whatever happens.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")
LASTS = 5.0  # seconds


class Remembered(Generic[Value]):
    """`load` reads it. What is handed out is shared: nobody may change it."""

    def __init__(self, load: Callable[[], Awaitable[Value]]) -> None:
        self._load = load
        self._kept: tuple[float, Value] | None = None
        self._changes = 0
        self._reading = asyncio.Lock()

    async def get(self) -> Value:
        if self._kept is not None and monotonic() - self._kept[0] < LASTS:
            return self._kept[1]
        # Hundreds of live pages ask at the same moment: one reads, the others would only wait for the same.
        async with self._reading:
            if self._kept is not None and monotonic() - self._kept[0] < LASTS:
                return self._kept[1]
            began, changes = monotonic(), self._changes
            found = await self._load()
            # What was written while we read may be missing in it: whoever asks next reads again.
            if changes == self._changes:
                self._kept = (began, found)
            return found

    def forget(self) -> None:
        """Call it after the write."""
        self._changes += 1
        self._kept = None
