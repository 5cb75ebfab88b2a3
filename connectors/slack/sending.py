"""One outgoing message as calls of the Web API: a text, or files with their words. And finding it again."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.slack.buttons import buttons
from connectors.slack.calls import Calls, spoken
from connectors.slack.content import file_ids
from connectors.slack.events import Place, message_name
from connectors.slack.writing import Words
from hub.contract.errors import ConnectorError, Rejected, RejectReason, Unavailable
from hub.contract.inbound import RemoteId

DELIVERY = "hubbub_delivery"  # the kind of metadata each message carries, with our key in it
SHOWN_AFTER = (0.2, 0.4, 0.8, 1.6)  # seconds between two looks whether a file stands in its channel
EARLIER = timedelta(minutes=2)  # how far Slack's clock may be from ours

File = tuple[str, str, bytes]  # name, type, content
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sending:
    calls: Calls
    place: Place

    async def text(self, words: Words, key: str, choices: Sequence[str] = ()) -> RemoteId:
        place, blocks = self.place, [*words.blocks, *buttons(choices)]
        answer = await self.calls.ask(
            place.team,
            lambda client: client.chat_postMessage(
                channel=place.channel,
                text=words.text,
                blocks=blocks,
                thread_ts=place.ts,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": DELIVERY, "event_payload": {"key": key}},
            ),
            sending=True,
        )
        return message_name(answer.get("channel") or place.channel, answer.get("ts"))

    async def files(self, words: Words, files: Sequence[File]) -> RemoteId:
        """All in one message, below the words. Until the last call nobody sees anything of it."""
        ids = [await self._upload(each) for each in files]
        place = self.place
        titles = [name for name, _, _ in files]
        named: list[dict[str, str | None]] = [
            {"id": each, "title": title} for each, title in zip(ids, titles, strict=True)
        ]
        # Its signature has no blocks; Slack's page has.
        said: Any = {"blocks": json.dumps(words.blocks)} if words.blocks else {}
        await self.calls.ask(
            place.team,
            lambda client: client.files_completeUploadExternal(
                files=named,
                channel_id=place.channel,
                thread_ts=place.ts,
                **said,
            ),
            sending=True,
            files=True,
        )
        return await self._shown(ids[0])

    async def _upload(self, file: File) -> str:
        name, _, content = file
        if not content:
            raise Rejected("Slack takes no empty files.", reason=RejectReason.MEDIA_REFUSED)
        slot = await self.calls.ask(
            self.place.team,
            lambda client: client.files_getUploadURLExternal(filename=name, length=len(content)),
        )
        async with (
            spoken(self.calls.config.timeout * 3),
            self.calls.kit.http.post(str(slot.get("upload_url")), data=content) as answer,
        ):
            if answer.status == 413:
                raise Rejected("The file is too large for Slack.", reason=RejectReason.MEDIA_REFUSED)
            if answer.status != 200:
                raise Unavailable("Slack does not take the file just now.")
        return str(slot.get("file_id"))

    async def _shown(self, file: str) -> RemoteId:
        """The message a file stands in: Slack puts it there by and by, and tells no sooner.

        If that takes long, the file's own name is as good as any: nothing else is known by it.
        """
        for pause in SHOWN_AFTER:
            try:
                answer = await self.calls.ask(self.place.team, lambda client: client.files_info(file=file))
            except ConnectorError:
                break  # it is sent, whatever its name
            if (ts := _shared(answer.get("file"), self.place.channel)) is not None:
                return message_name(self.place.channel, ts)
            await asyncio.sleep(pause)
        return message_name(self.place.channel, file)

    async def moment(self, name: str) -> str:
        """Of a message: its own, or that of a file's message, known by its file until Slack had shown it."""
        if not name.startswith("F"):
            return name
        answer = await self.calls.ask(self.place.team, lambda client: client.files_info(file=name))
        ts = _shared(answer.get("file"), self.place.channel)
        if ts is None:
            raise Rejected("The message does not exist any more.", reason=RejectReason.MESSAGE_GONE)
        return ts

    async def find(self, key: str, names: Sequence[str], since: datetime) -> RemoteId | None:
        """The message of a delivery: by the key in its metadata, or by all its files' names.

        Two that could be it are none: better to ask a person than to take one for the other.
        """
        workspace = self.calls.config.workspace(self.place.team)
        ours = [
            each
            for each in await self._latest(since)
            if workspace and _is_by(each, workspace.user, workspace.bot)
        ]
        fits = [each for each in ours if _key_of(each) == key]
        if names and not fits:
            fits = [each for each in ours if sorted(names) == sorted(_file_names(each))]
        return message_name(self.place.channel, fits[0].get("ts")) if len(fits) == 1 else None

    async def _latest(self, since: datetime) -> list[Json]:
        place, oldest = self.place, f"{(since - EARLIER).timestamp():.6f}"
        if place.ts is None:
            answer = await self.calls.ask(
                place.team,
                lambda client: client.conversations_history(
                    channel=place.channel, oldest=oldest, limit=200, include_all_metadata=True
                ),
            )
        else:
            thread = place.ts
            answer = await self.calls.ask(
                place.team,
                lambda client: client.conversations_replies(
                    channel=place.channel, ts=thread, oldest=oldest, limit=200, include_all_metadata=True
                ),
            )
        return [each for each in answer.get("messages") or [] if isinstance(each, Mapping)]


def _shared(file: Any, channel: str) -> str | None:
    shares = file.get("shares") if isinstance(file, Mapping) else None
    for kind in (shares or {}).values():
        for each in kind.get(channel) or ():
            if isinstance(each.get("ts"), str):
                return str(each["ts"])
    return None


def _is_by(message: Json, user: str, bot: str) -> bool:
    return (bool(user) and message.get("user") == user) or (bool(bot) and message.get("bot_id") == bot)


def _key_of(message: Json) -> str | None:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != DELIVERY:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get("key")) if isinstance(payload, Mapping) else None


def _file_names(message: Json) -> list[str]:
    known = set(file_ids(message))
    return [str(each.get("name")) for each in message.get("files") or [] if each.get("id") in known]
