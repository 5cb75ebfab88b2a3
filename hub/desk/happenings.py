"""What happened to a customer elsewhere, told by other programs; and all about a customer in one stream.

Admins say which types there are and what is told of each; values are checked like custom fields. An event has
a key of the program's own: told twice, it is one. Events follow their customer through merges like all else.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.auth.access import NotAllowed, may_see
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.customers import get_person
from hub.desk.fields import KEY, check_value
from hub.desk.replying import Desk
from hub.desk.tellings import Told, Wrong, count_told
from hub.model.customers import EventField, EventType, OutsideEvent
from hub.model.events import Event
from hub.model.fields import CustomField, FieldOn
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Activity, Conversation, Entry, Message, Note, Status
from hub.model.people import Agent, Role
from hub.realtime import publish
from hub.store.shelves import ms_of

TYPES_MOST, FIELDS_MOST, NAME_LONGEST = 50, 30, 60
TOLD_MOST = 1000  # events in one call
CONVERSATIONS_AT_ONCE = 100
TAKEN = "new"  # where the form for another type is
MOMENT = timedelta(milliseconds=1)
KINDS = {Message: "message", Note: "note", Activity: "activity", OutsideEvent: "event"}


@dataclass(frozen=True, slots=True)
class Kept:
    added: int
    known: int
    wrong: Sequence[Wrong]


@dataclass(frozen=True, slots=True)
class Stream:
    """Newest first. `next_cursor`: where it goes on."""

    rows: Sequence[Entry | OutsideEvent]
    next_cursor: str | None


# Types


async def list_types(desk: Desk, agent: Agent) -> list[EventType]:
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    return await desk.store.happenings.list_types()


async def save_type(
    desk: Desk, agent: Agent, key: str, name: str, fields: Sequence[EventField], *, address: str = ""
) -> EventType:
    """Make a type, or change the one with this key. Raises NotAllowed (admins only), NotPossible."""
    _check_admin(agent)
    name = " ".join(name.split())
    keys = [each.key for each in fields]
    fits = KEY.fullmatch(key) and 0 < len(name) <= NAME_LONGEST and len(fields) <= FIELDS_MOST
    if not fits or len(set(keys)) < len(keys) or not all(KEY.fullmatch(each) for each in keys):
        raise NotPossible("event_type_wrong", most=FIELDS_MOST)
    if key == TAKEN:
        raise NotPossible("event_type_taken", key=key)
    known = {each.id: each for each in await desk.store.happenings.list_types()}
    if key not in known and len(known) >= TYPES_MOST:
        raise NotPossible("event_types_many", most=TYPES_MOST)
    now = desk.clock()
    created_at = known[key].created_at if key in known else now
    made = EventType(id=key, name=name, fields=tuple(fields), created_at=created_at)
    await desk.store.happenings.save_type(made)
    await _told(desk, agent, "event_type_saved", made.id, made.name, address)
    return made


async def remove_type(desk: Desk, agent: Agent, key: str, *, address: str = "") -> None:
    """What was told stays; nothing more of it is taken. Raises NotAllowed (admins only)."""
    _check_admin(agent)
    if not await desk.store.happenings.remove_type(key):
        raise NotPossible("event_type_gone", type=key)
    await _told(desk, agent, "event_type_removed", key, key, address)


# Events


async def tell_events(desk: Desk, agent: Agent, customer: str, told: Sequence[Told]) -> Kept:
    """Keep what happened to a customer. What is wrong is named and does not keep the others out.

    Raises NotPossible, NotAllowed.
    """
    await get_person(desk, agent, customer)
    types = {each.id: each for each in await desk.store.happenings.list_types()}
    now = desk.clock()
    events: dict[str, OutsideEvent] = {}
    wrong: list[Wrong] = []
    for place, each in enumerate(told):
        try:
            values = _checked(types, each)
        except NotPossible as refusal:
            wrong.append(Wrong(place, refusal))
            continue
        made = OutsideEvent(
            id=derived_id("outside", each.type, each.key),
            customer=customer,
            type=each.type,
            key=each.key,
            at=each.at,
            values=values,
            told_at=now,
            told_by=agent.id,
        )
        events.setdefault(made.id, made)
    known = await desk.store.happenings.add(list(events.values()))
    added = len(events) - len(known)
    await count_told(desk, agent, told, list(events.values()), known, wrong)
    if added:
        await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])
    return Kept(added, len(told) - len(wrong) - added, wrong)


async def customer_stream(
    desk: Desk,
    agent: Agent,
    customer: str,
    *,
    kinds: Sequence[str] = (),
    channel: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Stream:
    """Everything about a person over all channels: messages, notes, facts, and events from outside.

    `kinds`: some of message, note, activity, event; none: all. `channel`: what came or went there, and
    what is beside it. Only what the agent may see. Reads as many conversations as a page needs, however many
    there are, the latest active first. Raises NotPossible, NotAllowed.
    """
    person = await get_person(desk, agent, customer)
    start = _place(cursor)
    wanted = set(kinds or KINDS.values())
    rows: list[Entry | OutsideEvent] = []
    if "event" in wanted and channel is None:
        before = (datetime.fromtimestamp(start[0] / 1000, desk.clock().tzinfo), start[1]) if start else None
        rows += await desk.store.happenings.page(person.members, before, limit + 1)
    async for each in _conversations(desk, person.members if wanted != {"event"} else ()):
        if each.status is Status.MERGED or not may_see(agent, each):
            continue
        if len(rows) > limit and each.activity_at < rows[limit].at:
            break  # nothing in it, nor in those behind it, belongs on this page
        found = await _of_conversation(desk, each, start, wanted, channel, limit + 1)
        rows = sorted((*rows, *found), key=_rank, reverse=True)[: limit + 1]
    page = rows[:limit]
    last = page[-1] if len(rows) > limit else None
    return Stream(page, f"{ms_of(last.at)}-{last.id}" if last else None)


async def _conversations(desk: Desk, members: Sequence[str]) -> AsyncIterator[Conversation]:
    """All of a person, the latest active first, some at a time."""
    before: datetime | None = None
    seen: set[str] = set()  # of the moment at which the last ones end
    while members:
        some = await desk.store.views.of_customer(members, CONVERSATIONS_AT_ONCE + len(seen), before)
        for each in some:
            if each.id not in seen:
                yield each
        if len(some) < CONVERSATIONS_AT_ONCE + len(seen):
            return
        last = some[-1].activity_at
        seen = {each.id for each in some if each.activity_at == last} | (
            seen if before == last + MOMENT else set()
        )
        before = last + MOMENT


async def _of_conversation(
    desk: Desk,
    conversation: Conversation,
    start: tuple[int, str] | None,
    wanted: set[str],
    channel: str | None,
    want: int,
) -> list[Entry]:
    """The newest entries of these kinds, from a place on backwards."""
    found = await desk.store.inbox.find_conversation(conversation.id)
    rows: list[Entry] = []
    while found is not None and len(rows) < want:
        page = await desk.store.moving.page(found, start, want)
        rows += [
            each
            for each in page
            if KINDS.get(type(each)) in wanted and (channel is None or _channel(each, found) == channel)
        ]
        if len(page) < want:
            break
        start = (ms_of(page[-1].at), page[-1].id)
    return rows


def _channel(entry: Entry, conversation: Conversation) -> str:
    return entry.channel if isinstance(entry, Message) else conversation.channel


def _checked(types: Mapping[str, EventType], told: Told) -> dict[str, str]:
    kind = types.get(told.type)
    if kind is None:
        raise NotPossible("event_type_gone", type=told.type)
    fields = {each.key: each for each in kind.fields}
    for key in told.values:
        if key not in fields:
            raise NotPossible("event_field_unknown", type=kind.name, field=key)
    values = {}
    for key, field in fields.items():
        kept = check_value(_as_custom(kind, field), told.values.get(key, ""))
        if field.required and not kept:
            raise NotPossible("event_field_missing", type=kind.name, field=field.name)
        if kept:
            values[key] = kept
    return values


def _as_custom(type: EventType, field: EventField) -> CustomField:
    return CustomField(
        id=field.key,
        on=FieldOn.CUSTOMER,
        key=field.key,
        name=field.name,
        kind=field.kind,
        choices=field.choices,
        created_at=type.created_at,
    )


def _rank(row: Entry | OutsideEvent) -> tuple[int, str]:
    return ms_of(row.at), row.id


def _place(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    moment, dash, last = cursor.partition("-")
    if not dash or not (moment.isascii() and moment.isdecimal()) or len(moment) > 14:
        raise NotPossible("list_place_gone")
    return int(moment), last


def _check_admin(agent: Agent) -> None:
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_event_types")


async def _told(desk: Desk, agent: Agent, deed: str, target: str, name: str, address: str) -> None:
    await record(desk.store, desk.clock, agent, deed, target=target, target_name=name, address=address)
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="event_types_changed", at=now, by=agent.id)])
