"""Raw originals of what came in, taken away. The line that something arrived stays, naming nobody.

The line goes by its id, so that what a platform hands us again is known and not kept anew.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from hub.model.sentences import sentence
from hub.store.codec import Document
from hub.store.marks import IGNORED, LINE, REACHED, marks_of, ref_mark
from hub.store.media import Media, MediaMissing
from hub.store.queues import GAVE_UP
from hub.store.schema import Database
from hub.store.shelves import EPOCH

AT_ONCE = 200
KNOWN = ("original_expired", "original_named")  # nobody has to forget that it led somewhere
GONE = ("body", "body_media", "arrival", "ref", "pending", "since", "behind", "not_before", "tries")


@dataclass(slots=True)
class Found:
    """Lines of the journal, and what hangs on them."""

    lines: list[str] = field(default_factory=list)
    arrivals: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Originals:
    def __init__(self, db: Database, media: Media) -> None:
        self.journal = db.journal
        self.arrivals = db.arrivals
        self.media = media

    async def behind(self, lines: Sequence[str]) -> Found:
        """What hangs on these lines, as far as it has not been emptied."""
        found = Found()
        for start in range(0, len(lines), AT_ONCE):
            some = {"_id": {"$in": list(lines[start : start + AT_ONCE])}, "emptied": None}
            fields = {"body_media": 1, "arrival": 1}
            for each in await self.journal.find(some, fields).to_list(None):
                found.lines.append(each["_id"])
                found.arrivals += [each["arrival"]] if each.get("arrival") else []
                found.files += [each["body_media"]] if each.get("body_media") else []
        return found

    async def about(self, refs: Sequence[str]) -> list[str]:
        """Lines that led to these conversations or entries."""
        found: list[str] = []
        for start in range(0, len(refs), AT_ONCE):
            some = {"marks": {"$in": [ref_mark(each) for each in refs[start : start + AT_ONCE]]}}
            found += [each["_id"] for each in await self.journal.find(some, {"_id": 1}).to_list(None)]
        return found

    async def changes_of(self, conversation: str) -> AsyncIterator[Document]:
        """Lines with events that led to a conversation and are no messages: edits, reactions, receipts."""
        async for each in self.journal.find(
            {"marks": ref_mark(conversation)}, {"body": 0}, batch_size=AT_ONCE
        ):
            if each["kind"] not in ("MessageReceived", "ArrivedRaw") and not each.get("emptied"):
                yield each

    async def aside(self, channels: Sequence[str], words: Sequence[str]) -> list[str]:
        """Lines that led to nothing (ignored, failed, about an address) in which one of the words stands."""
        wanted = [each.encode() for each in words]
        found: list[str] = []
        queries: list[Document] = [{"pending": GAVE_UP}]
        for channel in channels:
            queries += [{"marks": mark, "channel": channel} for mark in (IGNORED, REACHED)]
        for query in queries:
            async for each in self.journal.find(query, batch_size=AT_ONCE):
                if not each.get("emptied") and await self._says(each, wanted):
                    found.append(each["_id"])
        return found

    async def _says(self, line: Document, words: Sequence[bytes]) -> bool:
        told = f"{line['thread']} {line['key']} {line.get('event')}".casefold().encode()
        body = line.get("body", b"")
        if media := line.get("body_media"):
            try:
                body = await self.media.read(media)
            except MediaMissing:
                body = b""
        said = told + bytes(body).lower()
        return any(each in said for each in words)

    async def empty(self, lines: Sequence[str], code: str) -> int:
        """Returns how many held something. `code`: the sentence that says why.

        What became of an original that was kept for long enough stays known.
        """
        count = 0
        for start in range(0, len(lines), AT_ONCE):
            some = {"_id": {"$in": list(lines[start : start + AT_ONCE])}, "emptied": None}
            full = await self.journal.find(some, {"ref": 1}).to_list(None)
            gone = [each for each in GONE if each != "ref" or code not in KNOWN]
            for each in full:
                ref = {"ref": each["ref"]} if "ref" in each and "ref" not in gone else {}
                left = {**_emptied(code), "marks": marks_of(ref)}
                update = {"$set": left, "$unset": dict.fromkeys(gone, "")}
                done = await self.journal.update_one({"_id": each["_id"], "emptied": None}, update)
                count += done.modified_count
        return count

    async def drop_arrivals(self, arrivals: Sequence[str]) -> int:
        wanted = list(dict.fromkeys(arrivals))
        if not wanted:
            return 0
        return (await self.arrivals.delete_many({"_id": {"$in": wanted}})).deleted_count

    # By age

    async def old_lines(
        self, channel: str, since: datetime, before: datetime, limit: int
    ) -> list[tuple[str, datetime]]:
        """Lines of a span of time, the oldest first; from the first on that waits to be worked on, none."""
        query = {"marks": LINE, "channel": channel, "received_at": {"$gt": since, "$lt": before}}
        fields = {"received_at": 1, "pending": 1}
        found = await self.journal.find(query, fields).sort("received_at", 1).limit(limit).to_list(limit)
        done = takewhile(lambda each: each.get("pending", GAVE_UP) == GAVE_UP, found)
        return [(each["_id"], each["received_at"]) for each in done]

    async def old_arrivals(self, channel: str, before: datetime, limit: int) -> list[str]:
        query = {"channel": channel, "received_at": {"$gt": EPOCH, "$lt": before}}
        found = self.arrivals.find(query, {"pending": 1}).sort("received_at", 1).limit(limit)
        return [each["_id"] async for each in found if each.get("pending", GAVE_UP) == GAVE_UP]


def _emptied(code: str) -> dict[str, Any]:
    event = {"key": "", "at": EPOCH, "thread": {"key": "", "surface": "direct"}, "because": sentence(code)}
    line: dict[str, Any] = {"key": "", "thread": "", "kind": "Ignored", "event": event, "emptied": True}
    ended = {} if code in KNOWN else {"words": sentence(code), "outcome": "ignored"}
    return {**line, "size": 0, **ended}
