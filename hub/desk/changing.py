"""How a deed changes a conversation: compare and set, record the fact, tell, know how to undo it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.desk.following import follow_up
from hub.desk.replying import Desk, get_conversation
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Activity, Conversation
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.realtime import publish

TRIES = 5


class Changed(Refusal):
    """Somebody else changed the conversation at the same moment; look again."""


class NotPossible(Refusal):
    """The deed does not fit the state things are in."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done; `token` takes it back through `undoing.undo`. None: nothing had to be done."""

    conversation: str
    kind: str
    token: str | None = None


async def change(
    desk: Desk,
    agent: Agent,
    conversation: Conversation,
    kind: str,
    because: str,
    changes: Mapping[str, Any],
    details: Mapping[str, str] | None = None,
    *,
    undoable: bool = True,
) -> Done:
    """Raises Changed when somebody else changed the same thing since the conversation was read.

    None removes a field. What else happened meanwhile (a message arrived) does not matter.
    """
    before = {key: getattr(conversation, key) for key in changes}
    current = await _compare_and_set(desk, agent, conversation, before, changes)
    now = desk.clock()
    token = new_id(now) if undoable else None
    if token:
        step = {"kind": "change", "conversation": conversation.id, "what": kind}
        await desk.store.drafts.keep_undo(
            token, agent.id, now, {**step, "before": plain(before), "after": plain(changes)}
        )
    fact = Activity(
        id=new_id(now),
        conversation=conversation.id,
        at=now,
        kind=kind,
        by=agent.id,
        because=because,
        details={**(details or {}), **({"undo": token} if token else {})},
    )
    await desk.store.inbox.add_entries([fact])
    was = {"was_agent": current.agent, "was_team": current.team} if {"agent", "team"} & set(changes) else {}
    known = {key: value for key, value in was.items() if value}
    await tell(desk, "conversation_changed", conversation.id, agent, fact.id, now, {"what": kind, **known})
    await follow_up(desk.dispatch, current, changes)
    return Done(conversation.id, kind, token)


async def _compare_and_set(
    desk: Desk,
    agent: Agent,
    conversation: Conversation,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> Conversation:
    """Returns the conversation as it was right before."""
    current = conversation
    for _ in range(TRIES):
        if await desk.store.inbox.change_conversation(current, changes):
            return current
        current = await get_conversation(desk, agent, conversation.id)
        if {key: getattr(current, key) for key in changes} != before:
            raise Changed("changed_meanwhile")
    raise Changed("changes_too_fast")


async def tell(
    desk: Desk,
    kind: str,
    conversation: str,
    agent: Agent,
    entry: str | None,
    now: datetime,
    details: Mapping[str, str] | None = None,
) -> None:
    event = Event(
        id=new_id(now),
        kind=kind,
        at=now,
        conversation=conversation,
        entry=entry,
        by=agent.id,
        details=dict(details or {}),
    )
    await publish(desk.store, [event])


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the database keeps it: lists for tuples; None stays, and means that there was nothing."""
    return {
        key: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for key, value in values.items()
    }
