"""Outgoing webhooks as the API takes and shows them, and what they carry."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from hub.api.bodies import Body, Cursor, Id, Limit, Query
from hub.api.shapes import Activity, Channel, Conversation, Message, Named, Next, Note, Shape
from hub.hooks.endpoints import NAME_MOST, URL_MOST, Wanted
from hub.model.hooks import HookDeliveryState, HookState

Kind = Literal[
    "conversation.opened",
    "conversation.changed",
    "conversation.deleted",
    "message.received",
    "message.queued",
    "message.edited",
    "message.deleted",
    "message.reacted",
    "delivery.changed",
    "note.added",
    "service_level.due_soon",
    "service_level.broken",
    "channel.changed",
    "rule.fired",
]

# Asked


class NewHook(Body):
    """Where to tell what happens."""

    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=NAME_MOST)]
    url: Annotated[str, StringConstraints(min_length=8, max_length=URL_MOST)] = Field(
        description="Begins with https://. Redirects are not followed, private addresses not connected to."
    )
    kinds: tuple[Kind, ...] = Field(min_length=1, max_length=50, description="What it hears of.")
    channels: tuple[Id, ...] = Field((), max_length=100, description="Of these alone; empty: of all.")
    teams: tuple[Id, ...] = Field((), max_length=100, description="Of these alone; empty: of all.")

    def wanted(self) -> Wanted:
        return Wanted(
            name=self.name, url=self.url, kinds=self.kinds, channels=self.channels, teams=self.teams
        )


class ListHookDeliveries(Query):
    failed: bool = Field(False, description="Only what was given up.")
    cursor: Cursor = None
    limit: Limit = 50


# Answered


class Hook(Shape):
    id: str
    name: str
    url: str
    kinds: list[str]
    channels: list[str]
    teams: list[str]
    state: HookState = Field(description="`disabled`: by Hubbub, after long failure; `off`: by an admin.")
    problem: str | None = Field(description="Why it was disabled.")
    created_at: datetime
    failing_since: datetime | None
    delivered_at: datetime | None = Field(description="When something was taken last, to the minute.")
    hold_until: datetime | None = Field(description="It is left alone until then.")


class Hooks(Shape):
    rows: list[Hook]


class HookWithSecret(Shape):
    hook: Hook
    secret: str | None = Field(
        description="Signs what is sent (Standard Webhooks, `v1`). Told this once: null in the answer to a "
        "request that is repeated with its Idempotency-Key."
    )


class HookAttempt(Shape):
    at: datetime
    took_ms: int
    status: int | None = Field(description="null: there was no answer.")
    words: str
    answer: str = Field(description="Its beginning.")


class HookDelivery(Shape):
    id: str
    message: str = Field(description="`webhook-id`: the same however often it is sent.")
    kind: str
    conversation: str | None
    sequence: int
    at: datetime
    state: HookDeliveryState
    due_at: datetime | None = Field(description="When it is tried next.")
    attempts: list[HookAttempt]
    payload: str | None = Field(description="As it is sent; null in lists, where answers are empty too.")


class HookDeliveries(Shape):
    rows: list[HookDelivery]
    next: Next


class Redelivered(Shape):
    deliveries: int = Field(description="How many are sent again.")


# Sent


class AboutConversation(Shape):
    conversation: Conversation
    activity: Activity | None = Field(default=None, description="The fact, and why.")
    what: str | None = Field(default=None, description="What was done: `assigned`, `resolved` …")
    by: str | None = Field(description="The agent; null: the hub itself.")


class AboutMessage(Shape):
    conversation: Conversation
    message: Message
    cut: bool = Field(description="Whether a text is longer than what is sent; the API has all of it.")
    by: str | None


class AboutNote(Shape):
    conversation: Conversation
    note: Note
    cut: bool
    by: str | None


class Gone(Shape):
    id: str


class AboutDeletion(Shape):
    conversation: Gone
    by: str | None


class AboutChannel(Shape):
    channel: Channel
    what: str | None


class FiredRule(Shape):
    id: str
    name: str
    version: int = Field(description="Rises with every change of the rule.")


class AboutRule(Shape):
    conversation: Conversation
    rule: FiredRule
    on: str = Field(description="What the rule heard of: `arrived`, `csat` …")


class AboutTest(Shape):
    webhook: Named
    words: str


class Telling(Shape):
    """What a webhook carries. Headers: `webhook-id` (the same for every repetition: forget what you know),
    `webhook-timestamp` and `webhook-signature`, as Standard Webhooks describes them. Answer 2xx within 10
    seconds; 410 ends it for good. The shapes show how things are when it is queued."""

    type: str
    version: Literal[1]
    timestamp: datetime = Field(description="When it happened.")
    sequence: int = Field(description="Rises with every delivery of this webhook: tells their order.")
    data: Any


ABOUT: dict[str, type[Shape]] = {
    "conversation.opened": AboutMessage,
    "conversation.changed": AboutConversation,
    "conversation.deleted": AboutDeletion,
    "message.received": AboutMessage,
    "message.queued": AboutMessage,
    "message.edited": AboutMessage,
    "message.deleted": AboutMessage,
    "message.reacted": AboutMessage,
    "delivery.changed": AboutMessage,
    "note.added": AboutNote,
    "service_level.due_soon": AboutConversation,
    "service_level.broken": AboutConversation,
    "channel.changed": AboutChannel,
    "rule.fired": AboutRule,
    "webhook.test": AboutTest,
}
