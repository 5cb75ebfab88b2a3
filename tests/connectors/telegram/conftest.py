"""What Telegram's tests share: the server, a connector at it, and messages to send."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram import TelegramConnector
from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import PollingTelegram
from hub.contract.capabilities import Surface
from hub.contract.inbound import Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Attachment, Content, Markup
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import BOT, CHAT, TOKEN, BotApi, serving

STORED = {
    "cat": b"\xff\xd8a cat",
    "dog": b"\xff\xd8a dog",
    "bill": b"%PDF a bill",
    "big": b"\xff\xd8" * 5_000_001,
    "film": b"\x00\x00\x00\x18ftypmp42",
    "song": b"ID3 a song",
    "voice": b"OggS OpusHead",
    "loop": b"GIF89a",
}
KINDS = {
    "bill": ("bill.pdf", "application/pdf"),
    "film": ("film.mp4", "video/mp4"),
    "song": ("song.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "loop": ("loop.gif", "image/gif"),
}
HERE = Thread(str(CHAT["id"]), Surface.DIRECT)


@pytest.fixture
def api() -> Iterator[BotApi]:
    with serving() as served:
        yield served


@pytest.fixture
async def connector(api: BotApi) -> AsyncIterator[PollingTelegram]:
    async with aiohttp.ClientSession() as http:
        config = TelegramConfig(token=SecretStr(TOKEN), api=HttpUrl(api.base), timeout=2, groups="all")
        made = TelegramConnector(config, kit_for(http, media=STORED))
        assert isinstance(made, PollingTelegram)
        await made.connect()
        yield made
        await made.close()


def message(text: str = "Here you are", *files: str, **more: object) -> OutboundMessage:
    attachments = tuple(
        Attachment(
            name=KINDS.get(each, (f"{each}.jpg", ""))[0],
            mime=KINDS.get(each, ("", "image/jpeg"))[1],
            stored=each,
        )
        for each in files
    )
    content = Content(text=text, markup=Markup.MARKDOWN, attachments=attachments)
    whole = OutboundMessage(key="1" * 24, thread=HERE, to=("1001",), content=content, at=datetime.now(UTC))
    return replace(whole, **more)  # type: ignore[arg-type]


def posted(api: BotApi) -> list[dict[str, Any]]:
    return [each for (_, _), each in sorted(api.messages.items()) if each["from"]["id"] == BOT]
