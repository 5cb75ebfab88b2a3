"""Other ways to say something than answering: reply to all, forward, write first, later, and take it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.auth.access import NotAllowed, is_restricted
from hub.contract.capabilities import Surface, Visibility
from hub.contract.connector import NamesMessages
from hub.contract.inbound import Thread
from hub.customers.links import with_keys
from hub.desk.changing import NotPossible, tell
from hub.desk.choices import written
from hub.desk.forwarded import forwarded_subject, quoted
from hub.desk.joining import refresh
from hub.desk.reaching import Somebody, check_person
from hub.desk.replying import Desk, Draft, get_conversation, reply, said_lately
from hub.model.addresses import normal_email, normal_key, normal_phone
from hub.model.channels import Channel
from hub.model.content import Content, Markup
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Awaiting, Conversation, Delivery, DeliveryState, Last, Message, Side, Status
from hub.model.people import Agent, Customer, Identity
from hub.model.previews import preview_of
from hub.model.sentences import sentence
from hub.outbox.preflight import NotSendable, check_content, check_window
from hub.outbox.worker import outbound
from hub.realtime import publish
from hub.store.inbox import ThreadRecord, thread_id
from hub.store.people import identity_id

LATER_MOST = timedelta(days=366)
RECIPIENTS_MOST = 50


@dataclass(frozen=True, slots=True)
class Recipients:
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()


async def everybody(desk: Desk, agent: Agent, conversation: str) -> Recipients:
    """Whom "reply to all" answers: who wrote last, and whoever else was on that message, not ourselves."""
    found = await get_conversation(desk, agent, conversation)
    theirs = [each for each in await said_lately(desk, found) if each.side is Side.CUSTOMER]
    if not theirs:
        raise NotPossible("no_message_to_answer")
    newest = theirs[-1]
    channel = await desk.store.channels.find(newest.channel)
    identities = await desk.store.people.find_identities([newest.author])
    return recipients_of(newest, [each.key for each in identities.values()], channel)


def recipients_of(newest: Message, author: Sequence[str], channel: Channel | None) -> Recipients:
    """Of an answer to everybody. `author`: the keys of who wrote the message. Pure."""
    ours = {(channel.account or "").casefold()} if channel else set()
    wanted = [each.key for each in newest.people if each.role == "reply_to"] or list(author)
    others = [each.key for each in newest.people if each.role in ("to", "cc")]
    taken = {each.casefold() for each in wanted} | ours
    copied = [each for each in dict.fromkeys(others) if each.casefold() not in taken]
    return Recipients(tuple(wanted), tuple(copied[: RECIPIENTS_MOST - 1]))


async def reply_all(desk: Desk, agent: Agent, conversation: str, draft: Draft) -> Message:
    """Raises as `reply`, and NotPossible."""
    people = await everybody(desk, agent, conversation)
    return await reply(desk, agent, conversation, replace(draft, to=people.to, cc=(*people.cc, *draft.cc)))


async def send_later(desk: Desk, agent: Agent, conversation: str, draft: Draft, at: datetime) -> Message:
    """Raises as `reply`, and NotPossible."""
    wait = at - desk.clock()
    if not timedelta() < wait <= LATER_MOST:
        raise NotPossible("send_time")
    return await reply(desk, agent, conversation, replace(draft, wait=wait))


async def forward(
    desk: Desk,
    agent: Agent,
    entry: str,
    to: Sequence[str],
    text: str = "",
    *,
    draft: Draft | None = None,
    keep: Sequence[str] | None = None,
) -> Message:
    """Send a message with its files to somebody else, who has no part in the conversation by that.

    What they answer opens a conversation of its own. `draft`: further recipients, files, a subject, and a key
    by which a repeated submit is sent once. `keep`: which of its files go along (`stored`); None: all.
    Raises NotPossible, NotSendable, NotAllowed.
    """
    more = draft or Draft(text=text)
    message, found = await forwardable(desk, agent, entry)
    key = f"forward:{message.id}:{agent.id}:{more.key or new_id(desk.clock())}"
    chosen = derived_id("forward", key)
    if isinstance(done := await desk.store.inbox.find_entry(chosen), Message):
        return done
    files = [each for each in message.content.attachments if keep is None or each.stored in keep]
    content = Content(
        text=f"{text.strip()}\n\n{quoted(message, found)}".lstrip(),
        attachments=(*more.attachments, *files),
        subject=more.subject or forwarded_subject(message, found),
    )
    channel = await _open_channel(desk, message.channel)
    wanted = replace(more, to=tuple(_recipients(to)))
    sent = await queue_first(desk, agent, found.id, channel, key, content, wanted, message.surface, chosen)
    record = ThreadRecord(thread_id(channel.id, key), channel.id, key, found.id, ())
    await desk.store.inbox.add_threads([record])
    return sent


async def forwardable(desk: Desk, agent: Agent, entry: str) -> tuple[Message, Conversation]:
    """A mail that may be forwarded, and its conversation. Raises NotPossible, NotAllowed."""
    message = await desk.store.inbox.find_entry(entry)
    if not isinstance(message, Message) or message.deleted_at is not None:
        raise NotPossible("forward_gone")
    found = await get_conversation(desk, agent, message.conversation)
    if message.surface != Surface.EMAIL:
        raise NotPossible("forward_mail_only")
    return message, found


async def start_conversation(
    desk: Desk, agent: Agent, channel: str, to: Sequence[str], draft: Draft, subject: str = ""
) -> Conversation:
    """Write first, where the platform lets us. The same `draft.key` begins one conversation.

    Raises NotPossible, NotSendable, NotAllowed. Long because it spells out a conversation field by field.
    """
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    now = desk.clock()
    wanted = _recipients(to)
    used = await _open_channel(desk, channel)
    surface = first_surface(desk, used)
    if surface is None:
        raise NotSendable("customer_first")
    chosen = derived_id("started", agent.id, draft.key) if draft.key else new_id(now)
    if (done := await desk.store.inbox.find_conversation(chosen)) is not None:
        return done
    identity, customer = await _customer(desk, used, wanted[0], now)
    consents = await desk.store.consents.of_customers(await desk.store.people.members_of(customer.id))
    check_person(Somebody(customer=customer, consents=consents), identity, used.platform)
    key = f"new:{chosen}" if surface is Surface.EMAIL else wanted[0]
    content = Content(
        text=draft.text, markup=Markup.MARKDOWN, attachments=draft.attachments, subject=subject or None
    )
    entry = derived_id("first", chosen, key)
    message = await queue_first(
        desk, agent, chosen, used, key, content, replace(draft, to=tuple(wanted)), surface, entry
    )
    opened = Conversation(
        id=chosen,
        customer=identity.customer,
        customer_name=customer.name,
        person=customer.id if customer.id != identity.customer else None,
        identity=identity.id,
        subject=(subject or preview_of(content))[:200],
        status=Status.OPEN,
        awaiting=Awaiting.CUSTOMER,
        channel=used.id,
        platform=used.platform,
        surface=surface,
        visibility=Visibility.PRIVATE,
        created_at=now,
        activity_at=now,
        agent=agent.id,  # who writes first has it; a restricted agent could not see it otherwise
        last=Last(
            entry=message.id, side=Side.US, author_name=agent.name, preview=preview_of(content), at=now
        ),
    )
    await desk.store.inbox.add_conversations([opened])
    people = tuple(wanted)
    await desk.store.inbox.add_threads([ThreadRecord(thread_id(used.id, key), used.id, key, chosen, people)])
    await tell(desk, "conversation_changed", chosen, agent, message.id, now, {"what": "opened"})
    return opened


def first_surface(desk: Desk, channel: Channel) -> Surface | None:
    """Where somebody can be written to who has not written to us; None: nowhere on this channel."""
    surfaces = desk.registry.reader(channel).surfaces
    return next((kind for kind, can in surfaces.items() if can.initiates), None)


async def cancel_delivery(desk: Desk, agent: Agent, delivery: str) -> Draft:
    """Take back what has not left yet. Returns it as the draft it was. Raises NotPossible."""
    message = await desk.store.inbox.find_entry(delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise NotPossible("delivery_gone", delivery=delivery)
    await get_conversation(desk, agent, message.conversation)
    if message.author != agent.id and is_restricted(agent):
        raise NotAllowed("written_by_another")
    if not await desk.store.deliveries.cancel(message.id):
        raise NotPossible("has_left")
    await refresh(desk, message.conversation)
    now = desk.clock()
    event = Event(
        id=new_id(now),
        kind="message_deleted",
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        by=agent.id,
        details={"what": "cancelled"},
    )
    await publish(desk.store, [event])
    given = message.delivery
    return Draft(
        text=written(message.content),
        to=given.to,
        cc=given.cc,
        bcc=given.bcc,
        attachments=message.content.attachments,
    )


async def send_now(desk: Desk, agent: Agent, delivery: str) -> Message:
    """Let what was to leave later leave at once. Raises NotPossible, NotAllowed."""
    message = await desk.store.inbox.find_entry(delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise NotPossible("delivery_gone", delivery=delivery)
    await get_conversation(desk, agent, message.conversation)
    now = desk.clock()
    queued = (DeliveryState.QUEUED,)
    also = {"due_at": now, "give_up_at": now + desk.give_up_after}
    if message.delivery.attempts or not await desk.store.deliveries.move(
        message, queued, DeliveryState.QUEUED, also=also
    ):
        raise NotPossible("has_left")
    event = Event(
        id=new_id(now),
        kind="delivery_changed",
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        by=agent.id,
    )
    await publish(desk.store, [event])
    return replace(message, delivery=replace(message.delivery, due_at=now))


async def _open_channel(desk: Desk, channel: str) -> Channel:
    found = await desk.store.channels.find(channel)
    if found is None or found.removed:
        raise NotSendable("this_channel_removed")
    return found


async def queue_first(
    desk: Desk,
    agent: Agent,
    conversation: str,
    channel: Channel,
    thread: str,
    content: Content,
    draft: Draft,
    surface: str,
    entry: str,
) -> Message:
    """A message in a thread of its own, checked and put into the outbox. `draft`: to whom, and when.

    Long because it spells out a message field by field.
    """
    now = desk.clock()
    connector = desk.registry.reader(channel)
    limits = connector.limits(Thread(thread, Surface(surface)))
    to, copied = draft.to or (), (*draft.cc, *draft.bcc)
    wait = draft.wait if draft.wait is not None else desk.undo
    if limits is None or ((len(to) > 1 or copied) and not limits.recipients):
        raise NotSendable("not_to_them_here")
    check_content(content, limits)
    check_window(limits, Visibility.PRIVATE, None, now, automated=False)
    message = Message(
        id=entry,
        conversation=conversation,
        at=now,
        channel=channel.id,
        platform=channel.platform,
        thread=thread,
        side=Side.US,
        author=agent.id,
        author_name=agent.name,
        content=content,
        visibility=Visibility.PRIVATE,
        surface=surface,
        delivery=Delivery(
            state=DeliveryState.QUEUED,
            to=to,
            cc=draft.cc,
            bcc=draft.bcc,
            due_at=now + wait,
            give_up_at=now + wait + desk.give_up_after,
            signature=agent.signature,
        ),
    )
    if isinstance(connector, NamesMessages):
        message = replace(message, remote_ids=(connector.name_message(outbound(message)),))
    await desk.store.inbox.add_entries([message])
    await publish(desk.store, [_queued(message)])
    return message


def _queued(message: Message) -> Event:
    return Event(
        id=derived_id("queued", message.id),
        kind="message_queued",
        at=message.at,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        by=message.author,
    )


async def _customer(desk: Desk, channel: Channel, key: str, now: datetime) -> tuple[Identity, Customer]:
    """Who has this address; somebody new where nobody has."""
    people = desk.store.people
    identity = identity_id(channel.platform, key)
    address = normal_email(key) if "@" in key else normal_phone(key, channel.country)
    new = Identity(
        id=identity,
        platform=channel.platform,
        key=normal_key(channel.platform, key),
        customer=new_id(now),
        claimed=(address,) if address else (),
        source="agent",
        first_seen_at=now,
        because=sentence("we_wrote_first"),
    )
    kept = (await people.add_identities([with_keys(new)]))[identity]
    await people.add_customers([Customer(id=kept.customer, name=kept.name or key, created_at=now)])
    return kept, (await people.find_customers([kept.customer]))[kept.customer]


def _recipients(to: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(each.strip() for each in to if each.strip()))
    if not wanted or len(wanted) > RECIPIENTS_MOST:
        raise NotSendable("recipients", most=RECIPIENTS_MOST)
    return wanted
