"""Opening a conversation: everything a page shows of it, read together."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.contract.capabilities import Surface, Visibility
from hub.desk.replying import Desk, get_conversation
from hub.desk.views import list_view
from hub.model.channels import Channel
from hub.model.content import Attachment
from hub.model.inbox import Conversation, Entry, Message, Note, Side
from hub.model.people import Agent, Customer, Identity, Team

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the composer must know before anybody writes."""

    surface: str
    public: bool
    window_ends_at: datetime | None  # None: no end
    closed: bool  # the time for answering is over
    longest: int
    measure: Callable[[str], int]
    recipients: bool  # the writer chooses To and Cc
    subject: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConversation:
    conversation: Conversation
    customer: Customer | None
    identities: Sequence[Identity]
    others: Sequence[Conversation]  # of the same customer
    entries: Sequence[Entry]  # oldest first
    earlier: str | None  # cursor to the entries before these
    channels: Mapping[str, Channel]
    limits: Limits | None  # None: nothing can be answered here


async def open_conversation(
    desk: Desk, agent: Agent, conversation: str, *, before: str | None = None
) -> OpenConversation:
    """Raises NoSuchConversation or NotAllowed."""
    found = await get_conversation(desk, agent, conversation)
    whole = await desk.store.inbox.timeline(found.id)
    if before is not None:
        ids = [entry.id for entry in whole]
        whole = whole[: ids.index(before)] if before in ids else []
    entries = whole[-PAGE:]
    channels = {each.id: each for each in await desk.store.channels.list_channels(removed=True)}
    customers = await desk.store.people.find_customers([found.customer])
    newest = (await list_view(desk, agent, "open", limit=200)).rows
    resolved = (await list_view(desk, agent, "resolved", limit=200)).rows
    others = [
        each for each in (*newest, *resolved) if each.customer == found.customer and each.id != found.id
    ]
    return OpenConversation(
        conversation=found,
        customer=customers.get(found.customer),
        identities=await desk.store.people.identities_of(found.customer),
        others=others[:8],
        entries=entries,
        earlier=entries[0].id if len(whole) > PAGE else None,
        channels=channels,
        limits=_limits(desk, whole, channels),
    )


async def find_entry(desk: Desk, agent: Agent, entry: str) -> Message | Note | None:
    """One message or note, if the agent may see its conversation. Raises NotAllowed, NoSuchConversation."""
    found = await desk.store.inbox.find_entry(entry)
    if not isinstance(found, Message | Note):
        return None
    await get_conversation(desk, agent, found.conversation)
    return found


async def find_conversation(desk: Desk, conversation: str) -> Conversation | None:
    """For whoever asks `may_hear` for each of many agents. Nothing is checked here."""
    return await desk.store.inbox.find_conversation(conversation)


async def list_agents(desk: Desk) -> list[Agent]:
    """Those who can answer, by name."""
    return [each for each in await desk.store.people.list_agents() if not each.disabled]


async def list_teams(desk: Desk) -> list[Team]:
    """By name."""
    return await desk.store.people.list_teams()


async def list_channels(desk: Desk) -> list[Channel]:
    """Connected accounts, by name."""
    return await desk.store.channels.list_channels()


def open_attachment(desk: Desk, attachment: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a stored attachment."""
    if attachment.stored is None:
        raise LookupError(f"{attachment.name} is not kept here.")
    return desk.store.media.open(attachment.stored)


def _limits(desk: Desk, entries: Sequence[Entry], channels: Mapping[str, Channel]) -> Limits | None:
    messages = [each for each in entries if isinstance(each, Message) and each.deleted_at is None]
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    answered = (theirs or messages)[-1:]
    channel = channels.get(answered[0].channel) if answered else None
    if channel is None or channel.removed:
        return None
    can = desk.registry.reader(channel).surfaces.get(Surface(answered[0].surface))
    rule = can.replies.get(Visibility(answered[0].visibility)) if can else None
    if can is None or rule is None:
        return None
    window = rule.human or rule.free
    ends = theirs[-1].at + window if window and theirs else None
    return Limits(
        surface=answered[0].surface,
        public=answered[0].visibility == Visibility.PUBLIC,
        window_ends_at=ends,
        closed=ends is not None and ends < desk.clock(),
        longest=can.text.longest,
        measure=can.text.measure,
        recipients=can.recipients,
        subject=can.subject,
    )
