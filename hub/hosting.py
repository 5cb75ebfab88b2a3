"""What the hub gives to the door of channels it hosts itself: `hub.contract.visitors.Hosting`."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from hub.auth.seal import SealError
from hub.contract.connector import TakesWebhooks
from hub.contract.errors import Unavailable
from hub.contract.inbound import WebhookRequest
from hub.contract.visitors import Told
from hub.desk.replying import Desk
from hub.ingest.names import safe_file_name
from hub.ingest.webhooks import WebhookDoor
from hub.model.content import Attachment
from hub.model.desk import Upload
from hub.model.events import Event
from hub.model.sentences import sentence
from hub.realtime import Follower, TooOld
from hub.registry import UnknownPlatform
from hub.store import StoreUnavailable
from hub.store.media import MediaMissing, MediaTooLarge
from hub.visiting import TOLD

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hosted:
    """Of one process. Files of visitors wait among those of agents, and are swept like theirs."""

    desk: Desk
    door: WebhookDoor
    follower: Follower

    def now(self) -> datetime:
        return self.desk.clock()

    async def connector(self, channel: str, platform: str) -> Any:
        try:
            found = await self.desk.store.channels.find(channel)
            known = found is not None and not found.removed and found.platform == platform
            return self.desk.registry.reader(found) if found and known else None
        except StoreUnavailable as problem:
            raise _away() from problem
        except (UnknownPlatform, ValidationError, SealError) as problem:
            log.error("settings of a channel cannot be read", channel=channel, error=type(problem).__name__)
            return None

    async def take(self, channel: str, request: WebhookRequest) -> None:
        try:
            found = await self.desk.store.channels.find(channel)
            connector: object = self.desk.registry.reader(found) if found else None
            if isinstance(connector, TakesWebhooks):
                await self.door.keep(channel, connector, request)
            else:
                raise _away()  # it was removed at this very moment
        except StoreUnavailable as problem:
            raise _away() from problem

    async def keep_file(
        self, owner: str, pieces: AsyncIterator[bytes], name: str, mime: str, largest: int
    ) -> Attachment:
        try:
            kept = await self.desk.store.media.add(
                pieces, safe_file_name(name, mime), mime, largest, apart=secrets.token_hex(16)
            )
            await self.desk.store.uploads.add(
                Upload(
                    id=kept.id,
                    agents=(owner,),
                    name=kept.name,
                    mime=kept.mime,
                    size=kept.size,
                    loose_at=self.now(),
                )
            )
        except MediaTooLarge as problem:
            raise ValueError(f"A file may have {problem.largest // 1_048_576} MB.") from None
        except StoreUnavailable as problem:
            raise _away() from problem
        return Attachment(name=kept.name, mime=kept.mime, size=kept.size, stored=kept.id)

    async def find_files(self, owner: str, files: Sequence[str]) -> list[Attachment] | None:
        try:
            found = await self.desk.store.uploads.find(files)
            if any(each not in found or owner not in found[each].agents for each in files):
                return None
            if not await self.desk.store.uploads.hold(files, owner):
                return None
        except StoreUnavailable as problem:
            raise _away() from problem
        kept = [found[each] for each in files]
        return [Attachment(name=one.name, mime=one.mime, size=one.size, stored=one.id) for one in kept]

    async def open_file(self, file: str) -> AsyncIterator[bytes]:
        try:
            async for piece in self.desk.store.media.open(file):
                yield piece
        except MediaMissing as problem:
            raise LookupError(file) from problem
        except StoreUnavailable as problem:
            raise _away() from problem

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[AsyncIterator[Told | None]]:
        async with self.follower.subscribe() as events:
            yield _told(events)


async def _told(events: AsyncIterator[Event]) -> AsyncIterator[Told | None]:
    try:
        async for event in events:
            if event.kind == TOLD and event.channel:
                details = {
                    name: value for name, value in event.details.items() if name not in ("what", "thread")
                }
                yield Told(event.channel, event.details["thread"], event.details["what"], details)
    except TooOld:
        yield None


def _away() -> Unavailable:
    return Unavailable(sentence("database_away"))
