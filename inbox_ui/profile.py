"""The customer beside a conversation as a page shows them: who it is, how we know, what we know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import Locale, UnknownLocaleError

from hub.csat.results import Contentment, contentment_of
from hub.desk.customers import Person
from hub.desk.details import company_of
from hub.desk.fields import is_link, list_fields
from hub.desk.opening import OpenConversation
from hub.desk.replying import Desk
from hub.model.fields import CustomField, FieldKind, FieldOn
from hub.model.people import Agent, Customer, Identity
from inbox_ui.alike import Alike, Merged, merges_of, offers_for
from inbox_ui.kinds import BY_PLATFORM
from inbox_ui.row import Row, row_of
from inbox_ui.saying import why
from inbox_ui.words import Words


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach the customer, and why we think that it is theirs."""

    id: str
    icon: str
    text: str
    hint: str
    reachable: bool
    verified: bool
    because: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Filled:
    """A custom field with its value. `kind` "": not defined (any more), shown as it is."""

    on: str
    key: str
    name: str
    kind: str
    choices: Sequence[str]
    required: bool
    value: str
    link: str = ""  # where it leads: what was filled in before it became a link may be none


@dataclass(frozen=True, slots=True)
class Profile:
    id: str
    name: str
    language: str
    language_name: str
    zone: str
    there: str  # what time it is where they are
    note: str
    marks: Sequence[str]  # VIP, blocked
    known_as: Sequence[str]  # tags of the person
    company: str
    owner: str
    since: datetime | None
    last_at: datetime
    addresses: Sequence[Address]
    fields: Sequence[Filled]
    others: Sequence[Row]
    offers: Sequence[Alike]  # who may be the same person
    merges: Sequence[Merged]  # who is the same person, by whose word
    content: Contentment | None = None  # as they say


async def profile_of(
    desk: Desk, agent: Agent, opened: OpenConversation, agents: Mapping[str, Agent], words: Words
) -> Profile:
    customer, found = opened.customer, opened.conversation
    defined = await list_fields(desk, agent)
    theirs = customer.fields if customer else {}
    zone = customer.zone if customer else None
    person = Person(customer, opened.members, opened.identities) if customer else None
    company = await company_of(desk, person) if person else None
    return Profile(
        id=customer.id if customer else "",
        name=customer.name if customer else found.customer_name,
        language=(customer.language if customer else None) or "",
        language_name=_language_name(customer, words),
        zone=zone or "",
        there=Words(words.language, zone).clock(desk.clock()) if zone else "",
        note=(customer.note if customer else None) or "",
        marks=_marks(customer, words),
        known_as=sorted(customer.tags.values(), key=str.casefold) if customer else (),
        company=company.name if company else "",
        owner=_owner(customer, agents),
        since=customer.created_at if customer else None,
        last_at=max([found.activity_at, *(each.activity_at for each in opened.others)]),
        addresses=[_address(each, words) for each in opened.identities],
        fields=[
            *_filled(defined, FieldOn.CUSTOMER, theirs),
            *_filled(defined, FieldOn.CONVERSATION, found.fields),
        ],
        others=[row_of(each, agents, words) for each in opened.others],
        offers=await offers_for(desk, agent, person, words) if person else [],
        merges=await merges_of(desk, person, words) if person else [],
        content=await contentment_of(desk, opened.members),
    )


def _filled(defined: Sequence[CustomField], on: FieldOn, values: Mapping[str, str]) -> list[Filled]:
    known = [each for each in defined if each.on is on]
    names = {each.key for each in known}
    others = {key: value for key, value in values.items() if key not in names}
    left = [Filled(str(on), key, key, "", (), False, value) for key, value in others.items()]
    return filled(known, on, values) + left


def filled(known: Sequence[CustomField], on: FieldOn, values: Mapping[str, str]) -> list[Filled]:
    """Fields that are asked, with what was filled in."""
    return [
        Filled(
            on=str(on),
            key=each.key,
            name=each.name,
            kind=str(each.kind),
            choices=each.choices,
            required=each.required,
            value=values.get(each.key, ""),
            link=link_of(each.kind, values.get(each.key, "")),
        )
        for each in known
    ]


def link_of(kind: FieldKind, value: str) -> str:
    return value if kind is FieldKind.LINK and is_link(value) else ""


def _owner(customer: Customer | None, agents: Mapping[str, Agent]) -> str:
    found = agents.get(customer.owner) if customer and customer.owner else None
    return found.name if found else ""


def _marks(customer: Customer | None, words: Words) -> list[str]:
    if customer is None:
        return []
    vip = [words.gettext("VIP")] if customer.vip else []
    return [*vip, *([words.gettext("Blocked")] if customer.blocked else [])]


def _language_name(customer: Customer | None, words: Words) -> str:
    if customer is None or not customer.language:
        return ""
    try:
        named = Locale.parse(customer.language, sep="-").get_display_name(words.locale)
    except (UnknownLocaleError, ValueError):
        named = None
    return named or customer.language


def _address(identity: Identity, words: Words) -> Address:
    text = (
        identity.email
        or identity.phone
        or ("@" + identity.handle.removeprefix("@") if identity.handle else "")
    )
    verified = bool(identity.email or identity.phone)
    icon = BY_PLATFORM.get(identity.platform)
    if icon is None:
        icon = "mail" if identity.email else "phone" if identity.phone else "bubble"
    hint = words.gettext("verified") if verified else words.gettext("not verified")
    if not identity.reachable:
        hint = words.gettext("cannot be reached")
    return Address(
        id=identity.id,
        icon=icon,
        text=text or identity.name or identity.key,
        hint=hint,
        reachable=identity.reachable,
        verified=verified,
        because=why(identity.because, words),
        since=identity.first_seen_at,
    )
