"""Merging and unmerging customers, in whatever order: nothing is lost, and undo gives back what was."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.app import Hub
from hub.contract.inbound import Author
from hub.contract.routing import Link
from hub.customers.links import link_authors
from hub.customers.merging import Evidence, merge_customers, move_identity, unmerge_customers
from hub.model.ids import new_id
from hub.model.people import Customer
from hub.store import Store
from hub.store.people import identity_id
from tests.hub.desk.inbox import BEGAN, conversation

SAID = Evidence(by="ana", because="She said so.")
PEOPLE = 5
DEEDS = st.lists(
    st.tuples(st.sampled_from(["write", "merge", "unmerge", "move"]), st.integers(0, 99), st.integers(0, 99)),
    max_size=14,
)


@dataclass
class Town:
    """A few identities and whatever was done to them."""

    store: Store
    identities: list[str] = field(default_factory=list)
    homes: list[str] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    said: int = 0

    async def settle(self) -> None:
        for number in range(PEOPLE):
            author = Author(key=new_id(BEGAN), name=f"Person {number}")
            wished = identity_id("messenger", author.key)
            new = {wished: ("messenger", author, Link(None, "First."))}
            linked = await link_authors(self.store.people, {}, new, BEGAN + timedelta(seconds=number))
            self.identities.append(wished)
            self.homes.append(linked[wished].customer.id)

    async def do(self, deed: str, one: int, other: int) -> None:
        now = BEGAN + timedelta(hours=1)
        first = self.identities[one % PEOPLE]
        if deed == "write":
            found = (await self.store.people.find_identities([first]))[first]
            self.said += 1
            root = (await self.store.people.roots_of([found.customer]))[found.customer]
            opened = conversation(0, customer=found.customer, identity=first)
            person = root if root != found.customer else None  # as the pipeline puts it
            await self.store.inbox.add_conversations([replace(opened, id=new_id(now), person=person)])
        elif deed == "merge":
            record = await merge_customers(
                self.store, self.homes[one % PEOPLE], self.homes[other % PEOPLE], SAID, now
            )
            if record:
                self.merges.append(record.id)
        elif deed == "unmerge" and self.merges:
            await unmerge_customers(self.store, self.merges[one % len(self.merges)], SAID, now)
        elif deed == "move":
            found = (await self.store.people.find_identities([first]))[first]
            await move_identity(self.store, found, self.homes[other % PEOPLE], SAID, now)

    async def people(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """Each person there is, with their identities and conversations."""
        roots = set((await self.store.people.roots_of(self.homes)).values())
        found = {}
        for root in roots:
            members = await self.store.people.members_of(root)
            identities = await self.store.people.identities_of_members(members)
            conversations = await self.store.views.of_customer(members, 1000)
            assert {each.person or each.customer for each in conversations} <= {root}
            found[root] = (
                frozenset(each.id for each in identities),
                frozenset(each.id for each in conversations),
            )
        return found

    async def check(self) -> None:
        people = await self.people()
        owned = Counter(each for identities, _ in people.values() for each in identities)
        assert owned == Counter(self.identities)
        kept = Counter(each for _, conversations in people.values() for each in conversations)
        assert len(kept) == self.said
        assert set(kept.values()) <= {1}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=DEEDS, pair=st.tuples(st.integers(0, 99), st.integers(0, 99)))
async def test_whatever_is_done_everybody_is_in_one_place_and_undo_restores(
    hub: Hub, deeds: list[tuple[str, int, int]], pair: tuple[int, int]
) -> None:
    town = Town(hub.store)
    await town.settle()
    for deed in deeds:
        await town.do(*deed)
    await town.check()
    before, merges = await town.people(), len(town.merges)
    await town.do("merge", *pair)
    if len(town.merges) > merges:
        assert len(await town.people()) == len(before) - 1
        assert await unmerge_customers(hub.store, town.merges[-1], SAID, BEGAN)
    assert await town.people() == before


async def test_merges_at_once_end_as_one_person_and_can_all_be_taken_back(
    hub: Hub,
) -> None:
    town = Town(hub.store)
    await town.settle()
    before = await town.people()
    pairs = [(one, other) for one in range(PEOPLE) for other in range(PEOPLE) if one != other]
    await asyncio.gather(*(town.do("merge", one, other) for one, other in pairs))
    assert len(await town.people()) == 1
    assert len(town.merges) == PEOPLE - 1
    await town.check()
    await asyncio.gather(*(town.do("unmerge", number, 0) for number in range(len(town.merges))))
    assert await town.people() == before


async def test_what_only_a_part_knows_shows_and_goes_back_with_it(hub: Hub) -> None:
    people = hub.store.people
    known: dict[str, Any] = {"created_at": BEGAN}
    whole = Customer(id="a", name="ana@shop.example", note="Calls at noon", **known)
    await people.add_customers(
        [
            whole,
            Customer(id="b", name="Ana Costa", language="pt", fields={"tier": "gold"}, **known),
        ]
    )
    record = await merge_customers(hub.store, "b", "a", SAID, BEGAN)
    assert record is not None
    both = (await people.find_customers(["a", "b"])).values()
    assert {(each.id, each.name, each.language, each.note) for each in both} == {
        ("a", "Ana Costa", "pt", "Calls at noon")
    }
    assert await people.change_customer("b", "fields.tier", "gold", None)
    assert not await people.change_customer("b", "note", "Calls at two", "Calls at three")
    assert (await people.find_customers(["b"]))["b"].fields == {}
    await unmerge_customers(hub.store, record.id, SAID, BEGAN)
    apart = await people.find_customers(["a", "b"])
    assert apart["a"] == replace(whole, absorbed=True)
    assert (apart["b"].name, apart["b"].note, apart["b"].fields) == ("Ana Costa", None, {"tier": "gold"})
    records = await hub.store.likenesses.records_of(["a"], 10)
    assert {str(each.kind): each.of for each in records} == {"merged": None, "unmerged": record.id}
