"""All there is of something, page by page, while it changes: for commands that go through a queue."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorCollection

from hub.store.codec import Document

PAGE = 500
TICK = timedelta(milliseconds=1)  # the database keeps moments to the millisecond


async def ids_by_page(
    collection: AsyncIOMotorCollection[Document], query: Document, by: str, page: int = PAGE
) -> AsyncIterator[list[str]]:
    """The ids of what the query finds, oldest first by that moment, each once: also if what is done with them
    brings them back at once. More than a page of one and the same millisecond are passed over.
    """
    after: datetime | None = None
    seen: set[str] = set()
    while True:
        wanted = {**query, by: {"$gt": after - TICK}} if after else query
        found = await collection.find(wanted, {by: 1}).sort(by, 1).limit(page).to_list(page)
        if fresh := [str(each["_id"]) for each in found if each["_id"] not in seen]:
            yield fresh
        if len(found) < page:
            return
        seen = {each["_id"] for each in found}
        after = found[-1][by] + (TICK if not fresh else timedelta())
