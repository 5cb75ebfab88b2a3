"""What the API answers with: the model as programs see it, without what is only ours."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.model import channels as model_channels
from hub.model import content, inbox, people
from hub.model.sign_ins import Scope

Next = Annotated[str | None, Field(description="Send it as `cursor` to read on; null at the end.")]


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True, defer_build=True)


# Conversations


class Named(Shape):
    id: str
    name: str


class LastMessage(Shape):
    entry: str
    side: inbox.Side
    author_name: str
    preview: str
    at: datetime


class Conversation(Shape):
    """One matter of one customer."""

    id: str
    customer: Named
    subject: str
    status: inbox.Status
    awaiting: inbox.Awaiting
    priority: inbox.Priority
    channel: str
    platform: str
    surface: str
    visibility: str = Field(description="`private`, or `public` where everybody can read the answer.")
    agent: str | None
    team: str | None
    tags: list[str]
    fields: dict[str, str]
    followers: list[str]
    created_at: datetime
    activity_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    due_at: datetime | None
    resolved_at: datetime | None
    csat: int | None = Field(description="How content the customer said they are last, 1 to 5.")
    merged_into: str | None
    last: LastMessage


class ChangedConversation(Conversation):
    """As it is after a deed."""

    undo: str | None = Field(description="Takes the deed back within a day: POST it to `/undo`.")


class Conversations(Shape):
    rows: list[Conversation]
    next: Next


# Entries


class File(Shape):
    name: str
    mime: str
    size: int | None
    url: str | None = Field(description="Where its bytes are; null when we do not have them.")
    refused: str | None = Field(description="Why we do not have it.")


class Person(Shape):
    key: str
    name: str | None
    role: str


class Attempt(Shape):
    at: datetime
    outcome: str
    words: str


class Delivery(Shape):
    """What became of a message of ours on its way out."""

    state: inbox.DeliveryState
    to: list[str]
    cc: list[str]
    bcc: list[str]
    due_at: datetime
    problem: str | None
    attempts: list[Attempt]


class Version(Shape):
    at: datetime
    text: str


class Reaction(Shape):
    by: str
    emoji: str
    at: datetime


class Amending(Shape):
    """A change of ours on its way to the platform; with a `problem`, one that it did not take."""

    what: inbox.Amendment
    by: str
    at: datetime
    text: str
    choices: list[str]
    emoji: str
    problem: str


class Message(Shape):
    """Said to or by the customer."""

    type: Literal["message"] = "message"
    id: str
    conversation: str
    at: datetime
    side: inbox.Side
    author: str
    author_name: str
    channel: str
    platform: str
    surface: str
    visibility: str
    subject: str | None
    text: str = Field(description="What was newly said; empty once it was deleted.")
    markup: content.Markup
    rest: str | None = Field(description="Quotation, signature, disclaimer.")
    files: list[File]
    people: list[Person]
    flags: list[str]
    spam_score: float | None = Field(description="0 to 1, by what was known when it came in.")
    spam_reasons: list[str] = Field(description="What speaks for spam, the strongest first.")
    urgency: str | None = Field(description="high, normal or low, by its words.")
    sentiment: str | None = Field(description="positive, neutral or negative, by its words.")
    because: str = Field(description="Why it is in this conversation.")
    delivery: Delivery | None = Field(description="Only of what we sent.")
    edits: list[Version] = Field(description="What it said before.")
    reactions: list[Reaction]
    choices: list[str] = Field(description="Answers that the customer may tap on.")
    deleted_at: datetime | None
    amending: Amending | None


class Note(Shape):
    """Said among ourselves; never sent."""

    type: Literal["note"] = "note"
    id: str
    conversation: str
    at: datetime
    author: str
    author_name: str
    text: str


class Activity(Shape):
    """A fact, and why."""

    type: Literal["activity"] = "activity"
    id: str
    conversation: str
    at: datetime
    kind: str
    by: str
    because: str
    details: dict[str, str]


Entry = Annotated[Message | Note | Activity, Field(discriminator="type")]


class Entries(Shape):
    """A stretch of the timeline, oldest first. `next` leads to the entries before these."""

    rows: list[Entry]
    next: Next


class Identity(Shape):
    id: str
    platform: str
    key: str
    name: str | None
    handle: str | None
    email: str | None
    phone: str | None
    reachable: bool
    because: str


class Customer(Shape):
    id: str
    name: str
    language: str | None
    zone: str | None
    note: str | None = Field(description="What everybody who talks to them should know.")
    salutation: str | None
    pronouns: str | None
    company: str | None = Field(description="Its mail domain; null: as their addresses tell.")
    owner: str | None = Field(description="The agent who looks after them.")
    vip: bool
    blocked: bool
    tags: list[str]
    fields: dict[str, str]
    identities: list[Identity]


class Composer(Shape):
    """What can be answered here and until when."""

    surface: str
    public: bool
    window_ends_at: datetime | None
    closed: bool
    longest: int
    recipients: bool
    subject: bool


class OpenConversation(Shape):
    conversation: Conversation
    customer: Customer | None
    others: list[Conversation] = Field(description="Of the same customer.")
    entries: Entries
    composer: Composer | None = Field(description="null: nothing can be answered here.")


class Deleted(Shape):
    entries: int = Field(description="How many entries were deleted with it.")


class Hit(Shape):
    conversation: Conversation
    entry: Entry
    snippet: str
    marks: list[tuple[int, int]] = Field(description="Where the words stand in the snippet: from, to.")


class Hits(Shape):
    rows: list[Hit]
    next: Next


# The office


class View(Shape):
    key: str = Field(description="To be sent as `view` when conversations are listed.")
    title: str
    count: int | None = Field(description="100 means 99 and more; null where nothing is counted.")
    shared: bool | None = Field(default=None, description="Only of saved views, as what follows.")
    team: str | None = Field(default=None, description="Whom it is shared with.")
    base: str | None = Field(default=None, description="The view it filters.")
    sort: str | None = None


class Views(Shape):
    rows: list[View]


class Channel(Shape):
    id: str
    name: str
    platform: str
    account_name: str | None
    team: str | None
    country: str = Field(description="Where phone numbers without an international prefix are meant to be.")
    joining: model_channels.Joining = Field(
        description="Conversations that begin while another of the customer's is open."
    )
    paused: bool
    health: model_channels.Health
    problem: str | None = Field(description="Why it is not connected.")
    health_at: datetime | None
    hold_until: datetime | None = Field(description="Told to wait by its platform until then.")
    created_at: datetime


class Channels(Shape):
    rows: list[Channel]


class Reconciliation(Shape):
    """Every arrival has exactly one outcome. Nothing is missing when `waiting` and `failed` are 0."""

    channel: str
    since: datetime
    delivered: int
    duplicate: int
    ignored: int
    failed: int
    waiting: int


class Deliveries(Shape):
    """Newest first."""

    rows: list[Message]
    next: Next


class Agent(Shape):
    id: str
    name: str
    email: str
    role: people.Role
    teams: list[str]


class Agents(Shape):
    rows: list[Agent]


class Teams(Shape):
    rows: list[Named]


class Token(Shape):
    """The token of this very request, and whose it is."""

    title: str
    scopes: list[Scope]
    expires_at: datetime | None
    agent: Agent
