"""Filters, orders and saved views: what they show of what is there, to whom, and who may change them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit
from hub.desk.counting import Count, Counting
from hub.desk.deeds import tag
from hub.desk.saved_views import BadView, change_view, list_saved_views, remove_view, save_view
from hub.desk.views import list_view
from hub.ingest.catching_up import look_back
from hub.ingest.languages import language_of
from hub.model.desk import Filter
from hub.model.inbox import Awaiting, Conversation, Priority, Status
from hub.model.people import Agent, Customer
from hub.store.shelves import TAG_KEYS
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, RESTRICTED, SUPERVISOR, conversation, fill, staff
from tests.hubs import Office, until

SALES = replace(AGENT, id="sam", email="sam@hub.example")
NEWER = ("language", "window_ends_at")


async def ids(hub: Hub, agent: Agent, view: str = "open", limit: int = 50, **more: Any) -> list[str]:
    """Of every page."""
    found: list[str] = []
    cursor = None
    for _ in range(400):
        page = await list_view(hub.desk, agent, view, cursor=cursor, limit=limit, **more)
        found += [each.id for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the pages do not end")


def variety() -> list[Conversation]:
    """The first is like all the others but in everything that can be filtered by."""
    other = {"awaiting": Awaiting.CUSTOMER, "channel": "x", "platform": "chat", "surface": "direct"}
    same = [conversation(number, language="en") for number in range(1, 4)]
    odd = conversation(
        0,
        **other,
        team="sales",
        agent="ben",
        tags=("vip", "late"),
        priority=Priority.URGENT,
        language="de",
        fields={"order": "1042"},
        customer="cora",
        due_at=BEGAN + timedelta(hours=1),
    )
    return [odd, *same, conversation(9, status=Status.RESOLVED), conversation(8, status=Status.SPAM)]


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(awaiting=Awaiting.CUSTOMER), Filter(channels=("x",)), Filter(channels=("x", "y")),
        Filter(platforms=("chat",)), Filter(surfaces=("direct",)), Filter(team="sales"), Filter(agent="ben"),
        Filter(tags=("vip",)), Filter(tags=("late", "vip")), Filter(priorities=(Priority.URGENT,)),
        Filter(languages=("de", "fr")), Filter(fields={"order": "1042"}), Filter(overdue=True),
        Filter(customer_fields={"plan": "Gold"}), Filter(due_within_hours=1), Filter(agent="me"),
    ],
    ids=lambda wanted: repr(wanted),
)  # fmt: skip
async def test_each_filter_shows_what_fits_and_nothing_else(hub: Hub, wanted: Filter) -> None:
    await fill(hub, variety())
    customer = Customer(id="cora", name="Cora", created_at=BEGAN, fields={"plan": "gold"})
    await hub.store.people.add_customers([customer])
    assert await ids(hub, AGENT, wanted=wanted) == ["c00000"]
    assert await ids(hub, AGENT, wanted=replace(wanted, priorities=(Priority.LOW,))) == []
    assert await ids(hub, AGENT, wanted=replace(wanted, every_status=True)) == ["c00000"]


async def test_a_filter_may_ask_for_another_state_than_its_view_and_for_nobody(hub: Hub) -> None:
    await fill(hub, variety())
    assert await ids(hub, AGENT, wanted=Filter(status=Status.RESOLVED)) == ["c00009"]
    assert await ids(hub, AGENT, wanted=Filter(agent="none", team="none", every_status=True)) == [
        "c00009", "c00003", "c00002", "c00001",
    ]  # fmt: skip
    assert await ids(hub, AGENT, "mine", wanted=Filter(tags=("vip",))) == ["c00000"]
    assert await ids(hub, RESTRICTED, wanted=Filter(every_status=True, agent="none")) == []


@pytest.mark.parametrize("count", [60, 700])
async def test_the_window_that_ends_first_comes_first_and_what_is_over_last(hub: Hub, count: int) -> None:
    now = hub.clock()
    ends = {number: timedelta(minutes=7 * (number * 37 % count) - 60) for number in range(0, count, 2)}
    rows = [
        conversation(number, window_ends_at=now + ends[number] if number in ends else None)
        for number in range(count)
    ]
    await fill(hub, rows)
    pressing = sorted(
        (each.window_ends_at, each.id) for each in rows if each.window_ends_at and each.window_ends_at > now
    )
    found = await ids(hub, ADMIN, sort="window")
    assert found[: len(pressing)] == [each for _, each in pressing]
    rest = sorted({each.id for each in rows} - set(found[: len(pressing)]), reverse=True)
    assert found[len(pressing) :] == rest


async def test_the_longest_waiting_of_a_crowded_list_come_first_and_the_others_follow(hub: Hub) -> None:
    rows = [
        conversation(
            number,
            team="sales" if number % 2 else "support",
            agent="ben" if number % 2 else None,
            waiting_since=None if number % 5 else BEGAN - timedelta(minutes=number * 31 % 800),
        )
        for number in range(600)
    ]
    await fill(hub, rows)
    for view in ("team:sales", "mine", "open"):
        wanted = [each for each in rows if view == "open" or each.agent == "ben"]
        waiting = sorted((each.waiting_since, each.id) for each in wanted if each.waiting_since)
        others = sorted((each.id for each in wanted if not each.waiting_since), reverse=True)
        assert await ids(hub, AGENT, view, sort="waiting") == [each for _, each in waiting] + others, view


async def test_saved_views_are_for_oneself_for_a_team_or_for_everybody(hub: Hub) -> None:
    await staff(hub)
    mine = await save_view(hub.desk, AGENT, "Mine", Filter(tags=("vip",)), base="mine")
    team = await save_view(hub.desk, SUPERVISOR, "Ours", Filter(), team="sales")
    all_of_us = await save_view(hub.desk, ADMIN, "All", Filter(), shared=True)
    listed = {agent.id: [each.title for each in await list_saved_views(hub.desk, agent)] for agent in (
        AGENT, RESTRICTED, SUPERVISOR, ADMIN)}  # fmt: skip
    assert listed == {
        "ben": ["All", "Mine", "Ours"], "rea": ["All", "Ours"], "sue": ["All", "Ours"], "ada": ["All"],
    }  # fmt: skip
    for deed in (
        change_view(hub.desk, AGENT, team.id, title="x"),
        remove_view(hub.desk, AGENT, all_of_us.id),
    ):
        with pytest.raises(NotAllowed):
            await deed
    with pytest.raises(BadView):
        await change_view(hub.desk, ADMIN, mine.id, title="Not mine")
    with pytest.raises(NotAllowed):
        await change_view(hub.desk, AGENT, mine.id, sharing=(True, None))
    changed = await change_view(hub.desk, ADMIN, team.id, title="Sales", wanted=Filter(overdue=True))
    assert (changed.title, changed.filter.overdue, changed.team) == ("Sales", True, "sales")
    await remove_view(hub.desk, ADMIN, team.id)
    assert [each.title for each in await list_saved_views(hub.desk, RESTRICTED)] == ["All"]
    told = [each for each in await hub.store.events.latest(BEGAN) if each.kind == "views_changed"]
    assert [each.details.get("only") for each in told] == ["ben", None, None, None, None]
    kept = [each.deed for each in (await list_audit(hub.store, ADMIN)).rows]
    assert sorted(kept) == ["view_changed", "view_removed", "view_saved", "view_saved"]


async def test_a_saved_view_filters_the_list_it_was_made_from(hub: Hub) -> None:
    await fill(hub, [replace(each, mentioned=("ben",)) for each in variety()])
    view = await save_view(hub.desk, AGENT, "Named in", Filter(tags=("vip",)), base="mentions")
    assert await ids(hub, AGENT, f"view:{view.id}") == ["c00000"]
    assert await ids(hub, AGENT, f"view:{view.id}", wanted=Filter()) == [
        "c00009", "c00003", "c00002", "c00001", "c00000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wanted",
    [Filter(tags=("x" * 501,)), Filter(channels=tuple(map(str, range(101)))), Filter(fields={"": "x"})],
    ids=["long", "many", "nameless"],
)
async def test_a_filter_that_no_form_of_ours_could_send_is_refused(hub: Hub, wanted: Filter) -> None:
    with pytest.raises(BadView):
        await save_view(hub.desk, AGENT, "x", wanted)


async def test_saved_views_are_counted_as_far_as_is_quick(hub: Hub) -> None:
    await fill(
        hub, [conversation(number, tags=("vip",) if number < 50 else ("new",)) for number in range(60)]
    )
    many = await save_view(hub.desk, AGENT, "VIP", Filter(tags=("vip",)))
    few = await save_view(hub.desk, AGENT, "New", Filter(tags=("new",)))
    counts = await Counting(hub.desk).of(AGENT)
    assert (counts[f"view:{many.id}"], counts[f"view:{few.id}"]) == (Count(40, more=True), Count(10))
    assert [str(counts[f"view:{each.id}"]) for each in (many, few)] == ["40+", "10"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hallo, wo bleibt meine Bestellung?", "de"), ("Where is my order?", "en"), ("ok", None),
        ("1042", None),
        ("https://shop.example/where/is/my/order", None), ("注文はいつ届きますか", "ja"), ("", None),
        ("Bonjour, je voudrais annuler ma commande. cora@hub.example", "fr"),
    ],
)  # fmt: skip
def test_the_language_is_told_from_what_the_customer_writes(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("config", [{"reply_hours": 24}])
async def test_what_arrives_brings_its_language_and_the_end_of_the_window(office: Office) -> None:
    tomas = office.world.person("tomas", name="Tomás Barreto")
    asked = office.platform.write(tomas, "Ok")
    first = await office.conversation()
    assert first.language is None
    office.platform.answer(asked, "Wo bleibt denn nur meine Bestellung?")
    await office.messages(first.id, 2)

    async def known() -> Conversation | None:
        found = await office.conversation()
        return found if found.language else None

    found = await until(known)
    assert found.language == "de"
    assert found.window_ends_at is not None
    assert found.window_ends_at > found.activity_at
    # As an older Hubbub had left it: neither known, and the tags not counted.
    store, database = office.hub.store, office.hub.store.database
    await tag(office.hub.desk, office.ana, found.id, "vip")
    await database.conversations.update_one({"_id": found.id}, {"$unset": dict.fromkeys(NEWER, "")})
    await database.tallies.delete_one({"_id": f"{TAG_KEYS}vip"})
    await database.meta.delete_one({"_id": "once"})
    await store.views.tallies.begin()
    assert await store.views.tallies.tags() == {"vip": 1}
    assert await look_back(store, office.hub.registry) == 1
    again = await office.conversation()
    assert (again.language, again.window_ends_at) == (found.language, found.window_ends_at)
    assert await look_back(store, office.hub.registry) == 0
