"""Brings the due time of a conversation up to date with its service level.

It follows from the timeline alone: whatever happened while nobody looked, the next reckoning is right.
"""

from collections.abc import Sequence

from hub.dispatch.office import Dispatch, Office
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Entry, Message, Side, Status
from hub.model.service import Happened, ServiceLevel, Standing, Turn
from hub.realtime import publish

TRIES = 5
MACHINES = frozenset({"auto_reply", "automatic", "bounce", "list"})
TURNS = {"resolved": Turn.RESOLVED, "marked_spam": Turn.RESOLVED, "reopened": Turn.REOPENED}


async def reckon(dispatch: Dispatch, office: Office, conversation: str) -> Standing | None:
    """None: it has no service level (any more)."""
    for _ in range(TRIES):
        found = await dispatch.store.inbox.find_conversation(conversation)
        if found is None or (found.level is None and found.due_at is None):
            return None
        standing = await standing_of(dispatch, office, found)
        due_at = min((each.at for each in standing.dues), default=None) if standing else None
        if found.status is not Status.OPEN and found.status is not Status.SNOOZED:
            due_at = None
        if due_at == found.due_at:
            return standing
        if await dispatch.store.inbox.change_conversation(found, {"due_at": due_at}):
            return standing
    return None


async def standing_of(dispatch: Dispatch, office: Office, conversation: Conversation) -> Standing | None:
    level = office.levels.get(conversation.level or "")
    if level is None:
        return None
    history = history_of(await dispatch.store.inbox.timeline(conversation.id))
    hours = office.hours_of(level.hours)
    return dispatch.router.standing(level, hours, history, dispatch.clock())


def history_of(entries: Sequence[Entry]) -> list[Happened]:
    """What moves the clocks, out of a timeline. What machines say is no answer, and asks for none."""
    history = []
    for each in entries:
        if isinstance(each, Message) and not MACHINES & set(each.flags):
            if each.side is Side.CUSTOMER:
                history.append(Happened(Turn.WROTE, each.at))
            elif each.deleted_at is None and not (each.delivery and each.delivery.automated):
                history.append(Happened(Turn.ANSWERED, each.at))
        elif isinstance(each, Activity):
            turn = _turn(each)
            if turn is not None:
                history.append(Happened(turn, each.at))
    return history


async def tell_broken(dispatch: Dispatch, office: Office, conversation: Conversation) -> bool:
    """Write down promises that were not kept, once each. Returns whether there are any."""
    standing = await standing_of(dispatch, office, conversation)
    level = office.levels.get(conversation.level or "")
    if standing is None or level is None or not standing.broken:
        return False
    facts = [
        Activity(
            id=derived_id("promise_broken", conversation.id, each.promise, each.at.isoformat()),
            conversation=conversation.id,
            at=each.at,
            kind="promise_broken",
            by="routing",
            because=_because(level, each.promise),
            details={"promise": str(each.promise), "level": level.name, "due_at": each.at.isoformat()},
        )
        for each in standing.broken
    ]
    known = await dispatch.store.inbox.find_entries([each.id for each in facts])
    new = [each for each in facts if each.id not in known]
    if not new:
        return True
    await dispatch.store.inbox.add_entries(new)
    events = [
        Event(
            id=derived_id("changed", each.id),
            kind="conversation_changed",
            at=dispatch.clock(),
            conversation=conversation.id,
            entry=each.id,
            by="routing",
            details={"what": "promise_broken", "promise": each.details["promise"]},
        )
        for each in new
    ]
    await publish(dispatch.store, events)
    return True


def _because(level: ServiceLevel, promise: str) -> str:
    return f"{level.name}: {promise.replace('_', ' ')}"


def _turn(fact: Activity) -> Turn | None:
    if fact.kind == "ruled":
        done = fact.details.get("done", "").split("\n")
        return Turn.RESOLVED if {"status\t\tresolved", "status\t\tspam"} & set(done) else None
    if fact.kind == "undone":
        return {"resolved": Turn.REOPENED, "reopened": Turn.RESOLVED}.get(fact.details.get("what", ""))
    return TURNS.get(fact.kind)
