"""What a filter says of a conversation. Pure: `me` and the moment are given."""

from datetime import datetime, timedelta

from hub.model.desk import ME, NONE, Filter
from hub.model.inbox import Conversation, Status
from hub.model.people import Customer


def statuses_of(wanted: Filter, own: Status | None) -> tuple[Status, ...]:
    """Which states are shown; `own`: the one that the filtered view shows, None: any but spam."""
    if wanted.every_status or (wanted.status is None and own is None):
        return (Status.OPEN, Status.SNOOZED, Status.RESOLVED)
    return (wanted.status or own or Status.OPEN,)


def matches(
    wanted: Filter, conversation: Conversation, customer: Customer | None, me: str, now: datetime
) -> bool:
    """Whether all fits but the status. `customer`: only where `customer_fields` ask for it."""
    return (
        (wanted.awaiting is None or conversation.awaiting is wanted.awaiting)
        and (not wanted.channels or bool({conversation.channel, *conversation.also} & set(wanted.channels)))
        and (not wanted.platforms or conversation.platform in wanted.platforms)
        and (not wanted.surfaces or conversation.surface in wanted.surfaces)
        and _is(wanted.team, conversation.team, me)
        and _is(wanted.agent, conversation.agent, me)
        and set(wanted.tags) <= set(conversation.tags)
        and (not wanted.priorities or conversation.priority in wanted.priorities)
        and (not wanted.languages or (conversation.language or "") in wanted.languages)
        and wanted.fields.items() <= conversation.fields.items()
        and (not wanted.customer_fields or _has(customer, wanted.customer_fields))
        and _timely(wanted, conversation, now)
    )


def _is(wanted: str | None, given: str | None, me: str) -> bool:
    if wanted is None:
        return True
    return given == {ME: me, NONE: None}.get(wanted, wanted)


def _has(customer: Customer | None, fields: dict[str, str]) -> bool:
    return customer is not None and all(
        customer.fields.get(name, "").casefold() == value.casefold() for name, value in fields.items()
    )


def _timely(wanted: Filter, conversation: Conversation, now: datetime) -> bool:
    hours, due = wanted.older_than_hours, conversation.due_at
    if hours is not None and conversation.created_at >= now - timedelta(hours=hours):
        return False
    if wanted.overdue and (due is None or due > now):
        return False
    soon = wanted.due_within_hours
    return soon is None or (due is not None and due <= now + timedelta(hours=soon))
