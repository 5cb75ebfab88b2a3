"""What waits in the journal has its turn: threads keep their order, lanes their share, old mail is last."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.simulator.config import SimulatorConfig
from hub.app import Hub
from hub.contract.capabilities import Surface
from hub.contract.inbound import Ignored, InboundEvent, Thread
from hub.model.journal import Outcome
from hub.store.queues import BEHIND, FETCH_MOST, LANES, Finished, Journal, lane_of
from hub.work import ingest_worker
from tests.hubs import connect

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ALL = range(LANES)


def said(key: str, thread: str) -> Ignored:
    return Ignored(key=key, at=NOON, thread=Thread(thread, Surface.EMAIL), because="A test.")


def thread_in(lane: int, number: int = 0) -> str:
    """A thread whose entries wait in that lane."""
    names = (name for count in range(10_000) if lane_of("mail", name := f"thread {count}") == lane)
    return next(name for at, name in enumerate(names) if at == number)


async def put(journal: Journal, *events: InboundEvent, at: datetime = NOON, old: bool = False) -> None:
    await journal.add("mail", events, at, behind=old)


async def keys(journal: Journal, lanes: Any = ALL, now: datetime = NOON) -> list[str]:
    return [each.entry.key for each in await journal.waiting(list(lanes), now)]


async def test_a_threads_first_entry_comes_before_its_later_ones_however_many_wait(hub: Hub) -> None:
    """The journal of a cluster hands over in any order: here the newest stand first."""
    journal, thread = hub.store.journal, thread_in(0)
    many = [said(f"{number:03}", thread) for number in range(FETCH_MOST + 50)]
    await put(journal, *many)
    kept = await hub.store.database.journal.find().to_list(None)
    kept.sort(key=lambda each: str(each["key"]), reverse=True)
    await hub.store.database.journal.delete_many({"channel": "mail"})
    await hub.store.database.journal.insert_many(kept)
    seen: list[str] = []
    while found := await journal.waiting(list(ALL), NOON):
        seen += [each.entry.key for each in found]
        await journal.finish([Finished(each.entry.id, Outcome.IGNORED) for each in found], NOON)
    assert seen == [event.key for event in many]


async def test_a_crowded_lane_does_not_hold_up_the_others(hub: Hub) -> None:
    journal = hub.store.journal
    await put(journal, *(said(f"crowd {number}", thread_in(0)) for number in range(3 * FETCH_MOST)))
    for lane in (1, 15):
        await put(journal, said(f"lane {lane}", thread_in(lane)), at=NOON + timedelta(hours=1))
    assert {"lane 1", "lane 15", "crowd 0"} <= set(await keys(journal))


async def test_webhooks_of_a_busy_channel_do_not_hold_up_those_of_others(hub: Hub) -> None:
    arrivals, lane = hub.store.database.arrivals, lane_of("busy", "")
    other = next(name for name in map(str, range(100)) if lane_of(name, "") != lane)
    body = {"method": "POST", "url": "/", "headers": [], "query": [], "body": b"", "size": 0}
    waiting = [("busy", lane, number) for number in range(FETCH_MOST + 50)]
    waiting.append((other, lane_of(other, ""), FETCH_MOST + 50))
    await arrivals.insert_many(
        [
            {**body, "_id": f"{at:03}", "channel": channel, "pending": lane, "since": moment}
            | {"received_at": moment}
            for channel, lane, at in reversed(waiting)
            for moment in [NOON + timedelta(minutes=at)]
        ]
    )
    found = [each.arrival for each in await hub.store.journal.waiting_arrivals(list(ALL))]
    assert found[0].id == "000"
    assert other in {each.channel for each in found}


async def test_what_cannot_be_worked_on_yet_does_not_hold_up_what_can(hub: Hub) -> None:
    journal = hub.store.journal
    await put(journal, *(said(f"early {number}", thread_in(0)) for number in range(FETCH_MOST)))
    while found := await journal.waiting(list(ALL), NOON):
        for each in found:
            await journal.later(each.entry, NOON)
    await put(journal, said("ready", thread_in(0, 1)), at=NOON + timedelta(milliseconds=500))
    assert await keys(journal) == ["ready"]


async def test_new_mail_is_worked_on_before_two_thousand_old_ones(hub: Hub) -> None:
    channel = await connect(hub, "simulator", SimulatorConfig())
    worker = ingest_worker(hub, "test")
    worker.held = frozenset(ALL)
    old = [said(f"old {number}", f"thread {number}") for number in range(2000)]
    await hub.store.journal.add(channel.id, old, NOON, behind=True)
    await worker.work_off(list(ALL))
    await hub.store.journal.add(channel.id, [said("new", "today's")], NOON + timedelta(hours=1))
    done = hub.store.database.journal
    before = await done.count_documents({"outcome": Outcome.IGNORED})
    await worker.work_off(list(ALL))
    assert await done.count_documents({"outcome": Outcome.IGNORED}) == before + 1
    assert await done.find_one({"key": "new", "outcome": Outcome.IGNORED})
    await worker.work_off(list(ALL))
    assert await done.count_documents({"outcome": Outcome.IGNORED}) > before + 1, "and then the old ones"


async def test_a_thread_that_goes_on_is_worked_on_from_its_beginning(hub: Hub) -> None:
    journal = hub.store.journal
    await put(journal, *(said(f"other {number}", f"thread {number}") for number in range(20)), old=True)
    await put(journal, *(said(f"old {number}", "ours") for number in range(3)), old=True)
    await put(journal, said("new", "ours"))
    assert await keys(journal) == ["old 0", "old 1", "old 2", "new"]


async def test_entries_that_follow_at_once_are_received_after_those_before(hub: Hub) -> None:
    journal = hub.store.journal
    await put(journal, *(said(f"{number}", "ours") for number in range(50)))
    await put(journal, said("50", "ours"), at=NOON + timedelta(milliseconds=5))
    assert await keys(journal) == [str(number) for number in range(51)]


async def test_what_is_done_waits_nowhere(hub: Hub) -> None:
    journal = hub.store.journal
    await put(journal, said("one", "ours"), old=True)
    [waiting] = await journal.waiting(list(ALL), NOON)
    await journal.finish([Finished(waiting.entry.id, Outcome.IGNORED)], NOON)
    kept = await hub.store.database.journal.find_one({"_id": waiting.entry.id})
    assert kept is not None
    assert not {"pending", "since", "behind"} & set(kept)
    await journal.replay(waiting.entry.id)
    assert await keys(journal) == ["one"]
    assert not await journal.waiting([BEHIND], NOON)
