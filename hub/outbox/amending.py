"""Carries out what we change of what was said already: edits, deletions, reactions.

Each may be carried out twice without harm, so what was interrupted is simply done again. The message changes
here once the platform has taken it, never before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from hub.clock import Clock
from hub.contract.capabilities import Surface
from hub.contract.connector import Connector, Deletes, Edits, Reacts
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    RejectReason,
    Unavailable,
)
from hub.contract.inbound import RemoteId, Thread
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Amending, Amendment, Message, Reaction, Version
from hub.model.previews import preview_of
from hub.model.sentences import sentence
from hub.outbox.retry import HoldChannel, Later, StopChannel, decide
from hub.realtime import publish
from hub.store import Store
from hub.store.amendments import Waiting
from hub.store.codec import to_document
from hub.store.inbox import platform_key

log = structlog.get_logger()

LOOK = timedelta(seconds=30)  # between two looks when nobody says that there is something
VERSIONS = 50  # of a text that are kept


@dataclass(slots=True)
class Amender:
    """One channel's amendments, in the hands of whoever holds the channel."""

    store: Store
    channel: Channel
    connector: Connector[Any]
    clock: Clock
    _look_at: datetime | None = None

    async def work_off(self, *, told: bool) -> int:
        """Carry out what is due; without being told, only now and then. Raises AuthBroken."""
        now = self.clock()
        if not told and self._look_at is not None and now < self._look_at:
            return 0
        due = await self.store.amendments.due(self.channel.id, now)
        for each in due:
            await self._carry_out(each)
        soonest = await self.store.amendments.next_due(self.channel.id) if due else None
        self._look_at = min(self.clock() + LOOK, soonest) if soonest else self.clock() + LOOK
        return len(due)

    async def _carry_out(self, waiting: Waiting) -> None:
        message = await self.store.inbox.find_entry(waiting.message)
        if not isinstance(message, Message) or message.amending is None or message.amending.problem:
            await self.store.amendments.end(waiting)  # deleted meanwhile
            return
        try:
            await self._on_the_platform(message, message.amending)
        except ConnectorError as problem:
            if not _gone_already(problem, message.amending):
                await self._failed(message, waiting, problem)
                return
        except Exception as problem:
            log.exception("connector failed while changing", channel=self.channel.id, message=message.id)
            words = sentence("amending_broke", kind=type(problem).__name__)
            await self._told_off(message, waiting, words)
            return
        await self._here(message, message.amending)
        await self.store.amendments.end(waiting)
        await self._tell(message, "amendment_changed", waiting.number)

    async def _on_the_platform(self, message: Message, wanted: Amending) -> None:
        connector = self.connector
        thread = Thread(platform_key(message.thread), Surface(message.surface))
        names = [RemoteId(each) for each in message.remote_ids]
        match wanted.what:
            case Amendment.EDIT if isinstance(connector, Edits):
                await connector.edit(thread, names[0], amended(message.content, wanted))
            case Amendment.DELETION if isinstance(connector, Deletes):
                for each in names:
                    await connector.delete(thread, each)
            case Amendment.REACTION | Amendment.UNREACTION if isinstance(connector, Reacts):
                on = wanted.what is Amendment.REACTION
                await connector.react(thread, names[0], wanted.emoji, on=on)
            case _:
                raise Rejected(sentence("amending_unsupported"), reason=RejectReason.UNSUPPORTED)

    async def _here(self, message: Message, wanted: Amending) -> None:
        """As the platform shows it now. Its echo may have been faster: nothing is noted twice."""
        now, inbox = self.clock(), self.store.inbox
        match wanted.what:
            case Amendment.EDIT:
                content = amended(message.content, wanted)
                if (content.text, content.choices) == (message.content.text, message.content.choices):
                    return
                edits = [*message.edits, Version(now, message.content.text)][-VERSIONS:]
                changes: dict[str, Any] = {"content.text": content.text, "content.choices": content.choices}
                changes["edits"] = [to_document(each) for each in edits]
                await inbox.set_entry(message.id, changes)
                await refresh_preview(self.store, message, preview_of(content))
                await self._tell(message, "message_edited", wanted.at.isoformat())
            case Amendment.DELETION:
                if message.deleted_at is None:
                    await inbox.set_entry(message.id, {"deleted_at": now})
                    await refresh_preview(self.store, message, "", deleted=True)
                    await self._tell(message, "message_deleted", wanted.at.isoformat())
            case Amendment.REACTION | Amendment.UNREACTION:
                others = [each for each in message.reactions if not self._ours(each, wanted)]
                if wanted.what is Amendment.REACTION:
                    others.append(Reaction(self.channel.id, wanted.emoji, now))
                await inbox.set_entry(message.id, {"reactions": [to_document(each) for each in others]})
                await self._tell(message, "reaction_changed", wanted.at.isoformat())

    def _ours(self, reaction: Reaction, wanted: Amending) -> bool:
        return reaction.by == self.channel.id and (self._one_only() or reaction.emoji == wanted.emoji)

    def _one_only(self) -> bool:
        """Where a platform lists the emoji it takes, a new one takes the place of the last."""
        return any(can.reactions for can in self.connector.surfaces.values())

    async def _failed(self, message: Message, waiting: Waiting, problem: ConnectorError) -> None:
        if isinstance(problem, OutcomeUnknown):  # doing it again does no harm
            problem = Unavailable(str(problem))
        decision = decide(problem, waiting.tries + 1, self.clock(), waiting.give_up_at)
        match decision:
            case Later(at=at):
                await self.store.amendments.later(waiting, at, counts=True)
            case HoldChannel(until=until):
                await self.store.amendments.later(waiting, until, counts=False)
            case StopChannel():
                raise AuthBroken(str(problem)) from problem
            case _:
                await self._told_off(message, waiting, decision.words)

    async def _told_off(self, message: Message, waiting: Waiting, words: str) -> None:
        await self.store.amendments.end(waiting, words)
        await self._tell(message, "amendment_changed", waiting.number)

    async def _tell(self, message: Message, kind: str, key: str) -> None:
        await publish(self.store, [told(message, kind, derived_id(kind, message.id, key), self.clock())])


def amended(content: Content, wanted: Amending) -> Content:
    """What a message says once it is edited; its files stay."""
    return replace(content, text=wanted.text, choices=wanted.choices)


def told(message: Message, kind: str, event: str, now: datetime, by: str | None = None) -> Event:
    return Event(
        id=event,
        kind=kind,
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
        by=by,
    )


async def refresh_preview(store: Store, message: Message, preview: str, *, deleted: bool = False) -> None:
    """The list shows what the last message says now."""
    conversation = await store.inbox.find_conversation(message.conversation)
    if conversation and conversation.last.entry == message.id:
        shown = {"last.preview": preview, "last.deleted": deleted}
        await store.inbox.update_conversations([(conversation.id, {"$set": shown, "$inc": {"version": 1}})])


def _gone_already(problem: ConnectorError, wanted: Amending) -> bool:
    """What is to be deleted and is not there any more is deleted."""
    gone = isinstance(problem, Rejected) and problem.reason is RejectReason.MESSAGE_GONE
    return gone and wanted.what is Amendment.DELETION
