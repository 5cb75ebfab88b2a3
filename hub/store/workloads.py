"""Who has how much, and who is there: one document an agent, so that one guarded write sees both.

Room is taken before a conversation is given and freed after it was taken away, and both can be repeated: the
document names what it counts. Whatever a crash leaves is therefore on the safe side, an agent who seems to
have more than they do, and `repair` finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from hub.model.inbox import Conversation, Status
from hub.model.staffing import THE_ONE, AgentPlan, State, Workload, Workplace
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document
from hub.store.schema import Database
from hub.store.shelves import by_agent, ms_of

Move = tuple[Conversation | None, Conversation | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What a workload said that was not so."""

    agent: str
    counted: int
    right: int
    missing: tuple[str, ...] = ()  # conversations they have, but were not counted
    surplus: tuple[str, ...] = ()


def holder_of(conversation: Conversation | None) -> str | None:
    """Whose capacity a conversation takes. What is snoozed or resolved takes none."""
    if conversation is None or conversation.status is not Status.OPEN:
        return None
    return conversation.agent


class Workloads:
    def __init__(self, db: Database) -> None:
        self.workloads = db.workloads
        self.conversations = db.conversations
        self.state = db.routing_state
        self.places = db.workplace

    async def find(self, agents: Sequence[str]) -> dict[str, Workload]:
        """Everybody asked for; whoever was never there has nothing."""
        found = await self.workloads.find({"_id": {"$in": list(agents)}}).to_list(None) if agents else []
        known = {each["_id"]: from_document(each, Workload) for each in found}
        return {each: known.get(each) or Workload(id=each) for each in agents}

    async def attend(
        self,
        agent: str,
        until: datetime,
        chosen: State | None = None,
        *,
        back_at: datetime | None = None,
        idle: bool = False,
    ) -> State | None:
        """They are there until then. Returns the state they had, None if they were not known.

        `chosen`: from now on; else it stays, but for OFFLINE, which a sign of life ends.
        """
        before = (await self.find([agent]))[agent]
        await self._there(agent)
        if chosen is not None:
            said = {"state": str(chosen), "until": until, "back_at": back_at, "idle": idle}
            await self.workloads.update_one({"_id": agent}, {"$set": said})
        else:  # whoever chooses another state meanwhile is not overwritten
            offline = {"_id": agent, "state": str(State.OFFLINE)}
            await self.workloads.update_one(offline, {"$set": {"state": str(State.ONLINE)}})
            await self.workloads.update_one({"_id": agent}, {"$set": {"until": until}})
        return before.state if before.until else None

    async def turn(self, seen: Workload, to: State, until: datetime, *, idle: bool = False) -> bool:
        """Another state, if theirs is still as it was `seen`."""
        guards: Document = {"_id": seen.id, "state": str(seen.state), "acted_at": seen.acted_at}
        said = {"state": str(to), "until": until, "back_at": None, "idle": idle}
        return bool((await self.workloads.update_one(guards, {"$set": said})).matched_count)

    async def act(self, agent: str, now: datetime) -> None:
        """A hand on the keyboard."""
        await self._there(agent)
        await self.workloads.update_one({"_id": agent}, {"$set": {"acted_at": now}})

    async def reserve(
        self, seen: Workload, plan: AgentPlan, conversation: Conversation, team: str | None, now: datetime
    ) -> bool:
        """Take room for a conversation, if the agent is there, has room, and is as they were `seen`."""
        weight = (await self.workplace()).weight_of(conversation.surface)
        guards: Document = {
            "_id": seen.id,
            "turn": seen.turn,
            "state": str(State.ONLINE),
            "until": {"$gt": now},
            "held.conversation": {"$ne": conversation.id},
        }
        if plan.capacity is not None:
            guards["load"] = {"$lte": plan.capacity - weight}
        update = _taking(conversation, weight)
        update["$set"] = {"turn": max(seen.turn + 1, ms_of(now))}
        if team:
            update["$inc"][f"given.{team}"] = 1
        return bool((await self.workloads.update_one(guards, update)).modified_count)

    async def free(self, agent: str, conversation: Conversation) -> None:
        """Give room back; nothing happens where none was taken."""
        holders, place = await self.find([agent]), await self.workplace()
        await self.workloads.bulk_write([_freeing(holders[agent], conversation, place)])

    async def follow(self, moves: Sequence[Move]) -> None:
        """Bring workloads up to date with conversations that moved."""
        moved = [(holder_of(before), holder_of(after), before, after) for before, after in moves]
        moved = [each for each in moved if each[0] != each[1]]
        if not moved:
            return
        holders = await self.find(list({had for had, *_ in moved if had is not None}))
        place = await self.workplace()
        changes: list[UpdateOne] = []
        for each in {has for _, has, *_ in moved if has is not None}:
            await self._there(each)
        for had, has, before, after in moved:
            if had is not None and before is not None:
                changes.append(_freeing(holders[had], before, place))
            if has is not None and after is not None:
                guard = {"_id": has, "held.conversation": {"$ne": after.id}}  # reserved already: no more
                changes.append(UpdateOne(guard, _taking(after, place.weight_of(after.surface))))
        await self.workloads.bulk_write(changes)

    async def workplace(self) -> Workplace:
        """What conversations weigh, as it is kept now."""
        found = await self.places.find_one({"_id": THE_ONE})
        return from_document(found, Workplace) if found else Workplace()

    async def vanished(self, before: datetime) -> list[Workload]:
        """Those who have something and have not been there since."""
        found = await self.workloads.find({"load": {"$gt": 0}}).to_list(None)
        workloads = [from_document(each, Workload) for each in found]
        return [each for each in workloads if each.until is not None and each.until < before]

    async def repair(self) -> list[Drift]:
        """Compare every workload with what its agent has, and mend it.

        Only what is wrong twice in the same way: what is between two writes looks wrong for a moment.
        """
        first = {each.agent: each for each in await self._drifts()}
        drifts = [each for each in await self._drifts() if first.get(each.agent) == each]
        for each in drifts:
            held = await self._held(each.agent)
            load = sum(item["weight"] for item in held)
            guard = {"_id": each.agent, "load": each.counted}
            await self.workloads.update_one(guard, {"$set": {"held": held, "load": load}})
        return drifts

    async def hold(self, worker: str, now: datetime, until: datetime) -> bool:
        """The lease on sweeping: whether it is ours until then."""
        await insert_new(self.state, [{"_id": "sweep", "owner": "", "until": now}])
        found = await self.state.find_one({"_id": "sweep"}) or {}
        if found["owner"] != worker and found["until"] > now:
            return False
        seen = {"_id": "sweep", "owner": found["owner"], "until": found["until"]}
        taken = await self.state.update_one(seen, {"$set": {"owner": worker, "until": until}})
        return bool(taken.matched_count)

    async def _there(self, agent: str) -> None:
        fresh: Document = {"_id": agent, "state": str(State.OFFLINE), "load": 0, "held": [], "turn": 0}
        if await self.workloads.find_one({"_id": agent}, {"_id": 1}) is None:
            await insert_new(self.workloads, [fresh])

    async def _drifts(self) -> list[Drift]:
        found = [from_document(each, Workload) for each in await self.workloads.find().to_list(None)]
        drifts = []
        for each in found:
            right = {item["conversation"]: item["weight"] for item in await self._held(each.id)}
            counted = {item.conversation: item.weight for item in each.held}
            load = sum(right.values())
            if counted != right or load != each.load:
                missing, surplus = sorted(set(right) - set(counted)), sorted(set(counted) - set(right))
                drifts.append(
                    Drift(
                        agent=each.id,
                        counted=each.load,
                        right=load,
                        missing=tuple(missing),
                        surplus=tuple(surplus),
                    )
                )
        return drifts

    async def _held(self, agent: str) -> list[dict[str, Any]]:
        theirs = dict(by_agent(agent, Status.OPEN).where)
        found = await self.conversations.find(theirs, {"surface": 1}).to_list(None)
        place = await self.workplace() if found else Workplace()
        return [
            {
                "conversation": each["_id"],
                "weight": place.weight_of(each["surface"]),
                "surface": each["surface"],
            }
            for each in found
        ]


def _taking(conversation: Conversation, weight: int) -> Document:
    held = {"conversation": conversation.id, "weight": weight, "surface": conversation.surface}
    return {"$push": {"held": held}, "$inc": {"load": weight}}


def _freeing(holder: Workload, conversation: Conversation, place: Workplace) -> UpdateOne:
    """What it weighed when it was taken is given back, though it may weigh something else by now."""
    weights = [each.weight for each in holder.held if each.conversation == conversation.id]
    weight = weights[0] if weights else place.weight_of(conversation.surface)
    return UpdateOne(
        {"_id": holder.id, "held": {"$elemMatch": {"conversation": conversation.id, "weight": weight}}},
        {"$pull": {"held": {"conversation": conversation.id}}, "$inc": {"load": -weight}},
    )
