"""What can be told. The kinds of webhooks are a promise to others, so they are not our events' own names."""

from collections.abc import Mapping

from hub.model.events import CROSSED, Event
from hub.model.hooks import RULE_FIRED

TEST = "webhook.test"

KINDS: Mapping[str, str] = {
    "conversation.opened": "A customer has begun a new conversation.",
    "conversation.changed": "It was assigned, resolved, tagged, snoozed …: `what` says which.",
    "conversation.deleted": "It was deleted for good: delete what you keep of it.",
    "message.received": "A customer has written.",
    "message.queued": "Somebody here has answered; it is on its way.",
    "message.edited": "What a message says has changed.",
    "message.deleted": "A message was deleted on its platform.",
    "message.reacted": "Somebody has put a reaction on a message, or taken it back.",
    "delivery.changed": "A message of ours was sent, delivered, read, or failed.",
    "note.added": "Somebody has written a note for the others here.",
    RULE_FIRED: "A rule has fired that names this very webhook; of other rules it hears nothing.",
    "service_level.due_soon": "Something promised is due within a quarter of an hour: `conversation.due_at`.",
    "service_level.broken": "A promise was not kept: `activity.details` says which, and when it was due.",
    "channel.changed": "A channel was added, paused, removed, or its health has changed.",
}

_OF_EVENTS: Mapping[str, str] = {
    "conversation_changed": "conversation.changed",
    "conversation_deleted": "conversation.deleted",
    "message_received": "message.received",
    "message_queued": "message.queued",
    "message_edited": "message.edited",
    "message_deleted": "message.deleted",
    "reaction_changed": "message.reacted",
    "delivery_changed": "delivery.changed",
    "note_added": "note.added",
    "channel_changed": "channel.changed",
    "rule_fired": RULE_FIRED,
    "came_due": "service_level.due_soon",
}


def kinds_of(event: Event) -> tuple[str, ...]:
    """As what an event is told. Most of what only screens need is told as nothing."""
    if event.details.get("only") is not None or event.kind not in _OF_EVENTS:
        return ()
    if event.details.get("what") == CROSSED:  # it was never told that it was there
        return ()
    kind = _OF_EVENTS[event.kind]
    if kind == "message.received" and "opened" in event.details:
        return "conversation.opened", kind
    if kind == "conversation.changed" and event.details.get("what") == "promise_broken":
        return kind, "service_level.broken"
    return (kind,)
