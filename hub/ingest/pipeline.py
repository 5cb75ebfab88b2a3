"""From the journal to the timeline, in batches.

Every step is one round trip for the whole batch and an upsert keyed by the platform's own ids, so that a
crash is mended by running the entries again. A batch holds at most one entry per thread; who runs batches
keeps the order within threads (`ingest.worker`). An entry that cannot be worked on spoils neither its batch
nor its thread.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from hub.clock import Clock
from hub.contract.connector import FetchesMedia, ReadsRaw
from hub.contract.errors import Unavailable
from hub.contract.inbound import ArrivedRaw, InboundEvent, MessageEdited, MessageReceived
from hub.dispatch import Dispatch, finish, link
from hub.ingest.catching_up import window_of
from hub.ingest.changes import Changes, NotYet
from hub.ingest.copying import copies_of, kept_as_copies
from hub.ingest.filling import fill
from hub.ingest.joining import suggest_joins
from hub.ingest.judging import judge
from hub.ingest.languages import language_of
from hub.ingest.leading import lead
from hub.ingest.media import keep_files
from hub.ingest.parcels import (
    Parcel,
    entries_of,
    events_of,
    message_of,
    moment_of,
    opening_of,
    summarised,
)
from hub.ingest.parts import join
from hub.ingest.preparing import InRooms, Read, in_threads_of_others, prepared, said_among_agents
from hub.ingest.rating import InChats, rated
from hub.ingest.reasons import reason_of
from hub.ingest.ruling import reopened, ruled
from hub.ingest.tombstones import without_erased
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.journal import Outcome
from hub.model.privacy import Secrecy
from hub.model.sentences import sentence
from hub.notifying.marks import NO_MARKS, Marks
from hub.registry import Registry
from hub.store import Store, StoreUnavailable
from hub.store.people import identity_id
from hub.store.queues import Finished, Waiting

log = structlog.get_logger()

Plain = tuple[Waiting, Channel, MessageReceived]  # a customer's message, and nothing else

TRIES = 7  # over a minute, of an entry that must wait for another (a receipt that overtook its message)


@dataclass(frozen=True, slots=True)
class Pipeline:
    store: Store
    registry: Registry
    dispatch: Dispatch
    clock: Clock
    largest_file: int  # bytes
    marks: Marks = NO_MARKS  # what our own digests are known by
    rooms: InRooms | None = None  # what agents say in rooms of their own; None: nobody listens
    secrecy: Secrecy | None = None  # what erased people are known by
    chats: InChats | None = None  # where customers say how content they are; None: nobody asks them

    async def read(self, batch: Sequence[Waiting]) -> Sequence[Read]:
        """The events of each entry. Changes nothing: may run while an earlier batch is worked on."""
        if not batch:
            return ()
        channels = {each.id: each for each in await self.store.channels.list_channels(removed=True)}
        ready = await prepared(self.registry, batch, channels, TRIES)
        return await asyncio.to_thread(self._read_all, batch, ready, channels)

    async def work(self, batch: Sequence[Read]) -> None:
        """Work on entries of different threads until each has its outcome, or is left waiting for later.

        Raises StoreUnavailable: nothing is lost, run them again.
        """
        plain: list[Plain] = []
        batch, finished = await without_erased(self.store, self.secrecy, batch)
        for each in batch:
            waiting, channel, events = each.waiting, each.channel, each.events
            if isinstance(events, Unavailable):
                finished += await self._not_delivered(waiting, events)
            elif channel is None or isinstance(events, str):
                words = events if isinstance(events, str) else sentence("arrival_channel_gone")
                finished.append(Finished(waiting.entry.id, Outcome.FAILED, words=words))
            elif len(events) == 1 and isinstance(events[0], MessageReceived) and not events[0].author.ours:
                plain.append((waiting, channel, events[0]))
            else:
                finished += await self._alone(waiting, events, channel)
        finished += await self._messages(plain)
        for ended in finished:
            if ended.outcome is Outcome.FAILED:
                log.error("journal entry failed", entry=ended.id)  # the reason may quote the message
        if finished:
            await self.store.journal.finish(finished, self.clock())

    def _read_all(
        self,
        batch: Sequence[Waiting],
        ready: Sequence[Waiting | Unavailable],
        channels: Mapping[str, Channel],
    ) -> Sequence[Read]:
        read = []
        for waiting, each in zip(batch, ready, strict=True):
            channel = channels.get(waiting.entry.channel)
            events = each if isinstance(each, Unavailable) else self._read(each, channel)
            read.append(Read(waiting, channel, events))
        return read

    def _read(self, waiting: Waiting, channel: Channel | None) -> Sequence[InboundEvent] | str:
        event = waiting.event
        if channel is None:
            return sentence("arrival_channel_gone")
        if not isinstance(event, ArrivedRaw):
            return self.marks.without_our_own((event,))
        try:
            connector = self.registry.reader(channel)
            if not isinstance(connector, ReadsRaw):
                return sentence("raw_unread", platform=channel.platform)
            return self.marks.without_our_own(connector.read(event))
        except Exception as problem:  # noqa: BLE001 a parser's bug costs one entry, kept raw and replayable
            return sentence("event_unreadable", words=f"{type(problem).__name__}: {problem}")

    async def _messages(self, plain: Sequence[Plain]) -> list[Finished]:
        """All together; if that fails, each alone, so that one bad entry is found and named."""
        try:
            return await self._deliver([await self._parcel(*each) for each in plain])
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001 whatever one entry does, the others go through
            if len(plain) == 1:
                return await self._not_delivered(plain[0][0], problem)
        finished: list[Finished] = []
        for each in plain:
            finished += await self._messages([each])
        return finished

    async def _parcel(self, waiting: Waiting, channel: Channel, event: MessageReceived) -> Parcel:
        at = moment_of(event.at, waiting.entry.received_at)
        said_at = event.at if event.timed else at
        event = replace(event, at=at)
        content, entry = await self._kept(waiting, channel, event.content), waiting.entry
        return Parcel(entry.id, channel, event, content, entry.received_at, said_at, entry=entry)

    async def _kept(self, waiting: Waiting, channel: Channel, content: Content) -> Content:
        """With its files in the media store."""
        connector = self.registry.reader(channel)
        fetch = connector.media if isinstance(connector, FetchesMedia) else None
        last_try = waiting.entry.tries + 1 >= TRIES
        return await keep_files(content, self.store.media, self.largest_file, fetch, last_try=last_try)

    async def _not_delivered(self, waiting: Waiting, problem: Exception) -> list[Finished]:
        """Left waiting if what it needs may still come; else how it ends."""
        if isinstance(problem, NotYet | Unavailable) and waiting.entry.tries + 1 < TRIES:
            await self.store.journal.later(waiting.entry, self.clock())
            return []
        if isinstance(problem, NotYet):
            return [Finished(waiting.entry.id, Outcome.IGNORED, words=str(problem))]
        return [_failed(waiting, problem)]

    async def _alone(
        self, waiting: Waiting, events: Sequence[InboundEvent], channel: Channel
    ) -> list[Finished]:
        """An entry with anything but one customer's message: its events one after the other."""
        last = Finished(waiting.entry.id, Outcome.IGNORED, words=sentence("of_no_interest"))
        changes = Changes(self.store, self.clock)
        try:
            for event in events:
                if isinstance(event, MessageReceived) and not event.author.ours:
                    ended = await self._deliver([await self._parcel(waiting, channel, event)])
                    last = ended[0]
                else:
                    if isinstance(event, MessageEdited):
                        event = replace(event, content=await self._kept(waiting, channel, event.content))
                    outcome, ref, words = await changes.apply(channel, event)
                    last = Finished(waiting.entry.id, outcome, ref, words)
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001 whatever one entry does, the others go through
            return await self._not_delivered(waiting, problem)
        return [last]

    async def _deliver(self, parcels: list[Parcel]) -> list[Finished]:
        """Identity, customer, conversation, entry, summary, events, assignment: for all parcels at once.

        Long because it is the list of these steps.
        """
        if not parcels:
            return []
        now = self.clock()
        parts = await join(self.store, self.clock, parcels)
        parcels = [each for each in parcels if each.journal not in {*parts.ended, *parts.early}]
        repeated = {**parts.ended, **await self._repeated(parcels)}
        repeated |= await said_among_agents(self.rooms, parcels)
        parcels = [each for each in parcels if each.journal not in repeated]
        repeated |= await rated(self.chats, parcels)
        parcels = [each for each in parcels if each.journal not in repeated]
        others, early = await in_threads_of_others(self.store, parcels, now)
        repeated |= others
        parcels = [each for each in parcels if each.journal not in repeated and each.journal not in early]
        if not parcels:
            return list(repeated.values())
        await self._link(parcels)
        await lead(self.dispatch, parcels, now)
        copies = await copies_of(self.store, parcels, now)
        parcels = [each for each in parcels if each.journal not in copies]
        await asyncio.to_thread(self._characterise, parcels)
        await judge(self.store, parcels)
        messages = {parcel.journal: message_of(parcel) for parcel in parcels}
        # What was said before the conversation it opens: nobody ever finds an empty one.
        await self.store.inbox.add_entries(
            [entry for each in parcels for entry in entries_of(each, messages[each.journal])]
        )
        opening = [opening_of(each, messages[each.journal]) for each in parcels if each.opened]
        await self.store.inbox.add_conversations(opening)
        changes = [change for each in parcels if (change := summarised(each, messages[each.journal]))]
        changes.sort(key=lambda change: change[2])
        following = await reopened(self.dispatch, parcels, {each for each, _, _ in changes})
        before = {each.conversation.id: each.conversation for each in parcels if each.conversation}
        await self.store.inbox.update_conversations(
            [(each, change) for each, change, _ in changes], list(before.values())
        )
        events = [event for each in parcels for event in events_of(each, messages[each.journal], now)]
        events += await fill(self.store, parcels, now)
        opened = {conversation.id: conversation for conversation in opening}
        following.add(await ruled(self.dispatch, parcels, opened, messages))
        following.events[:0] = events
        following.events += await suggest_joins(self.dispatch, parcels, now)
        repeated |= await kept_as_copies(self.store, copies, now, following.events)
        await finish(self.dispatch, following)
        delivered = [Finished(each.journal, Outcome.DELIVERED, each.conversation_id) for each in parcels]
        return [*delivered, *repeated.values()]

    def _characterise(self, parcels: Sequence[Parcel]) -> None:
        """What lists filter and sort by: until when it may be answered, and its language if not yet known."""
        for parcel in parcels:
            event = parcel.event
            window = window_of(self.registry, parcel.channel, event.thread, event.visibility)
            parcel.window_ends_at = event.at + window if window else None
            if parcel.conversation is None or parcel.conversation.language is None:
                subject = f"{parcel.content.subject or ''}\n" if parcel.conversation is None else ""
                parcel.language = language_of(subject + parcel.content.text)

    async def _repeated(self, parcels: Sequence[Parcel]) -> dict[str, Finished]:
        """How those end whose message we have already, by another journal entry than this one."""
        there = await self.store.inbox.journals_of([each.entry_id for each in parcels])
        repeated = {}
        for parcel in parcels:
            journal = there.get(parcel.entry_id, parcel.journal)
            if journal is None:
                words = sentence("arrival_deleted")
                repeated[parcel.journal] = Finished(parcel.journal, Outcome.IGNORED, words=words)
            elif journal != parcel.journal:
                repeated[parcel.journal] = Finished(parcel.journal, Outcome.DUPLICATE, parcel.entry_id)
        return repeated

    async def _link(self, parcels: Sequence[Parcel]) -> None:
        authors = [(each.channel, each.event.author) for each in parcels]
        linked = await link(self.store, self.dispatch.router, authors, self.clock())
        for parcel, (channel, author) in zip(parcels, authors, strict=True):
            found = linked[identity_id(channel.platform, author.key)]
            parcel.identity, parcel.customer = found.identity, found.customer


def _failed(waiting: Waiting, problem: Exception) -> Finished:
    log.warning("entry could not be worked on", entry=waiting.entry.id, error=type(problem).__name__)
    return Finished(waiting.entry.id, Outcome.FAILED, words=reason_of(problem))
