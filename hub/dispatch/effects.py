"""What actions change of a conversation, as the database keeps it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.model.inbox import Conversation, Priority, Status, Wish
from hub.model.rules import Action, Do
from hub.store.codec import to_document


@dataclass(frozen=True, slots=True)
class Effects:
    """`changes`: those that make a difference; `done`: the actions that do, or say something to somebody."""

    changes: Mapping[str, Any]
    done: tuple[Action, ...]


SAID = (Do.NOTE, Do.REPLY, Do.NOTIFY, Do.WEBHOOK)
TAGS_MOST = 50


def effects_of(conversation: Conversation, actions: Iterable[Action], now: datetime) -> Effects:
    changes: dict[str, Any] = {}
    done: list[Action] = []
    now_is = conversation
    for each in actions:
        if each.do in SAID:
            done.append(each)
            continue
        found = _change(now_is, each, now)
        changed = {key: value for key, value in found.items() if getattr(now_is, key) != value}
        if changed:
            now_is = replace(now_is, **changed)
            changes |= changed
            done.append(each)
    return Effects({key: _stored(value) for key, value in changes.items()}, tuple(done))


def _change(conversation: Conversation, action: Action, now: datetime) -> Mapping[str, Any]:
    value = action.value
    match action.do:
        case Do.TEAM:
            moved = conversation.team != value
            return {"team": value, "agent": None} if moved else {}
        case Do.AGENT:
            return {"wish": replace(conversation.wish or Wish(), agent=value)}
        case Do.STRATEGY:
            return {"wish": replace(conversation.wish or Wish(), strategy=value)}
        case Do.NEED:
            wish = conversation.wish or Wish()
            skill, _, level = value.partition(":")
            return {"wish": replace(wish, needs={**wish.needs, skill: int(level or 1)})}
        case Do.PRIORITY:
            return {"priority": Priority(value)}
        case Do.TAG | Do.UNTAG:
            return {"tags": _tags(conversation.tags, value, added=action.do is Do.TAG)}
        case Do.FIELD:
            left = {key: kept for key, kept in conversation.fields.items() if key != action.name}
            return {"fields": {**left, action.name: value} if value else left}
        case Do.LEVEL:
            return {"level": value or None}
        case Do.STATUS:
            return _status(Status(value), now)
    return {}


def _tags(tags: tuple[str, ...], name: str, *, added: bool) -> tuple[str, ...]:
    there = name.casefold() in {each.casefold() for each in tags}
    if added:
        return tags if there or len(tags) >= TAGS_MOST else (*tags, name)
    return tuple(each for each in tags if each.casefold() != name.casefold()) if there else tags


def _status(status: Status, now: datetime) -> Mapping[str, Any]:
    if status is Status.OPEN:
        return {"status": status, "resolved_at": None, "snoozed_until": None}
    resolved_at = now if status is Status.RESOLVED else None
    return {"status": status, "resolved_at": resolved_at, "waiting_since": None, "snoozed_until": None}


def _stored(value: Any) -> Any:
    match value:
        case Wish():
            return to_document(value) or None
        case tuple():
            return list(value) or None
        case dict():
            return value or None
        case Status.OPEN | Priority.URGENT | Priority.HIGH | Priority.LOW | Status.SPAM | Status.RESOLVED:
            return str(value)
        case Priority.NORMAL:
            return None  # what is usual is left out: the queue is looked for by it
    return value
