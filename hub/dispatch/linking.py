"""Asks the router who a writer is, and links what it decides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hub.contract.inbound import Author
from hub.contract.routing import Link, Router
from hub.customers.links import Linked, link_authors, normal_author, of_the_same_address, see_again
from hub.model.channels import Channel
from hub.model.people import Identity
from hub.store import Store
from hub.store.people import identity_id


async def link(
    store: Store, router: Router, authors: Sequence[tuple[Channel, Author]], now: datetime
) -> dict[str, Linked]:
    """Identity and customer for each (channel, author), by identity id."""
    clean = [(channel.platform, normal_author(author, channel.country)) for channel, author in authors]
    ids = {identity_id(platform, author.key): (platform, author) for platform, author in clean}
    known = await store.people.find_identities(list(ids))
    known = await see_again(store.people, known, {each: author for each, (_, author) in ids.items()}, now)
    unknown = {each: pair for each, pair in ids.items() if each not in known}
    candidates = await _candidates(store, [author for _, author in unknown.values()])
    new: dict[str, tuple[str, Author, Link]] = {}
    for each, (platform, author) in unknown.items():
        new[each] = (platform, author, router.link(author, of_the_same_address(author, candidates), now))
    return await link_authors(store.people, known, new, now)


async def _candidates(store: Store, authors: Sequence[Author]) -> list[Identity]:
    """With the customers they are by now: two who were merged are one."""
    emails = [author.email for author in authors if author.email]
    phones = [author.phone for author in authors if author.phone]
    found = await store.people.with_address(emails, phones)
    roots = await store.people.roots_of(list({each.customer for each in found})) if found else {}
    return [replace(each, customer=roots[each.customer]) for each in found]
