"""Rooms as the database keeps them, which thread in them is about which conversation, and what was told.

All by `_id`, which is derived from what is looked for: nothing here needs an index of its own.
"""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from hub.model.ids import derived_id
from hub.model.rooms import Room, RoomThread
from hub.store.codec import Document
from hub.store.remembered import Remembered
from hub.store.schema import Database


class Rooms:
    def __init__(self, db: Database) -> None:
        self.rooms = db.rooms
        self.threads = db.room_threads
        self.told = db.room_told
        self._list = Remembered(self._read)  # asked for with every message

    async def add(self, room: Room) -> bool:
        """False: it is one already."""
        document: Document = {
            "_id": room.id,
            "channel": room.channel,
            "place": room.place,
            "name": room.name,
            "team": room.team,
            "created_at": room.created_at,
        }
        added = await _added(self.rooms, document)
        self._list.forget()
        return added

    async def list_rooms(self) -> list[Room]:
        """By name. Tens of them at most: read whole. Those linked elsewhere are here some seconds later."""
        return await self._list.get()

    async def _read(self) -> list[Room]:
        found = await self.rooms.find().to_list(None)
        rooms = [Room(id=each.pop("_id"), **each) for each in found]
        return sorted(rooms, key=lambda each: (each.name.casefold(), each.id))

    async def remove(self, room: str) -> None:
        await self.rooms.delete_one({"_id": room})
        self._list.forget()

    async def lead(self, room: Room, thread: RoomThread) -> None:
        """From the thread to the conversation, and back."""
        for key in (_by_thread(room.channel, thread.thread), _by_conversation(room.id, thread.conversation)):
            known = {"room": thread.room, "conversation": thread.conversation, "thread": thread.thread}
            await self.threads.update_one({"_id": key}, {"$set": known}, upsert=True)

    async def about(self, channel: str, threads: list[str]) -> dict[str, RoomThread]:
        """What threads of a channel are about, by their keys; those in no room are left out."""
        ids = {_by_thread(channel, each): each for each in threads}
        found = await self.threads.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {ids[each["_id"]]: _thread(each) for each in found}

    async def thread_of(self, room: str, conversation: str) -> RoomThread | None:
        found = await self.threads.find_one({"_id": _by_conversation(room, conversation)})
        return _thread(found) if found else None

    async def first_to_tell(self, room: str, entry: str, now: datetime) -> bool:
        """Whether nobody has told this there, or is about to. Who asks first tells it."""
        return await _added(self.told, {"_id": derived_id("room told", room, entry), "at": now})

    async def not_told(self, room: str, entry: str) -> None:
        await self.told.delete_one({"_id": derived_id("room told", room, entry)})


async def _added(collection: object, document: Document) -> bool:
    try:
        await collection.insert_one(document)  # type: ignore[attr-defined]  # one of the three above
    except DuplicateKeyError:
        return False
    return True


def _by_thread(channel: str, thread: str) -> str:
    return derived_id("room thread", channel, thread)


def _by_conversation(room: str, conversation: str) -> str:
    return derived_id("room conversation", room, conversation)


def _thread(document: Document) -> RoomThread:
    return RoomThread(document["room"], document["conversation"], document["thread"])
