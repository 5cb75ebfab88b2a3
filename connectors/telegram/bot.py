"""The Bot API by python-telegram-bot's `Bot`, without its application loop; and files, fetched from it."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import aiohttp
import telegram
from telegram import error as tg
from telegram.request import HTTPXRequest

from connectors.telegram.config import TelegramConfig
from connectors.telegram.trouble import translate
from hub.contract.errors import Rejected, RejectReason, Unavailable

os.environ.setdefault("PTB_TIMEDELTA", "true")  # python-telegram-bot asks to be told so, or warns at each 429
for _talks in ("telegram", "httpx", "httpcore"):  # they would write the token into the log
    logging.getLogger(_talks).setLevel(logging.WARNING)

PIECE = 65_536
GONE = "Telegram does not have this file any more."
TOO_LARGE = "Telegram hands bots no files above 20 MB; a Bot API server of your own does."


@cache
def _trusted() -> ssl.SSLContext:
    """Made once: reading all certificates takes a tenth of a second."""
    return ssl.create_default_context()


class _Bot(telegram.Bot):
    def __repr__(self) -> str:
        return "the bot"  # the library's own would show the token


def make_bot(config: TelegramConfig) -> telegram.Bot:
    wait = config.timeout
    calls = HTTPXRequest(
        httpx_kwargs={"verify": _trusted()},
        connection_pool_size=16,
        connect_timeout=wait,
        read_timeout=wait,
        write_timeout=wait,
        pool_timeout=wait,
        media_write_timeout=wait * 3,
    )
    polls = HTTPXRequest(connection_pool_size=1, httpx_kwargs={"verify": _trusted()})
    return _Bot(
        config.token.get_secret_value(),
        base_url=f"{config.base}/bot",
        base_file_url=f"{config.base}/file/bot",
        request=calls,
        get_updates_request=polls,
    )


async def pieces_of(
    bot: telegram.Bot, http: aiohttp.ClientSession, remote: str, *, own_server: bool
) -> AsyncIterator[bytes]:
    """A link is good for an hour and names the token: it is fetched anew, and shown to nobody."""
    try:
        file = await bot.get_file(remote)
    except tg.BadRequest as problem:
        words = TOO_LARGE if "too big" in problem.message.lower() else GONE
        raise Rejected(words, reason=RejectReason.MEDIA_REFUSED) from problem
    except tg.TelegramError as problem:
        raise translate(problem) from problem
    place = file.file_path or ""
    # A server of one's own that runs with --local names the file on its disk, which we share.
    if own_server and place.startswith("/"):
        async for piece in _from_disk(Path(place)):
            yield piece
        return
    try:
        async with http.get(place) as answer:
            if answer.status >= 500:
                raise Unavailable("Telegram cannot deliver the file just now.")
            if answer.status != 200:
                raise Rejected("Telegram does not deliver this file.", reason=RejectReason.MEDIA_REFUSED)
            async for piece in answer.content.iter_chunked(PIECE):
                yield piece
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise Unavailable("Telegram cannot be reached.") from problem


async def _from_disk(path: Path) -> AsyncIterator[bytes]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as problem:
        words = (
            f"The file is on the disk of your Bot API server, and cannot be read there: {problem.strerror}."
        )
        raise Rejected(words, reason=RejectReason.MEDIA_REFUSED) from problem
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
