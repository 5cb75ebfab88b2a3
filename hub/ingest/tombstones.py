"""Whoever was erased stays away: neither what the platform hands us again nor a replay brings them back.

Refused is what is known by its id, and what they wrote until they were erased. Whatever they write later is
from somebody new. What is refused leaves nothing behind: the line in the journal is emptied at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.contract.inbound import (
    Author,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ReceiptReceived,
)
from hub.ingest.parcels import entry_id_of
from hub.ingest.preparing import Read
from hub.model.addresses import normal_key
from hub.model.channels import Channel
from hub.model.journal import Outcome
from hub.model.privacy import Secrecy
from hub.model.sentences import sentence
from hub.store import Store
from hub.store.inbox import name_of
from hub.store.queues import Finished


@dataclass(frozen=True, slots=True)
class Looked:
    """The names by which an event may be known as erased."""

    messages: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    at: datetime | None = None

    def erased(self, known: Mapping[str, datetime | None]) -> bool:
        if any(each in known for each in self.messages):
            return True
        moments = [known[each] for each in self.people if each in known]
        return any(each is not None and self.at is not None and self.at <= each for each in moments)


async def without_erased(
    store: Store, secrecy: Secrecy | None, batch: Sequence[Read]
) -> tuple[Sequence[Read], list[Finished]]:
    """The batch without what is erased, and how that ends."""
    if secrecy is None or not batch or not await store.tombstones.any():
        return batch, []
    looked = {
        id(event): names_of(secrecy, each.channel, event)
        for each in batch
        if each.channel is not None
        for event in _events(each)
    }
    names = [name for each in looked.values() for name in (*each.messages, *each.people)]
    known = await store.tombstones.known(names)
    if not known:
        return batch, []
    left, gone = [], []
    for each in batch:
        events = _events(each)
        staying = [
            event for event in events if id(event) not in looked or not looked[id(event)].erased(known)
        ]
        if len(staying) == len(events):
            left.append(each)
        elif staying:
            left.append(replace(each, events=staying))
        else:
            gone.append(each)
    return left, await _refuse(store, gone)


async def _refuse(store: Store, gone: Sequence[Read]) -> list[Finished]:
    lines = [each.waiting.entry.id for each in gone]
    behind = await store.originals.behind(lines)
    await store.originals.empty(lines, "arrival_erased")
    await store.originals.drop_arrivals(behind.arrivals)
    for file in behind.files:
        await store.erasing.drop_file(file)
    words = sentence("arrival_erased")
    return [Finished(each, Outcome.IGNORED, words=words) for each in lines]


def _events(read: Read) -> Sequence[InboundEvent]:
    return () if isinstance(read.events, str | Exception) else read.events


def names_of(secrecy: Secrecy, channel: Channel | None, event: InboundEvent) -> Looked:
    assert channel is not None
    match event:
        case MessageReceived():
            entry = secrecy.names("entry", entry_id_of(channel.id, event))
            named = secrecy.names("name", name_of(channel.id, event.message))
            if event.author.ours:
                return Looked(named)
            return Looked(entry, _person(secrecy, channel, event.author), event.at)
        case MessageEdited() | MessageDeleted():
            return Looked(secrecy.names("name", name_of(channel.id, event.message)))
        case ReactionChanged():
            named = secrecy.names("name", name_of(channel.id, event.message))
            return Looked(named, _person(secrecy, channel, event.author), event.at)
        case ReceiptReceived() if event.message is not None:
            return Looked(secrecy.names("name", name_of(channel.id, event.message)))
        case ReachabilityChanged():
            return Looked((), _person(secrecy, channel, event.author), event.at)
    return Looked()


def _person(secrecy: Secrecy, channel: Channel, author: Author) -> tuple[str, ...]:
    return person_names(secrecy, channel.platform, author.key)


def person_names(secrecy: Secrecy, platform: str, key: str) -> tuple[str, ...]:
    """What an erased person is known by on a platform; by the present key first."""
    return secrecy.names("person", platform, normal_key(platform, key))
