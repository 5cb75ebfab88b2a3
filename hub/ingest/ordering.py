"""What a customer said first stands first, in whatever order a platform hands it over.

What comes in as it is written is shown by when it came in (`parcels.moment_of`). One that a later one has
overtaken takes that one's moment, the later one the next one's, and so on: no two stand at the same. What was
said before it may stand at a later moment, if it came in at once and this did not; or at the same, as many
platforms tell whole seconds: then this one stands right behind it. What a platform tells no time of, such as
a pressed button, neither overtakes nor is overtaken.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.ingest.parcels import LIVE, Parcel
from hub.model.inbox import Message, Side
from hub.store import Store

RUN = 20  # entries looked at: what is said in a short while and overtakes itself
TICK = timedelta(milliseconds=1)  # as fine as the database keeps a time


async def put_in_order(store: Store, parcel: Parcel) -> None:
    """Give it its moment, and move those that overtook it, if there are any."""
    last = parcel.conversation.last if parcel.conversation else None
    if last is None or not parcel.event.timed:
        return
    if parcel.event.at <= last.at:
        await _stand_behind(store, parcel)
    if last.side is not Side.CUSTOMER or last.said_at is None or last.said_at <= parcel.said_at:
        return
    newest = await store.inbox.timeline(parcel.conversation_id, limit=RUN)
    later = [each for each in newest if isinstance(each, Message) and _overtook(each, parcel)]
    later.sort(key=lambda each: each.at)
    moments = _apart(sorted([*(each.at for each in later), parcel.event.at]))
    # From behind, so that a crash in between leaves no two in the wrong order.
    for each, moment in reversed(list(zip(later, moments[1:], strict=True))):
        if each.at != moment:
            await store.inbox.set_entry(each.id, {"at": moment})
    parcel.event = replace(parcel.event, at=moments[0])
    assert parcel.conversation is not None
    if later and later[-1].id == last.entry:  # the last one stays the last one
        parcel.conversation = replace(parcel.conversation, last=replace(last, at=moments[-1]))


def _apart(moments: list[datetime]) -> list[datetime]:
    """Those at the same moment, or too near one another, each behind the one before it: what stands before
    the first of them keeps its place."""
    for number in range(1, len(moments)):
        moments[number] = max(moments[number], moments[number - 1] + TICK)
    return moments


async def _stand_behind(store: Store, parcel: Parcel) -> None:
    """Behind those that were said before it, or in the same second and came in before it."""
    at = parcel.event.at.replace(microsecond=parcel.event.at.microsecond // 1000 * 1000)
    near = await store.inbox.timeline(parcel.conversation_id, RUN, between=(at, at + LIVE + TICK))
    earlier = [
        each.at
        for each in near
        if isinstance(each, Message) and _theirs(each, parcel) and (each.said_at or each.at) <= parcel.said_at
    ]
    if earlier:
        parcel.event = replace(parcel.event, at=max(earlier) + TICK)


def _overtook(message: Message, parcel: Parcel) -> bool:
    later = message.said_at is not None and message.said_at > parcel.said_at
    return later and _theirs(message, parcel)


def _theirs(message: Message, parcel: Parcel) -> bool:
    """Another one of the customers' in the same thread."""
    other = message.side is Side.CUSTOMER and message.id != parcel.entry_id
    return other and message.thread == parcel.thread_key
