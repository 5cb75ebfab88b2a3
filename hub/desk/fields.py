"""Custom fields: what an office asks of every conversation or customer. Admins define, agents fill in.

A value is text in a form of its own per kind (numbers with a point, dates as 2026-03-02), so that it can be
compared. What was filled in stays when a definition is changed or removed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.desk.changing import Done, NotPossible, change
from hub.desk.replying import Desk, get_conversation
from hub.model.events import Event
from hub.model.fields import CustomField, FieldKind, FieldOn
from hub.model.ids import new_id
from hub.model.inbox import Conversation
from hub.model.people import Agent, Customer, Role
from hub.realtime import publish
from hub.store.fields import field_id

FIELDS_MOST = 50
NAME_LONGEST, VALUE_LONGEST = 60, 500
CHOICES_MOST, CHOICE_LONGEST = 100, 60
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
YES, NO = "yes", "no"


class FieldMissing(NotPossible):
    """A conversation lacks what the office wants to know before it is resolved."""

    def __init__(self, missing: Sequence[CustomField]) -> None:
        names = ", ".join(each.name for each in missing)
        super().__init__("fields_missing", names=names)
        self.missing = missing


# Definitions


async def list_fields(desk: Desk, agent: Agent, on: FieldOn | None = None) -> list[CustomField]:
    """In the order of the page. Every agent may know them."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    return [each for each in await desk.store.fields.known_fields.get() if on is None or each.on is on]


async def save_field(
    desk: Desk,
    agent: Agent,
    on: FieldOn,
    key: str,
    name: str,
    *,
    kind: FieldKind = FieldKind.TEXT,
    choices: Sequence[str] = (),
    required: bool = False,
    place: int = 0,
    address: str = "",
) -> CustomField:
    """Make a field, or change the one with this key. Raises NotAllowed (admins only), NotPossible.

    `key`: letters, digits and _, for rules, saved replies and the API; it stays what it is.
    """
    _check_admin(agent)
    name = _field_name(key, name)
    wanted = _choices(choices) if kind is FieldKind.CHOICE else ()
    old = await desk.store.fields.find_field(field_id(on, key))
    if old is None and len(await desk.store.fields.list_fields()) >= FIELDS_MOST:
        raise NotPossible("fields_many", most=FIELDS_MOST)
    now = desk.clock()
    field = CustomField(
        id=field_id(on, key),
        on=on,
        key=key,
        name=name,
        kind=kind,
        choices=wanted,
        required=required,
        place=place,
        created_at=old.created_at if old else now,
    )
    if field != old:
        await desk.store.fields.save_field(field)
        await _told(desk, agent, "field_changed" if old else "field_made", field, address)
    return field


async def remove_field(desk: Desk, agent: Agent, on: FieldOn, key: str, *, address: str = "") -> None:
    """Ask for it no more. What was filled in stays where it is. Raises NotAllowed (admins only)."""
    _check_admin(agent)
    field = await desk.store.fields.find_field(field_id(on, key))
    if field is not None and await desk.store.fields.remove_field(field.id):
        await _told(desk, agent, "field_removed", field, address)


def _field_name(key: str, name: str) -> str:
    name = " ".join(name.split())
    if not KEY.fullmatch(key):
        raise NotPossible("field_key")
    if not name or len(name) > NAME_LONGEST:
        raise NotPossible("field_name", most=NAME_LONGEST)
    return name


def _choices(choices: Sequence[str]) -> tuple[str, ...]:
    wanted = [each for each in dict.fromkeys(" ".join(each.split()) for each in choices) if each]
    if not 1 <= len(wanted) <= CHOICES_MOST or any(len(each) > CHOICE_LONGEST for each in wanted):
        raise NotPossible("field_choices", most=CHOICES_MOST, longest=CHOICE_LONGEST)
    return tuple(wanted)


# Values


def check_value(field: CustomField, value: str) -> str:
    """The value in the form it is kept in; empty: none. Raises NotPossible with what is wrong."""
    value = " ".join(value.split())
    if not value:
        return ""
    if len(value) > VALUE_LONGEST:
        raise NotPossible("field_long", field=field.name, most=VALUE_LONGEST)
    match field.kind:
        case FieldKind.NUMBER:
            return _number(field, value)
        case FieldKind.DATE:
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                raise NotPossible("field_date", field=field.name) from None
        case FieldKind.CHOICE:
            same = {each.casefold(): each for each in field.choices}
            if value.casefold() not in same:
                raise NotPossible("field_choice", field=field.name, choices=", ".join(field.choices))
            return same[value.casefold()]
        case FieldKind.CHECKBOX:
            if value.casefold() not in (YES, NO):
                raise NotPossible("field_checkbox", field=field.name)
            return value.casefold()
        case FieldKind.LINK:
            return _link(field, value)
    return value


async def set_field(desk: Desk, agent: Agent, conversation: str, key: str, value: str | None) -> Done:
    """Fill in a field of a conversation; None or nothing empties it. Raises NotPossible, Changed."""
    found = await get_conversation(desk, agent, conversation)
    field = await desk.store.fields.find_field(field_id(FieldOn.CONVERSATION, key))
    _check_name(found.fields, key)
    kept = (check_value(field, value) if field else value) if value is not None else None
    if field is None and len(kept or "") > VALUE_LONGEST:
        raise NotPossible("field_value_long", most=VALUE_LONGEST)
    fields = {name: each for name, each in found.fields.items() if name != key}
    if kept or (field is None and kept is not None):
        fields[key] = kept or ""
    if fields == found.fields:
        return Done(found.id, "field_set")
    name = field.name if field else key
    words = f"set {name} to {kept}." if key in fields else f"emptied {name}."
    details = {"field": key, "name": name, "value": fields.get(key, ""), "was": found.fields.get(key, "")}
    because = f"{agent.name} {words}"
    return await change(desk, agent, found, "field_set", because, {"fields": fields}, details)


async def check_required(desk: Desk, conversation: Conversation) -> None:
    """Raises FieldMissing when something must be filled in before it is resolved."""
    required = [each for each in await desk.store.fields.list_fields() if each.required]
    if not required:
        return
    customer: Customer | None = None
    if any(each.on is FieldOn.CUSTOMER for each in required):
        customers = await desk.store.people.find_customers([conversation.customer])
        customer = customers.get(conversation.customer)
    values = {
        FieldOn.CONVERSATION: conversation.fields,
        FieldOn.CUSTOMER: customer.fields if customer else {},
    }
    missing = [each for each in required if not values[each.on].get(each.key)]
    if missing:
        raise FieldMissing(missing)


def _number(field: CustomField, value: str) -> str:
    try:
        number = Decimal(value.replace(",", ".") if value.count(",") == 1 and "." not in value else value)
    except InvalidOperation:
        raise NotPossible("field_number", field=field.name) from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise NotPossible("field_number", field=field.name)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _link(field: CustomField, value: str) -> str:
    if not is_link(value):
        raise NotPossible("field_link", field=field.name)
    return value


def is_link(value: str) -> bool:
    """An address that a page may lead to: http or https, a host, and nobody's name before it."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    plain = not any(each.isspace() or not each.isprintable() or each in '<>"\\' for each in value)
    host = bool(parts.hostname) and "@" not in parts.netloc and port != 0
    return plain and host and parts.scheme in ("http", "https")


def _check_name(fields: Mapping[str, str], name: str) -> None:
    usable = name == name.strip() and 0 < len(name) <= 40 and not name.startswith("$")
    if not usable or "." in name or "\0" in name or (name not in fields and len(fields) >= FIELDS_MOST):
        raise NotPossible("field_wrong")


def _check_admin(agent: Agent) -> None:
    if agent.disabled or agent.role is not Role.ADMIN:
        raise NotAllowed("only_admins_fields")


async def _told(desk: Desk, agent: Agent, deed: str, field: CustomField, address: str) -> None:
    details = {
        "on": str(field.on),
        "key": field.key,
        "kind": str(field.kind),
        "required": YES if field.required else NO,
        "choices": ", ".join(field.choices),
    }
    await record(
        desk.store, desk.clock, agent, deed,
        target=field.id, target_name=field.name, address=address,
        details={name: value for name, value in details.items() if value},
    )  # fmt: skip
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="fields_changed", at=now, by=agent.id)])
