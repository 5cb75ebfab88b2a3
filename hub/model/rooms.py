"""Rooms: places on a platform where agents are told of conversations, and answer them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`place`: the key of its thread, the connector's own. `team` None: of every team and of none."""

    id: str
    channel: str
    place: str
    name: str  # as the admin wrote it
    team: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RoomThread:
    """A thread in a room, and the conversation it is about."""

    room: str
    conversation: str
    thread: str
