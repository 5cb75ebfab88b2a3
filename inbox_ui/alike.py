"""Who may be one person, and who is, as the pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.desk import customers
from hub.desk.replying import Desk
from hub.model.customers import LinkRecord
from hub.model.people import Agent
from inbox_ui.saying import why
from inbox_ui.words import Words

ADDRESSES_SHOWN = 3
OFFERS_SHOWN = 3  # beside a conversation


@dataclass(frozen=True, slots=True)
class Somebody:
    id: str
    name: str
    addresses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Alike:
    """A suggestion as it is shown: `one` is whom the page is about, if it is about one of the two."""

    id: str
    one: Somebody
    other: Somebody
    score: int
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that stands, and can be taken back."""

    record: str
    name: str
    because: str
    at: datetime


async def offers_for(desk: Desk, agent: Agent, person: customers.Person, words: Words) -> list[Alike]:
    found = await customers.suggestions_for(desk, agent, person)
    return [alike_of(each, words, person.customer.id) for each in found[:OFFERS_SHOWN]]


async def merges_of(desk: Desk, person: customers.Person, words: Words) -> list[Merged]:
    if len(person.members) < 2:
        return []
    return [_merged(each, words) for each in await customers.standing_merges(desk, person)]


def alike_of(offer: customers.Offer, words: Words, about: str = "") -> Alike:
    one, other = (offer.one, offer.other) if offer.other.customer.id != about else (offer.other, offer.one)
    suggestion = offer.suggestion
    return Alike(
        id=suggestion.id,
        one=somebody_of(one),
        other=somebody_of(other),
        score=suggestion.score,
        reasons=[why(each, words) for each in suggestion.reasons],
    )


def somebody_of(person: customers.Person) -> Somebody:
    addresses = dict.fromkeys(
        each.email or each.phone or each.handle or each.key for each in person.identities
    )
    return Somebody(person.customer.id, person.customer.name, [*addresses][:ADDRESSES_SHOWN])


def _merged(record: LinkRecord, words: Words) -> Merged:
    return Merged(record.id, record.names[1] or record.names[0], why(record.because, words), record.at)
