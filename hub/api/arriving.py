"""What a channel received and what became of it: read again, compared with the platform; and its rooms."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import shapes
from hub.api.bodies import Body, Id, Nothing, Query
from hub.api.making import reading, writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Bytes, Call
from hub.contract.errors import ConnectorError
from hub.desk import arrivals, reconciling, rooms
from hub.desk.changing import NotPossible
from hub.desk.opening import list_channels
from hub.model.channels import Channel
from hub.model.journal import Outcome
from hub.model.sign_ins import Scope


class Arrival(shapes.Shape):
    """One event as it was received, or a webhook's body that could not be read."""

    id: str
    at: datetime
    kind: str
    outcome: Outcome | None = Field(description="null: it waits.")
    words: str = Field(description="Why, where it was ignored or failed.")
    conversation: str | None
    size: int = Field(description="In bytes.")


class Arrivals(shapes.Shape):
    rows: list[Arrival]


class ListArrivals(Query):
    failed: bool = Field(False, description="Only those that could not be worked on.")
    limit: int = Field(arrivals.SHOWN, ge=1, le=arrivals.REPLAYED_MOST)


class Counted(shapes.Shape):
    count: int


class Compared(shapes.Shape):
    held: int = Field(description="How many events the platform holds of those that were ours to take.")
    missing: list[str] = Field(description="Their keys.")


class Room(shapes.Shape):
    """A place on the platform where agents hear of conversations, and answer."""

    id: str
    name: str
    team: str | None = Field(description="Whose conversations are told there; null: everybody's.")
    created_at: datetime


class Rooms(shapes.Shape):
    rows: list[Room]


class NewRoom(Body):
    """It is told so there at once."""

    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]
    team: Id | None = None


async def list_arrivals(call: Call, asked: ListArrivals) -> Arrivals:
    channel = await _channel(call)
    found = await arrivals.list_arrived(
        call.desk, call.agent, channel, failed=asked.failed, limit=asked.limit
    )
    return Arrivals(
        rows=[
            Arrival(
                id=each.id,
                at=each.at,
                kind=each.kind,
                outcome=each.outcome,
                words=each.words,
                conversation=each.ref,
                size=each.size,
            )
            for each in found
        ]
    )


async def get_original(call: Call, asked: Nothing) -> Bytes:
    try:
        name, content = await arrivals.original(
            call.desk, call.agent, await _channel(call), call.path["arrival"], address=call.address
        )
    except NotPossible as problem:
        raise Problem("not-found", str(problem), reason=problem.code) from None
    return Bytes(name=name, content=_whole(content))


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def replay(call: Call, asked: Nothing) -> Counted:
    try:
        await arrivals.replay(
            call.desk, call.agent, await _channel(call), call.path["arrival"], address=call.address
        )
    except NotPossible as problem:
        raise Problem("not-found", str(problem), reason=problem.code) from None
    return Counted(count=1)


async def replay_failed(call: Call, asked: Nothing) -> Counted:
    channel = await _channel(call)
    return Counted(count=await arrivals.replay_failed(call.desk, call.agent, channel, address=call.address))


# Compared with the platform


async def compare(call: Call, asked: Nothing) -> Compared:
    channel = await _comparable(call)
    try:
        found = await reconciling.compare(call.desk, call.agent, channel, address=call.address)
    except ConnectorError as problem:
        raise Problem("not-proven", str(problem)) from problem
    return Compared(held=found.held, missing=list(found.missing))


async def take_missing(call: Call, asked: Nothing) -> Counted:
    channel = await _comparable(call)
    try:
        count = await reconciling.take_missing(call.desk, call.agent, channel, address=call.address)
    except ConnectorError as problem:
        raise Problem("not-proven", str(problem)) from problem
    return Counted(count=count)


async def _comparable(call: Call) -> Channel:
    channel = await _channel(call)
    if not reconciling.can_compare(call.desk, channel):
        raise Problem("not-possible", "This platform cannot be asked what it holds.")
    return channel


# Rooms


async def list_rooms(call: Call, asked: Nothing) -> Rooms:
    found = await rooms.list_rooms(call.desk, await _channel(call))
    return Rooms(rows=[Room.model_validate(each) for each in found])


async def link_room(call: Call, asked: NewRoom) -> Room:
    channel = await _channel(call)
    try:
        made = await rooms.link_room(
            call.desk, call.agent, channel, asked.name, asked.team, address=call.address
        )
    except ConnectorError as problem:
        raise Problem("not-proven", str(problem)) from problem
    return Room.model_validate(made)


async def unlink_room(call: Call, asked: Nothing) -> Room:
    channel = await _channel(call)
    known = await rooms.list_rooms(call.desk, channel)
    found = next((each for each in known if each.id == call.path["room"]), None)
    if found is None:
        raise Problem("not-found", "There is no such room.")
    await rooms.unlink_room(call.desk, call.agent, channel, found.id, address=call.address)
    return Room.model_validate(found)


async def _channel(call: Call) -> Channel:
    found = [each for each in await list_channels(call.desk) if each.id == call.path["channel"]]
    if not found:
        raise Problem("not-found", "There is no such channel.")
    return found[0]


CHANNEL = "/channels/{channel}"
ARRIVAL = f"{CHANNEL}/arrivals/{{arrival}}"
_read, _write = partial(reading, scope=Scope.ADMIN), partial(writing, scope=Scope.ADMIN)
ARRIVING: Sequence[AnyRoute] = (
    _read(
        f"{CHANNEL}/arrivals", "listArrivals", "What it received, newest first. Only for admins.",
        list_arrivals, ListArrivals, Arrivals,
    ),
    _read(
        f"{ARRIVAL}/original", "getOriginal", "One of them as it came. Only for admins.",
        get_original, Nothing, None,
    ),
    _write(
        "POST", f"{ARRIVAL}/replays", "replay", "Work on one of them again. Only for admins.",
        replay, Nothing, Counted,
    ),
    _write(
        "POST", f"{CHANNEL}/replays", "replayFailed", "Work again on all that failed. Only for admins.",
        replay_failed, Nothing, Counted,
    ),
    _write(
        "POST", f"{CHANNEL}/comparisons", "compareChannel",
        "Ask the platform what it holds: is anything missing here? Only for admins.",
        compare, Nothing, Compared, "not-possible", "not-proven",
    ),
    _write(
        "POST", f"{CHANNEL}/missing", "takeMissing",
        "Fetch what is missing. Only for admins.",
        take_missing, Nothing, Counted, "not-possible", "not-proven",
    ),
    _read(
        f"{CHANNEL}/rooms", "listRooms", "Where agents hear of conversations, and answer. Only for admins.",
        list_rooms, Nothing, Rooms,
    ),
    _write(
        "POST", f"{CHANNEL}/rooms", "linkRoom", "Tell of conversations in one more place. Only for admins.",
        link_room, NewRoom, Room, "not-possible", "not-proven", status=201,
    ),
    _write(
        "DELETE", f"{CHANNEL}/rooms/{{room}}", "unlinkRoom", "Tell nothing there any more. Only for admins.",
        unlink_room, Nothing, Room,
    ),
)  # fmt: skip
