"""What rules can ask about a conversation. Pure."""

from collections.abc import Iterable
from datetime import datetime

from hub.contract.routing import Facts, Router
from hub.dispatch.office import Office
from hub.model.inbox import Conversation, Message
from hub.model.people import Customer, Identity

VIP_TAG = "vip"


def facts_of(
    conversation: Conversation,
    message: Message | None,
    customer: Customer | None,
    identity: Identity | None,
    *,
    office: Office,
    router: Router,
    now: datetime,
) -> Facts:
    """`message`: the customer's, by what happened or their last one."""
    waiting = conversation.waiting_since
    facts: dict[str, tuple[str, ...]] = {
        "channel": (conversation.channel,),
        "platform": (conversation.platform,),
        "surface": (conversation.surface,),
        "visibility": (conversation.visibility,),
        "language": _known(conversation.language or (customer.language if customer else None)),
        "subject": (conversation.subject,),
        "words": (conversation.subject, *_known(message.content.text if message else None)),
        "sender": _sender(message, identity),
        "domain": tuple(_domains(identity)),
        "flag": message.flags if message else (),
        "attachment": ("yes" if message and message.content.attachments else "no",),
        "tag": conversation.tags,
        "status": (str(conversation.status),),
        "priority": (str(conversation.priority),),
        "team": _known(conversation.team),
        "agent": _known(conversation.agent),
        "level": _known(conversation.level),
        "vip": ("yes" if is_vip(customer) else "no",),
        "open_hours": tuple(key for key, each in office.hours.items() if router.at_work(each, now)),
        "waiting": (f"{(now - waiting).total_seconds() / 60:.1f}",) if waiting else (),
    }
    facts |= {f"field.{key}": (value,) for key, value in conversation.fields.items()}
    if customer is not None:
        facts |= {f"customer.{key}": (value,) for key, value in customer.fields.items()}
        facts["customer.name"] = (customer.name,)
    return facts


def is_vip(customer: Customer | None) -> bool:
    """As the profile says, or a field of that name that is ticked."""
    if customer is None:
        return False
    return bool(customer.vip) or customer.fields.get(VIP_TAG) in ("yes", "true")


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


def _known(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
