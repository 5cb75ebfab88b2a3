"""Search by address and in long mails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.app import Hub
from hub.desk.asking import parse
from hub.desk.indexing import Indexer
from hub.desk.searching import search
from hub.desk.terms import LETTERS, MOST, terms_of
from hub.model.content import Content
from hub.model.inbox import Delivery, DeliveryState, Message, Person, Side, Version
from hub.model.people import Identity
from tests.hub.desk.inbox import ADMIN, BEGAN, conversation, fill
from tests.hubs import Office, until

CORA = Identity(
    id="cora", platform="email", key="cora.lind@shop.example", customer="c", name="Cora", because="wrote",
    email="cora.lind@shop.example", claimed=("lind@home.example",), phone="+491701234567",
    first_seen_at=BEGAN,
)  # fmt: skip
ANNA = Identity(
    id="anna", platform="mastodon", key="1093", handle="anna@social.example", customer="d", because="wrote",
    first_seen_at=BEGAN,
)  # fmt: skip
TOM = Identity(
    id="tom", platform="email", key="tom@firma.at", customer="e", email="tom@firma.at", because="wrote",
    first_seen_at=BEGAN,
)  # fmt: skip


def said(number: int, text: str, author: Identity | None = CORA, **more: Any) -> Message:
    return Message(
        id=f"e{number}", conversation=f"c{number:05}", at=BEGAN + timedelta(minutes=number), channel="ch",
        platform="email", thread=f"t{number}", side=Side.CUSTOMER if author else Side.US,
        author=author.id if author else "agent", author_name=(author.name or "Somebody") if author else "Ana",
        content=Content(text=text), visibility="private", surface="email", **more,
    )  # fmt: skip


async def tell(hub: Hub, *messages: Message) -> None:
    await hub.store.people.add_identities([CORA, ANNA, TOM])
    await fill(hub, [conversation(int(each.id[1:])) for each in messages])
    await hub.store.inbox.add_entries(messages)
    await Indexer(hub.store, hub.clock, "w1").catch_up()


async def found(hub: Hub, text: str) -> list[str]:
    return [hit.entry.id for hit in (await search(hub.desk, ADMIN, text)).rows]


def sent_to(address: str) -> Delivery:
    return Delivery(state=DeliveryState.SENT, to=(address,), due_at=BEGAN, give_up_at=BEGAN)


async def test_a_customer_is_found_by_their_addresses_and_handles(hub: Hub) -> None:
    await tell(
        hub,
        said(1, "My kettle leaks"),
        said(2, "Hello", ANNA),
        said(3, "Please ask cora.lind@shop.example", TOM),
        said(4, "Good day", None, delivery=sent_to("cora.lind@shop.example")),
        said(5, "Copied", TOM, people=(Person(key="cora.lind@shop.example", role="cc"),)),
    )
    for asked, wanted in {
        "from:cora.lind@shop.example": ["e1"], "from:CORA.Lind@shop.example ": ["e1"], "from:cora.l": ["e1"],
        "from:cora.lind@sh": ["e1"], "from:shop.example ": ["e1"], "from:lind@home.example": ["e1"],
        "from:+491701234567 ": ["e1"], "from:lind.cora@shop.example ": [],
        "from:<cora.lind@shop.example> ": ["e1"],
        "from:@anna@social.example": ["e2"], "from:anna ": ["e2"], "from:tom@firma.at": ["e5", "e3"],
        "cora.lind@shop.example": ["e5", "e4", "e3", "e1"], "cora.lind@shop.example leaks": ["e1"],
        "tom@firma.at": ["e5", "e3"], "tom@firma.at ": ["e5", "e3"], "anna@social.example": ["e2"],
        "kettle from:cora.lind@shop.example": ["e1"], 'from:"cora.lind@shop.example"': ["e1"],
        'from:"cora.lind@sh"': [],
    }.items():  # fmt: skip
        assert await found(hub, asked) == wanted, asked


async def test_an_edited_message_is_still_found_by_its_authors_address(hub: Hub) -> None:
    await tell(hub, said(1, "My kettle leaks", edits=(Version(BEGAN, "My teapot leaks"),)))
    assert await found(hub, "from:cora.lind@shop.example") == await found(hub, "kettle") == ["e1"]


async def test_a_word_that_is_passed_over_does_not_hide_what_has_the_others(hub: Hub) -> None:
    await tell(hub, said(1, "How do I descale it?"), said(2, "italics"))
    assert await found(hub, "how to descale it") == ["e1"]
    assert await found(hub, "it") == ["e2"]  # alone it is still being typed


async def test_a_long_mail_is_found_by_its_last_word(office: Office) -> None:
    words = " ".join(f"word{number}" for number in range(1500))
    office.platform.write(office.world.person("eva", name="Eva"), f"{words} zanzibar")

    async def there() -> bool:
        page = await search(office.hub.desk, office.ana, "zanzibar word999 ")
        return len(page.rows) == 1

    await until(there)


def test_what_is_made_up_is_cut() -> None:
    many = terms_of(said(1, " ".join(f"w{number}" for number in range(MOST * 2))))
    assert len(many) == MOST
    long = terms_of(said(1, " ".join(f"{number:040}" for number in range(MOST))))
    assert LETTERS <= sum(map(len, long)) <= LETTERS + 500
    crowd = tuple(Person(key=f"p{number}@crowd.example") for number in range(1000))
    assert len(terms_of(said(1, "Hello", people=crowd))) < 120


async def test_an_index_of_an_earlier_edition_is_made_anew(hub: Hub) -> None:
    await tell(hub, said(1, "My kettle leaks"))
    manifest = {"_id": "manifest"}
    await hub.store.database.search_manifest.update_one(manifest, {"$unset": {"edition": ""}})
    await hub.store.inbox.add_entries([said(2, "Nobody was told")])
    await fill(hub, [conversation(2)])
    assert await hub.store.search.position() is None
    assert await found(hub, "kettle") == ["e1"]  # until then it answers as it did
    indexer = Indexer(hub.store, hub.clock, "w1")
    await indexer.catch_up()
    assert await found(hub, "nobody told") == ["e2"]
    assert await hub.store.search.position() is not None
    await hub.store.inbox.add_entries([said(3, "Nobody was told again")])
    await indexer.catch_up()
    assert await found(hub, "again") == []  # once is enough


@pytest.mark.parametrize(
    ("text", "terms", "prefix"),
    [
        ("from:tomas", (), "@tomas"),
        ("from:tomas barr", ("@tomas",), "barr"),
        ("from:tomas@x.example hello ", ("@tomas@x.example", "hello"), None),
        ("from:@", (), None),
        ("@", (), None),
        ("hello the", ("hello",), None),
    ],
)
def test_how_it_is_understood(text: str, terms: tuple[str, ...], prefix: str | None) -> None:
    asked = parse(text, [], replace(ADMIN))
    assert (asked.terms, asked.prefix) == (terms, prefix)
