"""Deliveries of the whole company that a person must look at: failed, or unsure to have arrived."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.auth.access import NotAllowed, may_see
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.deeds import retry_delivery
from hub.desk.deliveries import confirm_delivery
from hub.desk.replying import Desk
from hub.desk.views import ROUNDS, place_of
from hub.model.inbox import Conversation, DeliveryState, Message
from hub.model.people import Agent, Role
from hub.store.shelves import moment_of, ms_of

MOST = 100  # deliveries of one page
RETRIED_MOST = 2000  # sent again in one go


@dataclass(frozen=True, slots=True)
class Troubled:
    """One delivery, and the conversation it belongs to."""

    message: Message
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Troubles:
    """A page of them, the newest first. `next_cursor`: there are more."""

    rows: Sequence[Troubled]
    next_cursor: str | None = None


async def list_troubled(desk: Desk, by: Agent, cursor: str | None = None) -> Troubles:
    """Of the whole company. Raises NotAllowed, NoSuchView."""
    _only_leads(by)
    return await page_of_trouble(desk, by, cursor, MOST)


async def page_of_trouble(desk: Desk, agent: Agent, cursor: str | None, limit: int) -> Troubles:
    """What is in trouble of what this agent may see. Short, even empty, with a cursor: so many were looked
    through. Raises NoSuchView: the cursor is none of ours."""
    place = place_of(cursor)
    spot = (moment_of(place[0]), place[1]) if place else None
    rows: list[Troubled] = []
    for _ in range(ROUNDS):
        messages = await desk.store.deliveries.in_trouble(limit + 1, spot)
        known = await desk.store.inbox.find_conversations(sorted({each.conversation for each in messages}))
        rows += [
            Troubled(each, known[each.conversation])
            for each in messages
            if each.conversation in known and may_see(agent, known[each.conversation])
        ]
        spot = (messages[-1].at, messages[-1].id) if len(messages) > limit else None
        if spot is None or len(rows) > limit:
            break
    if len(rows) > limit:
        last = rows[limit - 1].message
        spot = (last.at, last.id)
    return Troubles(rows[:limit], f"{ms_of(spot[0])}-{spot[1]}" if spot else None)


async def retry(desk: Desk, by: Agent, delivery: str, *, address: str | None = None) -> None:
    """Raises NotAllowed, NotPossible."""
    _only_leads(by)
    await retry_delivery(desk, delivery, by)
    await _record(desk, by, "delivery_retried", delivery, address)


async def retry_failed(desk: Desk, by: Agent, *, address: str | None = None) -> int:
    """What surely did not arrive, up to RETRIED_MOST; what is unsure is for a person to decide.

    Returns how many.
    """
    _only_leads(by)
    failed: list[str] = []
    cursor: str | None = None
    while len(failed) < RETRIED_MOST:
        page = await list_troubled(desk, by, cursor)
        failed += [each.message.id for each in page.rows if _has_failed(each.message)]
        cursor = page.next_cursor
        if cursor is None:
            break
    count = 0
    for message in failed[:RETRIED_MOST]:
        try:
            await retry_delivery(desk, message, by)
        except NotPossible:  # somebody else was faster
            continue
        count += 1
    if count:
        await _record(desk, by, "deliveries_retried", "", address, messages=str(count))
    return count


async def confirm(desk: Desk, by: Agent, delivery: str, *, address: str | None = None) -> None:
    """It did arrive. Raises NotAllowed, NotPossible."""
    _only_leads(by)
    await confirm_delivery(desk, by, delivery, address=address)


def _has_failed(message: Message) -> bool:
    return message.delivery is not None and message.delivery.state is DeliveryState.FAILED


def _only_leads(by: Agent) -> None:
    if by.disabled or by.role is Role.AGENT:
        raise NotAllowed("office_not_yours")


async def _record(desk: Desk, by: Agent, deed: str, target: str, address: str | None, **details: str) -> None:
    await record(desk.store, desk.clock, by, deed, target=target, address=address or "", details=details)
