"""What is done to a message that was sent: change its words, take it back, react to it, read it.

https://core.telegram.org/bots/api#updating-messages, #deletebusinessmessages and #readbusinessmessage
(checked 2026-11-30).
"""

import telegram
from telegram import error as tg

from connectors.telegram.buttons import keyboard
from connectors.telegram.sending import Place, Words
from hub.contract.errors import Rejected, RejectReason
from hub.model.content import Content

NO_REACTIONS = "Telegram lets no business react to messages."
TOO_LONG = "The text beside the file is too long for Telegram."


async def edit(bot: telegram.Bot, place: Place, number: int, content: Content) -> None:
    """The words stand below a file or in a message of their own: which of them, only Telegram knows.

    Buttons that are not sent along would vanish.
    """
    words = Words.of(content.text, content.markup)
    below = bool(content.attachments) and words.fits_below_a_file
    try:
        try:
            await _change(bot, place, number, words, content, below=below)
        except tg.BadRequest as problem:
            said = problem.message.lower()
            if below and "no caption in the message" in said:
                await _change(bot, place, number, words, content, below=False)
            elif not below and "no text in the message" in said:
                if not words.fits_below_a_file:
                    raise Rejected(TOO_LONG, reason=RejectReason.TOO_LONG) from problem
                await _change(bot, place, number, words, content, below=True)
            else:
                raise
    except tg.BadRequest as problem:
        if "not modified" not in problem.message.lower():
            raise


async def _change(
    bot: telegram.Bot, place: Place, number: int, words: Words, content: Content, *, below: bool
) -> None:
    buttons = keyboard(content.choices)
    if below:
        await bot.edit_message_caption(
            place.chat,
            number,
            caption=words.text,
            caption_entities=words.entities or None,
            reply_markup=buttons,
            business_connection_id=place.connection,
        )
    else:
        await bot.edit_message_text(
            words.text,
            chat_id=place.chat,
            message_id=number,
            entities=words.entities or None,
            reply_markup=buttons,
            business_connection_id=place.connection,
        )


async def delete(bot: telegram.Bot, place: Place, number: int) -> None:
    if place.connection:
        await bot.delete_business_messages(place.connection, [number])
    else:
        await bot.delete_message(place.chat, number)


async def react(bot: telegram.Bot, place: Place, number: int, emoji: str, *, on: bool) -> None:
    if place.connection:
        raise Rejected(NO_REACTIONS, reason=RejectReason.UNSUPPORTED)
    wanted = [telegram.ReactionTypeEmoji(emoji.rstrip("\ufe0f"))] if on else []
    await bot.set_message_reaction(place.chat, number, wanted)


async def mark_read(bot: telegram.Bot, place: Place, number: int) -> None:
    """Only in a business's chats: a bot's own are read as they come."""
    if place.connection:
        await bot.read_business_message(place.connection, place.chat, number)
