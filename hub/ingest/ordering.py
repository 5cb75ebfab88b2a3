"""What a customer said first stands first, in whatever order a platform hands it over.

What comes in as it is written is shown by when it came in (`parcels.moment_of`). One that a later one has
overtaken takes that one's moment, the later one the next one's, and so on: no two stand at the same. What a
platform tells no time of, such as a pressed button, neither overtakes nor is overtaken.
"""

from dataclasses import replace
from datetime import timedelta

from hub.ingest.parcels import LIVE, Parcel
from hub.model.inbox import Message, Side
from hub.store import Store

RUN = 20  # entries looked at: what is said within LIVE and overtakes itself


async def put_in_order(store: Store, parcel: Parcel) -> None:
    """Give it its moment, and move those that overtook it, if there are any."""
    at, last = parcel.event.at, parcel.conversation.last if parcel.conversation else None
    if last is None or last.side is not Side.CUSTOMER or at < last.at:
        return
    if (
        parcel.said_at == at
        or last.said_at is None
        or not timedelta() < last.said_at - parcel.said_at <= LIVE
    ):
        return
    later = [
        each
        for each in await store.inbox.timeline(parcel.conversation_id, limit=RUN)
        if isinstance(each, Message) and _overtook(each, parcel)
    ]
    later.sort(key=lambda each: each.at)
    moments = [*(each.at for each in later), at]
    # From behind, so that a crash in between leaves no two in the wrong order.
    for each, moment in reversed(list(zip(later, moments[1:], strict=True))):
        await store.inbox.set_entry(each.id, {"at": moment})
    assert parcel.conversation is not None
    parcel.event = replace(parcel.event, at=moments[0])
    # The last one stays the last one.
    parcel.conversation = replace(parcel.conversation, last=replace(last, at=at))


def _overtook(message: Message, parcel: Parcel) -> bool:
    theirs = message.side is Side.CUSTOMER and message.id != parcel.entry_id
    same = theirs and message.thread == parcel.thread_key
    return same and message.said_at is not None and message.said_at > parcel.said_at
