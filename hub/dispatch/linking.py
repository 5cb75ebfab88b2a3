"""Asks the router who a writer is, and links what it decides."""

from collections.abc import Sequence
from datetime import datetime

from hub.contract.inbound import Author
from hub.contract.routing import Link, Router
from hub.customers.links import Linked, link_authors
from hub.model.people import Identity
from hub.store import Store
from hub.store.people import identity_id


async def link(
    store: Store, router: Router, authors: Sequence[tuple[str, Author]], now: datetime
) -> dict[str, Linked]:
    """Identity and customer for each (platform, author), by identity id."""
    ids = {identity_id(platform, author.key): (platform, author) for platform, author in authors}
    known = await store.people.find_identities(list(ids))
    unknown = {each: pair for each, pair in ids.items() if each not in known}
    candidates = await _candidates(store, [author for _, author in unknown.values()])
    new: dict[str, tuple[str, Author, Link]] = {}
    for each, (platform, author) in unknown.items():
        new[each] = (platform, author, router.link(author, _sharing(author, candidates)))
    return await link_authors(store.people, known, new, now)


async def _candidates(store: Store, authors: Sequence[Author]) -> list[Identity]:
    emails = [author.email.casefold() for author in authors if author.email]
    phones = [author.phone for author in authors if author.phone]
    return await store.people.with_address(emails, phones)


def _sharing(author: Author, candidates: Sequence[Identity]) -> list[Identity]:
    email = author.email.casefold() if author.email else None
    return [
        each
        for each in candidates
        if (email and each.email == email) or (author.phone and each.phone == author.phone)
    ]
