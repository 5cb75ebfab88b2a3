"""What happened in Hubbub: appended once, followed by every process through one change stream each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorChangeStream
from pymongo.errors import OperationFailure

from hub.model.events import Event
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.errors import StreamLost
from hub.store.schema import Database

LOOK_MS = 1_000  # one look waits this long for a change: far below the time a connection may be silent

# Between two looks at the stream: every write to the database wakes it, so it is not asked more often.
PAUSE = timedelta(milliseconds=20)
# Events of different processes may be stored slightly out of the order of their times.
OVERLAP = timedelta(seconds=5)


class Events:
    def __init__(self, db: Database) -> None:
        self.events = db.events

    async def add(self, events: Sequence[Event]) -> None:
        """Append those not there yet: a step that is run again publishes nothing twice."""
        await insert_new(self.events, [to_document(each) for each in events])

    async def since(self, event: str) -> list[Event] | None:
        """What was published after an event, oldest first. None: it is too old, or never was.

        May repeat some that came shortly before it; followers go by the ids.
        """
        seen = await self.events.find_one({"_id": event})
        if seen is None:
            return None
        found = await self.events.find({"at": {"$gte": seen["at"] - OVERLAP}}).sort("at", 1).to_list(None)
        return [from_document(each, Event) for each in found if each["_id"] != event]

    async def latest(self, since: datetime) -> list[Event]:
        found = await self.events.find({"at": {"$gte": since}}).sort("at", 1).to_list(None)
        return [from_document(each, Event) for each in found]

    @asynccontextmanager
    async def following(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Events as they are published, by any process: whatever is published inside the block is among them.

        Goes on by itself after a lost connection. Raises StoreUnavailable when the database stays away, and
        StreamLost when the stream cannot go on: its position is not in the database's history any more.
        """
        only_new = [{"$match": {"operationType": "insert"}}]
        try:
            async with self.events.watch(only_new, max_await_time_ms=LOOK_MS) as stream:
                # The first look opens the cursor on the server: what is published from here on is seen.
                yield _events_of(stream, await stream.try_next())
        except OperationFailure as problem:
            raise StreamLost(f"The database says {problem.code}.") from problem


async def _events_of(
    stream: AsyncIOMotorChangeStream[Document], first: Document | None
) -> AsyncIterator[Event]:
    change = first
    while True:
        while change is not None:
            yield from_document(change["fullDocument"], Event)
            change = await stream.try_next()
        if not stream.alive:  # type: ignore[truthy-function]  # a property; the stubs take it for a method
            raise StreamLost("The database closed it.")
        await asyncio.sleep(PAUSE.total_seconds())
        change = await stream.try_next()
