"""What people send as one message and the platform hands over in parts, albums above all: one message here.

The first part opens the message, the others join it. Parts stand in the order of their names, as platforms
number what is said in a place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.clock import Clock
from hub.ingest.changes import Changes
from hub.ingest.parcels import Parcel
from hub.ingest.preparing import OVERTAKEN_TRIES
from hub.model.content import Attachment
from hub.model.inbox import Message
from hub.model.journal import Outcome
from hub.model.sentences import sentence
from hub.store import Store
from hub.store.queues import Finished


@dataclass(frozen=True, slots=True)
class Joined:
    ended: Mapping[str, Finished]  # by journal entry
    early: frozenset[str] = frozenset()  # left waiting a little: their message may still come


async def join(store: Store, clock: Clock, parcels: Sequence[Parcel]) -> Joined:
    """How those end that are further parts of messages which are there already."""
    parts = [each for each in parcels if each.event.part_of]
    if not parts:
        return Joined({})
    there = await store.inbox.find_entries([each.entry_id for each in parts])
    ended: dict[str, Finished] = {}
    early = set()
    for part in parts:
        message = there.get(part.entry_id)
        if isinstance(message, Message):
            if part.event.message not in message.remote_ids:
                ended[part.journal] = await _add(store, clock, message, part)
            elif message.journal != part.journal:
                ended[part.journal] = Finished(part.journal, Outcome.DUPLICATE, message.id)
        elif part.event.only_known and part.entry and part.entry.tries < OVERTAKEN_TRIES:
            await store.journal.later(part.entry, clock())
            early.add(part.journal)
        elif part.event.only_known:
            words = sentence("thread_of_others")
            ended[part.journal] = Finished(part.journal, Outcome.IGNORED, words=words)
    return Joined(ended, frozenset(early))


async def _add(store: Store, clock: Clock, message: Message, part: Parcel) -> Finished:
    names, files = _in_order(message, part)
    said = message.content if message.content.text else part.content
    await store.inbox.set_parts(message, names, files, said)
    await Changes(store, clock).grew(message, part.event, said, files)
    return Finished(part.journal, Outcome.DELIVERED, message.conversation)


def _in_order(message: Message, part: Parcel) -> tuple[list[str], list[Attachment]]:
    """Names and files of all parts. In the order of names while every part has exactly one file."""
    names = [*message.remote_ids, part.event.message]
    files = [*message.content.attachments, *part.content.attachments]
    if len(names) != len(files):
        return names, files
    pairs = sorted(zip(names, files, strict=True), key=lambda pair: (len(pair[0]), pair[0]))
    return [name for name, _ in pairs], [file for _, file in pairs]
