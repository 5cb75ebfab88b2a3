"""Telling over restarts, and through the database: nobody misses anything, nobody hears anything twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from connectors.simulator.config import SimulatorConfig
from hub.app import Hub
from hub.auth.access import may_hear
from hub.desk.bulk import LONG, for_each
from hub.desk.deeds import assign, note, resolve
from hub.desk.notices import list_notices, open_notices, see_conversation
from hub.model.channels import Health
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Status
from hub.model.notices import NoticeKind
from hub.notifying.telling import Teller
from hub.realtime import Follower
from tests.hub.desk.inbox import ADMIN, AGENT, RESTRICTED, conversation, fill, staff
from tests.hubs import connect, until


@asynccontextmanager
async def telling(hub: Hub, worker: str, ahead: timedelta = timedelta()) -> AsyncIterator[Teller]:
    """A teller at work, by a clock that is some time ahead."""

    def clock() -> datetime:
        return hub.clock() + ahead

    follower = Follower(hub.store)
    teller = Teller(hub.store, follower, clock, worker)
    tasks = [asyncio.create_task(each.run()) for each in (follower, teller)]
    try:
        yield teller
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def told(hub: Hub, agent: str, count: int) -> list[NoticeKind]:
    async def look() -> list[NoticeKind] | None:
        found = await hub.store.notices.open_of(agent)
        return [each.kind for each in found] if len(found) == count else None

    return await until(look, f"{count} notices for {agent}") if count else await look() or []


async def test_what_happened_while_nobody_told_is_told_by_the_next_one_and_once(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1), conversation(2)])
    async with telling(hub, "one"):
        await note(hub.desk, ADMIN, "c00001", "@Ben please.")
        assert await told(hub, "ben", 1) == [NoticeKind.MENTIONED]

        async def kept() -> bool:
            return await hub.store.notices.position() is not None

        await until(kept)
    await assign(hub.desk, ADMIN, "c00002", AGENT)
    # The lease of the one who died is over.
    async with telling(hub, "two", timedelta(minutes=1)):
        assert sorted(await told(hub, "ben", 2)) == [NoticeKind.ASSIGNED, NoticeKind.MENTIONED]
        await see_conversation(hub.desk, AGENT, "c00001")
    async with telling(hub, "three", timedelta(minutes=2)) as teller:
        await teller.tell(await hub.store.events.latest(hub.clock() - timedelta(minutes=5)))
        assert await told(hub, "ben", 1) == [NoticeKind.ASSIGNED]
        await resolve(hub.desk, ADMIN, "c00002")

        async def withdrawn() -> bool:
            return not await hub.store.notices.open_of("ben")

        await until(withdrawn)
    everything = await list_notices(hub.desk, AGENT, None, 10)
    assert [(each.kind, each.seen_at is None, each.withdrawn_at is None) for each in everything] == [
        (NoticeKind.ASSIGNED, True, False),
        (NoticeKind.MENTIONED, False, True),
    ]


async def test_whoever_loses_sight_of_a_conversation_loses_what_they_were_told_of_it(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1, team="sales", agent="ben")])
    teller = Teller(hub.store, Follower(hub.store), hub.clock, "one")
    await note(hub.desk, ADMIN, "c00001", "@Rea please.")
    since = hub.clock() - timedelta(minutes=5)
    [notice] = await teller.tell(await hub.store.events.latest(since))
    assert notice.agent == "rea"
    [event] = [each for each in await hub.store.events.latest(since) if each.kind == "notices_changed"]
    assert may_hear(RESTRICTED, event, None)
    assert not may_hear(AGENT, event, None)
    assert len(await open_notices(hub.desk, RESTRICTED)) == 1
    found = await hub.store.inbox.find_conversation("c00001")
    assert found is not None
    await hub.store.inbox.change_conversation(found, {"team": "support"})
    # At once where it is looked at, and for good with the next event about it.
    assert await open_notices(hub.desk, RESTRICTED) == []
    await note(hub.desk, ADMIN, "c00001", "Moved.")
    await teller.tell(await hub.store.events.latest(since))
    assert await hub.store.notices.open_of("rea") == []


async def test_what_comes_due_is_told_once_and_then_that_it_is_late(hub: Hub) -> None:
    await staff(hub)
    due_at = hub.clock() + timedelta(minutes=5)
    await fill(hub, [conversation(1, agent="ben", due_at=due_at)])
    moment = [hub.clock()]
    teller = Teller(hub.store, Follower(hub.store), lambda: moment[0], "one")
    for _ in range(2):
        await teller.tell_due()
        assert await told(hub, "ben", 1) == [NoticeKind.DUE]
    moment[0] = due_at + timedelta(seconds=1)
    await teller.tell_due()
    assert await told(hub, "ben", 1) == [NoticeKind.OVERDUE]
    await Teller(hub.store, Follower(hub.store), lambda: moment[0], "another").tell_due()
    assert len(await list_notices(hub.desk, AGENT, None, 10)) == 2


async def test_a_promise_goes_on_while_a_conversation_sleeps(hub: Hub) -> None:
    await staff(hub)
    due_at = hub.clock() + timedelta(minutes=5)
    await fill(hub, [conversation(1, agent="ben", due_at=due_at, status=Status.SNOOZED)])
    teller = Teller(hub.store, Follower(hub.store), hub.clock, "one")
    await teller.tell_due()
    assert await told(hub, "ben", 1) == [NoticeKind.DUE]


async def test_the_end_of_a_deed_for_many_is_told_to_whoever_began_it(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1)])
    ids = ["c00001", *(f"gone{number}" for number in range(LONG))]
    async for progress in for_each(hub.desk, AGENT, ids, lambda each: resolve(hub.desk, AGENT, each)):
        assert progress.done <= 1
    teller = Teller(hub.store, Follower(hub.store), hub.clock, "one")
    await teller.tell(await hub.store.events.latest(hub.clock() - timedelta(minutes=5)))
    [notice] = await hub.store.notices.open_of("ben")
    assert (notice.kind, notice.details["done"], notice.details["failed"]) == (NoticeKind.BULK, "1", "100")


async def test_a_channel_that_breaks_again_before_anybody_signed_it_in_asks_no_second_time(hub: Hub) -> None:
    await staff(hub)
    channel = await connect(hub, "simulator", SimulatorConfig(world="any"), health=Health.BROKEN)
    teller, now = Teller(hub.store, Follower(hub.store), hub.clock, "one"), hub.clock()
    broke = [
        Event(
            id=new_id(now), kind="channel_changed", at=now, channel=channel.id, details={"health": "broken"}
        )
        for _ in range(3)
    ]
    [notice] = await teller.tell(broke[:2])
    assert notice.kind is NoticeKind.CHANNEL
    assert await teller.tell(broke[2:]) == []
    await hub.store.channels.change(channel.id, {"health": Health.CONNECTED})
    assert await teller.tell(broke[2:]) == []
    await hub.store.channels.change(channel.id, {"health": Health.BROKEN})
    assert len(await teller.tell(broke[2:])) == 1  # it was signed in meanwhile
