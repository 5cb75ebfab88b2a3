"""Updates as they come: where they belong, and how the journal keeps them. Pure.

A thread is a place (`read`), and `<place>:<topic>` for a topic of a group or the comments below a post.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.telegram.content import Json
from hub.contract.capabilities import Surface
from hub.contract.inbound import ArrivedRaw, Thread

# All that `read` knows; Telegram sends reactions and business messages only to those who ask for them.
KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "callback_query",
    "my_chat_member",
)
NOWHERE = Thread("?", Surface.DIRECT)


def arrived(number: int, update: Any, now: datetime) -> ArrivedRaw:
    """An update as the journal keeps it. `now`: for those that do not say when they happened."""
    known = update if isinstance(update, dict) else {}
    message: Any = next((known[kind] for kind in KINDS if isinstance(known.get(kind), dict)), {})
    seconds = message.get("edit_date") or message.get("date")
    told = isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 2**33
    return ArrivedRaw(
        key=f"update:{number}",
        at=datetime.fromtimestamp(seconds, UTC) if told else now,
        thread=where(known),
        raw={"update_id": number},
        body=json.dumps(update, ensure_ascii=True, separators=(",", ":")).encode(),
    )


def where(update: Json) -> Thread:
    """The thread an update belongs to, as far as it can be told: keeps its updates in order."""
    for kind in KINDS:
        found = update.get(kind)
        if kind == "callback_query" and isinstance(found, Mapping):
            found = found.get("message")
        try:
            if isinstance(found, Mapping) and "chat" in found:
                return thread_of({"message_thread_id": None, **found})
        except (LookupError, TypeError, ValueError):
            return NOWHERE
    return NOWHERE


def thread_of(message: Json) -> Thread:
    """Where a message stands. Raises LookupError or TypeError where that cannot be told."""
    place, topic = place_of(message), message.get("message_thread_id")
    if message["chat"]["type"] == "private":
        return Thread(place, Surface.DIRECT)
    if topic is None:
        return Thread(place, Surface.GROUP)
    below = not message.get("is_topic_message") and _stands_below_a_post(message)
    if below or message.get("is_topic_message"):
        return Thread(f"{place}:{int(topic)}", Surface.COMMENT if below else Surface.GROUP)
    return Thread(place, Surface.GROUP)  # Telegram numbers the answers in ordinary groups, too


def _stands_below_a_post(message: Json) -> bool:
    answered = message.get("reply_to_message")
    if not isinstance(answered, Mapping):
        return False
    sender = answered.get("sender_chat")
    by_channel = isinstance(sender, Mapping) and sender.get("type") == "channel"
    return bool(answered.get("is_automatic_forward")) or by_channel or "message_thread_id" in answered


def place_of(message: Json) -> str:
    chat = int(message["chat"]["id"])
    connection = message.get("business_connection_id")
    return f"{chat}@{str(connection)[:200]}" if connection else f"{chat}"
