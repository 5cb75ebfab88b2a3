"""The groups of facts that rules can ask about, each filled from one thing that is known. Pure."""

from collections.abc import Sequence
from datetime import datetime

from hub.contract.routing import Candidate, Facts, Router
from hub.dispatch.office import Office
from hub.model.addresses import FREE_MAIL, company_domain
from hub.model.inbox import Conversation, Message
from hub.model.people import Customer, Identity
from hub.model.staffing import State

VIP_TAG = "vip"


def of_signals(conversation: Conversation, message: Message | None) -> Facts:
    """What was judged of the message when it came in, and what the customer said of us."""
    score = message.spam_score if message else None
    return {
        "flag": message.flags if message else (),
        "spam_score": () if score is None else (f"{score:.3f}",),
        "urgency": known(message.urgency if message else None),
        "sentiment": known(message.sentiment if message else None),
        "csat": () if conversation.csat is None else (str(conversation.csat),),
    }


def of_customer(
    customer: Customer | None, identity: Identity | None, office: Office, router: Router
) -> Facts:
    facts: dict[str, tuple[str, ...]] = {
        "vip": ("yes" if is_vip(customer) else "no",),
        "company": companies(customer, identity),
    }
    if customer is not None:
        facts |= {f"customer.{key}": (value,) for key, value in customer.fields.items()}
        facts["customer.name"] = (customer.name,)
        facts["owner"] = known(customer.owner)
        facts["customer_tag"] = tuple(customer.tags.values())
        facts["customer_language"] = known(customer.language)
    facts["segment"] = tuple(
        key for key, each in office.segments.items() if customer and router.holds(each.when, facts)
    )
    return facts


def of_load(candidates: Sequence[Candidate] | None, now: datetime) -> Facts:
    """How busy a team is. `candidates`: its agents; None: it has no team, or nobody asked."""
    if candidates is None:
        return {}
    here = [each for each in candidates if each.at_work and each.workload.state_at(now) is State.ONLINE]
    room = [each for each in here if each.plan.capacity is None or each.workload.load < each.plan.capacity]
    held = sum(len(each.workload.held) for each in here)
    return {"free": (str(len(room)),), "load": (f"{held / len(here):.1f}",) if here else ()}


def is_vip(customer: Customer | None) -> bool:
    """As the profile says, or a field of that name that is ticked."""
    if customer is None:
        return False
    return bool(customer.vip) or customer.fields.get(VIP_TAG) in ("yes", "true")


def companies(customer: Customer | None, identity: Identity | None) -> tuple[str, ...]:
    """The mail domains of whoever they work for; that of a free mail provider tells nothing."""
    found = [customer.company if customer else None]
    if identity is not None:
        found += [company_domain(each) for each in (identity.email or "", identity.key) if "@" in each]
    return tuple(dict.fromkeys(each for each in found if each and each not in FREE_MAIL))


def known(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
