"""Answers to tap on: inline buttons below a message, and what becomes of them once one is pressed.

A button carries its own words, so that a press says what was picked even where the message is out of reach.
https://core.telegram.org/bots/api#callbackquery (checked 2026-11-24).
"""

import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram import error as tg

from connectors.telegram.content import Json
from hub.contract.inbound import RemoteId

PICKED = "✓ "  # before the words of the button that stays; pressing that one says nothing new


def keyboard(choices: Sequence[str]) -> InlineKeyboardMarkup | None:
    """One below the other: how wide a button may be nobody tells."""
    if not choices:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(each, callback_data=each)] for each in choices])


def picked(press: Json) -> str | None:
    """The words of the button; None for what is no answer of ours."""
    words = press.get("data")
    ours = isinstance(words, str) and words.strip() and isinstance(press.get("message"), Mapping)
    return str(words) if ours and not str(words).startswith(PICKED) else None


def name_of_press(message: RemoteId, words: str) -> RemoteId:
    """The same however often one button is pressed; it leads to the message below which the button stood."""
    return RemoteId(f"{message}+{sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}")


async def settle(bot: telegram.Bot, press: Json, log: logging.LoggerAdapter[logging.Logger]) -> None:
    """Show the customer what they picked, in the place of the buttons. The press is told in any case."""
    words, message = picked(press), press.get("message") or {}
    if words is None:
        return
    left = InlineKeyboardMarkup([[InlineKeyboardButton(PICKED + words, callback_data=PICKED + words)]])
    connection: Any = message.get("business_connection_id")
    try:
        await bot.answer_callback_query(str(press.get("id")), text=PICKED + words)
        await bot.edit_message_reply_markup(
            message["chat"]["id"], message["message_id"], reply_markup=left, business_connection_id=connection
        )
    except (tg.TelegramError, LookupError, TypeError) as problem:  # pressed long ago, or deleted meanwhile
        log.info("a press stays unanswered in Telegram: %s", type(problem).__name__)
