"""One mail in several mailboxes of ours: the copy that comes first is the message, the others are copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.model.ids import derived_id
from hub.model.inbox import Copy
from hub.store.bulk import insert_new
from hub.store.codec import Document, to_document
from hub.store.schema import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """`id`: the same for every copy of a mail. The rest is of the copy that came first."""

    id: str
    entry: str
    conversation: str
    channel: str
    named_at: int | None = None


def claim_id(author: str, message: str, fingerprint: str) -> str:
    """One mail: who wrote it, its Message-ID, and what is in it."""
    return derived_id("copy", author, message, fingerprint)


class Copies:
    def __init__(self, db: Database) -> None:
        self.copies = db.copies
        self.entries = db.entries

    async def claim(self, claims: Sequence[Claim], now: datetime) -> dict[str, Claim]:
        """Who came first has it. Returns, by id, the claims that others had made."""
        documents: list[Document] = [
            {
                "_id": each.id,
                "entry": each.entry,
                "conversation": each.conversation,
                "channel": each.channel,
                "named_at": each.named_at,
                "at": now,
            }
            for each in claims
        ]
        taken = await insert_new(self.copies, documents)
        if not taken:
            return {}
        found = await self.copies.find({"_id": {"$in": list(taken)}}).to_list(None)
        made = [
            Claim(
                id=each["_id"],
                entry=each["entry"],
                conversation=each["conversation"],
                channel=each["channel"],
                named_at=each.get("named_at"),
            )
            for each in found
        ]
        return {each.id: each for each in made}

    async def add(self, entry: str, copy: Copy) -> None:
        """Once, however often it is done."""
        await self.entries.update_one(
            {"_id": entry, "copies.channel": {"$ne": copy.channel}}, {"$push": {"copies": to_document(copy)}}
        )
