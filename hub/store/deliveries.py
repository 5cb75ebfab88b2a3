"""The outbox: messages that are to be sent, which are entries of the timeline like all others.

`outbox` holds the channel while there is something to do, and the state of those that a person must look at.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.model.inbox import Attempt, DeliveryState, Message
from hub.store.codec import Document, entry_from_document, to_document
from hub.store.inbox import name_of
from hub.store.paging import ids_by_page
from hub.store.schema import Database

FETCH_MOST = 200
LINES_MOST = 10_000
TICK = timedelta(milliseconds=1)  # the database keeps moments to the millisecond
TROUBLE = (DeliveryState.FAILED, DeliveryState.UNSURE)
Spot = tuple[datetime, str]  # when a message was written, and its id


@dataclass(frozen=True, slots=True)
class Line:
    """What deciding the order needs to know of a message that is to be sent."""

    id: str
    thread: str
    at: datetime
    state: DeliveryState
    due_at: datetime
    tried: bool


class Deliveries:
    def __init__(self, db: Database) -> None:
        self.entries = db.entries

    async def lines(self, channel: str) -> list[Line]:
        """All that this channel has to send, up to LINES_MOST, oldest first, without what it says."""
        fields = {"thread": 1, "at": 1, "delivery.state": 1, "delivery.due_at": 1, "delivery.attempts.at": 1}
        found = await self.entries.find({"outbox": channel}, fields).limit(LINES_MOST).to_list(LINES_MOST)
        lines = [
            Line(
                id=each["_id"],
                thread=each["thread"],
                at=each["at"],
                state=DeliveryState(each["delivery"]["state"]),
                due_at=each["delivery"]["due_at"],
                tried=bool(each["delivery"].get("attempts")),
            )
            for each in found
        ]
        return sorted(lines, key=lambda line: (line.at, line.id))

    async def load(self, ids: Sequence[str]) -> list[Message]:
        found = await self.entries.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return [entry for each in found if isinstance(entry := entry_from_document(each), Message)]

    async def sending_in(self, channel: str, thread: str) -> list[Message]:
        """Messages of a thread that are on their way just now, oldest first."""
        wanted = {"outbox": channel, "thread": thread, "delivery.state": DeliveryState.SENDING}
        found = await self.entries.find(wanted).to_list(None)
        return _newest_first(found)[::-1]

    async def waiting(self, channel: str) -> list[Message]:
        """Up to FETCH_MOST messages this channel has to send, oldest first."""
        found = await self.entries.find({"outbox": channel}).limit(FETCH_MOST).to_list(FETCH_MOST)
        messages = [entry for each in found if isinstance(entry := entry_from_document(each), Message)]
        return sorted(messages, key=lambda each: (each.at, each.id))

    async def move(
        self,
        message: Message,
        expected: tuple[DeliveryState, ...],
        state: DeliveryState,
        *,
        attempt: Attempt | None = None,
        counts: bool = False,
        also: Mapping[str, Any] | None = None,
        remote_ids: tuple[str, ...] = (),
    ) -> bool:
        """Bring a delivery from one of the expected states to another. False: it was in none of them.

        `counts`: the attempt uses up the budget of tries. `also`: further fields below `delivery`.
        """
        changed: Document = {"delivery.state": state}
        changed.update({f"delivery.{key}": value for key, value in (also or {}).items()})
        update: Document = {"$set": changed}
        gone: Document = {}
        if state in TROUBLE:
            changed["outbox"] = state
        elif state.settled:
            gone["outbox"] = ""
        else:
            changed["outbox"] = message.channel
        if state not in TROUBLE and "delivery.problem" not in changed:
            gone["delivery.problem"] = ""
        if gone:
            update["$unset"] = gone
        if attempt:
            update["$push"] = {"delivery.attempts": {"$each": [to_document(attempt)], "$slice": -50}}
        if counts:
            update["$inc"] = {"delivery.tries": 1}
        if remote_ids:
            names = [name_of(message.channel, remote) for remote in remote_ids]
            update["$addToSet"] = {"remote_ids": {"$each": list(remote_ids)}, "names": {"$each": names}}
        moved = await self.entries.update_one(
            {"_id": message.id, "delivery.state": {"$in": list(expected)}}, update
        )
        return bool(moved.modified_count)

    async def cancel(self, message: str) -> bool:
        """Take a message back that nobody has begun to send. False: it is on its way, or gone."""
        result = await self.entries.delete_one({"_id": message, "delivery.state": DeliveryState.QUEUED})
        return bool(result.deleted_count)

    async def postpone(self, message: Message, due_at: datetime) -> None:
        await self.entries.update_one(
            {"_id": message.id, "delivery.state": DeliveryState.QUEUED}, {"$set": {"delivery.due_at": due_at}}
        )

    async def add_names(self, message: Message, remote_ids: tuple[str, ...]) -> None:
        names = [name_of(message.channel, remote) for remote in remote_ids]
        await self.entries.update_one(
            {"_id": message.id},
            {"$addToSet": {"remote_ids": {"$each": list(remote_ids)}, "names": {"$each": names}}},
        )

    async def in_trouble(
        self, limit: int = 200, before: Spot | None = None, channel: str | None = None
    ) -> list[Message]:
        """Deliveries a person must look at: failed or unsure. The newest, from a spot backwards."""
        return _newest_first(await self._troubled({}, limit, before, channel))

    def all_in_trouble(self, states: Collection[DeliveryState]) -> AsyncIterator[list[str]]:
        """The ids of all that are in one of these states (of TROUBLE), page by page, oldest first."""
        return ids_by_page(self.entries, {"outbox": {"$in": list(states)}}, "at")

    async def count_in_trouble(self, states: Collection[DeliveryState]) -> int:
        return await self.entries.count_documents({"outbox": {"$in": list(states)}})

    async def spots_in_trouble(self, limit: int, before: Spot | None = None) -> list[tuple[Spot, str]]:
        """As `in_trouble`: where they stand, and in which conversation."""
        found = await self._troubled({"at": 1, "conversation": 1}, limit, before)
        return [((each["at"], each["_id"]), each["conversation"]) for each in found]

    async def conversations_in_trouble(self, since: Spot) -> set[str]:
        """Those with a delivery in trouble at this spot or later."""
        found: set[str] = set()
        for state in TROUBLE:
            wanted = {"outbox": state, "at": {"$gt": since[0] - TICK}}
            rows = await self.entries.find(wanted, {"at": 1, "conversation": 1}).to_list(LINES_MOST)
            found |= {each["conversation"] for each in rows if (each["at"], each["_id"]) >= since}
        return found

    async def _troubled(
        self, fields: Document, limit: int, before: Spot | None, channel: str | None = None
    ) -> list[Document]:
        only: Document = {"channel": channel} if channel else {}
        wanted: list[Document] = [{}]
        if before is not None:  # apart: as one condition the index could not be followed
            at, entry = before
            wanted = [{"at": at, "_id": {"$lt": entry}}, {"at": {"$lt": at}}]
        found: list[Document] = []
        for state in TROUBLE:
            for each in wanted:
                cursor = self.entries.find({"outbox": state, **each, **only}, fields or None)
                found += await cursor.sort([("at", -1), ("_id", -1)]).limit(limit).to_list(limit)
        found.sort(key=lambda each: (each["at"], each["_id"]), reverse=True)
        return found[:limit]

    async def list_waiting(self, channels: list[str], limit: int = 200) -> list[Message]:
        query = {"outbox": {"$in": channels}}
        return _newest_first(await self.entries.find(query).sort("at", -1).limit(limit).to_list(limit))

    async def count_waiting(self, channels: Sequence[str]) -> Counter[str]:
        """By channel, how many are to be sent; up to LINES_MOST."""
        found = self.entries.find({"outbox": {"$in": list(channels)}}, {"outbox": 1}).limit(LINES_MOST)
        return Counter([str(each["outbox"]) async for each in found])

    async def sent_before(self, conversation: str, thread: str, at: datetime) -> list[Message]:
        """Our sent or delivered messages in a thread up to a moment: what a "read up to here" speaks of."""
        found = await self.entries.find(
            {
                "conversation": conversation,
                # Not `$lte`: the embedded store loses what stands exactly on an included end (0.7.0b3).
                "at": {"$lt": at + TICK},
                "thread": thread,
                "delivery.state": {"$in": [DeliveryState.SENT, DeliveryState.DELIVERED]},
            }
        ).to_list(None)
        return _newest_first(found)


def _newest_first(documents: list[Document]) -> list[Message]:
    messages = [entry for each in documents if isinstance(entry := entry_from_document(each), Message)]
    return sorted(messages, key=lambda each: (each.at, each.id), reverse=True)
