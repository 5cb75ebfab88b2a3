"""What is kept of a customer: name, note, fields, company, owner, VIP, tags; and who changed what.

Changed from the customer's own page, by whoever may see them. Every change is told in the newest conversation
with them, kept in the audit log, which is their history, and can be taken back. A company is known by the
domain of the verified mail addresses, unless somebody says another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.auth.access import may_see
from hub.auth.audit import record
from hub.desk.changing import Changed, NotPossible
from hub.desk.customers import Person, get_person
from hub.desk.detail_values import ABOUT, COMPANY_LONGEST, FIELD, FLAGS, TEXTS, checked, field_name
from hub.desk.profiles import pieces
from hub.desk.replying import Desk
from hub.desk.tags import spelled
from hub.model.addresses import company_domain
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Activity, Conversation, Status
from hub.model.people import Agent, Company, Customer
from hub.realtime import publish
from hub.store.fields import tag_id

COMPANY_NOTE_LONGEST = 5000
CUSTOMER_TAGS_MOST = 50
SHOWN_AT_ONCE = 20  # conversations that are drawn anew on every screen
HISTORY_PAGE = 50

__all__ = [
    "ABOUT", "COMPANY_LONGEST", "FLAGS", "TEXTS", "Change", "Changes", "Kept", "company_of",
    "describe_company", "list_changes", "restore", "set_detail", "set_details", "set_tag", "shown",
    "tell_change",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A change. `token` takes it back; None: it was so already."""

    customer: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a customer's history. `what`: name, note, fields.tier …"""

    id: str
    at: datetime
    by: str | None
    by_name: str
    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Changes:
    rows: Sequence[Change]
    next_cursor: str | None


async def set_detail(desk: Desk, agent: Agent, customer: str, what: str, value: str | bool | None) -> Kept:
    """One of ABOUT, TEXTS or FLAGS, or fields.KEY; nothing empties it.

    Raises NotPossible, NotAllowed, Changed.
    """
    person = await get_person(desk, agent, customer)
    return await _change(desk, agent, person, what, await checked(desk, what, value))


async def set_details(
    desk: Desk, agent: Agent, customer: str, wanted: Mapping[str, str | bool | None]
) -> list[Kept]:
    """Several at once: all of them, or none where one cannot be. Raises as `set_detail` does."""
    await get_person(desk, agent, customer)
    for what, value in wanted.items():
        await checked(desk, what, value)
    return [await set_detail(desk, agent, customer, what, value) for what, value in wanted.items()]


async def set_tag(desk: Desk, agent: Agent, customer: str, name: str, *, on: bool) -> Kept:
    """A tag of the person, written as the catalogue of tags writes it."""
    person = await get_person(desk, agent, customer)
    if on and len(person.customer.tags) >= CUSTOMER_TAGS_MOST:
        raise NotPossible("tags_many", most=CUSTOMER_TAGS_MOST)
    name = await spelled(desk, name) if on else name
    return await _change(desk, agent, person, f"tags.{tag_id(name)}", name if on else None)


async def restore(desk: Desk, agent: Agent, step: Mapping[str, Any]) -> None:
    """Take a change back, by the step that was kept of it. Raises NotPossible when it was changed since."""
    person = await get_person(desk, agent, step["customer"])
    if _value(person.customer, step["what"]) != step["after"]:
        raise NotPossible("undo_changed")
    await _change(desk, agent, person, step["what"], step["before"], undoing=True)


# Companies


async def company_of(desk: Desk, person: Person) -> Company | None:
    """As somebody said, or as the verified addresses tell: the first whose domain is not a provider's."""
    domains = [person.customer.company, *(company_domain(each.email or "") for each in person.identities)]
    domain = next((each for each in domains if each), None)
    if domain is None:
        return None
    found = await desk.store.companies.find([domain])
    return found.get(domain) or Company(id=domain, name=domain, created_at=desk.clock())


async def describe_company(desk: Desk, agent: Agent, customer: str, name: str, note: str) -> Company:
    """What the company of a customer is called, for all who work there."""
    company = await company_of(desk, await get_person(desk, agent, customer))
    name, note = " ".join(name.split()), note.strip()
    if company is None:
        raise NotPossible("company_none")
    if not 0 < len(name) <= COMPANY_LONGEST:
        raise NotPossible("company_name", most=COMPANY_LONGEST)
    if len(note) > COMPANY_NOTE_LONGEST:
        raise NotPossible("customer_note", most=COMPANY_NOTE_LONGEST)
    if (company.name, company.note or "") == (name, note):
        return company
    now = desk.clock()
    made = Company(id=company.id, name=name, note=note or None, created_at=company.created_at)
    await desk.store.companies.save(made)
    told = {"was": company.name, "now": name, "note": note}
    await record(
        desk.store, desk.clock, agent, "company_changed",
        target=made.id, target_name=name, details={key: value for key, value in told.items() if value},
    )  # fmt: skip
    await publish(desk.store, [Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])
    return made


# History


async def list_changes(
    desk: Desk, agent: Agent, customer: str, cursor: str | None = None, limit: int = HISTORY_PAGE
) -> Changes:
    """Who changed what of a person, from what to what, newest first. Raises NotPossible, NotAllowed."""
    person = await get_person(desk, agent, customer)
    rows = []
    for each in person.members:
        rows += await desk.store.audit.list(
            by=None, deed="customer_changed", target=each, since=None, until=None, before=cursor,
            limit=limit + 1,
        )  # fmt: skip
    rows.sort(key=lambda each: each.id, reverse=True)
    shown = [
        Change(
            each.id, each.at, each.by, each.by_name, each.details.get("what", ""),
            _pieced(each.details, "was"), _pieced(each.details, "now"),
        )
        for each in rows[:limit]
    ]  # fmt: skip
    return Changes(shown, shown[-1].id if len(rows) > limit else None)


def _pieced(details: Mapping[str, str], name: str) -> str:
    """A long text is kept in pieces: was, was 2, was 3 …"""
    text, number = details.get(name, ""), 2
    while piece := details.get(f"{name} {number}"):
        text, number = text + piece, number + 1
    return text


# The change itself


async def _change(
    desk: Desk, agent: Agent, person: Person, what: str, value: str | bool | None, *, undoing: bool = False
) -> Kept:
    customer = person.customer
    was = _value(customer, what)
    if was == value:
        return Kept(customer.id)
    if not await desk.store.people.change_customer(customer.id, what, was, value):
        raise Changed("changed_meanwhile")
    if what == "name":
        await desk.store.inbox.rename_customer(person.members, str(value))
    details = {"what": what, **pieces("was", _text(was)), **pieces("now", _text(value))}
    await record(
        desk.store, desk.clock, agent, "customer_changed",
        target=customer.id, target_name=customer.name,
        details={key: kept for key, kept in details.items() if kept},
    )  # fmt: skip
    now, token = desk.clock(), None
    if not undoing:
        token = new_id(now)
        step = {"kind": "details", "customer": customer.id, "what": what, "before": was, "after": value}
        await desk.store.drafts.keep_undo(token, agent.id, now, step)
    await tell_change(desk, agent, person, what, was, value, token)
    return Kept(customer.id, token)


async def tell_change(
    desk: Desk,
    agent: Agent,
    person: Person,
    what: str,
    was: str | bool | None,
    value: str | bool | None,
    token: str | None,
) -> None:
    """A fact in the newest conversation that the agent may see; their others are drawn anew."""
    theirs = await desk.store.views.of_customer(person.members, SHOWN_AT_ONCE)
    told = {"what": what, "undo": token or ""}
    if what != "note":
        told |= {"value": _text(value), "was": _text(was)}
    if what.startswith(FIELD):
        told["name"] = await field_name(desk, what)
    if what == "owner" and value:
        found = await desk.store.people.find_agent(str(value))
        told["value"] = found.name if found else ""
    newest = next((each for each in theirs if _hears(agent, each)), None)
    now = desk.clock()
    fact = _fact(agent, person, newest, told, now) if newest else None
    if fact:
        await desk.store.inbox.add_entries([fact])
    events = [
        Event(
            id=new_id(now),
            kind="conversation_changed",
            at=now,
            conversation=each.id,
            entry=fact.id if fact and fact.conversation == each.id else None,
            by=agent.id,
            details={"what": "customer_changed"},
        )
        for each in theirs
    ]
    await publish(desk.store, [*events, Event(id=new_id(now), kind="customers_changed", at=now, by=agent.id)])


def _fact(
    agent: Agent, person: Person, conversation: Conversation, told: Mapping[str, str], now: datetime
) -> Activity:
    what = told["what"].partition(".")[0]
    return Activity(
        id=new_id(now),
        conversation=conversation.id,
        at=now,
        kind="customer_changed",
        by=agent.id,
        because=f"{agent.name} changed what is known of {person.customer.name}: {what}.",
        details={key: kept for key, kept in told.items() if kept},
    )


def _hears(agent: Agent, conversation: Conversation) -> bool:
    return conversation.status is not Status.MERGED and may_see(agent, conversation)


def _value(customer: Customer, what: str) -> str | bool | None:
    if what.startswith("tags."):
        return customer.tags.get(what.removeprefix("tags."))
    if what.startswith(FIELD):
        return customer.fields.get(what.removeprefix(FIELD))
    value: str | bool | None = getattr(customer, what)
    return value


def shown(customer: Customer, what: str) -> str:
    """What is kept, as a form has it."""
    return _text(_value(customer, what))


def _text(value: str | bool | None) -> str:
    return "yes" if value is True else str(value or "")
