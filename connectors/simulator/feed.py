"""What a simulated platform has to tell us, in the order it tells it, and the cursors into that."""

import asyncio
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from connectors.simulator.troubles import Refusal, Troubles

Raw = Mapping[str, Any]
_CURSOR = re.compile(r"([0-9]{1,12})\.([0-9]{1,12})")


class Feed:
    """Updates by position. Duplicates, changed places and rubbish happen here, on the way to the reader.

    An update that was held back to change places, or that waits to be told again, is told at the latest
    when a reader finds nothing else: trouble delays and repeats, it never loses.
    """

    def __init__(self, random: Random, troubles: Troubles) -> None:
        self._random = random
        self._troubles = troubles
        self._told: list[Raw] = []
        self._held: list[Raw] = []
        self._again: list[Raw] = []
        self._age = 1  # rises when the platform forgets its cursors
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, update: Raw) -> None:
        chances = self._troubles.chances
        if chances.broken and self._random.random() < chances.broken:
            self._told.append({"id": f"{update['id']}-broken", "type": "message", "at": "yesterday, or so"})
        if chances.duplicated and self._random.random() < chances.duplicated:
            self._again.append(update)
        if chances.reordered and not self._held and self._random.random() < chances.reordered:
            self._held.append(update)
        else:
            self._told.append(update)
            self._told += self._held
            self._held.clear()
        if len(self._again) > 3:
            self._told.append(self._again.pop(0))
        self._wake()

    def tell_again(self, update_id: str) -> None:
        """Repeat an update, as a platform does that missed our acknowledgement."""
        self._told.append(next(update for update in self._told if update["id"] == update_id))
        self._wake()

    def after(self, cursor: str | None, limit: int, *, from_start: bool = False) -> tuple[list[Raw], str]:
        """Up to `limit` updates after `cursor`, and the cursor that stands after them.

        Raises Refusal 410 for a cursor the platform does not know (any more).
        """
        start = self._position(cursor, from_start)
        if start >= len(self._told):
            self._settle()
        if cursor is None and not from_start:
            start = len(self._told)
        found = self._told[start : start + limit]
        return found, f"{self._age}.{start + len(found)}"

    def _position(self, cursor: str | None, from_start: bool) -> int:
        if cursor is None:
            return 0 if from_start else len(self._told)
        match = _CURSOR.fullmatch(cursor)
        if match is None or int(match[1]) != self._age or int(match[2]) > len(self._told):
            raise Refusal(410, "cursor_gone", "The cursor is not known.")
        return int(match[2])

    def _settle(self) -> None:
        self._told += self._held + self._again
        self._held.clear()
        self._again.clear()

    def forget_cursors(self) -> None:
        """Every cursor given out so far is refused from now on."""
        self._age += 1
        self._wake()

    async def news(self, cursor: str) -> None:
        """Wait until there is something after `cursor`, or reason to look again."""
        self._settle()
        if self._position(cursor, from_start=False) < len(self._told):
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def disturb(self) -> None:
        """Wake every reader, so that an outage is noticed at once."""
        self._wake()

    def _wake(self) -> None:
        for waiting in list(self._waiting):
            if not waiting.done():
                waiting.set_result(None)
