"""What is kept in memory is never older than a write of this process, and follows those of others."""

import asyncio
from dataclasses import replace

import pytest

from hub.app import Hub
from hub.desk.opening import list_agents, list_teams
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Team
from hub.realtime import Follower, publish
from hub.store.people import People
from hub.store.remembered import Remembered
from tests.hubs import until


async def test_what_was_written_while_it_was_read_is_read_again() -> None:
    reading, written = asyncio.Event(), asyncio.Event()
    shelf = ["old"]

    async def load() -> list[str]:
        found = list(shelf)
        reading.set()
        await written.wait()
        return found

    remembered = Remembered(load)
    first = asyncio.create_task(remembered.get())
    await reading.wait()
    shelf.append("new")
    remembered.forget()
    written.set()
    assert await first == ["old"]
    assert await remembered.get() == ["old", "new"]
    shelf.append("unseen")
    assert await remembered.get() == ["old", "new"]


async def test_one_sees_ones_own_writes_at_once_and_those_of_another_process_when_it_tells(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.remembered.LASTS", 3600.0)
    assert await list_teams(hub.desk) == []
    await hub.store.people.add_team(Team(id="t", name="Support", created_at=hub.clock()))
    ben = Agent(id="ben", name="Ben", email="ben@hub.example", created_at=hub.clock())
    await hub.store.people.add_agent(ben)
    assert [each.name for each in await list_teams(hub.desk)] == ["Support"]
    assert await list_agents(hub.desk) == [ben]
    follower = Follower(hub.store)
    following = asyncio.create_task(follower.run())
    async with follower.subscribe():
        await list_agents(hub.desk)
        await People(hub.store.database).change_agent("ben", name="Benjamin")  # by another process
        now = hub.clock()
        told = Event(id=new_id(now), kind="agent_changed", at=now, details={"agent": "ben"})
        await publish(hub.store, [told])

        async def renamed() -> bool:
            return await list_agents(hub.desk) == [replace(ben, name="Benjamin")]

        await until(renamed, "the other's write to be seen")
    following.cancel()
