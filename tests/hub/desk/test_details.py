"""What more is kept of a customer: changed, told, merged, taken back, and what follows from it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.customers.merging import Evidence, merge_customers, unmerge_customers
from hub.desk import consents, details
from hub.desk.changing import NotPossible
from hub.desk.consents import Said, is_allowed, list_consents, record_consent
from hub.desk.customers import get_person
from hub.desk.fields import remove_field, save_field
from hub.desk.profiles import set_note
from hub.desk.segments import members_of, put_segment, segments_of
from hub.desk.undoing import undo
from hub.model.fields import FieldKind, FieldOn
from hub.model.inbox import Activity, Conversation, Status
from hub.model.people import Customer, Identity
from hub.model.rules import Condition, Group, Join, Test
from hub.model.sentences import sentence
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, conversation, fill, staff
from tests.hubs import Office, until

PEOPLE = ("cora", "dora")


async def office_with_two(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1, customer="cora"), conversation(2, customer="dora")])
    await hub.store.people.add_customers([Customer(id=each, name=each, created_at=BEGAN) for each in PEOPLE])
    await hub.store.people.add_identities(
        [_mail("cora@acme.example", "cora"), _mail("cora@gmail.com", "cora"), _mail("d@web.de", "dora")]
    )


def _mail(address: str, customer: str) -> Identity:
    return Identity(
        id=address, platform="email", key=address, email=address, customer=customer,
        first_seen_at=BEGAN, because="Known.",
    )  # fmt: skip


async def whole(hub: Hub, customer: str = "cora") -> Customer:
    return (await hub.store.people.find_customers([customer]))[customer]


@pytest.fixture
async def two(hub: Hub) -> Hub:
    await office_with_two(hub)
    return hub


async def test_details_are_checked_told_kept_in_the_history_and_taken_back(two: Hub) -> None:
    desk, before = two.desk, await whole(two)
    for what, wrong in (
        ("salutation", "x" * 61), ("company", "acme"), ("company", "gmail.com"), ("owner", "nobody"),
    ):  # fmt: skip
        with pytest.raises(NotPossible):
            await details.set_detail(desk, AGENT, "cora", what, wrong)
    with pytest.raises(NotAllowed):
        await details.set_detail(desk, RESTRICTED, "cora", "vip", True)
    with pytest.raises(NotAllowed):
        await details.list_changes(desk, RESTRICTED, "cora")
    assert await whole(two) == before
    given: dict[str, str | bool] = {
        "salutation": "Dear  Cora",
        "company": "x@ACME.example.",
        "owner": "sue",
        "vip": True,
    }
    tokens = []
    for what, value in given.items():
        tokens.append((await details.set_detail(desk, AGENT, "cora", what, value)).token or "")
    tokens.append((await details.set_tag(desk, AGENT, "cora", "Press", on=True)).token or "")
    await set_note(desk, ADMIN, "c00001", "long " * 300)
    now = await whole(two)
    assert (now.salutation, now.company, now.owner, now.vip) == ("Dear Cora", "acme.example", "sue", True)
    assert list(now.tags.values()) == ["Press"]
    facts = [each for each in await two.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert [each.details.get("value") for each in facts][:5] == [
        "Dear Cora", "acme.example", "Sue", "yes", "Press",
    ]  # fmt: skip
    first = await details.list_changes(desk, AGENT, "cora", limit=4)
    rest = await details.list_changes(desk, AGENT, "cora", first.next_cursor, limit=4)
    lines = [(each.by_name, each.what.partition(".")[0], each.now) for each in (*first.rows, *rest.rows)]
    assert lines[0] == ("Ada", "note", ("long " * 300).strip())
    assert [each[1] for each in lines[1:]] == ["tags", "vip", "owner", "company", "salutation"]
    for token in tokens:
        await undo(desk, AGENT, token)
    assert replace(await whole(two), note=None) == before


async def _ask_for_fields(hub: Hub) -> None:
    for key, kind in (("tier", FieldKind.CHOICE), ("page", FieldKind.LINK)):
        choices = ["Gold"] if kind is FieldKind.CHOICE else ()
        await save_field(hub.desk, ADMIN, FieldOn.CUSTOMER, key, key.title(), kind=kind, choices=choices)


async def test_a_customer_is_changed_without_a_conversation_all_of_it_or_nothing(two: Hub) -> None:
    desk, before = two.desk, await whole(two)
    await _ask_for_fields(two)
    wanted = {
        "name": " Cora  Baker ", "language": "pt-BR", "zone": "Europe/Lisbon", "note": "Line 1\nLine 2",
        "fields.tier": "gold", "fields.page": "https://acme.example/cora",
    }  # fmt: skip
    wrong = {
        "name": " ", "language": "x y", "zone": "Mars/Olympus", "note": "x" * 5001,
        "fields.tier": "Lead", "fields.page": "javascript:alert(1)", "fields.gone": "x",
    }  # fmt: skip
    for what, value in wrong.items():
        with pytest.raises(NotPossible):
            await details.set_details(desk, AGENT, "cora", {"pronouns": "she", **wanted, what: value})
    with pytest.raises(NotAllowed):
        await details.set_details(desk, RESTRICTED, "cora", wanted)
    assert await whole(two) == before
    kept = await details.set_details(desk, AGENT, "cora", wanted)
    now = await whole(two)
    assert (now.name, now.language, now.zone, now.note) == (
        "Cora Baker", "pt-BR", "Europe/Lisbon", "Line 1\nLine 2",
    )  # fmt: skip
    assert now.fields == {"tier": "Gold", "page": "https://acme.example/cora"}
    found = await two.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.customer_name == "Cora Baker"
    facts = [each for each in await two.store.inbox.timeline("c00001") if isinstance(each, Activity)]
    assert [(each.details.get("name"), each.details.get("value")) for each in facts][3:5] == [
        (None, None),  # a note is not told in a timeline
        ("Tier", "Gold"),
    ]
    lines = (await details.list_changes(desk, AGENT, "cora")).rows
    assert (lines[0].what, lines[2].now) == ("fields.page", "Line 1\nLine 2")
    await remove_field(desk, ADMIN, FieldOn.CUSTOMER, "page")
    for each in kept:
        await undo(desk, AGENT, each.token or "")
    assert await whole(two) == before
    found = await two.store.inbox.find_conversation("c00001")
    assert found is not None
    assert found.customer_name == "cora"


async def test_segments_of_a_customer_are_known_by_any_of_their_addresses(two: Hub) -> None:
    desk = two.desk
    acme = Condition("company", Test.IS, ("acme.example",))
    vip = Condition("vip", Test.IS, ("yes",))
    for name, condition in (("Acme", acme), ("Important", vip)):
        await put_segment(desk, ADMIN, name, Group(Join.ALL, (condition,)))
    for customer, names in (("cora", ["Acme"]), ("dora", [])):
        found = await segments_of(desk, await get_person(desk, AGENT, customer))
        assert [each.name for each in found] == names
    await details.set_detail(desk, AGENT, "cora", "vip", True)
    assert len(await segments_of(desk, await get_person(desk, AGENT, "cora"))) == 2


async def test_members_of_a_segment_come_a_page_at_a_time_however_few_they_are(
    two: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = two.desk
    vip = Group(Join.ALL, (Condition("vip", Test.IS, ("yes",)),))
    segment = (await put_segment(desk, ADMIN, "Important", vip)).id
    await two.store.people.add_customers(
        [Customer(id=f"e{each}", name="E", created_at=BEGAN, vip=each in (3, 8)) for each in range(9)]
    )
    assert await merge_customers(two.store, "e3", "e4", Evidence(by="ben", because="Same."), BEGAN)
    with pytest.raises(NotAllowed):
        await members_of(desk, AGENT, segment)
    monkeypatch.setattr("hub.desk.segments.LOOKED_THROUGH", 4)
    monkeypatch.setattr("hub.desk.segments.LOOKED_AT_ONCE", 2)
    rows, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        found = await members_of(desk, ADMIN, segment, cursor)
        rows += [(each.customer.id, list(each.members)) for each in found.rows]
        cursor, pages = found.next_cursor, pages + 1
    assert rows == [("e3", ["e3", "e4"]), ("e8", ["e8"])]
    assert pages == 3


async def test_what_two_parts_of_a_person_know_is_known_of_the_person_and_parts_again(two: Hub) -> None:
    desk = two.desk
    await details.set_detail(desk, AGENT, "dora", "vip", True)
    await details.set_tag(desk, AGENT, "dora", "Press", on=True)
    await details.set_tag(desk, AGENT, "cora", "Wholesale", on=True)
    evidence = Evidence(by="ben", because="They say so.")
    record = await merge_customers(two.store, "cora", "dora", evidence, BEGAN)
    assert record is not None
    person = await whole(two)
    assert (person.vip, sorted(person.tags.values())) == (True, ["Press", "Wholesale"])
    await details.set_tag(desk, AGENT, "cora", "press", on=False)
    for value in (False, True, False, True, False):  # what a part knows can be emptied again and again
        await details.set_detail(desk, AGENT, "cora", "vip", value)
        assert bool((await whole(two)).vip) is value
    assert list((await whole(two)).tags.values()) == ["Wholesale"]
    assert len((await details.list_changes(desk, AGENT, "dora")).rows) == 9
    assert await unmerge_customers(two.store, record.id, evidence, BEGAN)
    assert (await whole(two, "dora")).vip
    assert list((await whole(two, "dora")).tags.values()) == ["Press"]


async def test_a_company_goes_by_verified_addresses_of_its_own(two: Hub) -> None:
    desk = two.desk
    assert (await details.company_of(desk, await get_person(desk, AGENT, "dora"))) is None
    with pytest.raises(NotPossible):
        await details.describe_company(desk, AGENT, "dora", "Free mail", "")
    with pytest.raises(NotAllowed):
        await details.describe_company(desk, RESTRICTED, "cora", "Acme", "")
    made = await details.describe_company(desk, AGENT, "cora", " Acme  Ltd ", "Pays late.")
    assert (made.id, made.name, made.note) == ("acme.example", "Acme Ltd", "Pays late.")
    await details.set_detail(desk, AGENT, "dora", "company", "acme.example")
    found = await details.company_of(desk, await get_person(desk, AGENT, "dora"))
    assert found == made


async def test_whoever_is_blocked_begins_nothing_but_spam(office: Office) -> None:
    hub = office.hub
    person = office.world.person("tomas", name="Tomás")
    office.platform.write(person, "Hello")
    found = await office.conversation()
    assert found.status is Status.OPEN
    await details.set_detail(hub.desk, ADMIN, found.customer, "blocked", True)
    office.platform.write(person, "And again")

    async def refused() -> list[Conversation]:
        return await office.conversations(Status.SPAM)

    (spam,) = await until(refused)
    assert spam.customer == found.customer
    (decision,) = await until(lambda: hub.store.rules.decisions_of(spam.id))
    assert decision.because == sentence("customer_blocked")
    assert [each.id for each in await office.conversations()] == [found.id]


async def test_a_consent_is_kept_with_its_proof_and_the_last_word_holds(two: Hub) -> None:
    desk = two.desk
    news = Said(purpose="Newsletter", given=True, where="Order form", text="Send me news.", at=BEGAN)
    for wrong in (
        replace(news, purpose=" "), replace(news, where=""), replace(news, text=""),
        replace(news, at=desk.clock() + timedelta(days=1)),
    ):  # fmt: skip
        with pytest.raises(NotPossible):
            await record_consent(desk, AGENT, "cora", wrong)
    with pytest.raises(NotAllowed):
        await record_consent(desk, RESTRICTED, "cora", news)
    first = await record_consent(desk, AGENT, "cora", news)
    assert (first.at, first.where, first.text, first.by) == (BEGAN, "Order form", "Send me news.", "ben")
    later, last = BEGAN + timedelta(days=1), BEGAN + timedelta(days=2)
    await record_consent(desk, AGENT, "dora", replace(news, platform="telegram", given=False, at=later))
    assert await merge_customers(two.store, "cora", "dora", Evidence(by="ben", because="Same."), BEGAN)
    said = await list_consents(desk, AGENT, "cora")
    assert [is_allowed(said, each, "newsletter") for each in ("email", "telegram")] == [True, False]
    assert not is_allowed(said, "email", "calls")
    assert [(each.platform, each.given) for each in consents.standing(said)] == [
        ("telegram", False),
        ("", True),
    ]
    await record_consent(desk, AGENT, "cora", replace(news, given=False, text="", at=last))
    said = await list_consents(desk, AGENT, "dora")
    assert (len(said), is_allowed(said, "email", "newsletter")) == (3, False)
    assert [each.at for each in consents.standing(said)] == [last]
