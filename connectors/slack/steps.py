"""From nothing to a connected app: what to do at api.slack.com, in order, and how each step is looked at.

https://docs.slack.dev/reference/app-manifest and https://docs.slack.dev/quickstart, both checked 2026-11-23.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

import aiohttp
from pydantic import HttpUrl, SecretStr
from slack_sdk.errors import SlackApiError

from connectors.slack.calls import Calls
from connectors.slack.config import WEB_API, SlackConfig, Workspace
from connectors.slack.setup import auth_test, check_prefixes, config_from, lacking, open_socket
from connectors.slack.socket_mode import Socket
from connectors.slack.trouble import code_of
from hub.contract.connector import Kit
from hub.contract.errors import ConnectorError, Rejected, RejectReason, Unavailable
from hub.contract.steps import Step

HELLO_WITHIN = 20  # seconds
APPS = "https://api.slack.com/apps"

# What Slack is told of the app; by Socket Mode it needs no address of ours.
APP = """\
display_information:
  name: Hubbub
  description: Answers from our team
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: Hubbub
    always_online: true
  shortcuts:
    - name: Send to Hubbub
      type: message
      callback_id: send_to_hubbub
      description: Our team answers this message
oauth_config:
  scopes:
    bot:
      - channels:history
      - channels:read
      - chat:write
      - commands
      - files:read
      - files:write
      - groups:history
      - groups:read
      - im:history
      - im:read
      - mpim:history
      - mpim:read
      - reactions:read
      - reactions:write
      - team:read
      - usergroups:read
      - users:read
      - users:read.email
settings:
  event_subscriptions:
    bot_events:
      - app_home_opened
      - app_uninstalled
      - message.channels
      - message.groups
      - message.im
      - message.mpim
      - reaction_added
      - reaction_removed
      - tokens_revoked
      - user_change
  interactivity:
    is_enabled: true
  socket_mode_enabled: true
  token_rotation_enabled: false
"""

STEPS = (
    Step(
        name="app",
        title="Make the app and install it",
        words="Press Create New App, choose From a manifest and the workspace, and paste this under YAML. "
        "Then press Install to Workspace. Under OAuth & Permissions is the bot token; copy it here.",
        link=f"{APPS}?new_app=1",
        copies=APP,
        asks=("token",),
    ),
    Step(
        name="way",
        title="Choose how messages come in",
        words="socket: under Basic Information, press Generate Token and Scopes, add connections:write, and "
        "copy the token here. events: copy the signing secret; Slack must reach Hubbub by https.",
        link=APPS,
        asks=("way", "app_token", "signing_secret"),
    ),
    Step(
        name="channels",
        title="Choose what it hears in channels",
        words="In direct and group messages it hears all. In channels it hears what names it, and what "
        "follows in those threads; or everything. Type /invite @Hubbub in each channel it should hear.",
        asks=("channels",),
    ),
    Step(
        name="hello",
        title="Write to it",
        words="Find Hubbub in Slack under Apps and write something; checking waits 20 seconds for it.",
        optional=True,
    ),
)


async def check(step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
    """What was found; raises with Slack's own word beside ours."""
    looks: Mapping[str, Callable[[Calls], Awaitable[Sequence[str]]]] = {
        "app": _app,
        "way": _way,
        "channels": _channels,
        "hello": _hello,
    }
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    check_prefixes(given)
    try:
        return await looks[step](_calls(given, kit))
    except ConnectorError as problem:
        if isinstance(problem.__cause__, SlackApiError):
            raise problem.quoting(code_of(problem.__cause__)) from problem.__cause__
        raise


def _calls(given: Mapping[str, str], kit: Kit) -> Calls:
    """With what is known so far; nothing is kept of it."""
    known = SlackConfig.model_construct(
        way="events" if given.get("way") == "events" else "socket",
        app_token=SecretStr(given["app_token"]) if "app_token" in given else None,
        signing_secret=SecretStr(given["signing_secret"]) if "signing_secret" in given else None,
        workspaces=(Workspace.model_construct(team="T?", token=SecretStr(given.get("token", ""))),),
        channels="all" if given.get("channels") == "all" else "addressed",
        api=HttpUrl(given.get("api", WEB_API)),
    )

    def keep(_: SlackConfig) -> None:
        """Looking changes nothing."""

    return Calls(known, kit, keep)


async def _app(calls: Calls) -> Sequence[str]:
    me = await calls.ask("T?", auth_test)
    name, workspace = me.get("user"), me.get("team")
    return [f"The token works. The app is {name} in the workspace {workspace}.", *lacking(me)]


async def _way(calls: Calls) -> Sequence[str]:
    config = calls.config
    config_from(
        config.model_dump(include={"way", "app_token", "signing_secret"}) | {"workspaces": config.workspaces}
    )
    if config.way == "socket":
        return [await open_socket(config, calls.kit)]
    url = calls.kit.public_url
    if not url:
        words = "Hubbub does not know its own address: set web.public_url, or choose socket."
        raise Rejected(words, reason=RejectReason.OTHER)
    if urlsplit(url).scheme != "https":
        raise Rejected(f"Slack calls https addresses only, and this is {url}.", reason=RejectReason.OTHER)
    try:
        async with calls.kit.http.get(f"{url}/healthz") as answer:
            if answer.status == 200:
                return [f"{url} leads here."]
            said = f"{answer.status} {answer.reason}"
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        said = str(problem) or type(problem).__name__
    raise Unavailable(f"{url} does not lead here.").quoting(said)


async def _channels(calls: Calls) -> Sequence[str]:
    missing = [each for each in lacking(await calls.ask("T?", auth_test)) if "channels" in each]
    if missing:
        return missing
    if calls.config.channels == "all":
        return ["It hears everything in the channels it is in."]
    return ["In channels it hears messages that name it, and what follows in their threads."]


async def _hello(calls: Calls) -> Sequence[str]:
    """Nothing is acknowledged, so that nothing is taken away: Slack delivers it once more."""
    if calls.config.way != "socket":
        return ["By events, Slack calls once the channel is connected and its address is entered."]
    socket = Socket(calls)
    try:
        async with asyncio.timeout(HELLO_WITHIN), aclosing(socket.payloads()) as payloads:
            async for payload in payloads:
                event = payload.get("event") if isinstance(payload, Mapping) else None
                if isinstance(event, Mapping) and event.get("type") == "message":
                    return ["Somebody has written to it."]
    except TimeoutError:
        raise Unavailable("Nothing has arrived. Write to the app in Slack, and check again.") from None
    finally:
        await socket.close()
    return []
