"""Telegram's failures in the contract's words. Pure.

Error texts: https://core.telegram.org/bots/api#making-requests and python-telegram-bot's `telegram.error`
(22.8), both checked 2026-11-23.
"""

from datetime import timedelta

import httpx
from telegram import error as tg

from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)

# What a refusal's text says -> why. The first that fits.
REASONS = (
    ("message_too_long", RejectReason.TOO_LONG, "The message is too long for Telegram."),
    ("message is too long", RejectReason.TOO_LONG, "The message is too long for Telegram."),
    ("caption is too long", RejectReason.TOO_LONG, "The text beside the file is too long for Telegram."),
    ("chat not found", RejectReason.UNREACHABLE, "This customer has never written to the bot."),
    ("peer_id_invalid", RejectReason.UNREACHABLE, "This customer has never written to the bot."),
    ("thread not found", RejectReason.THREAD_GONE, "The topic does not exist any more."),
    ("topic_closed", RejectReason.THREAD_GONE, "The topic has been closed."),
    ("message to edit not found", RejectReason.MESSAGE_GONE, "The message does not exist any more."),
    ("message to delete not found", RejectReason.MESSAGE_GONE, "The message does not exist any more."),
    ("message to react not found", RejectReason.THREAD_GONE, "The message does not exist any more."),
    ("can't be deleted", RejectReason.POLICY, "Telegram lets messages be deleted for 48 hours only."),
    ("can't be edited", RejectReason.POLICY, "Telegram does not let this message be changed."),
    ("connection not found", RejectReason.THREAD_GONE, "The business has disconnected the bot."),
    ("bot_access_forbidden", RejectReason.POLICY, "The business has not given the bot the right to do this."),
    ("business_peer", RejectReason.WINDOW_CLOSED, "Telegram lets a business answer for 24 hours only."),
    ("file is too big", RejectReason.MEDIA_REFUSED, "The file is too large for Telegram."),
    ("is too big for", RejectReason.MEDIA_REFUSED, "The file is too large for Telegram."),
    ("request entity too large", RejectReason.MEDIA_REFUSED, "The file is too large for Telegram."),
    ("photo_", RejectReason.MEDIA_REFUSED, "Telegram cannot read this picture."),
    ("wrong file", RejectReason.MEDIA_REFUSED, "Telegram cannot read this file."),
    ("not enough rights", RejectReason.POLICY, "The bot may not write in this chat."),
    ("reaction_invalid", RejectReason.UNSUPPORTED, "Telegram does not know this reaction."),
)
# Nothing has left yet when these happen.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
TAKEN_AWAY = "Another program is reading this bot's messages. End it, or use a bot of its own here."


def translate(problem: tg.TelegramError, *, sending: bool = False) -> ConnectorError:
    """`sending`: a lost answer may be a sent message."""
    match problem:
        case tg.RetryAfter():
            return RateLimited("Telegram asks us to slow down.", retry_after=_wait(problem))
        case tg.InvalidToken() | tg.EndPointNotFound():  # the latter for calls by name
            return AuthBroken("Telegram refuses the bot's token. @BotFather can tell you the right one.")
        case tg.Forbidden():
            return Rejected(_forbidden(problem.message), reason=RejectReason.UNREACHABLE)
        case tg.Conflict():
            return Unavailable(TAKEN_AWAY)
        case tg.ChatMigrated():
            return Rejected("The group has moved to another address.", reason=RejectReason.THREAD_GONE)
        case tg.BadRequest():  # before NetworkError: it is one, in python-telegram-bot
            return _refused(problem.message)
        case tg.NetworkError() if "too large" in problem.message.lower():
            return _refused(problem.message)
        case _ if sending and _may_have_left(problem):
            return OutcomeUnknown("Telegram did not answer in time; the message may have arrived.")
        case _:
            return Unavailable("Telegram cannot be reached.")


def _wait(problem: tg.RetryAfter) -> timedelta:
    after = problem.retry_after
    wait = after if isinstance(after, timedelta) else timedelta(seconds=after)
    return max(wait, timedelta(seconds=1))


def _may_have_left(problem: tg.TelegramError) -> bool:
    """An answer that says no, or no connection at all, tells that nothing was taken."""
    cause = problem.__cause__
    if not isinstance(problem, tg.NetworkError):
        return True  # it said yes, in words nobody understands
    return not (cause is None or isinstance(cause, (*NOT_SENT, tg.TelegramError)))


def _forbidden(text: str) -> str:
    if "blocked" in text:
        return "The customer has blocked the bot."
    if "deactivated" in text:
        return "The customer's Telegram account does not exist any more."
    if "kicked" in text or "not a member" in text:
        return "The bot has been removed from this group."
    return "The bot may not write to this customer, who has to write first."


def _refused(text: str) -> Rejected:
    said = text.lower()
    for part, reason, words in REASONS:
        if part in said:
            return Rejected(words, reason=reason)
    return Rejected(f"Telegram refuses it: {text.strip().rstrip('.')[:300]}.", reason=RejectReason.OTHER)
