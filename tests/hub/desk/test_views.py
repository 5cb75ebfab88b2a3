"""What each list shows to whom, in which order, and that every page is there once."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed, may_see
from hub.desk.counting import count_views
from hub.desk.saved_views import BadView, list_saved_views, remove_view, save_view
from hub.desk.views import BUILT_IN, NoSuchView, belongs, list_view, repair_counts
from hub.model.desk import Filter
from hub.model.inbox import Conversation, Status
from hub.model.people import Agent
from tests.hub.desk.inbox import (
    ADMIN,
    AGENT,
    BEGAN,
    DISABLED,
    EVERYBODY,
    RESTRICTED,
    SUPERVISOR,
    conversation,
    fill,
)

AGENTS = (None, None, "ben", "rea", "ada")
TEAMS = (None, "sales", "support")


def crowd(count: int, seed: int = 1) -> list[Conversation]:
    """All sorts of conversations, crowded days and long silences among them."""
    dice = random.Random(seed)
    at, found = BEGAN, []
    for number in range(count):
        at += timedelta(seconds=dice.choice((1, 1, 1, 40, 4000, 300_000)) if number % 97 else 9_000_000)
        status = dice.choice((Status.OPEN, Status.OPEN, Status.RESOLVED, Status.SNOOZED, Status.SPAM))
        found.append(
            conversation(
                number,
                at=at,
                status=status,
                agent=dice.choice(AGENTS),
                team=dice.choice(TEAMS),
                followers=dice.choice(((), ("ben",), ("ben", "rea"))),
                mentioned=dice.choice(((), ("rea",))),
                waiting_since=dice.choice((None, at - timedelta(hours=dice.randrange(90)))),
            )
        )
    return found


async def every_page(
    hub: Hub, agent: Agent, view: str, limit: int = 50, sort: str = "newest"
) -> list[Conversation]:
    rows: list[Conversation] = []
    cursor = None
    for _ in range(200):
        page = await list_view(hub.desk, agent, view, cursor=cursor, limit=limit, sort=sort)
        assert len(page.rows) <= limit
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return rows
    raise AssertionError("the pages do not end")


def newest(rows: Sequence[Conversation]) -> list[str]:
    return [each.id for each in sorted(rows, key=lambda each: (each.activity_at, each.id), reverse=True)]


VIEWS = [key for key in BUILT_IN if key != "failed"] + ["team:sales", "team:support"]


async def test_every_view_shows_every_agent_each_of_its_conversations_once_and_no_other(hub: Hub) -> None:
    everything = crowd(800)
    await fill(hub, everything)
    for agent in EVERYBODY:
        for view in VIEWS:
            wanted = [each for each in everything if belongs(view, agent, each)]
            rows = await every_page(hub, agent, view, 50 if len(wanted) < 600 else 200)
            assert [each.id for each in rows] == newest(wanted), (agent.name, view)
            assert all(may_see(agent, each) for each in rows)


async def test_counts_are_those_of_the_lists_and_end_at_a_hundred(hub: Hub) -> None:
    everything = crowd(400)
    await fill(hub, everything)
    for agent in EVERYBODY:
        counts = await count_views(hub.desk, agent)
        for view, count in counts.items():
            wanted = [each for each in everything if belongs(view, agent, each)]
            assert count == min(len(wanted), 100), (agent.name, view)
    assert "team:sales" in await count_views(hub.desk, RESTRICTED)


async def test_counts_follow_what_happens_and_what_was_missed_is_mended(hub: Hub) -> None:
    await fill(hub, [conversation(number) for number in range(10)])
    inbox = hub.store.inbox
    first = await inbox.find_conversation("c00001")
    assert first is not None
    assert await inbox.change_conversation(first, {"agent": "ben", "team": "sales"})
    assert not await inbox.change_conversation(first, {"agent": "rea"})  # not as it was
    second = await inbox.find_conversation("c00002")
    assert second is not None
    assert await inbox.change_conversation(second, {"status": Status.RESOLVED, "waiting_since": None})
    await inbox.remove_conversation("c00003", BEGAN)
    counts = await count_views(hub.desk, AGENT)
    assert (counts["open"], counts["unassigned"], counts["mine"], counts["team:sales"]) == (8, 7, 1, 1)
    assert await repair_counts(hub.desk) == 0
    await hub.store.views.tallies.tallies.update_one({"_id": "status:open"}, {"$inc": {"total": 5}})
    assert (await count_views(hub.desk, AGENT))["open"] == 13
    assert await repair_counts(hub.desk) == 1
    assert (await count_views(hub.desk, AGENT))["open"] == 8


async def test_wrong_tallies_make_no_page_wrong(hub: Hub) -> None:
    everything = crowd(600)
    await fill(hub, everything)
    tallies = hub.store.views.tallies.tallies
    await tallies.delete_one({"_id": "status:open"})
    wrong = {"total": 9000, "days": {"20600": 9000, "20700": -3}, "first": {}, "last": {}}
    await tallies.replace_one({"_id": "status:resolved"}, wrong)
    for view in ("open", "resolved"):
        wanted = [each for each in everything if belongs(view, ADMIN, each)]
        rows = await every_page(hub, ADMIN, view, 100)
        assert [each.id for each in rows] == newest(wanted)


@pytest.mark.parametrize("count", [80, 800])
async def test_the_longest_waiting_comes_first_in_small_and_large_views(hub: Hub, count: int) -> None:
    everything = crowd(count, seed=2)
    await fill(hub, everything)
    for agent, view in ((ADMIN, "open"), (AGENT, "mine"), (RESTRICTED, "team:sales")):
        wanted = [each for each in everything if belongs(view, agent, each) and each.waiting_since]
        wanted.sort(key=lambda each: (each.waiting_since, each.id))
        rows = await every_page(hub, agent, view, 50, "waiting")
        assert [each.id for each in rows if each.waiting_since] == [each.id for each in wanted]


async def test_what_is_due_first_comes_first(hub: Hub) -> None:
    due = [BEGAN + timedelta(hours=hours) for hours in (3, 1, 2)]
    await fill(hub, [conversation(number, due_at=at) for number, at in enumerate(due)] + [conversation(9)])
    rows = await every_page(hub, ADMIN, "open", 2, "due")
    assert [each.id for each in rows] == ["c00001", "c00002", "c00000", "c00009"]


async def test_conversations_of_one_moment_are_neither_lost_nor_doubled(hub: Hub) -> None:
    await fill(hub, [conversation(number, at=BEGAN) for number in range(730)])
    for sort in ("newest", "waiting"):
        rows = await every_page(hub, ADMIN, "open", 50, sort)
        assert len({each.id for each in rows}) == len(rows) == 730, sort


@pytest.mark.parametrize("cursor", ["", "x", "12", "١٢-c", "9" * 30 + "-c", "-1-c"])
async def test_a_made_up_cursor_is_refused(hub: Hub, cursor: str) -> None:
    with pytest.raises(NoSuchView):
        await list_view(hub.desk, ADMIN, "open", cursor=cursor)


async def test_there_is_no_view_that_nobody_made_and_none_for_the_disabled(hub: Hub) -> None:
    for view in ("nonsense", "team:", "view:nonsense"):
        with pytest.raises(NoSuchView):
            await list_view(hub.desk, ADMIN, view)
    with pytest.raises(NotAllowed):
        await list_view(hub.desk, DISABLED, "open")


async def test_a_saved_view_filters_and_shows_nobody_more_than_they_may_see(hub: Hub) -> None:
    everything = [
        replace(each, tags=("vip",) if number % 3 else ()) for number, each in enumerate(crowd(300))
    ]
    await fill(hub, everything)
    wanted = Filter(tags=("vip",), agent="me")
    view = await save_view(hub.desk, SUPERVISOR, " My  VIPs ", wanted, shared=True)
    assert view.title == "My VIPs"
    for agent in EVERYBODY:
        rows = await every_page(hub, agent, f"view:{view.id}", 20)
        right = [
            each
            for each in everything
            if each.agent == agent.id and each.tags and each.status is Status.OPEN and may_see(agent, each)
        ]
        assert [each.id for each in rows] == newest(right)


async def test_ages_and_overdue_are_reckoned_when_somebody_looks(hub: Hub) -> None:
    now = hub.clock()
    old, late = conversation(1, at=now - timedelta(hours=50)), conversation(2, at=now, due_at=now)
    await fill(hub, [old, late, conversation(3, at=now)])
    ages = await save_view(hub.desk, AGENT, "Old", Filter(older_than_hours=48))
    overdue = await save_view(hub.desk, AGENT, "Late", Filter(overdue=True))
    assert [each.id for each in await every_page(hub, AGENT, f"view:{ages.id}")] == [old.id]
    assert [each.id for each in await every_page(hub, AGENT, f"view:{overdue.id}")] == [late.id]


async def test_views_of_ones_own_are_for_oneself_and_agents_cannot_share(hub: Hub) -> None:
    mine = await save_view(hub.desk, AGENT, "Mine", Filter())
    with pytest.raises(NotAllowed):
        await save_view(hub.desk, AGENT, "Ours", Filter(), shared=True)
    with pytest.raises(BadView):
        await save_view(hub.desk, AGENT, "  ", Filter())
    with pytest.raises(NoSuchView):
        await list_view(hub.desk, ADMIN, f"view:{mine.id}")
    with pytest.raises(NotAllowed):
        await remove_view(hub.desk, ADMIN, mine.id)
    assert [each.id for each in await list_saved_views(hub.desk, AGENT)] == [mine.id]
    await remove_view(hub.desk, AGENT, mine.id)
    assert await list_saved_views(hub.desk, AGENT) == []
