"""Lanes belong to one worker at a time, and nothing that arrives late takes or frees what is not its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.app import Hub
from hub.store.codec import Document
from hub.store.leases import Leases, take
from hub.store.queues import LANES
from hub.store.schema import Database

LASTS = timedelta(seconds=15)


class Overtaken(Leases):
    """Somebody takes a lane over between the first look and the renewal."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.lost: int | None = None

    async def _give_back(self, seen: Sequence[Document], now: datetime) -> None:
        await super()._give_back(seen, now)
        if self.lost is not None:
            lane = await self.lanes.find_one({"_id": self.lost})
            assert lane is not None
            assert await take(self.lanes, lane, "other", now, LASTS)


async def test_a_lane_lost_meanwhile_is_not_said_to_be_held(hub: Hub) -> None:
    leases = Overtaken(hub.store.database)
    now = hub.clock()
    assert await leases.hold_lanes("one", 1, now, LASTS) == frozenset(range(LANES))
    leases.lost = 3
    assert await leases.hold_lanes("one", 1, now, LASTS) == frozenset(range(LANES)) - {3}


async def test_a_renewal_that_arrives_late_shortens_nothing(hub: Hub) -> None:
    leases = hub.store.leases
    now = hub.clock()
    await leases.hold_lanes("one", 1, now + LASTS / 2, LASTS)
    await leases.hold_lanes("one", 1, now, LASTS)
    lane = await hub.store.database.lanes.find_one({"_id": 0})
    assert lane is not None
    assert lane["until"] > now + LASTS


async def test_who_leaves_gives_everything_back_at_once(hub: Hub) -> None:
    leases = hub.store.leases
    now = hub.clock()
    await leases.hold_lanes("one", 1, now, LASTS)
    await leases.leave("one", now)
    assert await leases.hold_lanes("two", 1, now, LASTS) == frozenset(range(LANES))


async def test_giving_back_late_frees_nothing_that_was_taken_again(hub: Hub) -> None:
    leases = hub.store.leases
    now = hub.clock()
    await leases.hold_lanes("one", 1, now, LASTS)
    seen = await hub.store.database.lanes.find({"owner": "one"}).to_list(None)
    await leases.leave("one", now)
    again = await leases.hold_lanes("one", 1, now, LASTS)
    await leases._give_back(seen, now)
    assert await leases.hold_lanes("two", 1, now, LASTS) == frozenset()
    assert again == frozenset(range(LANES))
