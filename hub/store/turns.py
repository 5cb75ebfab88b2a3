"""Whose turn it is, of what waits in a queue: the oldest first, and every lane its share.

`pending` says in which lane a document waits and `since` its place there; both are gone when it is done, so
the index over the two is as small as the backlog. The embedded database reads all that a filter matches,
whatever the limit. So a long queue is read lane by lane, in windows of time as wide as a page was last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorCollection

from hub.store.codec import Document

WIDENED_MOST = 4  # times a window is widened until something is in it; then the whole lane is read
WIDER = 8
NARROWEST = timedelta(milliseconds=10)


@dataclass(frozen=True, slots=True)
class Window:
    """Where the next page of a crowded lane is looked for: anywhere before its end."""

    ends: datetime
    width: timedelta

    def wider(self) -> "Window":
        return Window(self.ends + (WIDER - 1) * self.width, self.width * WIDER)


class Turns:
    """Reads one queue for the worker of this process."""

    def __init__(self, queue: AsyncIOMotorCollection[Document]) -> None:
        self.queue = queue
        self._crowded: dict[int, Window] = {}

    async def oldest(self, lanes: Sequence[int], most: int) -> list[Document]:
        """Up to `most` documents, in the order they were received, the oldest of each lane among them."""
        crowded = [lane for lane in lanes if lane in self._crowded]
        others = [lane for lane in lanes if lane not in self._crowded]
        found: list[Document] = []
        if others:
            found = await self.queue.find({"pending": {"$in": others}}).limit(most).to_list(most)
            if len(found) == most:  # there are more, in any of these lanes
                crowded, found = list(lanes), []
        share = max(1, (most - len(found)) // len(crowded)) if crowded else 0
        for lane in crowded:
            found += await self._of_lane(lane, share)
        return in_order(found)

    async def _of_lane(self, lane: int, share: int) -> list[Document]:
        window = self._crowded.pop(lane, None)
        for _ in range(WIDENED_MOST if window else 0):
            assert window is not None
            if found := await self._page({"pending": lane, "since": {"$lt": window.ends}}, share):
                full = len(found) == share
                self._crowded[lane] = _after(found) if full else window.wider()
                return found
            window = window.wider()
        found = await self._page({"pending": lane}, share)
        if len(found) == share:
            self._crowded[lane] = _after(found)
        return found

    async def _page(self, query: Document, share: int) -> list[Document]:
        return await self.queue.find(query).sort("since", 1).limit(share).to_list(share)


def in_order(documents: Sequence[Document]) -> list[Document]:
    return sorted(documents, key=lambda each: (each["received_at"], each["_id"]))


def _after(page: Sequence[Document]) -> Window:
    first, last = (each.get("since") or each["received_at"] for each in (page[0], page[-1]))
    width = max(NARROWEST, 2 * (last - first))
    return Window(last + width, width)
