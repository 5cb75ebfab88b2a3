"""Says that customers became one, or two again: a fact in their newest conversations, and events."""

from datetime import datetime

from hub.model.customers import LinkKind, LinkRecord
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Status
from hub.realtime import publish
from hub.store import Store

SHOWN = 20  # conversations that are drawn anew on every screen
KINDS = {
    LinkKind.MERGED: "customers_merged",
    LinkKind.UNMERGED: "customers_separated",
    LinkKind.MOVED: "identity_moved",
}


async def announce(store: Store, record: LinkRecord, now: datetime, undo: str = "") -> None:
    """Ids are derived: announced twice is announced once."""
    shown: list[Conversation] = []
    facts: list[Activity] = []
    for customer, other in ((record.kept, record.names[1]), (record.given, record.names[0])):
        parts = await store.people.parts_below(customer)
        found = await store.views.of_customer([each.id for each in parts] or [customer], SHOWN)
        shown += found
        newest = next((each for each in found if each.status is not Status.MERGED), None)
        if newest is None or any(each.conversation == newest.id for each in facts):
            continue
        details = {"other": other, "record": record.id, **({"undo": undo} if undo else {})}
        fact = Activity(
            id=derived_id("linked", record.id, newest.id),
            conversation=newest.id,
            at=now,
            kind=KINDS[record.kind],
            by=record.by,
            because=record.because,
            details=details,
        )
        facts.append(fact)
    await store.inbox.add_entries(facts)
    entries = {each.conversation: each.id for each in facts}
    events = [
        Event(
            id=derived_id("linked", record.id, "told", each.id),
            kind="conversation_changed",
            at=now,
            conversation=each.id,
            entry=entries.get(each.id),
            by=record.by,
            details={"what": KINDS[record.kind]},
        )
        for each in {each.id: each for each in shown}.values()
    ]
    changed = Event(
        id=derived_id("linked", record.id, "told"), kind="customers_changed", at=now, by=record.by
    )
    await publish(store, [*events, changed])
