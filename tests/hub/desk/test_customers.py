"""Deeds that say who is one person: who may, what follows for conversations, how it is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.customers.links import with_keys
from hub.customers.matching import Matcher
from hub.desk import customers
from hub.desk.changing import NotPossible
from hub.desk.undoing import undo
from hub.model.people import Customer, Identity
from routing import Routing
from tests.hub.desk.inbox import ADMIN, BEGAN, RESTRICTED, conversation, fill, staff
from tests.hubs import Office, until


async def person(hub: Hub, number: int, *identities: Identity, team: str | None = None) -> str:
    """A customer with a conversation for each identity."""
    customer = f"customer-{number}"
    made = Customer(id=customer, name=identities[0].name or "", created_at=BEGAN)
    await hub.store.people.add_customers([made])
    theirs = [with_keys(replace(each, customer=customer)) for each in identities]
    await hub.store.people.add_identities(theirs)
    known = {"customer": customer, "customer_name": made.name, "team": team}
    opened = [
        conversation(number * 10 + place, identity=each.id, **known) for place, each in enumerate(identities)
    ]
    await fill(hub, opened)
    return customer


def identity(id: str, name: str, **more: str | None) -> Identity:
    seen = BEGAN - timedelta(days=1)
    made = Identity(id=id, platform="test", key=id, customer="", name=name, first_seen_at=seen, because="")
    return replace(made, email=more.get("email"), handle=more.get("handle"))


async def test_a_suggestion_is_accepted_and_taken_back_or_refused_for_good(hub: Hub) -> None:
    await staff(hub)
    desk, matcher = hub.desk, Matcher(hub.store, Routing(), hub.clock)
    one = await person(hub, 1, identity("i1", "Nadja Horn", handle="katzenmama77"))
    other = await person(hub, 2, identity("i2", "Nadja Horn", email="katzenmama77@web.de"))
    await person(hub, 3, identity("i3", "Udo Blitz", email="udo@blitz.example"))
    assert await matcher.look() == 3
    assert await matcher.look() == 0
    (offer,) = (await customers.list_suggestions(desk, ADMIN)).rows
    assert {offer.one.customer.id, offer.other.customer.id} == {one, other}
    assert offer.suggestion.reasons[0] == "Both call themselves katzenmama77."
    joined = await customers.accept(desk, ADMIN, offer.suggestion.id)
    assert joined.customer == one
    assert (await customers.list_suggestions(desk, ADMIN)).rows == []
    theirs = await hub.store.views.of_customer([other], 5)
    assert [(each.person, each.customer_name) for each in theirs] == [(one, "Nadja Horn")]
    facts = [each for row in theirs for each in await hub.store.inbox.timeline(row.id)]
    assert [getattr(each, "kind", "") for each in facts] == ["customers_merged"]
    await undo(desk, ADMIN, joined.token)
    assert len((await customers.get_person(desk, ADMIN, other)).members) == 1
    assert [each.suggestion.id for each in (await customers.list_suggestions(desk, ADMIN)).rows] == [
        offer.suggestion.id
    ]
    token = await customers.refuse(desk, ADMIN, offer.suggestion.id)
    again = (await hub.store.people.find_identities(["i2"]))["i2"]
    assert await matcher.suggest(again) == []
    assert (await customers.list_suggestions(desk, ADMIN)).rows == []
    with pytest.raises(NotPossible):
        await customers.accept(desk, ADMIN, offer.suggestion.id)
    await undo(desk, ADMIN, token)
    assert len((await customers.list_suggestions(desk, ADMIN)).rows) == 1


async def test_an_address_goes_to_somebody_else_with_its_conversations_and_comes_back(hub: Hub) -> None:
    await staff(hub)
    family = await person(hub, 1, identity("mum", "Anna Kaya"), identity("son", "Emre Kaya"))
    given = await customers.give_identity(hub.desk, ADMIN, "son", None)
    assert given.customer != family
    theirs = await hub.store.views.of_customer([given.customer], 5)
    assert [(each.id, each.customer_name) for each in theirs] == [("c00011", "Emre Kaya")]
    with pytest.raises(NotPossible):
        await customers.give_identity(hub.desk, ADMIN, "son", None)
    await undo(hub.desk, ADMIN, given.token)
    back = await hub.store.views.of_customer([family], 5)
    assert {each.customer_name for each in back} == {"Anna Kaya"}
    assert len(back) == 2
    kinds = [each.kind for each in await customers.history(hub.desk, ADMIN, family)]
    assert kinds == ["moved", "moved"]


async def test_who_sees_only_one_of_two_customers_cannot_make_them_one(hub: Hub) -> None:
    await staff(hub)
    mine = await person(hub, 1, identity("i1", "Lea Sommer"), team="sales")
    theirs = await person(hub, 2, identity("i2", "Lea Sommer"), team="support")
    assert (await customers.get_person(hub.desk, RESTRICTED, mine)).customer.id == mine
    for one, other in ((mine, theirs), (theirs, mine)):
        with pytest.raises(NotAllowed):
            await customers.merge(hub.desk, RESTRICTED, one, other)
    joined = await customers.merge(hub.desk, ADMIN, mine, theirs)
    with pytest.raises(NotPossible):
        await customers.merge(hub.desk, ADMIN, theirs, mine)
    assert (await customers.get_person(hub.desk, RESTRICTED, theirs)).customer.id == mine
    assert [each.id for each in await customers.standing_merges(
        hub.desk, await customers.get_person(hub.desk, ADMIN, mine)
    )] == [joined.record]  # fmt: skip
    await customers.separate(hub.desk, ADMIN, joined.record)
    with pytest.raises(NotPossible):
        await customers.separate(hub.desk, ADMIN, joined.record)


async def test_a_signature_that_names_an_address_suggests_whose_it_is(office: Office) -> None:
    hub, address = office.hub, "tomas@privat.example"
    await person(hub, 7, identity("mail", "Tomas", email=address))
    tomas = office.world.person("tomas")
    post = office.platform.write(tomas, f"Write to me there, too.\nTomas, {address}")

    async def suggested() -> customers.Offer | None:
        return next(iter((await customers.list_suggestions(hub.desk, ADMIN)).rows), None)

    offer = await until(suggested, "a suggestion")
    assert f"One of them named {address}, which the other has or named too." in offer.suggestion.reasons
    joined = await customers.accept(hub.desk, ADMIN, offer.suggestion.id)
    office.platform.write(tomas, "And once more", thread=post.thread.key)
    office.platform.write(tomas, "And about another matter")
    opened = await office.conversation(3)
    person_now = await customers.get_person(hub.desk, ADMIN, opened.customer)
    assert (person_now.customer.id, len(person_now.identities)) == (joined.customer, 2)
    assert (opened.person or opened.customer) == joined.customer
