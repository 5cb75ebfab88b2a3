"""Business accounts that gave the bot their chats: what an admin is told when one cannot be answered.

https://core.telegram.org/bots/api#businessconnection and #getbusinessconnection (checked 2026-12-01). Its
`date` says when it was connected, not when it changed, and it may have another id when the same account
connects again: accounts are known by their owner, and Telegram is asked how things stand now.
"""

from collections.abc import Mapping
from typing import Any

import telegram
from telegram import error as tg

from connectors.telegram.config import Business, TelegramConfig
from connectors.telegram.content import Json, name_of
from connectors.telegram.trouble import translate

MOST = 50  # of them are named; the first are forgotten


async def standing(bot: telegram.Bot, update: Json) -> Business | None:
    """How the account of an update stands now; None: it can be answered.

    Raises LookupError, TypeError or ValueError for an update nobody can read, and a ConnectorError where
    Telegram does not say.
    """
    told, connection = update["user"], update["id"]
    if not isinstance(connection, str):
        raise TypeError("a connection without its name")
    connection.encode()  # half a character cannot be asked for
    user, name = int(told["id"]), name_of(told) or str(told["id"])
    try:
        found = await bot.get_business_connection(connection)
    except tg.BadRequest:  # there is none of this name any more
        return Business(user=user, name=name, gone=True)
    except tg.TelegramError as problem:
        raise translate(problem) from problem
    if not found.is_enabled:
        return Business(user=user, name=name, gone=True)
    if found.rights is None or not found.rights.can_reply:
        return Business(user=user, name=name, gone=False)
    return None


def changed(config: TelegramConfig, user: int, now: Business | None) -> TelegramConfig:
    others = tuple(each for each in config.unanswerable if each.user != user)
    fresh = (*others, now)[-MOST:] if now else others
    return config.model_copy(update={"unanswerable": fresh})


def told(config: TelegramConfig) -> str:
    """What an admin has to do; "" where all can be answered."""
    gone = ", ".join(each.name for each in config.unanswerable if each.gone)
    mute = ", ".join(each.name for each in config.unanswerable if not each.gone)
    if not gone and not mute:
        return ""
    if not mute:
        return (
            f"{gone}: the business account was disconnected from the bot. Connect it again in Telegram, "
            "under Settings, Telegram Business, Chatbots. If it is not to be, save the channel's settings."
        )
    if not gone:
        return (
            f"{mute}: the business account does not let the bot reply. Allow it in Telegram, under Settings, "
            "Telegram Business, Chatbots. If it is not to be, save the channel's settings."
        )
    return (
        f"Business accounts disconnected from the bot: {gone}; that do not let it reply: {mute}. Change it "
        "in Telegram, under Settings, Telegram Business, Chatbots. "
        "If it is not to be, save the channel's settings."
    )


def update_in(update: Any) -> Json | None:
    found = update.get("business_connection") if isinstance(update, Mapping) else None
    return found if isinstance(found, Mapping) else None
