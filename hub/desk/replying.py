"""Answering: from what an agent wrote to a queued message. The outbox does the rest."""

from collections.abc import Sequence
from datetime import datetime

from hub.auth.access import access_conversation
from hub.desk.choices import says
from hub.desk.equipment import Desk, Draft
from hub.desk.wording import compose, lead_here
from hub.dispatch import reckon
from hub.model.events import CROSSED, Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import (
    Awaiting,
    Conversation,
    Last,
    Message,
    Side,
    Status,
)
from hub.model.people import Agent
from hub.model.previews import preview_of
from hub.model.sentences import Refusal
from hub.outbox.preflight import NotSendable
from hub.realtime import publish
from hub.store.codec import to_document
from hub.store.inbox import thread_id

__all__ = [
    "Desk", "Draft", "Held", "NoSuchConversation", "follow_merges", "get_conversation", "reply",
    "said_lately",
]  # fmt: skip

MERGES = 20  # of conversations that were merged one into the other
CROSSING = 5  # of the newest entries are looked at for a colleague's answer at the same moment
LATELY = 100  # entries that are read for an answer
SUMMARY_TRIES = 10  # a conversation that changes at every try is up to date by somebody else's hand


class Held(Refusal):
    """Something arrived that the writer has not seen. The reply is not sent; the writer is asked."""

    def __init__(self, *, newest: str) -> None:
        super().__init__("held")
        self.newest = newest  # the entry they have not seen


class NoSuchConversation(Refusal):
    pass


async def get_conversation(desk: Desk, agent: Agent, conversation: str) -> Conversation:
    """Raises NoSuchConversation or NotAllowed."""
    found = await desk.store.inbox.find_conversation(conversation)
    if found is None:
        raise NoSuchConversation("conversation_gone", conversation=conversation)
    access_conversation(agent, found)
    return found


async def follow_merges(desk: Desk, agent: Agent, conversation: str) -> Conversation:
    """The conversation; of one that was merged, the one it is in now.

    Raises NoSuchConversation or NotAllowed.
    """
    found = await get_conversation(desk, agent, conversation)
    for _ in range(MERGES):
        if found.merged_into is None:
            break
        found = await get_conversation(desk, agent, found.merged_into)
    return found


async def reply(desk: Desk, agent: Agent, conversation: str, draft: Draft) -> Message:
    """Queue an answer: in the thread the customer last wrote in, or in the place that was chosen.

    Raises Held, NotSendable, NotAllowed, NoSuchConversation.
    """
    found = await follow_merges(desk, agent, conversation)
    now = desk.clock()
    # By the conversation that was asked for: a repeated submit is the same, also after a merge.
    entry = derived_id("reply", agent.id, conversation, draft.key) if draft.key else new_id(now)
    if draft.key and isinstance(done := await desk.store.inbox.find_entry(entry), Message):
        await _queued(desk, agent, found, done)
        if not says(done.content, draft.text):
            raise Held(newest=done.id)  # sent before it was changed: its writer has to know
        return done
    if found.merged_into:
        raise NotSendable("merged_meanwhile")
    messages = await said_lately(desk, found)
    if draft.seen and (newest := _unseen(messages, draft.seen, agent)):
        raise Held(newest=newest.id)
    message = await compose(desk, agent, found, messages, draft, entry, now)
    if draft.through:
        await lead_here(desk, found, message)
    await desk.store.inbox.add_entries([message])
    await _queued(desk, agent, found, message, messages if draft.seen else None)
    return message


async def _queued(
    desk: Desk,
    agent: Agent,
    conversation: Conversation,
    message: Message,
    known: Sequence[Message] | None = None,
) -> None:
    """Everything that follows from a queued message. Done again after a crash, it changes nothing.

    Raises Held where somebody else's answer that is not `known` came first.
    """
    await _summarise(desk, conversation, message, known)
    people = [*message.delivery.to, *message.delivery.cc] if message.delivery else []
    await desk.store.inbox.add_people(thread_id(message.channel, message.thread), people)
    event = Event(
        id=derived_id("queued", message.id),
        kind="message_queued",
        at=message.at,
        conversation=conversation.id,
        entry=message.id,
        channel=message.channel,
        by=agent.id,
    )
    await publish(desk.store, [event])
    if conversation.level:
        await reckon(desk.dispatch, await desk.dispatch.office(), conversation.id)


async def said_lately(desk: Desk, conversation: Conversation) -> list[Message]:
    """The newest messages, oldest first; not those deleted."""
    entries = await desk.store.moving.page(conversation, None, LATELY)
    messages = [each for each in reversed(entries) if isinstance(each, Message) and each.deleted_at is None]
    if messages or len(entries) < LATELY:
        return messages
    timeline = await desk.store.inbox.timeline(conversation.id)  # nothing but notes and facts since
    return [each for each in timeline if isinstance(each, Message) and each.deleted_at is None]


def _unseen(messages: Sequence[Message], seen: str, writer: Agent) -> Message | None:
    """What the customer, or somebody else of ours, wrote last, if it came after the one `seen` last."""
    others = [each for each in messages if each.side is Side.CUSTOMER or each.author != writer.id]
    newest = max(others, key=_arrival, default=None)
    if newest is None or newest.id == seen:
        return None
    last_seen = next((each for each in messages if each.id == seen), None)
    return None if last_seen and _arrival(last_seen) >= _arrival(newest) else newest


async def _crossing(
    desk: Desk, conversation: Conversation, message: Message, known: Sequence[Message]
) -> Message | None:
    """A colleague's answer that was not `known` when ours was written: then ours is taken back.

    Looked for by whoever was not the first to change the conversation, so that of any two one looks after
    both are there. An answer that is being sent already stays.
    """
    ids = {each.id for each in known}
    for other in await desk.store.moving.page(conversation, None, CROSSING):
        if not isinstance(other, Message) or other.side is not Side.US or other.id in {*ids, message.id}:
            continue
        if other.author != message.author and await desk.store.deliveries.cancel(message.id):
            return other
    return None


def _arrival(message: Message) -> datetime:
    return message.received_at or message.at


async def _summarise(
    desk: Desk, conversation: Conversation, message: Message, known: Sequence[Message] | None
) -> None:
    """The conversation waits for the customer now, unless they have written again meanwhile.

    An answer to a resolved one leaves it resolved.
    """
    last = Last(
        entry=message.id,
        side=Side.US,
        author_name=message.author_name,
        preview=preview_of(message.content),
        at=message.at,
    )
    changes: dict[str, object] = {
        "last": to_document(last),
        "awaiting": Awaiting.CUSTOMER,
        "waiting_since": None,
    }
    now: Conversation | None = conversation
    for _ in range(SUMMARY_TRIES):
        if now is None or now.last.entry == message.id:
            return
        if now.last.side is Side.CUSTOMER and now.last.entry != conversation.last.entry:
            return
        changes["activity_at"] = max(now.activity_at, message.at)
        if now.status is Status.SNOOZED:
            changes["status"] = Status.OPEN
        if await desk.store.inbox.change_conversation(now, {**changes, "messages": now.messages + 1}):
            return
        if known is not None and (crossing := await _crossing(desk, conversation, message, known)):
            await _gone_again(desk, message)
            raise Held(newest=crossing.id)
        now = await desk.store.inbox.find_conversation(conversation.id)


async def _gone_again(desk: Desk, message: Message) -> None:
    """Whoever read the conversation in the moment in which it was there lets go of it."""
    event = Event(
        id=derived_id("crossed", message.id),
        kind="message_deleted",
        at=desk.clock(),
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        by=message.author,
        details={"what": CROSSED},
    )
    await publish(desk.store, [event])
