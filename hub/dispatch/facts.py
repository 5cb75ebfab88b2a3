"""What rules can ask about a conversation. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hub.contract.routing import Candidate, Facts, Router
from hub.dispatch.fillers import known, of_customer, of_load, of_signals
from hub.dispatch.office import Office
from hub.model.inbox import Conversation, Message
from hub.model.people import Customer, Identity


def facts_of(
    conversation: Conversation,
    message: Message | None,
    customer: Customer | None,
    identity: Identity | None,
    *,
    office: Office,
    router: Router,
    now: datetime,
    candidates: Sequence[Candidate] | None = None,
) -> Facts:
    """`message`: the customer's, by what happened or their last one. `candidates`: agents of its team."""
    waiting = conversation.waiting_since
    facts: dict[str, tuple[str, ...]] = {
        "channel": (conversation.channel,),
        "platform": (conversation.platform,),
        "surface": (conversation.surface,),
        "visibility": (conversation.visibility,),
        "language": known(conversation.language or (customer.language if customer else None)),
        "subject": (conversation.subject,),
        "words": (conversation.subject, *known(message.content.text if message else None)),
        "sender": _sender(message, identity),
        "domain": tuple(_domains(identity)),
        "attachment": ("yes" if message and message.content.attachments else "no",),
        "tag": conversation.tags,
        "status": (str(conversation.status),),
        "priority": (str(conversation.priority),),
        "team": known(conversation.team),
        "agent": known(conversation.agent),
        "level": known(conversation.level),
        "open_hours": tuple(key for key, each in office.hours.items() if router.at_work(each, now)),
        "waiting": (f"{(now - waiting).total_seconds() / 60:.1f}",) if waiting else (),
    }
    facts |= {f"field.{key}": (value,) for key, value in conversation.fields.items()}
    facts |= of_signals(conversation, message)
    facts |= of_customer(customer, identity, office, router)
    return facts | dict(of_load(candidates, now))


def owner_of(customer: Customer | None) -> str | None:
    return customer.owner if customer else None


def _sender(message: Message | None, identity: Identity | None) -> tuple[str, ...]:
    found = [message.author_name] if message else []
    if identity is not None:
        found += [identity.key, *(each for each in (identity.email, identity.handle, identity.phone) if each)]
    return tuple(dict.fromkeys(found))


def _domains(identity: Identity | None) -> Iterable[str]:
    if identity is not None:
        for address in dict.fromkeys((identity.email or "", identity.key)):
            _, at, domain = address.rpartition("@")
            if at and "." in domain:
                yield domain
