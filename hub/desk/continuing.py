"""Chats whose visitor has gone: what was answered and not seen goes on by e-mail, in the same conversation.

Each answer waits until the visitor has seen it, or has been away for as long as the channel says. Then what
they have not seen goes to the address they left, signed by whoever wrote it, and what they answer by mail
comes back to the conversation it belongs to. The ids are derived: done twice, it is sent once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from hub.contract.capabilities import Surface
from hub.contract.connector import GoesOnByMail
from hub.contract.visitors import Elsewhere, Line, Visitor
from hub.desk.replying import Desk, Draft
from hub.desk.sending import queue_first
from hub.model.channels import Channel
from hub.model.content import Content, Markup
from hub.model.ids import derived_id
from hub.model.inbox import Conversation, Message
from hub.model.people import Agent
from hub.outbox.preflight import NotSendable
from hub.registry import UnknownPlatform
from hub.store import StoreUnavailable
from hub.store.inbox import ThreadRecord, thread_id

log = structlog.get_logger()

LOOK = 20.0  # seconds between two looks
AT_ONCE = 50
LINES = 50
MERGES = 20


@dataclass(frozen=True, slots=True)
class Continuer:
    """Any number of processes may run one."""

    desk: Desk

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.continue_due()
            except StoreUnavailable:
                log.warning("chats cannot be continued by mail just now")
            await asyncio.sleep(LOOK)

    async def continue_due(self) -> int:
        """Mail what has waited for long enough. Returns how many mails there were."""
        mailed = 0
        for channel, visitor in await self.desk.store.visitors.unmailed(self.desk.clock(), AT_ONCE):
            try:
                mailed += await self._continue(channel, visitor)
            except NotSendable as problem:
                log.warning("a chat cannot be continued by mail", channel=channel, reason=str(problem))
                await self.desk.store.visitors.mailed(channel, visitor.key)
        return mailed

    async def _continue(self, channel: str, visitor: Visitor) -> bool:
        now, book = self.desk.clock(), self.desk.store.visitors
        elsewhere = await self._elsewhere(channel, visitor)
        if elsewhere is None or visitor.unmailed_since is None:
            await book.mailed(channel, visitor.key)
            return False
        here = visitor.here_until is not None and visitor.here_until > now
        if here or visitor.unmailed_since + elsewhere.after > now:
            return False
        lines = await book.list_lines(channel, visitor.key, None, LINES)
        unseen = [each for each in lines if each.ours and not each.deleted_at]
        unseen = [each for each in unseen if each.at >= visitor.unmailed_since]
        conversation = await self._conversation(channel, visitor)
        writer = await self._writer(channel, unseen)
        by = await self._mail_channel(elsewhere.channel)
        sent = False
        if unseen and conversation and writer and by:
            await self._send(visitor, unseen, elsewhere, conversation, writer, by)
            sent = True
        await book.mailed(channel, visitor.key)
        return sent

    async def _send(
        self,
        visitor: Visitor,
        lines: Sequence[Line],
        elsewhere: Elsewhere,
        conversation: Conversation,
        writer: Agent,
        by: Channel,
    ) -> None:
        key = f"chat:{conversation.id}:{visitor.email.casefold()}"
        said = "\n\n".join(each.content.text for each in lines if each.content.text)
        content = Content(
            text=f"{said}\n\n{elsewhere.tail}".strip(),
            markup=Markup.MARKDOWN,
            attachments=tuple(file for each in lines for file in each.content.attachments),
            subject=elsewhere.subject,
        )
        record = ThreadRecord(thread_id(by.id, key), by.id, key, conversation.id, (visitor.email.casefold(),))
        await self.desk.store.inbox.add_threads([record])
        draft = Draft(text=content.text, to=(visitor.email,), wait=timedelta())
        entry = derived_id("continued", by.id, lines[-1].id)
        await queue_first(self.desk, writer, conversation.id, by, key, content, draft, Surface.EMAIL, entry)

    async def _elsewhere(self, channel: str, visitor: Visitor) -> Elsewhere | None:
        found = await self.desk.store.channels.find(channel)
        if found is None or found.removed or not visitor.email:
            return None
        try:
            connector: object = self.desk.registry.reader(found)
        except UnknownPlatform:
            return None
        return connector.goes_on(visitor) if isinstance(connector, GoesOnByMail) else None

    async def _conversation(self, channel: str, visitor: Visitor) -> Conversation | None:
        record = thread_id(channel, visitor.key)
        threads = await self.desk.store.inbox.find_threads([record])
        wanted: str | None = threads[record].conversation if record in threads else None
        found = None
        for _ in range(MERGES):
            found = await self.desk.store.inbox.find_conversation(wanted) if wanted else None
            if found is None or found.merged_into is None:
                break
            wanted = found.merged_into
        return found

    async def _writer(self, channel: str, lines: Sequence[Line]) -> Agent | None:
        """Who wrote the last of them."""
        for line in reversed(lines):
            message = await self.desk.store.inbox.find_message(channel, line.id)
            if isinstance(message, Message):
                return await self.desk.store.people.find_agent(message.author)
        return None

    async def _mail_channel(self, name: str) -> Channel | None:
        """By its name, else the first that can write to an address."""
        for channel in await self.desk.store.channels.list_channels():
            if name and channel.name.casefold() != name.casefold():
                continue
            try:
                can = self.desk.registry.reader(channel).surfaces.get(Surface.EMAIL)
            except UnknownPlatform:
                continue
            if can is not None and can.initiates and not channel.paused:
                return channel
        return None
