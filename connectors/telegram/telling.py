"""What Telegram tells of its calls to us. Pure.

https://core.telegram.org/bots/api#webhookinfo (checked 2026-11-30).
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import telegram

from hub.contract.errors import Unavailable

LATELY = timedelta(minutes=10)


def judged(info: telegram.WebhookInfo, url: str, now: datetime) -> str:
    """Raises Unavailable where they fail: something waits, and not long ago one was not taken."""
    if not info.url or (url and info.url != url):
        host = urlsplit(info.url).hostname
        raise Unavailable(
            f"Telegram sends this bot's messages to {host}, and not here. Resume the channel to change that."
            if host
            else "Telegram sends this bot's messages nowhere. Resume the channel to change that."
        )
    failed_at, waiting = info.last_error_date, info.pending_update_count
    if waiting and failed_at is not None and now - failed_at < LATELY:
        said = (info.last_error_message or "").strip().rstrip(".")
        raise Unavailable(f"Telegram's calls do not arrive, and {waiting} updates wait: {said[:200]}.")
    return f"Telegram's calls arrive; {waiting} updates wait."
