"""Who is this? A verified address that a customer already has settles it; nothing weaker does."""

from collections.abc import Sequence

from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.model.people import Identity


def link_by_address(author: Author, candidates: Sequence[Identity]) -> Link:
    """`candidates` share a verified address or number with the author."""
    customers = sorted({each.customer for each in candidates})
    if len(customers) == 1:
        by_email = any(author.email and each.email == author.email.casefold() for each in candidates)
        what = "e-mail address" if by_email else "phone number"
        return Link(customers[0], f"The verified {what} is one this customer has.")
    if customers:
        return Link(
            None,
            "Several customers have this verified address: somebody must decide.",
            suggest=tuple(customers),
        )
    return Link(None, "First message from here.")
