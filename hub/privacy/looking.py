"""What there is about a person: their customers, addresses, conversations, and where others write too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.desk.clearing import stored_in
from hub.model.addresses import normal_key
from hub.model.people import Identity
from hub.model.privacy import Address, Scope
from hub.store import Store
from hub.store.inbox import thread_id

LEAST = 5  # characters of a word that is looked for in texts: shorter ones stand everywhere


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do, by kind; nothing is changed to know it."""

    counts: Mapping[str, int]
    kept: Mapping[str, int]


async def look(store: Store, job: str, customer: str, until: datetime) -> Scope:
    """All that an erasure goes through. Reads by indexes only; changes nothing."""
    members = await store.people.members_of(customer)
    identities = await store.people.identities_of_members(members)
    ids = [each.id for each in identities]
    keys = keys_of([Address(platform=each.platform, key=each.key) for each in identities])
    theirs = await store.erasing.conversations_of(members)
    elsewhere = await store.erasing.said_in(ids, until) if ids else []
    named = await store.erasing.named_in(keys) if keys else []
    alone: list[str] = []
    shared: list[str] = []
    for each in dict.fromkeys([*theirs, *elsewhere, *named]):
        own = each in theirs and not await store.erasing.others_write_in(each, ids)
        (alone if own else shared).append(each)
    addresses = tuple(Address(platform=each.platform, key=each.key) for each in identities)
    threads = await store.erasing.threads_of(alone)
    return Scope(
        id=job,
        customers=tuple(members),
        identities=tuple(ids),
        addresses=addresses,
        words=words_of(identities),
        conversations=tuple(alone),
        shared=tuple(shared),
        threads=tuple(dict.fromkeys([*threads, *await _visits(store, addresses)])),
    )


async def _visits(store: Store, addresses: Sequence[Address]) -> list[str]:
    """Under which a web chat knows them, even where they never wrote."""
    channels = await store.channels.list_channels(removed=True)
    return [
        thread_id(channel.id, each.key)
        for each in addresses
        for channel in channels
        if channel.platform == each.platform
    ]


def keys_of(addresses: Sequence[Address]) -> list[str]:
    """As they came, and in the one form of their platform."""
    both = [(each.key, normal_key(each.platform, each.key)) for each in addresses]
    return list(dict.fromkeys(key for pair in both for key in pair))


def words_of(identities: Sequence[Identity]) -> tuple[str, ...]:
    """How they may be named in a text: addresses, numbers, handles."""
    found: dict[str, None] = {}
    for each in identities:
        for word in (each.key, each.email, each.phone, each.handle, *each.claimed):
            if word and len(word) >= LEAST:
                found[word.casefold()] = None
    return tuple(found)


async def rehearse(store: Store, customer: str, until: datetime) -> Plan:
    """Count what would go and what would stay."""
    scope = await look(store, "rehearsal", customer, until)
    counts: dict[str, int] = {
        "customers": len(scope.customers),
        "identities": len(scope.identities),
        "conversations": len(scope.conversations),
        "entries": 0,
        "drafts": 0,
    }
    files: set[str] = set()
    for conversation in scope.conversations:
        async for piece in store.erasing.every_entry(conversation):
            counts["entries"] += len(piece)
            files.update(file for each in piece for file in stored_in(each))
        counts["drafts"] += len(await store.drafts.of_conversation(conversation))
    counts["emptied"] = 0
    for conversation in scope.shared:
        async for piece in store.erasing.every_entry(conversation):
            mine = [each for each in piece if each.get("author") in scope.identities]
            counts["emptied"] += len(mine)
            files.update(file for each in mine for file in stored_in(each))
    counts["files"] = len(files)
    consents = await store.consents.of_customers(scope.customers)
    counts["consents"] = len(consents)
    counts["ratings"] = len(await store.ratings.of_customers(scope.customers))
    counts["events"] = len(await store.happenings.page(scope.customers, None, 10_000))
    kept = {"others_words": len(scope.shared), "proofs": len(consents), "audit": 0, "journal": 0}
    kept = {name: count for name, count in kept.items() if count or name in ("audit", "journal")}
    return Plan({name: count for name, count in counts.items() if count}, {**kept, "elsewhere": 0})
