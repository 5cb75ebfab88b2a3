"""One message on its way through the pipeline, and the documents that follow from it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.contract.inbound import MessageReceived
from hub.contract.routing import Joint
from hub.ingest.placing import Placement
from hub.judging.spam import Suspicion
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Awaiting, Conversation, Entry, Last, Message, Side, Status
from hub.model.journal import JournalEntry
from hub.model.people import Customer, Identity
from hub.model.previews import preview_of
from hub.model.sentences import sentence
from hub.store.codec import Document, to_document
from hub.store.inbox import thread_id

SUBJECT = 200
LIVE = timedelta(seconds=10)


@dataclass(slots=True)
class Parcel:
    """Filled in step by step; each step is a round trip for a whole batch of parcels."""

    journal: str
    channel: Channel
    event: MessageReceived
    content: Content
    received_at: datetime
    said_at: datetime  # by the platform's clock
    identity: Identity | None = None
    customer: Customer | None = None
    placement: Placement | None = None
    conversation: Conversation | None = None  # as it was before this message
    conversation_id: str = ""
    joint: Joint | None = None  # why it is in another conversation of the customer's
    opened: bool = False
    window_ends_at: datetime | None = None  # until when the platform lets us answer it
    language: str | None = None
    suspicion: Suspicion | None = None
    urgency: str | None = None
    sentiment: str | None = None
    entry: JournalEntry | None = None  # in the journal

    @property
    def thread_key(self) -> str:
        return self.placement.thread_key if self.placement else self.event.thread.key

    @property
    def entry_id(self) -> str:
        """The same however often the platform hands us the message."""
        return entry_id_of(self.channel.id, self.event)

    @property
    def people(self) -> tuple[str, ...]:
        """Whoever may write into the thread from now on."""
        return (self.event.author.key, *(person.key for person in self.event.people))


def entry_id_of(channel: str, event: MessageReceived) -> str:
    name = f"part of {event.part_of}" if event.part_of else event.message
    return derived_id("entry", channel, event.thread.key, name, event.fingerprint)


def moment_of(event_at: datetime, received_at: datetime) -> datetime:
    """When a message is shown to have been written.

    Many platforms tell whole seconds, some have clocks of their own: what comes in as it is written goes by
    when it came in, so that it does not slip in front of what an agent wrote in the same second.
    """
    return received_at if abs(received_at - event_at) <= LIVE else event_at


def message_of(parcel: Parcel) -> Message:
    event, identity = parcel.event, parcel.identity
    assert identity is not None
    assert parcel.placement is not None
    return Message(
        id=parcel.entry_id,
        conversation=parcel.conversation_id,
        at=event.at,
        channel=parcel.channel.id,
        platform=parcel.channel.platform,
        thread=parcel.thread_key,
        side=Side.CUSTOMER,
        author=identity.id,
        author_name=event.author.name or event.author.handle or event.author.key,
        content=parcel.content,
        visibility=event.visibility,
        surface=event.thread.surface,
        remote_ids=(event.message,),
        reply_to=event.reply_to,
        related=tuple(event.related),
        people=event.people,
        flags=event.flags,
        spam_score=parcel.suspicion.score if parcel.suspicion else None,
        spam_reasons=parcel.suspicion.reasons if parcel.suspicion else (),
        urgency=parcel.urgency,
        sentiment=parcel.sentiment,
        because=parcel.placement.because,
        received_at=None if parcel.received_at == event.at else parcel.received_at,
        journal=parcel.journal,
        said_at=parcel.said_at if event.timed else None,
    )


def last_of(message: Message) -> Last:
    return Last(
        entry=message.id,
        side=message.side,
        author_name=message.author_name,
        preview=preview_of(message.content),
        at=message.at,
        said_at=message.said_at,
    )


def opening_of(parcel: Parcel, message: Message) -> Conversation:
    """The new conversation a message opens, with the message as its summary."""
    assert parcel.customer is not None
    assert parcel.identity is not None
    home = parcel.identity.customer
    subject = " ".join((parcel.content.subject or "").split()) or preview_of(parcel.content)
    return Conversation(
        id=parcel.conversation_id,
        customer=home,
        customer_name=parcel.customer.name,
        person=parcel.customer.id if parcel.customer.id != home else None,
        identity=parcel.identity.id,
        subject=subject[:SUBJECT],
        status=Status.OPEN,
        awaiting=Awaiting.US,
        channel=parcel.channel.id,
        platform=parcel.channel.platform,
        surface=message.surface,
        visibility=message.visibility,
        created_at=message.at,
        activity_at=message.at,
        waiting_since=message.at,
        window_ends_at=parcel.window_ends_at,
        language=parcel.language,
        last=last_of(message),
    )


def summary_change(
    conversation: Conversation,
    message: Message,
    window_ends_at: datetime | None = None,
    language: str | None = None,
) -> Document | None:
    """The update that brings a conversation up to date with a message. None: it is already.

    Sets, never counts (`messages` is only about right): to apply it again after a crash changes nothing.
    """
    if conversation.last.entry == message.id:
        return None
    changed: Document = {}
    if message.at >= conversation.last.at:
        changed["last"] = to_document(last_of(message))
    gone: Document = {}
    if message.side is Side.CUSTOMER:
        changed["awaiting"] = Awaiting.US
        if conversation.waiting_since is None:
            changed["waiting_since"] = message.at
        if window_ends_at is not None:
            changed["window_ends_at"] = max(window_ends_at, conversation.window_ends_at or window_ends_at)
        if language is not None and conversation.language is None:
            changed["language"] = language
        if conversation.status is not Status.SPAM:
            # Also where it is open already: somebody may be resolving it at this very moment.
            changed["status"] = Status.OPEN
            gone.update({"resolved_at": "", "snoozed_until": ""})
    else:
        changed["awaiting"] = Awaiting.CUSTOMER
        gone["waiting_since"] = ""
    update: Document = {
        "$set": changed,
        "$max": {"activity_at": message.at},
        "$inc": {"version": 1, "messages": 1},
    }
    if gone:
        update["$unset"] = gone
    return update


def summarised(parcel: Parcel, message: Message) -> tuple[str, Document, datetime] | None:
    """The conversation, what changes of it, and the moment of the message. None: nothing, or it is new."""
    if parcel.conversation is None or parcel.placement is None:
        return None
    change = summary_change(parcel.conversation, message, parcel.window_ends_at, parcel.language)
    return (parcel.conversation.id, change, message.at) if change else None


def entries_of(parcel: Parcel, message: Message) -> list[Entry]:
    if parcel.placement is None or not parcel.placement.reopens:
        return [message]
    reopened = Activity(
        id=derived_id("reopened", message.id),
        conversation=message.conversation,
        at=message.at,
        kind="reopened",
        by="hub",
        because=sentence("reopened_by_customer", days=parcel.channel.reopen_days),
        details={"reason": "reopened_by_customer", "days": str(parcel.channel.reopen_days)},
    )
    return [reopened, message]


def events_of(parcel: Parcel, message: Message, now: datetime) -> list[Event]:
    """What everybody hears of it. The ids are derived: published twice is published once."""
    received = Event(
        id=derived_id("received", message.id),
        kind="message_received",
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        details={"opened": "yes"} if parcel.opened else {},
    )
    return [received]


def thread_id_of(parcel: Parcel) -> str:
    return thread_id(parcel.channel.id, parcel.thread_key)
