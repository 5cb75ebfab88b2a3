"""What Slack hands over, as it comes: where it belongs, and how the journal keeps it. Pure.

A thread is `<workspace>/<channel>` for direct and group messages, `<workspace>/<channel>:<ts>` for the thread
below a message. Messages are `<channel>/<ts>`: Slack numbers them by their moment within a channel.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.slack.config import SlackConfig
from connectors.slack.content import Json
from hub.contract.capabilities import Surface
from hub.contract.errors import PayloadUnrecognised, Rejected, RejectReason
from hub.contract.inbound import ArrivedRaw, RemoteId, Thread

NOWHERE = Thread("?", Surface.DIRECT)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Place:
    """A thread in the Web API's terms."""

    team: str
    channel: str
    ts: str | None = None


def place_of(thread: Thread) -> Place:
    team, _, rest = thread.key.partition("/")
    channel, _, ts = rest.partition(":")
    return Place(team, channel, ts or None)


def message_name(channel: object, ts: object) -> RemoteId:
    """Raises TypeError for what is no message."""
    if not (isinstance(channel, str) and isinstance(ts, str) and channel and ts):
        raise TypeError("a message has a channel and a moment")
    return RemoteId(f"{channel[:100]}/{ts[:100]}")


def ts_of(message: RemoteId) -> str:
    """Of what was said by pressing a button: of the message with the button."""
    return message.partition("/")[2].partition("+")[0]


def moment_of(ts: Any) -> datetime:
    """Slack's `1790000000.000100`. Raises ValueError, TypeError or OverflowError."""
    moment = datetime.fromtimestamp(float(ts), UTC)
    if not 2000 < moment.year < 2200:
        raise ValueError("no moment of Slack's")
    return moment


def room_of(name: str, config: SlackConfig) -> Thread:
    """A channel by its id, or by the link that Slack copies; in the first workspace, if none is named.

    Raises Rejected.
    """
    found = re.fullmatch(r"(?:(T[A-Z0-9]+)/|https://\S*/archives/)?([CG][A-Z0-9]+)(?:[/?]\S*)?", name)
    team = (found[1] if found else None) or config.workspaces[0].team
    if found is None or config.workspace(team) is None:
        words = "This is no channel of Slack's: copy its link in Slack, or its id, which begins with C."
        raise Rejected(words, reason=RejectReason.OTHER)
    return Thread(f"{team}/{found[2]}", Surface.GROUP)


def team_of(payload: Json, ours: frozenset[str]) -> str | None:
    """The workspace of ours it was sent to; None when it is for somebody else.

    In a channel shared between companies `team_id` may be the other one: `authorizations` tells whose we are.
    """
    installed = payload.get("authorizations")
    named = (
        [each.get("team_id") for each in installed if isinstance(each, Mapping)]
        if isinstance(installed, list)
        else []
    )
    team = payload.get("team")
    named += [payload.get("team_id"), payload.get("context_team_id")]
    named += [team.get("id")] if isinstance(team, Mapping) else []
    return next((each for each in named if isinstance(each, str) and each in ours), None)


def removed_from(payload: Any) -> str:
    """The workspace that has removed the app or taken back its tokens; "" where nothing of that is told.

    https://docs.slack.dev/reference/events/app_uninstalled, .../tokens_revoked (checked 2026-11-30).
    """
    event = payload.get("event") if isinstance(payload, Mapping) else None
    kind = event.get("type") if isinstance(event, Mapping) else None
    return str(payload.get("team_id") or "") if kind in ("app_uninstalled", "tokens_revoked") else ""


def changed_user(payload: Any) -> str:
    """Whose account has changed; "" where nothing of that is told."""
    event = payload.get("event") if isinstance(payload, Mapping) else None
    user = event.get("user") if isinstance(event, Mapping) and event.get("type") == "user_change" else None
    return str(user.get("id") or "") if isinstance(user, Mapping) else ""


def arrived(payload: Any, ours: frozenset[str], app: str) -> ArrivedRaw | None:
    """As the journal keeps it; None for what is addressed to another app or workspace.

    Raises PayloadUnrecognised.
    """
    if not isinstance(payload, Mapping):
        raise PayloadUnrecognised("This is nothing Slack would send.")
    for_another = app and payload.get("api_app_id") not in (None, app)
    team = team_of(payload, ours)
    key = _key(payload)
    if key is None:
        raise PayloadUnrecognised("This is nothing Slack would send.")
    if for_another or team is None:
        return None
    event = payload.get("event") if isinstance(payload.get("event"), Mapping) else payload
    assert isinstance(event, Mapping)
    return ArrivedRaw(
        key=key,
        at=_at(payload, event),
        thread=_whereabouts(team, event),
        raw={"team": team},
        body=json.dumps(payload, ensure_ascii=True, separators=(",", ":")).encode(),
    )


def _key(payload: Json) -> str | None:
    """The same however often Slack delivers it."""
    kind, name = "event", payload.get("event_id")
    if name is None:
        kind, name = str(payload.get("type"))[:40], payload.get("trigger_id")
    return f"{kind}:{name}" if isinstance(name, str) and _KEY.fullmatch(name) else None


def _at(payload: Json, event: Json) -> datetime:
    actions = payload.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    for found in (
        first.get("action_ts") if isinstance(first, Mapping) else None,
        event.get("event_ts"),
        payload.get("event_time"),
        payload.get("action_ts"),
        event.get("ts"),
    ):
        try:
            return moment_of(found)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
    return datetime.fromtimestamp(0, UTC)


def _whereabouts(team: str, event: Json) -> Thread:
    """Keeps what belongs to one place in order, as far as it can be told."""
    inner = (
        event.get("message") if isinstance(event.get("message"), Mapping) else event.get("previous_message")
    )
    message: Json = {**event, **inner} if isinstance(inner, Mapping) else event
    channel = event.get("channel")
    item = event.get("item")
    if isinstance(item, Mapping):
        channel, message = item.get("channel"), item
    if isinstance(channel, Mapping):
        channel = channel.get("id")
    try:
        return thread_of(team, {**message, "channel": channel, "channel_type": event.get("channel_type")})
    except (LookupError, TypeError, ValueError):
        return NOWHERE


def thread_of(team: str, message: Json) -> Thread:
    """Where a message stands. Raises TypeError where that cannot be told."""
    channel, ts, root = message.get("channel"), message.get("ts"), message.get("thread_ts")
    if not isinstance(channel, str) or not channel:
        raise TypeError("a message has a channel")
    place = f"{team}/{channel[:100]}"
    kind = message.get("channel_type") or ("im" if channel.startswith("D") else "channel")
    surface = Surface.DIRECT if kind in ("im", "app_home") else Surface.GROUP
    below = root if isinstance(root, str) and root and root != ts else None
    if kind in ("im", "app_home", "mpim"):
        return Thread(f"{place}:{below[:100]}" if below else place, surface)
    start = below or ts
    return Thread(f"{place}:{start[:100]}" if isinstance(start, str) and start else place, surface)
