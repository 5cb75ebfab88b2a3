"""Events that change what is there already: edits, deletes, reactions, receipts, echoes of our sending."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.clock import Clock
from hub.contract.inbound import (
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ReceiptReceived,
    ThreadMoved,
)
from hub.ingest.media import fit
from hub.ingest.parcels import last_of
from hub.model.channels import Channel
from hub.model.content import Attachment, Content
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Awaiting, DeliveryState, Message, Reaction, Side, Version
from hub.model.journal import Outcome
from hub.model.previews import preview_of
from hub.model.sentences import sentence
from hub.outbox.amending import refresh_preview
from hub.outbox.receipts import apply_receipt
from hub.realtime import publish
from hub.store import Store
from hub.store.codec import to_document
from hub.store.inbox import thread_id
from hub.store.people import identity_id

Ended = tuple[Outcome, str | None, str]

KEPT_VERSIONS = 20
PART_LEAST = 100  # characters; no platform takes shorter texts apart


class NotYet(Exception):
    """It speaks of a message we do not have; the message may still be on its way."""


@dataclass(frozen=True, slots=True)
class Changes:
    store: Store
    clock: Clock

    async def apply(self, channel: Channel, event: InboundEvent) -> Ended:
        """Apply one event. Raises NotYet when what it changes is not there."""
        match event:
            case MessageReceived():
                return await self._ours(channel, event)
            case MessageEdited():
                return await self._edit(channel, event)
            case MessageDeleted():
                return await self._delete(channel, event)
            case ReactionChanged():
                return await self._react(channel, event)
            case ReceiptReceived():
                return await self._receipt(channel, event)
            case ReachabilityChanged():
                return await self._reachability(channel, event)
            case ThreadMoved():
                await self.store.inbox.move_thread(channel.id, event.thread.key, event.to.key)
                return Outcome.DELIVERED, None, sentence("thread_moved", place=event.to.key)
            case Ignored(because=because):
                return Outcome.IGNORED, None, because
        return Outcome.IGNORED, None, sentence("event_unused", kind=type(event).__name__)

    async def _message(self, channel: Channel, remote: str, what: str) -> Message:
        message = await self.store.inbox.find_message(channel.id, remote)
        if message is None:
            raise NotYet(sentence("message_unknown", what=what))
        return message

    async def _edit(self, channel: Channel, event: MessageEdited) -> Ended:
        message = await self._message(channel, event.message, "edit")
        before = Version(event.at, message.content.text)
        content = of_part(message, event, fit(event.content))
        if (message.content.text, _names(message.content)) == (content.text, _names(content)):
            return Outcome.DUPLICATE, message.id, ""
        if any(version.at >= event.at for version in message.edits):
            return Outcome.IGNORED, message.id, sentence("edit_older")
        changes: dict[str, Any] = {"content.text": content.text, "content.markup": content.markup}
        if content.attachments or event.whole:
            changes["content.attachments"] = [to_document(each) for each in content.attachments]
        edits = [*message.edits, before][-KEPT_VERSIONS:]
        await self.store.inbox.set_entry(
            message.id, {**changes, "edits": [to_document(each) for each in edits]}
        )
        await refresh_preview(self.store, message, preview_of(content))
        return await self._told(message, "message_edited", event)

    async def _delete(self, channel: Channel, event: MessageDeleted) -> Ended:
        message = await self._message(channel, event.message, "deletion")
        if message.deleted_at is not None:
            return Outcome.DUPLICATE, message.id, ""
        await self.store.inbox.set_entry(message.id, {"deleted_at": event.at})
        await refresh_preview(self.store, message, "", deleted=True)
        return await self._told(message, "message_deleted", event)

    async def _react(self, channel: Channel, event: ReactionChanged) -> Ended:
        message = await self._message(channel, event.message, "reaction")
        by = identity_id(channel.platform, event.author.key)
        others = [each for each in message.reactions if (each.by, each.emoji) != (by, event.emoji)]
        reactions = [*others, Reaction(by, event.emoji, event.at)] if event.on else others
        await self.store.inbox.set_entry(message.id, {"reactions": [to_document(each) for each in reactions]})
        return await self._told(message, "reaction_changed", event)

    async def _receipt(self, channel: Channel, event: ReceiptReceived) -> Ended:
        if event.message is None:
            return await self._receipts_up_to(channel, event)
        message = await self._message(channel, event.message, "receipt")
        if message.delivery is None:
            return Outcome.IGNORED, message.id, "A receipt for a message that is not ours."
        if not await apply_receipt(self.store, message, event, self.clock()):
            return Outcome.IGNORED, message.id, sentence("receipt_older", state=message.delivery.state)
        return Outcome.DELIVERED, message.conversation, ""

    async def _receipts_up_to(self, channel: Channel, event: ReceiptReceived) -> Ended:
        threads = await self.store.inbox.find_threads([thread_id(channel.id, event.thread.key)])
        for record in threads.values():
            sent = await self.store.deliveries.sent_before(record.conversation, event.thread.key, event.at)
            for message in sent:
                await apply_receipt(self.store, message, event, self.clock())
            return Outcome.DELIVERED, record.conversation, f"{len(sent)} messages"
        raise NotYet(sentence("thread_unknown"))

    async def _reachability(self, channel: Channel, event: ReachabilityChanged) -> Ended:
        identity = identity_id(channel.platform, event.author.key)
        if not await self.store.people.set_reachable(identity, event.reachable):
            return Outcome.IGNORED, None, sentence("nobody_known")
        return Outcome.DELIVERED, None, "reachable" if event.reachable else "unreachable"

    async def _ours(self, channel: Channel, event: MessageReceived) -> Ended:
        """A message from our own account: the echo of a delivery, or written there with another tool."""
        # Before the look by name: what is sent between the two has its name by then.
        sending = await self.store.deliveries.sending_in(channel.id, event.thread.key)
        if (known := await self.store.inbox.find_message(channel.id, event.message)) is not None:
            await self._arrived(known, event)
            return Outcome.DELIVERED, known.conversation, sentence("own_echo")
        threads = await self.store.inbox.find_threads([thread_id(channel.id, event.thread.key)])
        record = threads.get(thread_id(channel.id, event.thread.key))
        if record is None:
            return Outcome.IGNORED, None, sentence("own_elsewhere")
        for message in sending:
            if _whole(message, event):
                await self._arrived(message, event)
            elif _part(message, event):  # the rest may still fail
                await self.store.deliveries.add_names(message, (event.message,))
            else:
                continue
            return Outcome.DELIVERED, message.conversation, sentence("own_echo")
        return await self._written_elsewhere(channel, event, record.conversation)

    async def _arrived(self, message: Message, event: MessageReceived) -> None:
        """An echo proves that a message whose outcome was open has arrived."""
        open_states = (DeliveryState.SENDING, DeliveryState.UNSURE)
        if message.delivery and message.delivery.state in open_states:
            await self.store.deliveries.move(
                message, open_states, DeliveryState.SENT, remote_ids=(event.message,)
            )
            await publish(self.store, [_event(message, "delivery_changed", event, self.clock())])
        elif event.message not in message.remote_ids:
            await self.store.deliveries.add_names(message, (event.message,))

    async def _written_elsewhere(self, channel: Channel, event: MessageReceived, conversation: str) -> Ended:
        message = Message(
            id=derived_id("entry", channel.id, event.thread.key, event.message, event.fingerprint),
            conversation=conversation,
            at=event.at,
            channel=channel.id,
            platform=channel.platform,
            thread=event.thread.key,
            side=Side.US,
            author=channel.id,
            author_name=event.author.name or channel.name,
            content=fit(event.content),
            visibility=event.visibility,
            surface=event.thread.surface,
            remote_ids=(event.message,),
            related=tuple(event.related),
            people=event.people,
            because=sentence("other_tool"),
        )
        await self.store.inbox.add_entries([message])
        found = await self.store.inbox.find_conversation(conversation)
        change = {
            "$set": {"last": to_document(last_of(message)), "awaiting": Awaiting.CUSTOMER},
            "$max": {"activity_at": event.at},
            "$unset": {"waiting_since": ""},
            "$inc": {"version": 1, "messages": 1},
        }
        await self.store.inbox.update_conversations([(conversation, change)], [found] if found else [])
        return await self._told(message, "message_received", event)

    async def grew(
        self, message: Message, event: MessageReceived, said: Content, files: Sequence[Attachment]
    ) -> None:
        """A further part of it has come, and is kept."""
        await refresh_preview(self.store, message, preview_of(replace(said, attachments=tuple(files))))
        await self._told(message, "message_edited", event)

    async def _told(self, message: Message, kind: str, event: InboundEvent) -> Ended:
        await publish(self.store, [_event(message, kind, event, self.clock())])
        return Outcome.DELIVERED, message.conversation, ""


def of_part(message: Message, event: MessageEdited, content: Content) -> Content:
    """What the whole message says, where only a part of it was edited."""
    names, files = message.remote_ids, message.content.attachments
    if len(names) != len(files) or len(names) < 2 or len(content.attachments) != 1:
        return content
    place = names.index(event.message)
    whole = (*files[:place], *content.attachments, *files[place + 1 :])
    said = content if content.text else message.content
    return replace(said, attachments=whole)


def _names(content: Content) -> list[str]:
    return [each.remote or each.name for each in content.attachments]


def _whole(message: Message, event: MessageReceived) -> bool:
    ours, heard = message.content, event.content
    return ours.text == heard.text and len(ours.attachments) == len(heard.attachments)


def _part(message: Message, event: MessageReceived) -> bool:
    """Whether it is a piece of what is being sent: platforms take long texts and files apart."""
    heard = event.content.text.strip()
    if heard:
        first = len(heard) >= PART_LEAST or heard == message.content.text.strip()
        return heard in message.content.text and (first or bool(message.remote_ids))
    ours = {each.name for each in message.content.attachments}
    return any(each.name in ours for each in event.content.attachments)


def _event(message: Message, kind: str, event: InboundEvent, now: datetime) -> Event:
    return Event(
        id=derived_id(kind, message.id, event.key),
        kind=kind,
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
    )
