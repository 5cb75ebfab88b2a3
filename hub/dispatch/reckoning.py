"""Brings the due time of a conversation up to date with its service level, and tells what was broken.

It follows from the timeline alone: whatever happened while nobody looked, the next reckoning is right.
"""

from collections.abc import Sequence
from datetime import datetime

from hub.dispatch.office import Dispatch, Office
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Side, Status
from hub.model.service import Due, Happened, ServiceLevel, Standing, Turn
from hub.realtime import publish
from hub.store.moments import Moment

TRIES = 5
RUNNING = (Status.OPEN, Status.SNOOZED)  # a promise goes on while we look away
MACHINES = frozenset({"auto_reply", "automatic", "bounce", "list"})
TURNS = {"resolved": Turn.RESOLVED, "marked_spam": Turn.RESOLVED, "reopened": Turn.REOPENED}
ENDINGS = 2  # how many resolutions back clocks depend on: the one before last began the last round


async def reckon(dispatch: Dispatch, office: Office, conversation: str) -> Standing | None:
    """None: it has no service level (any more)."""
    for _ in range(TRIES):
        found = await dispatch.store.inbox.find_conversation(conversation)
        if found is None or (found.level is None and found.due_at is None):
            return None
        standing = await standing_of(dispatch, office, found)
        next_due = min(standing.dues, key=lambda each: each.at, default=None) if standing else None
        due = next_due if found.status in RUNNING else None
        at, promise = (due.at, str(due.promise)) if due else (None, None)
        if (at, promise) != (found.due_at, found.due_for):
            if not await dispatch.store.inbox.change_conversation(found, {"due_at": at, "due_for": promise}):
                continue
            await publish(dispatch.store, [_changed(found, dispatch.clock())])
        if standing is not None:
            await tell_broken(dispatch, office, found, standing)
        return standing
    return None


def _changed(before: Conversation, now: datetime) -> Event:
    """For the screens."""
    key = derived_id("due_changed", before.id, str(before.version))
    return Event(id=key, kind="due_changed", at=now, conversation=before.id, by="routing")


async def standing_of(dispatch: Dispatch, office: Office, conversation: Conversation) -> Standing | None:
    level = office.levels.get(conversation.level or "")
    if level is None:
        return None
    history = await history_of(dispatch, conversation)
    return dispatch.router.standing(level, office.hours_of(level.hours), history, dispatch.clock())


async def history_of(dispatch: Dispatch, conversation: Conversation) -> list[Happened]:
    """What moves the clocks, in its order, as far back as they depend on it.

    Of several of the same turn after each other the first counts, so the longest timeline leaves little to
    remember.
    """
    found: list[Happened] = []  # newest first
    async for page in dispatch.store.moments.pages(conversation):
        for each in page:
            turn = turn_of(each)
            if turn is None:
                continue
            if found and found[-1].turn is turn:
                found.pop()
            found.append(Happened(turn, each.at))
            if turn is Turn.RESOLVED and sum(one.turn is turn for one in found) == ENDINGS:
                return found[::-1]
    return found[::-1]


def turn_of(moment: Moment) -> Turn | None:
    """What machines say is no answer, and asks for none."""
    if moment.side:
        if MACHINES & set(moment.flags):
            return None
        if moment.side == Side.CUSTOMER:
            return Turn.WROTE
        return None if moment.deleted or moment.automated else Turn.ANSWERED
    if moment.kind == "ruled":
        done = moment.details.get("done", "").split("\n")
        return Turn.RESOLVED if {"status\t\tresolved", "status\t\tspam"} & set(done) else None
    if moment.kind == "undone":
        return {"resolved": Turn.REOPENED, "reopened": Turn.RESOLVED}.get(moment.details.get("what", ""))
    return TURNS.get(moment.kind)


async def tell_broken(
    dispatch: Dispatch, office: Office, conversation: Conversation, standing: Standing
) -> bool:
    """Write down promises that were not kept, once each. Returns whether any are new.

    What was settled before the level promised what it does now is judged by no promise that was made later.
    """
    level = office.levels.get(conversation.level or "")
    if level is None or not standing.broken:
        return False
    facts = [_fact(conversation, level, each) for each in standing.broken]
    known = await dispatch.store.inbox.find_entries([each.id for each in facts])
    new = [each for each in facts if each.id not in known]
    if new and (since := await dispatch.store.reckonings.changed_at(level.id)):
        settled = await _settled(dispatch, office, conversation, since)
        new = [each for each in new if (each.details["promise"], each.at) not in settled]
    if not new:
        return False
    await dispatch.store.inbox.add_entries(new)
    await publish(dispatch.store, _told(new, dispatch.clock()))
    return True


async def _settled(
    dispatch: Dispatch, office: Office, conversation: Conversation, moment: datetime
) -> set[tuple[str, datetime]]:
    """What was broken at a moment, and did not run any more."""
    level = office.levels[conversation.level or ""]
    history = await history_of(dispatch, conversation)
    then = dispatch.router.standing(level, office.hours_of(level.hours), history, moment)
    return {(str(each.promise), each.at) for each in then.broken if each not in then.dues}


def _fact(conversation: Conversation, level: ServiceLevel, due: Due) -> Activity:
    return Activity(
        id=derived_id("promise_broken", conversation.id, due.promise, due.at.isoformat()),
        conversation=conversation.id,
        at=due.at,
        kind="promise_broken",
        by="routing",
        because=f"{level.name}: {due.promise.replace('_', ' ')}",
        details={"promise": str(due.promise), "level": level.name, "due_at": due.at.isoformat()},
    )


def _told(facts: Sequence[Activity], now: datetime) -> list[Event]:
    return [
        Event(
            id=derived_id("changed", each.id),
            kind="conversation_changed",
            at=now,
            conversation=each.conversation,
            entry=each.id,
            by="routing",
            details={"what": "promise_broken", "promise": each.details["promise"]},
        )
        for each in facts
    ]
