"""What happens is heard: by every process, in order, and again from where one stopped listening."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.errors import OperationFailure

from hub.app import Hub
from hub.model.events import Event
from hub.model.ids import new_id
from hub.realtime import BEHIND_MOST, Follower, TooOld, publish
from hub.store import StoreUnavailable
from hub.store.errors import StreamLost
from hub.store.events import Events
from hub.store.schema import Database
from hub.work import running
from tests.hubs import until

CUT = "cut"  # the event at which a faltering stream ends


def event(hub: Hub, number: int = 0) -> Event:
    now = hub.clock() + timedelta(milliseconds=number)
    return Event(id=new_id(now), kind="conversation_changed", at=now, conversation=f"c{number}")


class Faltering(Events):
    """The real ones, but their stream ends at a `CUT`, and is away until `back` is set."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.problem: Exception = StoreUnavailable("away")
        self.back = asyncio.Event()
        self.back.set()
        self.opened = 0
        self.after_reading: Callable[[], Awaitable[None]] | None = None

    @asynccontextmanager
    async def following(self) -> AsyncIterator[AsyncIterator[Event]]:
        await self.back.wait()
        async with super().following() as events:
            self.opened += 1
            yield self._until_cut(events)

    async def _until_cut(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        async for each in events:
            if each.kind == CUT:
                raise self.problem
            yield each

    async def since(self, event: str) -> list[Event] | None:
        found = await super().since(event)
        if self.after_reading is not None:
            await self.after_reading()
        return found

    async def cut(self, hub: Hub) -> None:
        """End the stream; it stays away."""
        self.back.clear()
        await publish(hub.store, [replace(event(hub), kind=CUT)])


@pytest.fixture
async def faltering(hub: Hub) -> Faltering:
    return Faltering(hub.store.database)


@pytest.fixture
async def resuming(hub: Hub, faltering: Faltering) -> AsyncIterator[Follower]:
    """A follower whose stream falters."""
    following = Follower(replace(hub.store, events=faltering))
    task = asyncio.create_task(following.run())
    yield following
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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


async def test_who_was_there_before_anything_happened_hears_all_of_it_later(
    hub: Hub, follower: Follower
) -> None:
    async with follower.subscribe():
        begun = follower.newest
    published = [event(hub, number) for number in range(3)]
    await publish(hub.store, published)
    async with follower.subscribe(last=begun) as events:
        assert await take(events, 3) == published
    assert follower.newest == published[-1].id
    other = Follower(hub.store)
    task = asyncio.create_task(other.run())
    with pytest.raises(TooOld):  # another process cannot tell what has happened since
        async with other.subscribe(last=begun):
            pass
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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


async def test_more_than_a_queue_holds_is_heard_after_an_outage(
    hub: Hub, resuming: Follower, faltering: Faltering
) -> None:
    first, *missed = (event(hub, number) for number in range(BEHIND_MOST + 300))
    async with resuming.subscribe() as events:
        await publish(hub.store, [first])
        assert await take(events, 1) == [first]
        await faltering.cut(hub)
        await publish(hub.store, missed)
        faltering.back.set()
        heard = [each for each in await take(events, len(missed) + 1) if each.kind != CUT]
    assert heard == missed


async def test_what_is_published_while_the_missed_is_read_is_heard_once(
    hub: Hub, resuming: Follower, faltering: Faltering
) -> None:
    first, missed, meanwhile, last = (event(hub, number) for number in range(4))

    async def go_on() -> None:
        await publish(hub.store, [meanwhile])

    faltering.after_reading = go_on
    async with resuming.subscribe() as events:
        await publish(hub.store, [first])
        await take(events, 1)
        await faltering.cut(hub)
        await publish(hub.store, [missed])
        faltering.back.set()
        heard = [each for each in await take(events, 3) if each.kind != CUT]
        await publish(hub.store, [last])
        assert [*heard, *await take(events, 1)] == [missed, meanwhile, last]


async def test_a_lost_stream_is_opened_anew_and_everybody_reloads(
    hub: Hub, resuming: Follower, faltering: Faltering
) -> None:
    faltering.problem = StreamLost("history lost")
    first, later = event(hub, 1), event(hub, 2)
    async with resuming.subscribe() as events:
        await publish(hub.store, [first])
        await take(events, 1)
        await faltering.cut(hub)
        faltering.back.set()
        with pytest.raises(TooOld):
            await take(events, 3)
    async with resuming.subscribe() as events:
        await publish(hub.store, [later])
        assert await take(events, 1) == [later]


async def test_who_listened_before_anything_happened_reloads_after_an_outage(
    hub: Hub, resuming: Follower, faltering: Faltering
) -> None:
    async with resuming.subscribe() as events:
        await faltering.cut(hub)
        faltering.back.set()
        with pytest.raises(TooOld):
            await take(events, 1)


async def test_everybody_reloads_when_the_last_event_heard_is_not_kept_any_more(
    hub: Hub, resuming: Follower, faltering: Faltering
) -> None:
    async with resuming.subscribe() as events:
        await publish(hub.store, [event(hub)])
        heard = await take(events, 1)
        await faltering.cut(hub)
        await hub.store.database.events.delete_one({"_id": heard[0].id})
        faltering.back.set()
        with pytest.raises(TooOld):
            await take(events, 1)


async def test_a_hub_whose_senders_missed_too_much_goes_on(hub: Hub, faltering: Faltering) -> None:
    faltering.problem = StreamLost("history lost")
    faltering_hub = replace(hub, store=replace(hub.store, events=faltering))
    async with running(faltering_hub, web_server=False, worker=True) as at_work:
        assert at_work.supervisor is not None
        async with at_work.follower.subscribe() as events:
            await faltering.cut(hub)
            faltering.back.set()
            with pytest.raises(TooOld):
                await take(events, 1)
        at_work.supervisor.changed.clear()
        changed = replace(event(hub), kind="channel_changed")
        async with at_work.follower.subscribe() as events:
            await publish(hub.store, [changed])
            assert await take(events, 1) == [changed]


async def test_a_stream_whose_history_is_lost_says_so(hub: Hub) -> None:
    class Forgotten:
        """A collection whose change stream cannot go on, as MongoDB answers it."""

        def watch(self, *_: object, **__: object) -> "Forgotten":
            return self

        async def __aenter__(self) -> "Forgotten":
            return self

        async def __aexit__(self, *_: object) -> None:
            return None

        async def try_next(self) -> None:
            raise OperationFailure("Resume of change stream was not possible", 286)

    events = Events(hub.store.database)
    setattr(events, "events", Forgotten())  # noqa: B010 a stand-in of another type
    with pytest.raises(StreamLost, match="286"):
        async with events.following():
            pass


async def test_a_stream_the_database_closes_is_lost(hub: Hub) -> None:
    async def lost() -> bool:
        return bool(broken)

    broken: list[StreamLost] = []

    async def follow() -> None:
        try:
            async with hub.store.events.following() as events:
                opened.set()
                async for _ in events:
                    pass
        except StreamLost as problem:
            broken.append(problem)

    opened = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        await opened.wait()
        await publish(hub.store, [event(hub)])
        await hub.store.database.events.drop()
        await until(lost)
