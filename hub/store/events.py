"""What happened in Hubbub: appended once, followed by every process through one change stream each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from hub.model.events import Event
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.schema import Database

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

    async def follow(self, ready: asyncio.Event) -> AsyncIterator[Event]:
        """Events as they are published, by any process. Sets `ready` once nothing more can be missed.

        Goes on by itself after a lost connection; raises StoreUnavailable when the database stays away.
        """
        async with self.events.watch([{"$match": {"operationType": "insert"}}]) as stream:
            # The first look opens the cursor on the server: what is published from here on is seen.
            first = await stream.try_next()
            ready.set()
            if first is not None:
                yield from_document(first["fullDocument"], Event)
            async for change in stream:
                yield from_document(change["fullDocument"], Event)
                while (change := await stream.try_next()) is not None:
                    yield from_document(change["fullDocument"], Event)
                await asyncio.sleep(PAUSE.total_seconds())
