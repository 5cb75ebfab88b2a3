"""What we know of a customer, as agents keep it: name, language, zone, a note, custom fields.

A customer has no timeline of their own: who changes one does it from a conversation with them, which they
must be allowed to see, and there it is told. The audit log keeps what was there before.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from hub.auth.audit import LONGEST, record
from hub.desk.changing import Changed, Done, NotPossible, tell
from hub.desk.fields import check_value
from hub.desk.replying import Desk, get_conversation
from hub.model.events import Event
from hub.model.fields import FieldOn
from hub.model.ids import new_id
from hub.model.inbox import Activity, Conversation
from hub.model.people import Agent, Customer
from hub.realtime import publish
from hub.store.fields import field_id

NAME_LONGEST, NOTE_LONGEST, LANGUAGE_LONGEST, VALUE_LONGEST = 100, 5000, 20, 500
RENAMED_AT_ONCE = 20  # conversations whose rows are drawn anew on every screen


def check_language(language: str) -> str:
    """Raises NotPossible."""
    language = language.strip()
    if len(language) > LANGUAGE_LONGEST or not all(
        part.isalnum() for part in language.split("-") if language
    ):
        raise NotPossible("language_wrong")
    return language


def check_zone(zone: str) -> str:
    """Raises NotPossible."""
    zone = zone.strip()
    if zone and zone not in available_timezones():
        raise NotPossible("zone_wrong")
    return zone


async def rename_customer(desk: Desk, agent: Agent, conversation: str, name: str) -> Done:
    """Raises NotPossible, NotAllowed, Changed, as all of these do."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LONGEST:
        raise NotPossible("customer_name", most=NAME_LONGEST)
    return await _change(desk, agent, conversation, "name", name)


async def set_language(desk: Desk, agent: Agent, conversation: str, language: str | None) -> Done:
    """As ISO 639 names it: de, pt-BR."""
    await get_conversation(desk, agent, conversation)
    return await _change(desk, agent, conversation, "language", check_language(language or "") or None)


async def set_zone(desk: Desk, agent: Agent, conversation: str, zone: str | None) -> Done:
    await get_conversation(desk, agent, conversation)
    return await _change(desk, agent, conversation, "zone", check_zone(zone or "") or None)


async def set_note(desk: Desk, agent: Agent, conversation: str, note: str | None) -> Done:
    """What everybody who talks to this customer should know. The audit log keeps what it said before."""
    note = (note or "").strip()
    if len(note) > NOTE_LONGEST:
        raise NotPossible("customer_note", most=NOTE_LONGEST)
    return await _change(desk, agent, conversation, "note", note or None)


async def set_customer_field(
    desk: Desk, agent: Agent, conversation: str, key: str, value: str | None
) -> Done:
    """A custom field that is defined for customers; nothing empties it."""
    await get_conversation(desk, agent, conversation)
    field = await desk.store.fields.find_field(field_id(FieldOn.CUSTOMER, key))
    if field is None:
        raise NotPossible("field_gone")
    kept = check_value(field, value or "")
    return await _change(desk, agent, conversation, f"fields.{key}", kept or None, field.name)


async def restore(desk: Desk, agent: Agent, step: Mapping[str, Any]) -> None:
    """Take a change back, by the step that was kept of it. Raises NotPossible when it was changed since."""
    found = await get_conversation(desk, agent, step["conversation"])
    customer = await _customer(desk, step["customer"])
    what = step["what"]
    if _value(customer, what) != step["after"]:
        raise NotPossible("undo_changed")
    await _write(desk, agent, customer, what, step["before"])
    await _tell(desk, agent, found, "undone", f"{agent.name} took it back.", {"what": "customer_changed"})


async def _change(
    desk: Desk, agent: Agent, conversation: str, what: str, value: str | None, name: str = ""
) -> Done:
    found = await get_conversation(desk, agent, conversation)
    customer = await _customer(desk, found.customer)
    was = _value(customer, what)
    if was == value:
        return Done(found.id, "customer_changed")
    await _write(desk, agent, customer, what, value)
    now = desk.clock()
    token = new_id(now)
    step = {"kind": "customer", "conversation": found.id, "customer": customer.id, "what": what}
    await desk.store.drafts.keep_undo(token, agent.id, now, {**step, "before": was, "after": value})
    details = {"what": what, "name": name, "undo": token}
    if what != "note":
        details |= {"value": value or "", "was": was or ""}
    because = f"{agent.name} changed what is known of {customer.name}: {name or what}."
    await _tell(desk, agent, found, "customer_changed", because, details)
    return Done(found.id, "customer_changed", token)


async def _write(desk: Desk, agent: Agent, customer: Customer, what: str, value: str | None) -> None:
    if not await desk.store.people.change_customer(customer.id, what, _value(customer, what), value):
        raise Changed("changed_meanwhile")
    if what == "name":
        members = await desk.store.people.members_of(customer.id)
        await desk.store.inbox.rename_customer(members, value or "")
        now = desk.clock()
        theirs = await desk.store.views.of_customer(members, RENAMED_AT_ONCE)
        told = {"what": "customer_changed"}
        await publish(
            desk.store,
            [
                Event(id=new_id(now), kind="conversation_changed", at=now, conversation=each.id, details=told)
                for each in theirs
            ],
        )
    details = {"what": what, **pieces("was", _value(customer, what)), **pieces("now", value)}
    await record(
        desk.store, desk.clock, agent, "customer_changed",
        target=customer.id, target_name=customer.name, details=details,
    )  # fmt: skip


def pieces(name: str, text: str | None) -> dict[str, str]:
    """A long text as details of an audit entry, which are short: was, was 2, was 3 …"""
    parts = [(text or "")[start : start + LONGEST] for start in range(0, len(text or ""), LONGEST)]
    return {name if at == 0 else f"{name} {at + 1}": part for at, part in enumerate(parts)}


def _value(customer: Customer, what: str) -> str | None:
    if what.startswith("fields."):
        return customer.fields.get(what.removeprefix("fields."))
    value: str | None = getattr(customer, what)
    return value


async def _customer(desk: Desk, customer: str) -> Customer:
    found = (await desk.store.people.find_customers([customer])).get(customer)
    if found is None:
        raise NotPossible("customer_gone")
    return found


async def _tell(
    desk: Desk, agent: Agent, found: Conversation, kind: str, because: str, details: dict[str, str]
) -> None:
    now = desk.clock()
    kept = {name: value for name, value in details.items() if value}
    fact = Activity(
        id=new_id(now), conversation=found.id, at=now, kind=kind, by=agent.id, because=because, details=kept
    )
    await desk.store.inbox.add_entries([fact])
    await tell(desk, "conversation_changed", found.id, agent, fact.id, now, {"what": kind})
