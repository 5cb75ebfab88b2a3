"""Conversations that may be one: which are live, what was suggested, what was decided."""

from collections.abc import Sequence
from datetime import datetime

from hub.model.customers import Verdict
from hub.model.ids import derived_id
from hub.model.inbox import Conversation, Status
from hub.model.joins import JoinOffer
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.schema import Database
from hub.store.shelves import word

LIVE = (Status.OPEN, Status.SNOOZED)
EACH = 4  # live conversations, of customers who are asked for together
ALONE = 20  # of one with very many


def join_id(one: str, other: str) -> str:
    return derived_id("join", *sorted((one, other)))


class Joins:
    def __init__(self, db: Database) -> None:
        self.conversations = db.conversations
        self.offers = db.joins

    async def live_of(self, customers: Sequence[str], since: datetime) -> list[Conversation]:
        """The live ones of these customers that something has happened in since then: one round trip."""
        if not customers:
            return []
        most = ALONE if len(customers) == 1 else EACH * len(customers)
        found = await self._live(customers, since, most)
        if len(found) == most and len(customers) > 1:  # somebody with very many: each by themselves
            found = [row for each in customers for row in await self._live([each], since, ALONE)]
        return found

    async def _live(self, customers: Sequence[str], since: datetime, most: int) -> list[Conversation]:
        whose = customers[0] if len(customers) == 1 else {"$in": list(customers)}
        query = {"customer": whose, "activity_at": {"$gt": since}}
        query |= {"status": {"$in": [str(each) for each in LIVE]}}
        found = self.conversations.find(query).sort("activity_at", -1).limit(most)
        return [from_document(each, Conversation) for each in await found.to_list(most)]

    async def found_under(self, conversation: str, channel: str) -> None:
        """From now on it is found under that channel, too."""
        await self.conversations.update_one(
            {"_id": conversation, "channel": {"$ne": channel}, "also": {"$ne": channel}},
            {"$addToSet": {"also": channel, "under": word("also", channel)}, "$inc": {"version": 1}},
        )

    # Suggestions

    async def offer(self, offers: Sequence[JoinOffer]) -> list[JoinOffer]:
        """Keep those that are new, and return them. What was decided about a pair stays decided."""
        taken = await insert_new(self.offers, [to_document(each) for each in offers])
        return [each for each in offers if each.id not in taken]

    async def open_offers(self, conversation: str) -> list[JoinOffer]:
        """Those nobody has decided, the likeliest first."""
        found = await self.offers.find({"open": conversation}).to_list(None)
        offers = [from_document(each, JoinOffer) for each in found]
        return sorted(offers, key=lambda each: (-each.score, each.id))

    async def find_offer(self, offer: str) -> JoinOffer | None:
        found = await self.offers.find_one({"_id": offer})
        return from_document(found, JoinOffer) if found else None

    async def decide(self, offer: str, verdict: Verdict, by: str, now: datetime) -> bool:
        """False: somebody else has decided."""
        change = {"verdict": str(verdict), "decided_at": now, "decided_by": by}
        done = await self.offers.update_one(
            {"_id": offer, "verdict": None}, {"$set": change, "$unset": {"open": ""}}
        )
        return bool(done.modified_count)

    async def reopen(self, offer: JoinOffer) -> None:
        gone = {"decided_at": "", "decided_by": "", "verdict": ""}
        await self.offers.update_one(
            {"_id": offer.id}, {"$set": {"open": list(offer.conversations)}, "$unset": gone}
        )
