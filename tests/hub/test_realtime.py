"""What happens is heard: by every process, in order, and again from where one stopped listening."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.model.events import Event
from hub.model.ids import new_id
from hub.realtime import BEHIND_MOST, Follower, TooOld, publish


def event(hub: Hub, number: int = 0) -> Event:
    now = hub.clock() + timedelta(milliseconds=number)
    return Event(id=new_id(now), kind="conversation_changed", at=now, conversation=f"c{number}")


@pytest.fixture
async def follower(hub: Hub) -> AsyncIterator[Follower]:
    following = Follower(hub.store)
    task = asyncio.create_task(following.run())
    yield following
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def take(events: AsyncIterator[Event], count: int) -> list[Event]:
    async with asyncio.timeout(10):
        return [await anext(events) for _ in range(count)]


async def test_what_is_published_is_heard_in_order(hub: Hub, follower: Follower) -> None:
    published = [event(hub, number) for number in range(50)]
    async with follower.subscribe() as events:
        await publish(hub.store, published[:20])
        await publish(hub.store, published[20:])
        assert await take(events, 50) == published


async def test_who_comes_back_hears_what_was_missed(hub: Hub, follower: Follower) -> None:
    published = [event(hub, number) for number in range(3)]
    async with follower.subscribe() as events:
        await publish(hub.store, published[:1])
        await take(events, 1)
    await publish(hub.store, published[1:])
    async with follower.subscribe(last=published[0].id) as events:
        assert await take(events, 2) == published[1:]


async def test_another_process_resumes_from_the_store(hub: Hub, follower: Follower) -> None:
    published = [event(hub, number) for number in range(3)]
    await publish(hub.store, published)
    await asyncio.sleep(0)
    other = Follower(hub.store)
    task = asyncio.create_task(other.run())
    async with other.subscribe(last=published[0].id) as events:
        heard = await take(events, 2)
    assert [each.id for each in heard] == [each.id for each in published[1:]]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_event_nobody_keeps_any_more_means_reload(hub: Hub, follower: Follower) -> None:
    with pytest.raises(TooOld):
        async with follower.subscribe(last="0" * 24):
            pass


async def test_a_follower_who_is_too_slow_is_told_to_reload_and_holds_nobody_up(
    hub: Hub, follower: Follower
) -> None:
    async with follower.subscribe() as slow, follower.subscribe() as quick:
        for start in range(0, BEHIND_MOST + 100, 100):
            published = [event(hub, start + number) for number in range(100)]
            await publish(hub.store, published)
            assert await take(quick, 100) == published
        with pytest.raises(TooOld):
            await take(slow, BEHIND_MOST + 100)


async def test_publishing_again_is_publishing_once(hub: Hub, follower: Follower) -> None:
    one, two = event(hub, 1), event(hub, 2)
    async with follower.subscribe() as events:
        await publish(hub.store, [one])
        await publish(hub.store, [one, two])
        assert await take(events, 2) == [one, two]
