"""Identities and the customers they belong to. Who comes first creates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.model.addresses import normal_email, normal_key, normal_phone
from hub.model.ids import new_id
from hub.model.people import Customer, Identity
from hub.model.traces import trace_keys
from hub.store.codec import to_document
from hub.store.people import People, identity_id

CLAIMS = 20  # addresses that somebody names themselves; more would be a list of others'
SEEN_EVERY = timedelta(days=1)  # a write for each message would cost more than it tells


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


async def see_again(
    people: People, known: Mapping[str, Identity], authors: Mapping[str, Author], now: datetime
) -> dict[str, Identity]:
    """Keep what authors have told since: an address that was verified, a name, when they were last seen."""
    seen = {each: seen_again(identity, authors[each], now) for each, identity in known.items()}
    changes = [(each, _difference(known[each], seen[each])) for each in seen if seen[each] != known[each]]
    await people.look_again([each for each in seen if seen[each].keys != known[each].keys], now)
    await people.change_identities(changes)
    return seen


def seen_again(identity: Identity, author: Author, now: datetime) -> Identity:
    """Pure. What was known stays; what is new makes it worth looking again who else it may be."""
    told = replace(
        identity,
        name=identity.name or author.name,
        handle=author.handle or identity.handle,
        email=identity.email or author.email,
        phone=identity.phone or author.phone,
        device=author.device or identity.device,
        reachable=True,  # who writes to us can be answered, whatever was refused before
        claimed=(*identity.claimed, *(each for each in author.claimed if each not in identity.claimed))[
            :CLAIMS
        ],
    )
    if told != identity:
        told = replace(told, keys=trace_keys(told))
    last = identity.last_seen_at
    return replace(told, last_seen_at=now) if last is None or now - last >= SEEN_EVERY else told


def normal_author(author: Author, country: str = "") -> Author:
    """With its addresses in the form they are kept in; what is no address is left out."""
    claimed = (normal_email(each) if "@" in each else normal_phone(each, country) for each in author.claimed)
    return replace(
        author,
        email=normal_email(author.email) if author.email else None,
        phone=(normal_phone(author.phone, country) or author.phone) if author.phone else None,
        claimed=tuple(dict.fromkeys(each for each in claimed if each)),
    )


def author_ids(platform: str, authors: Sequence[Author]) -> dict[str, Author]:
    return {identity_id(platform, author.key): author for author in authors}


def name_of_person(identity: Identity) -> str:
    return identity.name or identity.handle or identity.key


def of_the_same_address(who: Author | Identity, others: Sequence[Identity]) -> list[Identity]:
    """Those with the verified address or number of this one."""
    return [
        each
        for each in others
        if (who.email and each.email == who.email) or (who.phone and each.phone == who.phone)
    ]


def with_keys(identity: Identity) -> Identity:
    """Ready to be kept: found by those who may be the same person."""
    return replace(identity, keys=trace_keys(identity))


def _identity(identity: str, platform: str, author: Author, link: Link, now: datetime) -> Identity:
    made = Identity(
        id=identity,
        platform=platform,
        key=normal_key(platform, author.key),
        customer=link.customer or new_id(now),
        name=author.name,
        handle=author.handle,
        email=author.email,
        phone=author.phone,
        claimed=author.claimed[:CLAIMS],
        device=author.device,
        first_seen_at=now,
        last_seen_at=now,
        because=link.because,
    )
    return with_keys(made)


def _difference(was: Identity, now: Identity) -> dict[str, Any]:
    before, after = to_document(was), to_document(now)
    back = (
        {} if was.reachable == now.reachable else {"reachable": now.reachable}
    )  # not in a document as a rule
    return {**back, **{key: value for key, value in after.items() if before.get(key) != value}}
