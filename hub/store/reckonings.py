"""Which service levels were changed, and how far the conversations that have them were reckoned anew.

One document: a round for each level that is under way, with the place where it goes on; and since when each
level promises what it promises now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.store.codec import Document
from hub.store.schema import Database

STATE = "reckonings"


@dataclass(frozen=True, slots=True)
class Round:
    """`since`: when it was asked for, which tells one round from another; `part` and `at`: where to go on."""

    level: str
    since: datetime
    part: int = 0
    at: int | None = None


class Reckonings:
    def __init__(self, db: Database) -> None:
        self.state = db.routing_state

    async def ask(self, levels: Sequence[str], now: datetime) -> None:
        """From the beginning, even if a round is under way."""
        if levels:
            rounds = {f"rounds.{each}": {"since": now, "part": 0} for each in levels}
            changed = {f"changed.{each}": now for each in levels}
            await self.state.update_one({"_id": STATE}, {"$set": {**rounds, **changed}}, upsert=True)

    async def rounds(self) -> list[Round]:
        found: Document = await self.state.find_one({"_id": STATE}) or {}
        return [
            Round(level, each["since"], each["part"], each.get("at"))
            for level, each in sorted(found.get("rounds", {}).items())
        ]

    async def go_on(self, done: Round, part: int, at: int | None) -> bool:
        """Keep where the next batch begins. False: a new round was asked for meanwhile."""
        place = {"since": done.since, "part": part, "at": at}
        return await self._change(done, {"$set": {f"rounds.{done.level}": place}})

    async def end(self, done: Round) -> bool:
        return await self._change(done, {"$unset": {f"rounds.{done.level}": ""}})

    async def changed_at(self, level: str) -> datetime | None:
        """Since when it promises what it promises now; None: since always."""
        found: Document = await self.state.find_one({"_id": STATE}) or {}
        moment: datetime | None = found.get("changed", {}).get(level)
        return moment

    async def _change(self, done: Round, change: Document) -> bool:
        same = {"_id": STATE, f"rounds.{done.level}.since": done.since}
        return bool((await self.state.update_one(same, change)).modified_count)
