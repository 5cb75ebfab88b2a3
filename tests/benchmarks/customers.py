"""Who is who: how well it is guessed, and what it costs with many customers."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from random import Random
from statistics import quantiles

from hub.clock import utc_now
from hub.customers.links import with_keys
from hub.customers.matching import Matcher
from hub.customers.merging import Evidence, merge_customers, unmerge_customers
from hub.model.content import Content
from hub.model.ids import new_id
from hub.model.inbox import Awaiting, Conversation, Last, Message, Side, Status
from hub.model.people import Customer, Identity
from hub.store import Store
from hub.store.bulk import insert_new
from hub.store.codec import to_document
from hub.store.people import identity_id
from routing import Routing
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import open_rig
from tests.routing import golden

STORED = int(os.environ.get("CUSTOMERS", "100000"))
LOOKED = int(os.environ.get("LOOKED", "300"))  # new identities for which suggestions are looked for
CONVERSATIONS, MESSAGES = 500, 10_000  # of the customers that are merged
AT_ONCE = 200
WORDS = """The aims: no automatic link is wrong; of those who are one person and were not linked at once, 90 %
are suggested, and four of five suggestions are right; suggestions for a new identity within 50 ms in 95 of
100 cases with 100,000 customers. A merge writes nothing but the names in the lists, here of half the
conversations. Names are drawn from a few thousand, so that many share one. A third of the new identities
belongs to somebody who is there already. On the embedded database, which runs on the same machine.
"""
FIRST = (
    "Anna", "Ben", "Clara", "David", "Elif", "Finn", "Greta", "Hassan", "Ida", "Jonas", "Karin", "Lena",
    "Mehmet", "Nina", "Omar", "Paula", "Rita", "Sven", "Tariq", "Uwe",
)  # fmt: skip
SYLLABLES = (
    "ba", "ber", "da", "del", "fi", "gar", "ha", "hol", "ka", "kel", "lan", "mar", "mei", "no", "per", "ro",
    "san", "sten", "tor", "vel", "wag", "zim",
)  # fmt: skip
MAILS = ("gmail.com", "web.de", "gmx.de", "outlook.com", "qq.com")


async def measure() -> Section:
    tables = [_golden()]
    print(tables[0], flush=True)
    async with open_rig() as rig:
        tables.append(await _at_work(rig.store))
    return Section("customers", "Customers and identities", tables, WORDS)


def _golden() -> Table:
    figures, _ = golden.measure()
    table = Table(
        ("what", "cases", "wrong", "precision", "recall"), f"The golden set, {figures.cases} cases:"
    )
    table.add(
        "linked at once",
        str(figures.linked),
        str(figures.linked_wrongly),
        _percent(figures.automatic_precision),
        "",
    )
    wrong = str(figures.suggested_wrongly)
    table.add(
        "suggested", str(figures.suggested), wrong, _percent(figures.precision), _percent(figures.recall)
    )
    return table


async def _at_work(store: Store) -> Table:
    random = Random(7)
    table = Table(("what", "how many", "median ms", "95 % within ms"), f"{STORED:,} customers stored:")
    began = time.perf_counter()
    people = _people(random)
    stored = 0
    while stored < STORED and (batch := list(islice(people, min(AT_ONCE, STORED - stored)))):
        await insert_new(store.people.identities, [to_document(each) for each in batch])
        await store.people.add_customers(
            [
                Customer(id=each.customer, name=each.name or "", created_at=each.first_seen_at)
                for each in batch
            ]
        )
        stored += len(batch)
    table.add("customers stored", f"{stored / (time.perf_counter() - began):,.0f} a second", "", "")
    times, found = await _suggestions(store, random)
    table.add(f"suggestions ({found} found)", f"{LOOKED}", *_spread(times))
    merging, taking_back = await _merges(store)
    table.add(f"merge, {MESSAGES:,} messages", f"{len(merging)}", *_spread(merging))
    table.add("taking that back", f"{len(taking_back)}", *_spread(taking_back))
    return table


async def _suggestions(store: Store, random: Random) -> tuple[list[float], int]:
    matcher = Matcher(store, Routing(), utc_now)
    known, strangers = list(islice(_people(Random(7)), LOOKED)), _people(random)
    times: list[float] = []
    found = 0
    for number in range(LOOKED):
        new = next(strangers)
        if number % 3 == 0:  # somebody known, on another platform
            who = known[number]
            new = replace(new, name=who.name, handle=None, email=None, claimed=(who.email or "",))
        new = with_keys(new)
        await store.people.add_identities([new])
        began = time.perf_counter()
        found += bool(await matcher.suggest(new))
        times.append((time.perf_counter() - began) * 1000)
    return times, found


async def _merges(store: Store) -> tuple[list[float], list[float]]:
    now = utc_now()
    ids = ("0" * 24, "1" * 24)
    await store.people.add_customers([Customer(id=each, name=each, created_at=now) for each in ids])
    await _talks(store, ids)
    evidence = Evidence(by="ana", because="By the word of Ana.")
    merging, taking_back = [], []
    for _ in range(10):
        began = time.perf_counter()
        record = await merge_customers(store, *ids, evidence, now)
        merging.append((time.perf_counter() - began) * 1000)
        assert record is not None
        began = time.perf_counter()
        await unmerge_customers(store, record.id, evidence, now)
        taking_back.append((time.perf_counter() - began) * 1000)
    return merging, taking_back


async def _talks(store: Store, customers: tuple[str, str]) -> None:
    now = utc_now()
    last = Last(entry="e", side=Side.CUSTOMER, author_name="Cora", preview="Hello", at=now)
    talks = [
        Conversation(
            id=new_id(now), customer=customers[number % 2], customer_name="Cora", subject="Order",
            status=Status.OPEN, awaiting=Awaiting.US, channel="c", platform="email", surface="email",
            visibility="private",
            created_at=now, activity_at=now, last=last,
        )
        for number in range(CONVERSATIONS)
    ]  # fmt: skip
    await store.inbox.add_conversations(talks)
    for start in range(0, MESSAGES, AT_ONCE):
        said = [
            Message(
                id=new_id(now), conversation=talks[number % CONVERSATIONS].id,
                at=now + timedelta(seconds=number), channel="c", platform="email",
                thread="t", side=Side.CUSTOMER, author="i", author_name="Cora",
                content=Content(text="Where is my parcel?"), visibility="private", surface="email",
            )
            for number in range(start, start + AT_ONCE)
        ]  # fmt: skip
        await store.inbox.add_entries(said)


def _people(random: Random) -> Iterator[Identity]:
    """Names that many share, addresses that nobody shares."""
    now = utc_now()
    number = 0
    while True:
        number += 1
        first = random.choice(FIRST)
        last = "".join(random.choices(SYLLABLES, k=2)).title()
        key = f"{first}.{last}{random.randrange(10**6)}@{random.choice(MAILS)}".lower()
        handle = f"{first[:3]}{random.choice(SYLLABLES)}{random.randrange(10**5)}".lower()
        made = Identity(
            id=identity_id("email", key), platform="email", key=key, customer=new_id(now),
            name=f"{first} {last}", email=key, handle=handle, first_seen_at=now,
            because="First message from here.",
        )  # fmt: skip
        yield with_keys(made)


def _percent(part: float) -> str:
    return f"{part * 100:.1f} %"


def _spread(times: list[float]) -> tuple[str, str]:
    cuts = quantiles(times, n=20, method="inclusive")
    return f"{cuts[9]:.1f}", f"{cuts[18]:.1f}"
