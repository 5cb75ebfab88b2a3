"""How we answer people who use the app in Slack itself: its home, and its shortcut. With Bolt's listeners.

What they do is told as events like everything else; this is only what they see for it. Nothing here is needed
for a message to come in: what fails is logged, and forgotten.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from connectors.slack.buttons import PRESSED, picked, settled
from connectors.slack.calls import Calls, spoken
from connectors.slack.fetching import is_slacks
from connectors.slack.read import SHORTCUT
from hub.contract.errors import ConnectorError

logging.getLogger("slack_bolt").setLevel(logging.WARNING)

Json = Mapping[str, Any]


async def attend(calls: Calls, team: str, payload: Any) -> None:
    """Answer, if this is something people expect an answer to. Raises nothing."""
    if not isinstance(payload, dict) or not _is_for_us(payload):
        return
    try:
        await _app(calls, team).async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
    except (TypeError, AttributeError, KeyError, ValueError):  # Bolt takes it that only Slack writes this
        calls.kit.log.warning("nobody was answered in Slack: this is in no form that Slack has")
    except ConnectorError as problem:
        calls.kit.log.warning("nobody was answered in Slack: %s", problem)


def _is_for_us(payload: Json) -> bool:
    event = payload.get("event")
    opened = (
        isinstance(event, Mapping) and event.get("type") == "app_home_opened" and event.get("tab") == "home"
    )
    pressed = payload.get("type") == "block_actions" and picked(payload) is not None
    return (
        opened
        or pressed
        or (payload.get("type") == "message_action" and payload.get("callback_id") == SHORTCUT)
    )


def _app(calls: Calls, team: str) -> AsyncApp:
    """Bolt, without what it does by itself: proving, acknowledging and retrying are the hub's."""
    workspace = calls.config.workspace(team)

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=team,
            bot_user_id=workspace.user if workspace else None,
            bot_id=workspace.bot if workspace else None,
            bot_token=workspace.token.get_secret_value() if workspace else None,
        )

    app = AsyncApp(
        name="hubbub",
        client=calls.client(workspace.token if workspace else None),
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=False,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.event("app_home_opened")(partial(_show_home, calls, team))
    app.action(PRESSED)(partial(_show_picked, calls, team))
    app.shortcut(SHORTCUT)(partial(_thank, calls))
    return app


async def _show_home(calls: Calls, team: str, event: Json) -> None:
    view = home(calls.config.channels, len(calls.config.workspaces), calls.kit.now().timestamp())
    user = str(event["user"])
    await calls.ask(team, lambda client: client.views_publish(user_id=user, view=view))


async def _show_picked(calls: Calls, team: str, body: Json) -> None:
    """What was picked in the place of the buttons: nobody presses them twice."""
    message, channel, words = body["message"], str(body["channel"]["id"]), picked(body) or ""
    blocks = settled(message.get("blocks"), words)
    ts, text = str(message["ts"]), str(message.get("text") or words)
    await calls.ask(team, lambda client: client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks))


def home(channels: str, workspaces: int, now: float) -> dict[str, Any]:
    """The app's home, with its status: https://docs.slack.dev/surfaces/app-home (checked 2026-11-23)."""
    heard = "every message in its channels" if channels == "all" else "messages in channels that name it"
    where = "this workspace" if workspaces == 1 else f"{workspaces} workspaces"
    date = f"<!date^{int(now)}^{{date_short_pretty}}, {{time}}|just now>"
    lines = (
        f":large_green_circle: *Connected* to {where}, looked at {date}.",
        f"It hears direct messages, group messages and {heard}.",
        "Write to it under *Messages*, or choose *Send to Hubbub* beside any message.",
    )
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": "Hubbub"}}]
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": line}} for line in lines]
    return {"type": "home", "blocks": blocks}


async def _thank(calls: Calls, shortcut: Json) -> None:
    """Seen by whoever used the shortcut, and by nobody else."""
    address = str(shortcut.get("response_url") or "")
    if not is_slacks(address, calls.config.base):
        return
    words = {"response_type": "ephemeral", "replace_original": False, "text": "Sent to Hubbub."}
    async with spoken(calls.config.timeout), calls.kit.http.post(address, json=words) as answer:
        if answer.status >= 400:
            raise aiohttp.ClientError(f"status {answer.status}")
