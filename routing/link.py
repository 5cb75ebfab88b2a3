"""Who is this? A verified address that a customer already has settles it; nothing weaker does."""

from collections.abc import Sequence

from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.model.people import Identity
from hub.model.sentences import sentence


def link_by_address(author: Author, candidates: Sequence[Identity]) -> Link:
    """`candidates` share a verified address or number with the author."""
    customers = sorted({each.customer for each in candidates})
    if len(customers) == 1:
        by_email = any(author.email and each.email == author.email.casefold() for each in candidates)
        return Link(customers[0], sentence("verified_email" if by_email else "verified_phone"))
    if customers:
        return Link(
            None,
            sentence("several_customers"),
            suggest=tuple(customers),
        )
    return Link(None, sentence("first_message"))
