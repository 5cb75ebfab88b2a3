"""What a message tells of its writer goes into the customer's custom fields; the timeline says so."""

from collections.abc import Sequence
from datetime import datetime

from hub.desk.changing import NotPossible
from hub.desk.fields import check_value
from hub.ingest.parcels import Parcel
from hub.model.events import Event
from hub.model.fields import CustomField, FieldOn
from hub.model.ids import derived_id
from hub.model.inbox import Activity
from hub.store import Store


async def fill(store: Store, parcels: Sequence[Parcel], now: datetime) -> list[Event]:
    """Only fields that are defined, with values that fit. Done again after a crash, it changes nothing."""
    telling = [each for each in parcels if each.event.fields]
    if not telling:
        return []
    defined = {
        each.key: each for each in await store.fields.known_fields.get() if each.on is FieldOn.CUSTOMER
    }
    filled = []
    for parcel in telling:
        for key, value in parcel.event.fields.items():
            if key in defined and (fact := await _fill(store, parcel, defined[key], value, now)):
                filled.append(fact)
    await store.inbox.add_entries(filled)
    return [
        Event(
            id=derived_id("told", each.id),
            kind="conversation_changed",
            at=now,
            conversation=each.conversation,
            entry=each.id,
            details={"what": "customer_changed"},
        )
        for each in filled
    ]


async def _fill(
    store: Store, parcel: Parcel, field: CustomField, value: str, now: datetime
) -> Activity | None:
    assert parcel.customer is not None
    try:
        kept = check_value(field, value)
    except NotPossible:
        return None
    customer = (await store.people.find_customers([parcel.customer.id])).get(parcel.customer.id)
    was = customer.fields.get(field.key) if customer else None
    if customer is None or not kept or kept == was:
        return None
    if not await store.people.change_customer(customer.id, f"fields.{field.key}", was, kept):
        return None  # somebody set it at this very moment, and knows better
    details = {"what": f"fields.{field.key}", "name": field.name, "value": kept, "was": was or ""}
    return Activity(
        id=derived_id("filled", parcel.entry_id, field.key),
        conversation=parcel.conversation_id,
        at=now,
        kind="customer_filled",
        by="hub",
        because=f"The customer's message told it: {field.name} is {kept}.",
        details={name: text for name, text in details.items() if text},
    )
