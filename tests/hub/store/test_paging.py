"""A queue is gone through as a whole, however much comes back meanwhile."""

from datetime import UTC, datetime, timedelta

from hub.store.paging import ids_by_page
from hub.store.schema import Database

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


async def test_everything_is_found_once_though_what_was_done_comes_back(database: Database) -> None:
    moments = [NOON + timedelta(seconds=number // 3) for number in range(25)]  # three of each
    await database.queue.insert_many(
        [{"_id": f"{number:02}", "at": at, "failed": 1} for number, at in enumerate(moments)]
    )
    seen: list[str] = []
    async for page in ids_by_page(database.queue, {"failed": 1}, "at", page=7):
        seen += page
        await database.queue.update_many({"_id": {"$in": page[::2]}}, {"$set": {"failed": 0}})
    assert seen == [f"{number:02}" for number in range(25)]
