"""Connecting a Slack app: the answers become a configuration, and are proven step by step."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from connectors.slack.calls import Calls, spoken
from connectors.slack.config import SlackConfig, Workspace
from hub.contract.connector import Account, Kit, SetUp
from hub.contract.errors import Rejected, RejectReason

# Scope -> what does not work without it. https://docs.slack.dev/reference/scopes (checked 2026-11-23)
SCOPES: Mapping[str, str] = {
    "chat:write": "answers cannot be sent",
    "im:history": "direct messages do not come in",
    "mpim:history": "group messages do not come in",
    "channels:history": "messages in public channels do not come in",
    "groups:history": "messages in private channels do not come in",
    "users:read": "people have no names",
    "users:read.email": "people are not recognised by their e-mail address",
    "files:read": "files that people send do not come in",
    "files:write": "files cannot be sent",
    "reactions:read": "reactions do not come in",
    "reactions:write": "reactions cannot be sent",
}


async def set_up(answers: Mapping[str, str], kit: Kit) -> SetUp:
    """Raises AuthBroken, Unavailable, or Rejected for an answer that cannot be right."""
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    _check_prefixes(given)
    tokens = {name: given.pop(name) for name in ("token", "refresh_token") if name in given}
    draft = _config({**given, "workspaces": [{"team": "T?", "token": "", **tokens}]})
    return await prove(draft, kit)


async def prove(draft: SlackConfig, kit: Kit) -> SetUp:
    """Ask Slack who we are in each workspace; what the app may and may not do is told."""
    found: list[str] = []
    config, names = draft, []
    apps: set[str] = set()
    kept: list[Workspace] = []
    for each in draft.workspaces:
        calls = _calls(config.model_copy(update={"workspaces": (each,)}), kit)
        me = await calls.ask(each.team, _auth_test)
        told = f"The app is {me.get('user')} in the workspace {me.get('team')}."
        kit.tell(told)
        found += [told, *_lacking(me)]
        apps |= {await _app_of(calls, each.team, str(me.get("bot_id") or ""))} - {""}
        names.append(str(me.get("team") or each.team))
        kept.append(
            calls.config.workspaces[0].model_copy(
                update={
                    "team": str(me.get("team_id")),
                    "name": str(me.get("team") or ""),
                    "user": str(me.get("user_id") or ""),
                    "bot": str(me.get("bot_id") or ""),
                }
            )
        )
    app = config.app or _app_in(config) or next(iter(apps), "")
    if len(apps | ({app} - {""})) > 1:
        words = "The tokens belong to two different apps: take both from the same one."
        raise Rejected(words, reason=RejectReason.OTHER)
    config = config.model_copy(update={"app": app, "workspaces": tuple(kept)})
    if config.way == "socket":
        found.append(await _prove_socket(config, kit))
    else:
        found.append(
            "Now give Slack this channel's address, which stands on its page: under Event Subscriptions."
        )
    return SetUp(config, Account(key=app or kept[0].team, name=", ".join(names)), tuple(found))


def _check_prefixes(given: Mapping[str, str]) -> None:
    """Slack's tokens look alike, and are easily taken for one another."""
    for name, prefixes, words in (
        ("token", ("xoxb-", "xoxe.xoxb-"), "The bot token begins with xoxb-."),
        ("app_token", ("xapp-",), "The app-level token begins with xapp-."),
        ("refresh_token", ("xoxe-",), "The refresh token begins with xoxe-."),
    ):
        if name in given and not given[name].startswith(prefixes):
            raise Rejected(f"{words} This is another one.", reason=RejectReason.OTHER)


def _config(given: Mapping[str, Any]) -> SlackConfig:
    try:
        return SlackConfig.model_validate(given)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        words = f"{'.'.join(map(str, first['loc']))} {first['msg']}.".strip().removeprefix("Value error, ")
        raise Rejected(words[0].upper() + words[1:], reason=RejectReason.OTHER) from None


def _calls(config: SlackConfig, kit: Kit) -> Calls:
    def keep(_: SlackConfig) -> None:
        """Nothing is kept before it is proven; `Calls` has it."""

    calls = Calls(config, kit, keep)
    calls.renews = True
    return calls


async def _auth_test(client: Any) -> Any:
    """The answer, with the scopes that Slack names in a header."""
    answer = await client.auth_test()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    answer.data["scopes"] = headers.get("x-oauth-scopes", "")
    return answer


def _lacking(me: Mapping[str, Any]) -> list[str]:
    given = {each.strip() for each in str(me.get("scopes") or "").split(",")} - {""}
    if not given:
        return []
    return [f"Without the scope {scope}, {what}." for scope, what in SCOPES.items() if scope not in given]


async def _app_of(calls: Calls, team: str, bot: str) -> str:
    try:
        answer = await calls.ask(team, lambda client: client.bots_info(bot=bot))
    except Rejected:  # without users:read it stays unknown
        return ""
    told = answer.get("bot")
    return str(told.get("app_id") or "") if isinstance(told, Mapping) else ""


def _app_in(config: SlackConfig) -> str:
    """An app-level token names its app: xapp-1-A0123456789-…"""
    parts = config.app_token.get_secret_value().split("-") if config.app_token else []
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""


async def _prove_socket(config: SlackConfig, kit: Kit) -> str:
    token = config.app_token
    assert token is not None
    async with spoken(config.timeout):
        await _calls(config, kit).client(None).apps_connections_open(app_token=token.get_secret_value())
    return "Socket Mode works."
