"""Who is this? A verified address that a customer already has settles it, unless something speaks against it.

An automatic link must never be wrong: an address that several people read, a name that is somebody else's, a
number that was silent for long and may have a new owner, all of these only suggest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.model.addresses import is_role
from hub.model.names import Fit, fits
from hub.model.people import Identity
from hub.model.sentences import sentence

# Operators hand numbers out again, some after weeks. Whoever was silent for so long may be somebody else.
SILENT = timedelta(days=90)


def link_by_address(author: Author, candidates: Sequence[Identity], now: datetime) -> Link:
    """`candidates` share a verified address or number with the author."""
    customers = tuple(sorted({each.customer for each in candidates}))
    if not customers:
        return Link(None, sentence("first_message"))
    by_email = [each for each in candidates if author.email and each.email == author.email]
    if len(customers) > 1:
        return Link(None, sentence("several_customers"), customers)
    if author.email and by_email and is_role(author.email):
        return Link(None, sentence("read_by_several"), customers)
    fitting = [fits(author.name, each.name) for each in candidates]
    if any(each in (Fit.OTHER, Fit.SHORTENED) for each in fitting):
        return Link(None, sentence("address_other_name"), customers)
    if by_email:
        return Link(customers[0], sentence("verified_email"))
    if all(_silent(each, now) for each in candidates) and Fit.SAME not in fitting:
        return Link(None, sentence("number_silent"), customers)
    return Link(customers[0], sentence("verified_phone"))


def _silent(identity: Identity, now: datetime) -> bool:
    return now - (identity.last_seen_at or identity.first_seen_at) > SILENT
