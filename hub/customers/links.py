"""Identities and the customers they belong to. Who comes first creates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.model.ids import new_id
from hub.model.people import Customer, Identity
from hub.store.people import People, identity_id


@dataclass(frozen=True, slots=True)
class Linked:
    identity: Identity
    customer: Customer


async def link_authors(
    people: People, known: Mapping[str, Identity], new: Mapping[str, tuple[str, Author, Link]], now: datetime
) -> dict[str, Linked]:
    """The identity and customer of each author, made where there is none.

    `new` maps identity ids to (platform, author, decision). An identity is inserted with the id its customer
    will have, then the customer is inserted under that id: a crash in between is mended by doing it again.
    """
    wished = [_identity(each, *new[each], now) for each in new]
    identities = {**known, **(await people.add_identities(wished) if wished else {})}
    customers = await people.find_customers(list({each.customer for each in identities.values()}))
    missing = {
        each.customer: Customer(id=each.customer, name=name_of_person(each), created_at=each.first_seen_at)
        for each in identities.values()
        if each.customer not in customers
    }
    await people.add_customers(list(missing.values()))
    everybody = {**customers, **missing}
    return {each.id: Linked(each, everybody[each.customer]) for each in identities.values()}


def author_ids(platform: str, authors: Sequence[Author]) -> dict[str, Author]:
    return {identity_id(platform, author.key): author for author in authors}


def name_of_person(identity: Identity) -> str:
    return identity.name or identity.handle or identity.key


def _identity(identity: str, platform: str, author: Author, link: Link, now: datetime) -> Identity:
    return Identity(
        id=identity,
        platform=platform,
        key=author.key,
        customer=link.customer or new_id(now),
        name=author.name,
        handle=author.handle,
        email=author.email.casefold() if author.email else None,
        phone=author.phone,
        first_seen_at=now,
        because=link.because,
    )
