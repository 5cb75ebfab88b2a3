"""One payload of Slack's as events. Pure, never an error: what cannot be read is `Ignored`, and kept.

https://docs.slack.dev/reference/events/message and its subtypes (checked 2026-11-23).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from connectors.slack.buttons import name_of_press, picked
from connectors.slack.config import SlackConfig, Workspace
from connectors.slack.content import Json, content_of, shown_files
from connectors.slack.emoji import emoji_of
from connectors.slack.events import message_name, moment_of, thread_of
from connectors.slack.marks import mentioned, people_in
from connectors.slack.naming import labels
from hub.contract.capabilities import Surface
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
    Thread,
)
from hub.model.content import Content

SAYING = (None, "bot_message", "file_share", "thread_broadcast", "me_message", "file_comment")
SHORTCUT = "send_to_hubbub"
LOOKED_UP = "hubbub_people"  # beside the payload, once we asked Slack who they are


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose payloads these are."""

    workspaces: Mapping[str, Workspace]
    channels: Literal["addressed", "all"]
    app: str

    @classmethod
    def of(cls, config: SlackConfig) -> "Reader":
        return cls({each.team: each for each in config.workspaces}, config.channels, config.app)

    def read(self, arrived: ArrivedRaw) -> Sequence[InboundEvent]:
        try:
            payload = json.loads(arrived.body)
            workspace = self.workspaces[str(arrived.raw["team"])]
            events = _Reading(self, workspace, payload, arrived).events()
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, OSError):
            events = [_ignored(arrived, "Slack sent something Hubbub cannot read; it is kept as it came.")]
        return [
            replace(event, key=arrived.key if number == 1 else f"{arrived.key}#{number}")
            for number, event in enumerate(events, 1)
        ]


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: Reader
    us: Workspace
    payload: Json
    arrived: ArrivedRaw

    @property
    def people(self) -> Mapping[str, Json]:
        found = self.payload.get(LOOKED_UP)
        return {key: each for key, each in found.items() if isinstance(each, Mapping)} if found else {}

    @property
    def names(self) -> Mapping[str, str]:
        event = self.payload.get("event") or self.payload
        said = [event, event.get("message")] if isinstance(event, Mapping) else []
        names: dict[str, str] = {}
        for each in said:
            names |= labels(str(each.get("text") or "")) if isinstance(each, Mapping) else {}
        names |= {key: name for key, each in self.people.items() if (name := _called(each))}
        return {**names, self.us.user: names.get(self.us.user) or "Hubbub"} if self.us.user else names

    def events(self) -> list[InboundEvent]:
        if self.payload.get("type") == "message_action":
            return [self._shortcut()]
        if self.payload.get("type") == "block_actions":
            return [self._press()]
        event = self.payload.get("event")
        if not isinstance(event, Mapping):
            return [self._no_message(self.payload)]
        readers: Mapping[str, Callable[[Json], InboundEvent]] = {
            "message": self._message,
            "app_mention": self._mention,
            "app_uninstalled": self._removed,
            "tokens_revoked": self._removed,
            "user_change": self._account,
            "reaction_added": self._reaction,
            "reaction_removed": self._reaction,
        }
        read = readers.get(str(event.get("type")))
        if read is None:
            return [self._no_message(event)]
        return [read(event)]

    # Messages

    def _message(self, event: Json) -> InboundEvent:
        subtype = event.get("subtype")
        match subtype:
            case "message_changed":
                return self._changed(event)
            case "message_deleted":
                return self._deleted(event)
            case _ if subtype not in SAYING or event.get("hidden"):
                return self._ignored(f"Something happened in the channel ({subtype}); nobody said anything.")
        if self._is_ours(event):
            return self._ignored("Our own message, as it was sent.")
        if not self._is_meant(event):
            return self._not_to_us()
        return self._said(event)

    def _said(self, event: Json) -> MessageReceived:
        thread, channel = thread_of(self.us.team, event), event.get("channel")
        name, root = message_name(channel, event.get("ts")), event.get("thread_ts")
        is_below = isinstance(root, str) and root != event.get("ts")
        below = message_name(channel, root) if is_below else None
        author = self._author(event)
        aside = (
            below if thread.surface is Surface.DIRECT else None
        )  # a thread beside the chat quotes its first
        return MessageReceived(
            key=self.arrived.key,
            at=moment_of(event["ts"]),
            thread=thread,
            message=name,
            author=author,
            content=content_of(event, self.us.team, self.names),
            reply_to=aside,
            related=(below,) if below else (),
            flags=("automatic",) if event.get("bot_id") and not author.ours else (),
            only_known=below is not None and not self._is_addressed(event),
        )

    def _is_ours(self, message: Json) -> bool:
        us, app = self.us, self.reader.app
        return (
            (bool(us.user) and message.get("user") == us.user)
            or (bool(us.bot) and message.get("bot_id") == us.bot)
            or (bool(app) and message.get("app_id") == app)
        )

    def _is_meant(self, message: Json) -> bool:
        """In a channel: said to us, or below something: whether that is ours, the hub knows."""
        return self._is_addressed(message) or message.get("thread_ts") not in (None, message.get("ts"))

    def _is_addressed(self, message: Json) -> bool:
        kind = message.get("channel_type")
        here = kind in ("im", "mpim", "app_home") or str(message.get("channel", ""))[:1] == "D"
        if here or self.reader.channels == "all":
            return True
        us = self.us.user
        named = us in mentioned(str(message.get("text") or "")) or us in people_in(message.get("blocks"))
        return bool(us) and (named or message.get("parent_user_id") == us)

    def _author(self, message: Json) -> Author:
        """Whoever wrote. In a channel shared with another company, our own people are us."""
        user = message.get("user")
        if not isinstance(user, str) or not user:
            profile = message.get("bot_profile")
            bot = profile.get("name") if isinstance(profile, Mapping) else None
            return Author(
                key=str(message["bot_id"])[:100], name=str(message.get("username") or bot or "") or None
            )
        person = self.people.get(user, {})
        home = str(
            person.get("team") or message.get("user_team") or message.get("source_team") or self.us.team
        )
        colleague = bool(self.payload.get("is_ext_shared_channel")) and home == self.us.team
        email = person.get("email") if home == self.us.team else None  # another company's word is not enough
        return Author(
            key=user[:100],
            name=self._full_name(person, home) or None,
            handle=str(person.get("handle") or "") or None,
            email=str(email) if email else None,
            ours=colleague,
        )

    def _full_name(self, person: Json, home: str) -> str:
        """With the company, where it is another one than that of the workspace."""
        name, company = _called(person), str(person.get("company") or "")
        return f"{name} ({company})" if name and company and home != self.us.team else name

    def _changed(self, event: Json) -> InboundEvent:
        message, before = event["message"], event.get("previous_message") or {}
        whole = {**message, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
        name, thread = message_name(event.get("channel"), message.get("ts")), thread_of(self.us.team, whole)
        if message.get("subtype") == "tombstone":  # its thread stays
            return MessageDeleted(key=self.arrived.key, at=self.arrived.at, thread=thread, message=name)
        if self._is_ours(message):
            return self._ignored("Our own message, as it was changed.")
        if not self._is_meant(whole) and not self._is_meant({**whole, **before}):
            return self._not_to_us()
        if before and not self._is_meant({**whole, **before}):  # it names us since it was edited
            return self._said(whole)
        same = message.get("text") == before.get("text") and shown_files(message) == shown_files(before)
        if "edited" not in message and same:
            return self._ignored("A preview or a count below a message; its text is as it was.")
        edited = message.get("edited")
        at = moment_of(edited["ts"]) if isinstance(edited, Mapping) else self.arrived.at
        content = content_of(message, self.us.team, self.names)
        return MessageEdited(
            key=self.arrived.key, at=at, thread=thread, message=name, content=content, whole=True
        )

    def _deleted(self, event: Json) -> InboundEvent:
        before = event.get("previous_message") or {}
        whole = {**before, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
        if before and not self._is_ours(before) and not self._is_meant(whole):
            return self._not_to_us()
        name = message_name(event.get("channel"), event.get("deleted_ts"))
        thread = thread_of(self.us.team, {"ts": event.get("deleted_ts"), **whole})
        return MessageDeleted(key=self.arrived.key, at=self.arrived.at, thread=thread, message=name)

    def _mention(self, event: Json) -> InboundEvent:
        return self._ignored(
            "The same comes as a message, too: the app needs message.channels or message.groups."
        )

    def _removed(self, event: Json) -> InboundEvent:
        return self._ignored("The app was removed from the workspace, or its tokens were taken back there.")

    # What else

    def _account(self, event: Json) -> InboundEvent:
        """Somebody's account was closed, opened again, or changed in whatever else.

        https://docs.slack.dev/reference/events/user_change (checked 2026-12-01).
        """
        user = event["user"]
        name = str(user["id"])[:100]
        return ReachabilityChanged(
            key=self.arrived.key,
            at=self.arrived.at,
            thread=Thread(f"{self.us.team}/{name}", Surface.DIRECT),
            author=Author(key=name),
            reachable=not user.get("deleted"),
        )

    def _reaction(self, event: Json) -> InboundEvent:
        item = event["item"]
        if item.get("type") != "message":
            return self._ignored("A reaction to something that is no message.")
        if event.get("user") == self.us.user:
            return self._ignored("Our own reaction.")
        return ReactionChanged(
            key=self.arrived.key,
            at=self.arrived.at,
            thread=self.arrived.thread,
            message=message_name(item.get("channel"), item.get("ts")),
            author=self._author({"user": event["user"]}),
            emoji=emoji_of(str(event["reaction"])),
            on=event["type"] == "reaction_added",
        )

    def _shortcut(self) -> InboundEvent:
        """Somebody sent us a message that stands somewhere: by the shortcut of the app."""
        if self.payload.get("callback_id") != SHORTCUT:
            return self._ignored("A shortcut that is none of Hubbub's.")
        message, channel = self.payload["message"], self.payload["channel"]
        if self._is_ours(message):
            return self._ignored("Our own message, as it was sent.")
        kind = "mpim" if str(channel.get("name", "")).startswith("mpdm-") else None
        whole = {**message, "channel": channel["id"], "channel_type": kind}
        return replace(self._said(whole), only_known=False)

    def _press(self) -> InboundEvent:
        """A button below a message of ours: its words, as if they had been written."""
        words, message = picked(self.payload), self.payload.get("message")
        if words is None or not isinstance(message, Mapping):
            return self._ignored("A button that is none of Hubbub's.")
        user, name = str(self.payload["user"]["id"]), message_name(_channel(self.payload), message.get("ts"))
        return MessageReceived(
            key=self.arrived.key,
            at=self.arrived.at,
            thread=self.arrived.thread,
            message=name_of_press(name, user, words),
            author=self._author({"user": user}),
            content=Content(text=words),
            reply_to=name,
        )

    def _no_message(self, found: Json) -> Ignored:
        kind = found.get("type")
        return self._ignored(f"Something of Slack's that is no message: {kind}.")

    def _not_to_us(self) -> Ignored:
        return self._ignored("Said in a channel, and not to the app.")

    def _ignored(self, because: str) -> Ignored:
        return _ignored(self.arrived, because)


def _channel(payload: Json) -> object:
    channel = payload.get("channel")
    return channel.get("id") if isinstance(channel, Mapping) else None


def _called(person: Json) -> str:
    return str(person.get("name") or person.get("handle") or "")


def _ignored(arrived: ArrivedRaw, because: str) -> Ignored:
    return Ignored(key=arrived.key, at=arrived.at, thread=arrived.thread, because=because[:500])
