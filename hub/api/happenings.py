"""What other programs tell of customers, and everything about a customer in one stream."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from hub.api import shapes, shaping
from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.problems import invalid
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Next, Shape
from hub.desk import happenings
from hub.desk.tellings import Told
from hub.model.customers import EventField, EventType, OutsideEvent
from hub.model.fields import FieldKind
from hub.model.sign_ins import Scope

CUSTOMER = "/customers/{customer}"
Key = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]


class FieldOfEvent(Body):
    key: Key
    name: Key
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[Key, ...] = Field((), max_length=100, description="Of a `choice`.")
    required: bool = False


class SaveEventType(Body):
    name: Key
    fields: tuple[FieldOfEvent, ...] = Field((), max_length=happenings.FIELDS_MOST)


class OneEvent(Body):
    type: Key = Field(description="A key of `/event-types`.")
    key: Key = Field(description="Your own: told twice with the same type and key, it is one event.")
    at: AwareDatetime
    values: dict[Key, Short] = Field({}, description="By the keys of the type's fields, as text.")


class TellEvents(Body):
    events: tuple[OneEvent, ...] = Field(min_length=1, max_length=happenings.TOLD_MOST)


class WrongEvent(Shape):
    place: int = Field(description="Which one of those sent, counted from 0.")
    reason: str
    words: str


class KeptEvents(Shape):
    added: int
    known: int = Field(description="Had been told before: they stay as they were.")
    wrong: list[WrongEvent] = Field(description="Not kept; the others are.")


class EventTypeField(Shape):
    key: str
    name: str
    kind: FieldKind
    choices: tuple[str, ...]
    required: bool


class EventTypeShape(Shape):
    key: str
    name: str
    fields: list[EventTypeField]


class EventTypes(Shape):
    rows: list[EventTypeShape]


class Removed(Shape):
    key: str


class CustomerEvent(Shape):
    type: Literal["event"] = "event"
    id: str
    kind: str = Field(description="A key of `/event-types`.")
    key: str
    at: datetime
    values: dict[str, str]


class Stream(Shape):
    """Newest first."""

    rows: list[shapes.Message | shapes.Note | shapes.Activity | CustomerEvent]
    next: Next


class ReadStream(Query):
    kinds: tuple[Literal["message", "note", "activity", "event"], ...] = Field((), max_length=4)
    channel: Id | None = Field(None, description="What came or went there, and what is beside it.")
    cursor: Cursor = None
    limit: Limit = 50


async def list_types(call: Call, asked: Nothing) -> EventTypes:
    found = await happenings.list_types(call.desk, call.agent)
    return EventTypes(rows=[_type(each) for each in found])


async def save_type(call: Call, asked: SaveEventType) -> EventTypeShape:
    fields = [
        EventField(key=each.key, name=each.name, kind=each.kind, choices=each.choices, required=each.required)
        for each in asked.fields
    ]
    key, address = call.path["type"], call.address
    return _type(await happenings.save_type(call.desk, call.agent, key, asked.name, fields, address=address))


async def remove_type(call: Call, asked: Nothing) -> Removed:
    await happenings.remove_type(call.desk, call.agent, call.path["type"], address=call.address)
    return Removed(key=call.path["type"])


async def tell(call: Call, asked: TellEvents) -> KeptEvents:
    told = [Told(type=each.type, key=each.key, at=each.at, values=each.values) for each in asked.events]
    try:
        kept = await happenings.tell_events(call.desk, call.agent, call.path["customer"], told)
    except OverflowError:  # a moment that no calendar has
        raise invalid("body", "events", "There is no such moment.") from None
    wrong = [
        WrongEvent(place=each.place, reason=each.refusal.code, words=str(each.refusal)) for each in kept.wrong
    ]
    return KeptEvents(added=kept.added, known=kept.known, wrong=wrong)


async def stream(call: Call, asked: ReadStream) -> Stream:
    found = await happenings.customer_stream(
        call.desk,
        call.agent,
        call.path["customer"],
        kinds=asked.kinds,
        channel=asked.channel,
        cursor=asked.cursor,
        limit=asked.limit,
    )
    rows = [
        CustomerEvent(id=each.id, kind=each.type, key=each.key, at=each.at, values=each.values)
        if isinstance(each, OutsideEvent)
        else shaping.entry(each)
        for each in found.rows
    ]
    return Stream(rows=rows, next=found.next_cursor)


def _type(found: EventType) -> EventTypeShape:
    fields = [EventTypeField.model_validate(each) for each in found.fields]
    return EventTypeShape(key=found.id, name=found.name, fields=fields)


REFUSED = ("not-possible",)
HAPPENINGS: Sequence[AnyRoute] = (
    reading(
        f"{CUSTOMER}/timeline",
        "readCustomerTimeline",
        "Everything about a customer over all channels: messages, notes, facts, and events from outside.",
        stream,
        ReadStream,
        Stream,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{CUSTOMER}/events",
        "tellCustomerEvents",
        "What happened to a customer elsewhere, up to 1,000 at once. What is wrong is named and left out.",
        tell,
        TellEvents,
        KeptEvents,
        *REFUSED,
    ),
    reading("/event-types", "listEventTypes", "What may be told of.", list_types, Nothing, EventTypes),
    writing(
        "POST",
        "/event-types/{type}",
        "saveEventType",
        "Make a type of event, or change it. Only for admins.",
        save_type,
        SaveEventType,
        EventTypeShape,
        *REFUSED,
        scope=Scope.ADMIN,
    ),
    writing(
        "DELETE",
        "/event-types/{type}",
        "removeEventType",
        "Take no more events of a type; what was told stays. Only for admins.",
        remove_type,
        Nothing,
        Removed,
        *REFUSED,
        scope=Scope.ADMIN,
    ),
)
