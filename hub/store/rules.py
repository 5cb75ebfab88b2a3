"""Rules, working hours, service levels, and how teams and agents take work: small collections, read whole.

Every change raises one number, so that each process asks for a single document to know that what it has in
memory is still right. Decisions are kept beside: one document each, read by their conversation.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from hub.model.hours import WorkingHours
from hub.model.ratings import RatingPlan
from hub.model.rules import Action, Decision, Do, Reading, Rule, Segment
from hub.model.service import ServiceLevel
from hub.model.staffing import AgentPlan, TeamPlan, Workplace
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database

Kept = TypeVar("Kept", Rule, WorkingHours, ServiceLevel, TeamPlan, AgentPlan, Segment, Workplace, RatingPlan)
COLLECTIONS: Mapping[type[Any], str] = {
    Rule: "rules",
    WorkingHours: "working_hours",
    ServiceLevel: "service_levels",
    TeamPlan: "team_plans",
    AgentPlan: "agent_plans",
    Segment: "segments",
    Workplace: "workplace",
    RatingPlan: "rating_plan",
}
STATE = "rules"


class Rules:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.state = db.routing_state
        self.decisions = db.decisions

    async def version(self) -> tuple[int, Reading]:
        """Which version of all this is in force, and how far rules are read."""
        found = await self.state.find_one({"_id": STATE}) or {}
        return int(found.get("version", 0)), Reading(found.get("reading", Reading.ALL))

    async def set_reading(self, reading: Reading) -> None:
        await self.state.update_one(
            {"_id": STATE}, {"$set": {"reading": str(reading)}, "$inc": {"version": 1}}, upsert=True
        )

    async def all_of(self, kind: type[Kept]) -> list[Kept]:
        found = await self.db[COLLECTIONS[kind]].find().to_list(None)
        return [from_document(each, kind) for each in found]

    async def find(self, kind: type[Kept], id: str) -> Kept | None:
        document = await self.db[COLLECTIONS[kind]].find_one({"_id": id})
        return from_document(document, kind) if document else None

    async def save(self, *kept: Kept) -> None:
        for each in kept:
            collection = self.db[COLLECTIONS[type(each)]]
            await collection.replace_one({"_id": each.id}, to_document(each), upsert=True)
        await self._raise()

    async def remove(self, kind: type[Kept], id: str) -> bool:
        removed = await self.db[COLLECTIONS[kind]].delete_one({"_id": id})
        await self._raise()
        return bool(removed.deleted_count)

    async def _raise(self) -> None:
        await self.state.update_one({"_id": STATE}, {"$inc": {"version": 1}}, upsert=True)

    # Decisions

    async def add_decisions(self, decisions: Sequence[Decision]) -> None:
        """Insert those that are not there yet."""
        await insert_new(self.decisions, [_decision(each) for each in decisions])

    async def find_decision(self, decision: str) -> Decision | None:
        document = await self.decisions.find_one({"_id": decision})
        return from_document(document, Decision) if document else None

    async def decisions_of(self, conversation: str) -> list[Decision]:
        """Oldest first."""
        found = await self.decisions.find({"conversation": conversation}).sort("at", 1).to_list(None)
        return [from_document(each, Decision) for each in found]

    async def correct_decision(self, decision: str, agent: str) -> None:
        await self.decisions.update_one({"_id": decision}, {"$set": {"corrected_by": agent}})

    async def pending_decisions(self, limit: int) -> list[Decision]:
        """Those with an answer that is still to be sent."""
        found = await self.decisions.find({"pending": True}).limit(limit).to_list(limit)
        return [from_document(each, Decision) for each in found]

    async def settle_decision(self, decision: str) -> None:
        await self.decisions.update_one({"_id": decision}, {"$unset": {"pending": ""}})


def _decision(decision: Decision) -> Document:
    document = to_document(decision)
    if any(each.do is Do.REPLY for each in decision.done):
        document["pending"] = True
    return document


def replies_of(decision: Decision) -> list[Action]:
    return [each for each in decision.done if each.do is Do.REPLY]
