"""Decides on each parcel's conversation, and lets its thread lead there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.dispatch import Dispatch
from hub.ingest.joining import join_live
from hub.ingest.ordering import put_in_order
from hub.ingest.parcels import Parcel, thread_id_of
from hub.ingest.placing import Found, place, thread_ids
from hub.model.ids import new_id
from hub.model.inbox import Conversation
from hub.store import Store
from hub.store.inbox import ThreadRecord, name_of, thread_id


async def lead(dispatch: Dispatch, parcels: Sequence[Parcel], now: datetime) -> None:
    """Fills in `placement`, `conversation`, `conversation_id`, `opened` and `joint`."""
    store = dispatch.store
    found = await _look_up(store, parcels)
    for parcel in parcels:
        assert parcel.customer is not None
        channel = parcel.channel
        parcel.placement = place(
            parcel.event, channel.id, parcel.customer.id, found, now, channel.reopen_days
        )
    live = await join_live(dispatch, parcels, now)
    wanted: dict[str, ThreadRecord] = {}
    led: dict[str, str] = {}
    for parcel in parcels:
        assert parcel.placement is not None
        chosen = parcel.placement.conversation or new_id(now)
        record = parcel.placement.record
        if record is None:
            key = parcel.placement.thread_key
            record = ThreadRecord(thread_id_of(parcel), parcel.channel.id, key, chosen, parcel.people)
            wanted[record.id] = record
        elif record.conversation != chosen:
            led[record.id] = chosen
        elif strangers := [each for each in parcel.people if each not in record.people]:
            await store.inbox.add_people(record.id, strangers)
        parcel.conversation_id = chosen
    await store.inbox.lead_threads(led)
    records = await store.inbox.add_threads(list(wanted.values())) if wanted else {}
    known = {**found.conversations, **live}
    for parcel in parcels:
        if record := records.get(thread_id_of(parcel)):
            parcel.conversation_id = record.conversation
        parcel.conversation = known.get(parcel.conversation_id)
        parcel.opened = parcel.conversation is None
        await put_in_order(store, parcel)


async def _look_up(store: Store, parcels: Sequence[Parcel]) -> Found:
    inbox = store.inbox
    ids = [each for parcel in parcels for each in thread_ids(parcel.channel.id, parcel.event)]
    threads = await inbox.find_threads(ids)
    names = [
        name_of(parcel.channel.id, remote)
        for parcel in parcels
        if thread_id(parcel.channel.id, parcel.event.thread.key) not in threads
        for remote in parcel.event.related
    ]
    known = await inbox.known_by_names(names)
    by_name = {name: [each for each in known if each.name == name] for name in {k.name for k in known}}
    further = [
        thread_id(parcel.channel.id, each.thread)
        for parcel in parcels
        for remote in parcel.event.related
        for each in by_name.get(name_of(parcel.channel.id, remote), ())
    ]
    if further:
        threads = {**threads, **await inbox.find_threads(further)}
    conversations = await inbox.find_conversations(list({each.conversation for each in threads.values()}))
    return Found(threads, by_name, conversations, await _people(store, parcels, conversations))


async def _people(
    store: Store, parcels: Sequence[Parcel], conversations: Mapping[str, Conversation]
) -> Mapping[str, str]:
    """Who the customers of these conversations are by now. Mostly the writers, whom we know already."""
    known = {each.identity.customer: each.customer.id for each in parcels if each.identity and each.customer}
    others = {each.customer for each in conversations.values()} - set(known)
    return {**known, **(await store.people.roots_of(sorted(others)) if others else {})}
