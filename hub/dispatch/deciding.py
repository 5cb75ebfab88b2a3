"""Applies a decision by compare-and-set, and writes down what was decided and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.dispatch.effects import Effects
from hub.dispatch.office import Dispatch
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Entry, Note
from hub.model.rules import Action, Decision, Do, Passed
from hub.model.sentences import sentence
from hub.realtime import publish

TRIES = 5
PASSED_MOST = 30  # told in the timeline; the decision has them all
ELSEWHERE = (
    Do.NOTE,
    Do.REPLY,
    Do.TEAM,
    Do.AGENT,
    Do.STRATEGY,
    Do.NEED,
)  # told by facts and entries of their own
BY = "routing"  # what such a one does never sets off a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What led to a decision, and why it is this one."""

    event: str
    because: str
    rules: tuple[str, ...] = ()  # ids with versions
    names: tuple[str, ...] = ()  # of these rules
    passed: tuple[Passed, ...] = ()


async def apply(
    dispatch: Dispatch, conversation: Conversation, decide: Callable[[Conversation], Effects]
) -> tuple[Conversation, Effects] | None:
    """Change a conversation as decided; if somebody changed it meanwhile, decide again on what it is now.

    Returns it as it was right before. None: there is nothing to be changed.
    """
    current: Conversation | None = conversation
    for _ in range(TRIES):
        if current is None:
            return None
        effects = decide(current)
        if not effects.changes:
            return (current, effects) if effects.done else None
        if await dispatch.store.inbox.change_conversation(current, effects.changes):
            return current, effects
        current = await dispatch.store.inbox.find_conversation(conversation.id)
    return None


async def record(
    dispatch: Dispatch, before: Conversation, effects: Effects, grounds: Grounds, now: datetime
) -> list[Event]:
    """The decision, what the timeline shows of it, and what everybody hears."""
    decision = Decision(
        id=decision_id(before, grounds),
        conversation=before.id,
        at=now,
        event=grounds.event,
        rules=grounds.rules,
        because=grounds.because,
        team=effects.changes.get("team"),
        agent=effects.changes.get("agent"),
        passed=grounds.passed,
        done=effects.done,
    )
    await dispatch.store.rules.add_decisions([decision])
    entries = list(_entries(before, effects, decision))
    await dispatch.store.inbox.add_entries(entries)
    return [_event(each, before, decision) for each in entries]


def decision_id(before: Conversation, grounds: Grounds) -> str:
    """Of one version of a conversation there is one decision for the same reasons, however often made."""
    return derived_id("decision", before.id, grounds.event, str(before.version), *grounds.rules)


async def settle(
    dispatch: Dispatch,
    conversation: Conversation,
    changes: Mapping[str, Any],
    grounds: Grounds,
    now: datetime,
    done: Sequence[Action] = (),
) -> bool:
    """Change it only if it is still as it was; record and tell. False: somebody was faster."""
    if not await dispatch.store.inbox.change_conversation(conversation, changes):
        return False
    effects = Effects(changes, tuple(done))
    await publish(dispatch.store, await record(dispatch, conversation, effects, grounds, now))
    return True


def _entries(before: Conversation, effects: Effects, decision: Decision) -> list[Entry]:
    """One fact for who has it now, one for all else that was changed, and the notes."""
    entries: list[Entry] = []
    who = {key: effects.changes[key] for key in ("team", "agent") if key in effects.changes}
    if {key: value for key, value in who.items() if value != getattr(before, key)}:
        kind = "assigned" if any(who.values()) else "released"
        details = {key: value for key, value in who.items() if value}
        if decision.passed:
            told = decision.passed[:PASSED_MOST]
            said = [f"{each.agent}\t{sentence(each.why, **each.details)}" for each in told]
            details["passed"] = "\n".join(said)
        entries.append(_fact(before, decision, kind, {**details, "decision": decision.id}))
    others = [each for each in effects.done if each.do not in ELSEWHERE]
    if others:
        ruled = "\n".join(f"{each.do}\t{each.name}\t{each.value}" for each in others)
        entries.append(_fact(before, decision, "ruled", {"done": ruled, "decision": decision.id}))
    entries += [
        Note(
            id=derived_id("noted", decision.id, str(place)),
            conversation=before.id,
            at=decision.at,
            author=BY,
            author_name="",
            text=each.value,
        )
        for place, each in enumerate(effects.done)
        if each.do is Do.NOTE
    ]
    return entries


def _fact(before: Conversation, decision: Decision, kind: str, details: dict[str, str]) -> Activity:
    return Activity(
        id=derived_id(kind, decision.id),
        conversation=before.id,
        at=decision.at,
        kind=kind,
        by=BY,
        because=decision.because,
        details=details,
    )


def _event(entry: Entry, before: Conversation, decision: Decision) -> Event:
    was = {"was_agent": before.agent, "was_team": before.team}
    told = {key: value for key, value in was.items() if value}
    what = entry.kind if isinstance(entry, Activity) else ""
    return Event(
        id=derived_id("changed", entry.id),
        kind="note_added" if isinstance(entry, Note) else "conversation_changed",
        at=decision.at,
        conversation=before.id,
        entry=entry.id,
        by=BY,
        details={**({"what": what} if what else {}), **told},
    )
