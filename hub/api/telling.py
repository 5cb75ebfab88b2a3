"""What outgoing webhooks say of an event: the same shapes that the API answers with, as things are now."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.api import shapes, shaping
from hub.hooks.queueing import Describe, Told
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.inbox import Activity, Conversation, Entry, Message, Note
from hub.store import Store

TEXT_MOST = 20_000  # characters of a text; the API has the rest


def describer(store: Store) -> Describe:
    """For the workers that queue webhooks."""

    async def describe(events: Sequence[Event]) -> Mapping[str, Told]:
        conversations = await store.inbox.find_conversations(_ids(each.conversation for each in events))
        entries = await store.inbox.find_entries(_ids(each.entry for each in events))
        channels: dict[str, Channel] = {}
        if any(each.conversation is None for each in events):
            channels = {each.id: each for each in await store.channels.list_channels(removed=True)}
        told = {
            each.id: _told(
                each, conversations.get(each.conversation or ""), entries.get(each.entry or ""), channels
            )
            for each in events
        }
        return {event: each for event, each in told.items() if each is not None}

    return describe


def _told(
    event: Event, conversation: Conversation | None, entry: Entry | None, channels: Mapping[str, Channel]
) -> Told | None:
    if event.kind == "conversation_deleted":
        return Told(about={"conversation": {"id": event.conversation}, "by": event.by})
    if event.kind == "channel_changed":
        channel = channels.get(event.channel or "")
        if channel is None:
            return None
        about = {"channel": _shown(shapes.Channel.model_validate(channel)), "what": event.details.get("what")}
        return Told(about=about, channel=channel.id, team=channel.team)
    if conversation is None:
        return None
    if event.kind == "rule_fired":
        return _rule(event, conversation)
    about = {"conversation": _shown(shaping.conversation(conversation)), **_entry(entry), "by": event.by}
    if event.kind == "conversation_changed":
        about["what"] = event.details.get("what")
    return Told(about=about, channel=conversation.channel, team=conversation.team)


def _rule(event: Event, conversation: Conversation) -> Told:
    said = event.details
    rule = {"id": said["rule"], "name": said["name"], "version": int(said["version"])}
    about = {"conversation": _shown(shaping.conversation(conversation)), "rule": rule, "on": said["on"]}
    return Told(about=about, channel=conversation.channel, team=conversation.team)


def _entry(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    shown = _shown(shaping.entry(entry))
    cut = False
    for name in ("text", "rest"):
        if len(shown.get(name) or "") > TEXT_MOST:
            shown[name], cut = shown[name][:TEXT_MOST], True
    match entry:
        case Message():
            return {"message": shown, "cut": cut}
        case Note():
            return {"note": shown, "cut": cut}
        case Activity():
            return {"activity": shown}
    return {}


def _shown(shape: shapes.Shape) -> dict[str, Any]:
    return shape.model_dump(mode="json")


def _ids(ids: Any) -> list[str]:
    return sorted({each for each in ids if each})
