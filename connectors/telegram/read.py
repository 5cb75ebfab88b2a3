"""One `Update` of the Bot API as events. Pure, never an error: what cannot be read is `Ignored`, and kept.

https://core.telegram.org/bots/api#update (checked 2026-11-23). Message ids count within a chat, so a remote
id is `<place>/<message>`; the place is the chat, or `<chat>@<connection>` in a business account.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.telegram.buttons import name_of_press, picked
from connectors.telegram.content import SERVICE, Json, content_of, name_of
from connectors.telegram.updates import place_of, thread_of
from hub.contract.capabilities import Surface, Visibility
from hub.contract.inbound import (
    ArrivedRaw,
    Author,
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    RemoteId,
    Thread,
    ThreadMoved,
)
from hub.model.content import Content

GONE = ("kicked", "left")
START = re.compile(r"/start ([A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose updates these are."""

    bot: str  # id
    username: str
    groups: Literal["addressed", "all"] = "all"
    start_field: str = ""  # of the customer: takes what stands behind `?start=` in a link to the bot

    def read(self, arrived: ArrivedRaw) -> Sequence[InboundEvent]:
        try:
            updates = json.loads(arrived.body)  # several: an album, as it was kept once
            updates = updates if isinstance(updates, list) else [updates]
            events = [event for each in updates for event in self._update(each, arrived)]
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
            events = [_ignored(arrived, "Telegram sent something Hubbub cannot read; it is kept as it came.")]
        return [
            replace(event, key=arrived.key if number == 1 else f"{arrived.key}#{number}")
            for number, event in enumerate(events, 1)
        ]

    def _update(self, update: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
        readers: Mapping[str, Callable[[Json, ArrivedRaw], list[InboundEvent]]] = {
            "message": self._message,
            "edited_message": self._edited,
            "business_message": self._message,
            "edited_business_message": self._edited,
            "deleted_business_messages": _deleted,
            "message_reaction": _reactions,
            "my_chat_member": _membership,
            "business_connection": _connection,
            "callback_query": self._press,
        }
        for kind, read in readers.items():
            if isinstance(found := update.get(kind), Mapping):
                return read(found, arrived)
        kinds = ", ".join(sorted(str(key) for key in update if key != "update_id"))
        return [_ignored(arrived, f"An update of a kind that is no message: {kinds or 'none'}.")]

    def _message(self, message: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
        thread = thread_of(message)
        if isinstance(moved := message.get("migrate_to_chat_id"), int):
            to = Thread(str(moved), Surface.GROUP)
            return [ThreadMoved(key=arrived.key, at=_moment(message["date"]), thread=thread, to=to)]
        if service := sorted(SERVICE & message.keys()):
            return [
                _ignored(arrived, f"Something happened in the chat ({service[0]}); nobody said anything.")
            ]
        if message.get("is_automatic_forward"):
            return [_ignored(arrived, "A post of the channel this group belongs to.")]
        meant, album = self._is_meant(message, thread), message.get("media_group_id")
        if not meant and not (album and "caption" not in message):
            return [_ignored(arrived, "Said in a group, and not to the bot.")]
        answered = message.get("reply_to_message")
        return [
            MessageReceived(
                key=arrived.key,
                at=_said_at(message),
                thread=thread,
                message=_name(message),
                author=self._author(message),
                content=content_of(message),
                visibility=Visibility.PUBLIC if thread.surface is Surface.COMMENT else Visibility.PRIVATE,
                reply_to=_name({**message, **answered}) if isinstance(answered, Mapping) else None,
                flags=("automatic",) if "via_bot" in message or _is_bot(message) else (),
                only_known=not meant,  # of an album whose words may have named the bot
                part_of=f"album {str(album)[:100]}" if album else None,
                fields=self._fields(message, thread),
            )
        ]

    def _press(self, press: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
        """Telegram does not tell when a button was pressed: as it came in."""
        words, message = picked(press), press.get("message")
        if words is None or not isinstance(message, Mapping):
            return [_ignored(arrived, "A button that says nothing new.")]
        name, who = _name(message), press["from"]
        author = Author(key=str(int(who["id"])), name=name_of(who) or None, handle=who.get("username"))
        thread = thread_of(message)
        public = Visibility.PUBLIC if thread.surface is Surface.COMMENT else Visibility.PRIVATE
        return [
            MessageReceived(
                key=arrived.key,
                at=arrived.at,
                timed=False,
                thread=thread,
                message=name_of_press(name, f"{who['id']} {words}"),
                author=author,
                content=Content(text=words),
                visibility=public,
                reply_to=name,
            )
        ]

    def _fields(self, message: Json, thread: Thread) -> Mapping[str, str]:
        """What a link to the bot said of whoever followed it.

        https://core.telegram.org/bots/features#deep-linking (checked 2026-11-24).
        """
        found = START.fullmatch(str(message.get("text") or ""))
        if not self.start_field or found is None or thread.surface is not Surface.DIRECT:
            return {}
        return {self.start_field: found[1]}

    def _is_meant(self, message: Json, thread: Thread) -> bool:
        if thread.surface is not Surface.GROUP or self.groups == "all":
            return True
        answered = message.get("reply_to_message") or {}
        text = str(message.get("text") or message.get("caption") or "")
        named = bool(self.username) and f"@{self.username.lower()}" in text.lower()
        answers = str((answered.get("from") or {}).get("id")) == self.bot
        mentions = message.get("entities") or message.get("caption_entities") or []
        meant = any(str((each.get("user") or {}).get("id")) == self.bot for each in mentions)
        return named or answers or meant or text.startswith("/")

    def _edited(self, message: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
        thread = thread_of(message)
        if not self._is_meant(message, thread):
            return [_ignored(arrived, "Said in a group, and not to the bot.")]
        at = _moment(message.get("edit_date") or message["date"])
        name, content = _name(message), content_of(message)
        return [MessageEdited(key=arrived.key, at=at, thread=thread, message=name, content=content)]

    def _author(self, message: Json) -> Author:
        """Whoever wrote, also as a group or channel; in a business chat whoever is not the customer is us."""
        chat, sender = message["chat"], message.get("from")
        behalf = message.get("sender_chat")
        if isinstance(behalf, Mapping):
            handle = behalf.get("username")
            return Author(
                key=str(int(behalf["id"])), name=str(behalf.get("title") or "") or None, handle=handle
            )
        if not isinstance(sender, Mapping):
            return Author(key=str(int(chat["id"])), name=str(chat.get("title") or "") or None)
        owner = "business_connection_id" in message and sender["id"] != chat["id"]
        ours = str(sender["id"]) == self.bot or owner
        name = name_of(sender) or None
        return Author(key=str(int(sender["id"])), name=name, handle=sender.get("username"), ours=ours)


def _name(message: Json) -> RemoteId:
    return RemoteId(f"{place_of(message)}/{int(message['message_id'])}")


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _said_at(message: Json) -> datetime:
    """Telegram tells whole seconds; its numbers tell what was said first within one."""
    return _moment(message["date"]) + timedelta(milliseconds=int(message["message_id"]) % 1000)


def _is_bot(message: Json) -> bool:
    sender = message.get("from")
    return isinstance(sender, Mapping) and bool(sender.get("is_bot")) and "sender_chat" not in message


def _deleted(found: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
    thread = thread_of(found)
    return [
        MessageDeleted(
            key=arrived.key, at=arrived.at, thread=thread, message=_name({**found, "message_id": each})
        )
        for each in found["message_ids"]
    ] or [_ignored(arrived, "Nothing was deleted.")]


def _reactions(found: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
    thread, name, at = thread_of(found), _name(found), _moment(found["date"])
    who = found.get("user") or found["actor_chat"]
    author = Author(
        key=str(int(who["id"])),
        name=str(who.get("title") or name_of(who)) or None,
        handle=who.get("username"),
    )
    old, new = _emoji(found["old_reaction"]), _emoji(found["new_reaction"])
    changes = [(each, False) for each in old if each not in new]
    changes += [(each, True) for each in new if each not in old]
    return [
        ReactionChanged(
            key=arrived.key, at=at, thread=thread, message=name, author=author, emoji=emoji, on=on
        )
        for emoji, on in changes
    ] or [_ignored(arrived, "The same reactions as before.")]


def _emoji(reactions: Sequence[Json]) -> list[str]:
    """A custom emoji is a picture of its own, and a paid one a star: shown as what everybody knows."""
    return [str(each.get("emoji") or ("⭐" if each.get("type") == "paid" else "🙂")) for each in reactions]


def _membership(found: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
    """In a private chat: the customer blocked us, or wants to hear from us again."""
    now = str(found["new_chat_member"]["status"])
    if found["chat"]["type"] != "private":
        if now in GONE:
            name = str(found["chat"].get("title") or found["chat"]["id"])
            words = f"The bot was removed from the group {name}: nothing can be answered there any more."
            return [_ignored(arrived, words)]
        return [_ignored(arrived, "The bot was added to a group, or changed in it.")]
    who = found["from"]
    author = Author(key=str(int(who["id"])), name=name_of(who) or None, handle=who.get("username"))
    at, thread = _moment(found["date"]), thread_of(found)
    reachable = now not in GONE
    return [ReachabilityChanged(key=arrived.key, at=at, thread=thread, author=author, reachable=reachable)]


def _connection(found: Json, arrived: ArrivedRaw) -> list[InboundEvent]:
    """A business gave the bot its chats, or took them back.

    https://core.telegram.org/bots/api#businessconnection (checked 2026-11-30).
    """
    name, rights = name_of(found["user"]), found.get("rights") or {}
    if not found.get("is_enabled"):
        words = f"The business account of {name} was disconnected: its chats can be answered no more."
    elif rights.get("can_reply") or found.get("can_reply"):
        words = f"The business account of {name} is connected: its chats come in, and can be answered."
    else:
        words = f"The business account of {name} is connected, without the right to answer in its chats."
    return [_ignored(arrived, words)]


def _ignored(arrived: ArrivedRaw, because: str) -> Ignored:
    return Ignored(key=arrived.key, at=arrived.at, thread=arrived.thread, because=because)
