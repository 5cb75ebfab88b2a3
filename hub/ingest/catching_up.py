"""Conversations from before Hubbub knew their language and the end of their reply window.

Both are written when a message comes in. What came in earlier is looked at once, behind all else, so that
lists filter and sort it like the rest. Doing a piece twice changes nothing, so nothing is leased.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from hub.auth.seal import SealError
from hub.contract.capabilities import Surface, Visibility
from hub.contract.inbound import Thread
from hub.ingest.languages import language_of
from hub.model.channels import Channel
from hub.model.inbox import Conversation, Message, Side
from hub.registry import Registry, UnknownPlatform
from hub.store import Store, StoreUnavailable
from hub.store.codec import Document
from hub.store.once import in_pieces, is_done, note_done

log = structlog.get_logger()

PIECE = 100  # conversations
READ = 100  # entries of each, the newest
REST = 0.05  # seconds between two pieces: others come first
AGAIN = 30.0  # seconds, when the database is away
DONE = "characterised"


async def catch_up(store: Store, registry: Registry) -> None:
    """Until all is done; when it is interrupted, the next start begins once more."""
    while True:
        try:
            if changed := await look_back(store, registry):
                log.info("old conversations looked at", changed=changed)
            return
        except StoreUnavailable:
            log.warning("old conversations cannot be looked at just now")
            await asyncio.sleep(AGAIN)


def window_of(registry: Registry, channel: Channel, thread: Thread, visibility: str) -> timedelta | None:
    """How long a platform lets us answer there; None: always."""
    limits = registry.reader(channel).limits(thread)
    rule = limits.replies.get(Visibility(visibility)) if limits else None
    return (rule.human or rule.free) if rule else None


async def look_back(store: Store, registry: Registry) -> int:
    """Returns how many conversations were changed."""
    if await is_done(store.database, DONE):
        return 0
    channels = {each.id: each for each in await store.channels.list_channels(removed=True)}
    changed = 0
    async for piece in in_pieces(store.database, PIECE):
        found: list[tuple[str, Document]] = []
        for each in piece:
            if set_now := await _known_now(store, registry, channels, each):
                found.append((each.id, {"$set": set_now}))
        await store.inbox.update_conversations(found)
        changed += len(found)
        await asyncio.sleep(REST)
    await note_done(store.database, DONE)
    return changed


async def _known_now(
    store: Store, registry: Registry, channels: Mapping[str, Channel], conversation: Conversation
) -> Document:
    """What the customer's messages tell, where it is not known yet."""
    if conversation.language is not None and conversation.window_ends_at is not None:
        return {}
    entries = await store.inbox.timeline(conversation.id, READ)
    theirs = [each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER]
    known: Document = {}
    if conversation.language is None:
        read = (f"{each.content.subject or ''}\n{each.content.text}" for each in theirs)
        if language := next((found for each in read if (found := language_of(each))), None):
            known["language"] = language
    if conversation.window_ends_at is None:
        ends = [end for each in theirs if (end := _window_end(registry, channels, each))]
        known |= {"window_ends_at": max(ends)} if ends else {}
    return known


def _window_end(registry: Registry, channels: Mapping[str, Channel], message: Message) -> datetime | None:
    channel = channels.get(message.channel)
    if channel is None or channel.removed:
        return None
    try:
        window = window_of(
            registry, channel, Thread(message.thread, Surface(message.surface)), message.visibility
        )
    except (UnknownPlatform, SealError, ValidationError):  # its settings cannot be read any more
        return None
    return message.at + window if window else None
