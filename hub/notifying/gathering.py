"""Reads what a decision needs to know: of many events and notices together, in a few round trips."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hub.model.events import Event
from hub.model.inbox import Activity, Conversation, Entry
from hub.model.notices import Notice
from hub.notifying.deciding import Happening, Staff
from hub.notifying.truth import Now
from hub.store import Store

LATELY = 50  # entries among which it stands who snoozed it


async def staff_of(store: Store) -> Staff:
    agents = {each.id: each for each in await store.people.list_agents()}
    return Staff(agents=agents, settings=await store.notices.settings_of(list(agents)))


async def happenings(store: Store, events: Sequence[Event]) -> list[Happening]:
    conversations = await store.inbox.find_conversations(_named(each.conversation for each in events))
    entries = await store.inbox.find_entries(_named(each.entry for each in events))
    channels = {}
    if any(each.kind == "channel_changed" for each in events):
        channels = {each.id: each for each in await store.channels.list_channels()}
    found = []
    for event in events:
        happening = Happening(
            event=event,
            conversation=conversations.get(event.conversation or ""),
            entry=entries.get(event.entry or ""),
            channel=channels.get(event.channel or ""),
        )
        found.append(await _with_sleeper(store, happening))
    return found


async def as_they_are(store: Store, notices: Sequence[Notice]) -> dict[str, Now]:
    """What each notice speaks of, by the notice's id."""
    conversations = await store.inbox.find_conversations(_named(each.conversation for each in notices))
    entries: dict[str, Entry] = await store.inbox.find_entries(_named(each.entry for each in notices))
    channels = {}
    if any(each.conversation is None for each in notices):
        channels = {each.id: each for each in await store.channels.list_channels()}
    return {
        each.id: Now(
            conversation=conversations.get(each.conversation or ""),
            entry=entries.get(each.entry or ""),
            channel=channels.get(each.channel or ""),
        )
        for each in notices
    }


async def _with_sleeper(store: Store, happening: Happening) -> Happening:
    entry, conversation = happening.entry, happening.conversation
    if not isinstance(entry, Activity) or entry.kind != "woken" or conversation is None:
        return happening
    return replace(happening, slept_for=await _who_snoozed(store, conversation))


async def _who_snoozed(store: Store, conversation: Conversation) -> str | None:
    lately = await store.moving.page(conversation, None, LATELY)
    return next((each.by for each in lately if isinstance(each, Activity) and each.kind == "snoozed"), None)


def _named(ids: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(each for each in ids if each))
