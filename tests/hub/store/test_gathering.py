"""Many who insert at once share statements; each is told what became of their own."""

import asyncio

from hub.app import Hub
from hub.store import StoreUnavailable
from hub.store.gathering import MOST, Gathered
from tests.hubs import until


async def test_all_that_come_while_one_is_written_go_together(hub: Hub) -> None:
    arrivals = hub.store.database.arrivals
    gathered = Gathered(arrivals)
    documents = [{"_id": f"a{number}", "text": "€" * number} for number in range(MOST + 50)]
    written: list[int] = []
    insert = gathered._write

    async def counted(some: list[tuple[dict[str, object], asyncio.Future[None]]]) -> None:
        written.append(len(some))
        await insert(some)

    gathered._write = counted  # type: ignore[method-assign]
    await asyncio.gather(*(gathered.insert(each) for each in documents))
    assert written == [1, MOST, 49]
    assert await arrivals.count_documents({}) == MOST + 50


async def test_what_cannot_be_encoded_keeps_nobody_out(hub: Hub) -> None:
    arrivals = hub.store.database.arrivals
    gathered = Gathered(arrivals)
    await asyncio.gather(
        *(gathered.insert({"_id": name, "text": text}) for name, text in (("good", "x"), ("bad", "\ud800")))
    )
    assert await arrivals.count_documents({}) == 2


async def test_whoever_leaves_while_writing_for_all_leaves_the_others_without_a_receipt(hub: Hub) -> None:
    """They answer that it is to be sent again: nothing is lost."""
    gathered = Gathered(hub.store.database.arrivals)
    reached = asyncio.Event()

    class Stuck:
        async def insert_many(self, *_: object, **__: object) -> None:
            reached.set()
            await asyncio.Event().wait()

    gathered._collection = Stuck()  # type: ignore[assignment]
    async with gathered._writing:  # as if one were being written
        tasks = [asyncio.ensure_future(gathered.insert({"_id": str(number)})) for number in range(3)]

        async def there() -> bool:
            return len(gathered._waiting) == len(tasks)

        await until(there, "all to wait for it")
    await reached.wait()
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(each, StoreUnavailable) for each in results[1:])
    gathered._collection = hub.store.database.arrivals
    await gathered.insert({"_id": "again"})
