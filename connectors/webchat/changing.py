"""What visitors change of what is there: their own words, taking them back, a reaction to a line of ours.

All of it is looked at before anything is journalled: whose line it is, that it is still there, and in time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.webchat.door import Caller, Refused
from hub.contract.visitors import Line

# What can be tapped on; agents may react with any emoji.
EMOJI = ("👍", "❤️", "😊", "🎉", "🙏", "😢")
CHANGES = ("edited", "deleted", "reacted")


@dataclass(frozen=True, slots=True)
class Change:
    """One line as it will be; `wired`: the events that say so, for the journal."""

    line: str
    fields: Mapping[str, Any]
    wired: tuple[Mapping[str, Any], ...]


async def changed(caller: Caller, event: Mapping[str, Any], now: datetime) -> Change | None:
    """None: it is so already, or never was to be. Raises Refused."""
    line = await caller.connector.visitors.find_line(event["line"])
    if line is None or line.thread != caller.key:
        raise Refused(404, "line")
    if line.deleted_at is not None:
        if event["type"] == "deleted":
            return None
        raise Refused(404, "line")
    if event["type"] == "reacted":
        return _reaction(line, event)
    if line.ours:
        raise Refused(403, "not_yours")
    if now - line.at > timedelta(minutes=caller.connector.config.change_within):
        raise Refused(409, "too_late")
    if event["type"] == "deleted":
        return Change(line.id, {"deleted_at": now}, ({"type": "deleted", **_named(line), "at": event["at"]},))
    text = event["text"]
    if not text and not line.content.attachments:
        raise Refused(400, "events")
    if text == line.content.text:
        return None
    wired = {"type": "edited", **_named(line), "at": event["at"], "text": text}
    return Change(line.id, {"text": text, "edited_at": now}, (wired,))


def _reaction(line: Line, event: Mapping[str, Any]) -> Change | None:
    """One of theirs for each line: another takes the place of the last, "" takes it back."""
    emoji = event["emoji"]
    if not line.ours:
        raise Refused(403, "not_yours")
    if emoji == line.reaction:
        return None
    told = [(each, on) for each, on in ((line.reaction, False), (emoji, True)) if each]
    wired = tuple(
        {"type": "reacted", **_named(line), "at": event["at"], "emoji": each, "on": on} for each, on in told
    )
    return Change(line.id, {"reaction": emoji}, wired)


def _named(line: Line) -> Mapping[str, str]:
    """As it was named when it was said, whoever the visitor is by now."""
    under, _, name = line.id.rpartition("/")
    return {"id": name, "under": under}
