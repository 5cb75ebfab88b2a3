"""One mail that comes to several mailboxes of ours is one message, which says where else it came.

Whichever copy comes first is delivered. The others are noted on it, and their threads lead to its
conversation, so that whatever is answered to any of them is found there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.contract.capabilities import Surface
from hub.ingest.parcels import Parcel, thread_id_of
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Copy, Message
from hub.model.journal import Outcome
from hub.model.sentences import sentence
from hub.store import Store
from hub.store.copies import Claim, claim_id
from hub.store.queues import Finished

Copied = tuple[Parcel, Claim]
WAITS = 5  # tries of a copy whose message another worker has not written yet; then it is delivered itself


async def copies_of(store: Store, parcels: Sequence[Parcel], now: datetime) -> Mapping[str, Copied]:
    """Those that have come to another channel before, by their journal entries. One round trip, for mail."""
    asked = [each for each in parcels if _is_mail(each)]
    known = await store.channels.known.get() if asked else ()
    several = {each.platform for each in known if _mailboxes(known, each.platform) > 1}
    claims = {each.journal: _claim(each) for each in asked if each.channel.platform in several}
    if not claims:
        return {}
    made = await store.copies.claim(list(claims.values()), now)
    copies = {}
    for parcel in parcels:
        claim = claims.get(parcel.journal)
        first = made.get(claim.id) if claim else None
        if first is not None and first.entry != parcel.entry_id and first.channel != parcel.channel.id:
            copies[parcel.journal] = (parcel, first)
    if not copies:
        return {}
    there = await store.moving.conversations_of([first.entry for _, first in copies.values()])
    return {journal: each for journal, each in copies.items() if _belongs(*each, there)}


def _belongs(parcel: Parcel, first: Claim, there: Mapping[str, str]) -> bool:
    """What has a conversation of its own already stays in that, too; and nothing waits for ever."""
    if not parcel.opened and parcel.conversation_id != there.get(first.entry, first.conversation):
        return False
    return first.entry in there or parcel.entry is None or parcel.entry.tries < WAITS


async def kept_as_copies(
    store: Store, copies: Mapping[str, Copied], now: datetime, events: list[Event]
) -> dict[str, Finished]:
    """Note each on its message, which is written by now, or left waiting for it. Adds to `events`."""
    if not copies:
        return {}
    wanted = [first.entry for _, first in copies.values()]
    found = await store.inbox.find_entries(wanted)
    deleted = {entry for entry, by in (await store.inbox.journals_of(wanted)).items() if by is None}
    ended: dict[str, Finished] = {}
    for journal, (parcel, first) in copies.items():
        message = found.get(first.entry)
        if isinstance(message, Message):
            events.append(await _keep(store, parcel, first, message, now))
            words = sentence("arrival_copy", channel=await _name(store, first.channel))
            ended[journal] = Finished(journal, Outcome.DUPLICATE, message.id, words)
        elif first.entry in deleted:
            ended[journal] = Finished(journal, Outcome.IGNORED, words=sentence("arrival_deleted"))
        elif parcel.entry is not None:
            await store.journal.later(parcel.entry, now)
    return ended


async def _keep(store: Store, parcel: Parcel, first: Claim, message: Message, now: datetime) -> Event:
    await store.inbox.lead_threads({thread_id_of(parcel): message.conversation})
    copy = Copy(parcel.channel.id, parcel.thread_key, _named_before(parcel, first, message))
    await store.copies.add(message.id, copy)
    await store.joins.found_under(message.conversation, parcel.channel.id)
    fact = Activity(
        id=derived_id("received also", message.id, parcel.channel.id),
        conversation=message.conversation,
        at=message.at,
        kind="received_also",
        by="hub",
        because=sentence("received_also", channel=parcel.channel.name),
        details={"channel": parcel.channel.id, "name": parcel.channel.name, "message": message.id},
    )
    await store.inbox.add_entries([fact])
    return Event(
        id=derived_id("copied", fact.id),
        kind="conversation_changed",
        at=now,
        conversation=message.conversation,
        entry=fact.id,
        channel=parcel.channel.id,
        details={"what": "received_also"},
    )


def _named_before(parcel: Parcel, first: Claim, message: Message) -> bool:
    """Whether it was addressed here before any other mailbox it came to. Who is named nowhere comes last."""
    here, there = parcel.event.named_at, first.named_at
    others = any(each.first and each.channel != parcel.channel.id for each in message.copies)
    return here is not None and (there is None or here < there) and not others


def _claim(parcel: Parcel) -> Claim:
    event = parcel.event
    return Claim(
        id=claim_id(event.author.key, event.message, event.fingerprint),
        entry=parcel.entry_id,
        conversation=parcel.conversation_id,
        channel=parcel.channel.id,
        named_at=event.named_at,
    )


def _is_mail(parcel: Parcel) -> bool:
    event = parcel.event
    return event.thread.surface is Surface.EMAIL and bool(event.fingerprint) and not event.part_of


def _mailboxes(channels: Sequence[Channel], platform: str) -> int:
    return sum(each.platform == platform and not each.removed for each in channels)


async def _name(store: Store, channel: str) -> str:
    known = await store.channels.known.get()
    return next((each.name for each in known if each.id == channel), "")
