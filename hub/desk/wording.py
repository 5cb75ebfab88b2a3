"""From what an agent wrote to the message that will be sent: where it goes, to whom, and whether it may."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hub.contract.capabilities import Surface, Visibility
from hub.contract.connector import NamesMessages
from hub.contract.inbound import Thread
from hub.desk.choices import with_choices
from hub.desk.equipment import Desk, Draft
from hub.desk.reaching import LIVE, Place, places_of, somebody
from hub.model.channels import Channel
from hub.model.content import Content, Markup
from hub.model.inbox import Conversation, Delivery, DeliveryState, Message, Side
from hub.model.people import Agent
from hub.outbox.preflight import NotSendable, check_content, check_window
from hub.outbox.worker import outbound
from hub.store import Store
from hub.store.inbox import ThreadRecord, thread_id

CHAIN_MOST = 50  # remote ids of earlier messages that an answer names; the first is always kept
SUBJECT = 200


async def compose(
    desk: Desk,
    agent: Agent,
    conversation: Conversation,
    messages: Sequence[Message],
    draft: Draft,
    entry: str,
    now: datetime,
) -> Message:
    """Raises NotSendable. `messages`: those lately said, oldest first."""
    if not messages:
        raise NotSendable("nothing_to_answer")
    place = await chosen_place(desk, conversation, messages, draft.through)
    if place.why_not is not None:
        raise NotSendable(place.why_not.code, **place.why_not.details)
    answered = await _chosen(desk, conversation, messages, place, draft) if draft.answers else place.answered
    message = Message(
        id=entry,
        conversation=conversation.id,
        at=now,
        channel=place.channel.id,
        platform=place.channel.platform,
        thread=place.thread or _new_thread(conversation, place),
        side=Side.US,
        author=agent.id,
        author_name=agent.name,
        content=_content(desk, draft, conversation, place),
        visibility=place.visibility,
        surface=place.surface,
        reply_to=answered.remote_ids[0] if answered and answered.remote_ids else None,
        related=_chain(answered) if answered else (),
        delivery=_delivery(desk, agent, draft, draft.to or place.to, now),
    )
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    return await _checked(desk, place, message, theirs, draft)


async def chosen_place(
    desk: Desk, conversation: Conversation, messages: Sequence[Message], through: str | None
) -> Place:
    """The place that was chosen, or the one where they wrote last. Raises NotSendable."""
    places = await places_of(desk, conversation, messages, await somebody(desk, conversation))
    for each in places:
        if each.id == through or (through is None and each.current):
            return each
    raise NotSendable("place_unusable" if through else "channel_removed")


async def lead_here(desk: Desk, conversation: Conversation, message: Message) -> None:
    """Whatever is answered in the thread of this message comes to this conversation.

    Raises NotSendable where another live conversation goes on there.
    """
    assert message.delivery is not None
    name, people = thread_id(message.channel, message.thread), message.delivery.to
    record = ThreadRecord(name, message.channel, message.thread, conversation.id, people)
    kept = (await desk.store.inbox.add_threads([record]))[name]
    if kept.conversation != conversation.id:
        other = await desk.store.inbox.find_conversation(kept.conversation)
        if other is not None and other.status in LIVE:
            raise NotSendable("to_elsewhere", subject=other.subject)
        await desk.store.inbox.lead_threads({name: conversation.id})
    if message.channel not in (conversation.channel, *conversation.also):
        await desk.store.joins.found_under(conversation.id, message.channel)


async def _chosen(
    desk: Desk, conversation: Conversation, messages: Sequence[Message], place: Place, draft: Draft
) -> Message:
    """The one message that is to be answered. Raises NotSendable where the platform cannot show that."""
    assert draft.answers is not None
    found = next((each for each in messages if each.id == draft.answers), None)
    if found is None:  # said long ago
        kept = await desk.store.inbox.find_entry(draft.answers)
        found = kept if isinstance(kept, Message) and kept.conversation == conversation.id else None
    surface = Surface(place.surface)
    can = desk.registry.reader(place.channel).limits(Thread(place.thread or "", surface))
    here = found and (found.channel, found.thread) == (place.channel.id, place.thread)
    if found is None or not here or can is None or not can.quotes:
        raise NotSendable("answers_elsewhere", channel=place.channel.name)
    if found.deleted_at is not None or not found.remote_ids:
        raise NotSendable("answers_gone")
    return found


def _new_thread(conversation: Conversation, place: Place) -> str:
    """The same for whatever else goes there from this conversation."""
    if place.surface == Surface.EMAIL:
        return f"switched:{conversation.id}:{place.to[0].casefold()}"
    return place.to[0]


def _content(desk: Desk, draft: Draft, conversation: Conversation, place: Place) -> Content:
    subject = place.answered.content.subject if place.answered else None
    can = desk.registry.reader(place.channel).limits(Thread(place.thread or "", Surface(place.surface)))
    if place.answered is None and can is not None and can.subject:
        subject = draft.subject or conversation.subject[:SUBJECT]
    return Content(
        text=draft.text,
        markup=Markup.MARKDOWN,
        attachments=draft.attachments,
        subject=subject,
    )


def _delivery(desk: Desk, agent: Agent, draft: Draft, to: tuple[str, ...], now: datetime) -> Delivery:
    due_at = now + (draft.wait if draft.wait is not None else desk.undo)
    return Delivery(
        state=DeliveryState.QUEUED,
        to=to,
        cc=draft.cc,
        bcc=draft.bcc,
        due_at=due_at,
        give_up_at=due_at + desk.give_up_after,
        automated=draft.automated,
        signature="" if draft.automated else agent.signature,
    )


async def _checked(
    desk: Desk, place: Place, message: Message, theirs: Sequence[Message], draft: Draft
) -> Message:
    """The message with the name it will have on the platform, where that is known beforehand."""
    channel = place.channel
    connector = desk.registry.reader(channel)
    limits = connector.limits(Thread(message.thread, Surface(message.surface)))
    if limits is None:
        raise NotSendable("place_unsupported", platform=channel.platform)
    if limits.choices:
        message = replace(message, content=with_choices(message.content))
    check_content(message.content, limits)
    if not limits.recipients and (draft.cc or draft.bcc):
        raise NotSendable("no_copies")
    visibility = Visibility(message.visibility)
    check_window(limits, visibility, place.last_at, message.at, automated=draft.automated)
    if draft.automated:
        _check_loop(channel, message, theirs)
        await _count_automatic(desk.store, channel, message)
    if isinstance(connector, NamesMessages):
        return replace(message, remote_ids=(connector.name_message(outbound(message)),))
    return message


def _check_loop(channel: Channel, message: Message, theirs: Sequence[Message]) -> None:
    """An automatic answer to an automatic answer is the beginning of a loop."""
    if theirs and {"auto_reply", "automatic", "list", "bounce", "spam", "complaint"} & set(theirs[-1].flags):
        raise NotSendable("automatic_loop")


async def _count_automatic(store: Store, channel: Channel, message: Message) -> None:
    assert message.delivery is not None
    for key in message.delivery.to:
        count = await store.people.count_automatic(channel.platform, key, message.at)
        if count > channel.automatic_most:
            raise NotSendable("automatic_many", most=channel.automatic_most)


def _chain(answered: Message) -> tuple[str, ...]:
    chain = list(dict.fromkeys([*answered.related, *answered.remote_ids[:1]]))
    return tuple(chain if len(chain) <= CHAIN_MOST else [chain[0], *chain[-CHAIN_MOST + 1 :]])
