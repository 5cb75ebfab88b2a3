"""Connecting a Slack app: the answers become a configuration, and are proven step by step."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr, ValidationError

from connectors.slack.calls import Calls, renewed_tokens, spoken
from connectors.slack.config import WEB_API, SlackConfig, Workspace
from connectors.slack.trouble import SCOPES
from hub.contract.connector import Account, Kit, SetUp
from hub.contract.errors import AuthBroken, Rejected, RejectReason


async def set_up(answers: Mapping[str, str], kit: Kit) -> SetUp:
    """Raises AuthBroken, Unavailable, or Rejected for an answer that cannot be right."""
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    check_prefixes(given)
    tokens = {name: given.pop(name) for name in ("token", "refresh_token") if name in given}
    draft = config_from({**given, "workspaces": [{"team": "T?", "token": "", **tokens}]})
    return await prove(draft, kit)


async def prove(draft: SlackConfig, kit: Kit) -> SetUp:
    """Ask Slack who we are in each workspace; what the app may and may not do is told."""
    found: list[str] = []
    apps = {_app_in(draft), draft.app} - {""}
    kept: list[Workspace] = []
    for each in draft.workspaces:
        calls = _calls(draft.model_copy(update={"workspaces": (each,)}), kit)
        try:
            me = await calls.ask(each.team, auth_test)
        except AuthBroken:
            if not each.gone or len(draft.workspaces) == 1:
                raise
            kept.append(each)  # removed there before: the others are set up without it
            continue
        name, workspace = me.get("user"), me.get("team")
        told = f"The app is {name} in the workspace {workspace}."
        kit.tell(told)
        found += [told, *lacking(me)]
        apps |= {await _app_of(calls, each.team, str(me.get("bot_id") or ""))} - {""}
        kept.append(_known(calls.config.workspaces[0], me))
    if len(apps) > 1:
        words = "The tokens belong to two different apps: take both from the same one."
        raise Rejected(words, reason=RejectReason.OTHER)
    app = next(iter(apps), "")
    config = draft.model_copy(update={"app": app, "workspaces": tuple(kept)})
    if config.way == "socket":
        found.append(await open_socket(config, kit))
    else:
        found.append("Now give Slack the address on this channel's page, under Event Subscriptions.")
    names = ", ".join(each.name or each.team for each in kept)
    return SetUp(config, Account(key=app or kept[0].team, name=names), tuple(found))


def _known(workspace: Workspace, me: Mapping[str, Any]) -> Workspace:
    """The workspace with what Slack says of us in it."""
    said = {"team": "team_id", "name": "team", "user": "user_id", "bot": "bot_id"}
    return workspace.model_copy(
        update={"gone": False} | {name: str(me.get(key) or "") for name, key in said.items()}
    )


def page_to_agree(answers: Mapping[str, str], known: SlackConfig | None, redirect: str, state: str) -> str:
    """Where an admin of a workspace installs the app. Raises Rejected.

    https://docs.slack.dev/authentication/installing-with-oauth (checked 2026-11-23).
    """
    client, secret = _client_of(answers, known)
    if not client or not secret:
        words = (
            "To install the app from here, its client ID and client secret are needed, under More settings."
        )
        raise Rejected(words, reason=RejectReason.OTHER)
    if known is None:
        config_from({**_draft(answers), "workspaces": [{"team": "T?", "token": "?"}]})
    api = str(known.api if known else answers.get("api") or WEB_API)
    asked = {"client_id": client, "scope": ",".join((*SCOPES, "commands")), "redirect_uri": redirect}
    site = api.rstrip("/").removesuffix("/api")
    return site + "/oauth/v2/authorize?" + urlencode({**asked, "state": state})


async def installed(
    answers: Mapping[str, str], known: SlackConfig | None, redirect: str, code: str, kit: Kit
) -> SetUp:
    """One workspace more. Raises AuthBroken, Unavailable, or Rejected."""
    client, secret = _client_of(answers, known)
    waiting = Workspace(team="T?", token=SecretStr("?"))
    base = known or config_from({**_draft(answers), "workspaces": [waiting]})
    answer = await _calls(base, kit).tokens(
        client_id=client, client_secret=secret, code=code, redirect_uri=redirect
    )
    team = answer.get("team")
    fresh = waiting.model_copy(
        update={
            **renewed_tokens(answer, kit.now()),
            "team": str(team.get("id") or "") if isinstance(team, Mapping) else "",
        }
    )
    app = str(answer.get("app_id") or "")
    if known is not None and known.app and app != known.app:
        raise Rejected("This is another app than the one of this channel.", reason=RejectReason.OTHER)
    workspaces = base.with_workspace(fresh).workspaces if known else (fresh,)
    return await prove(base.model_copy(update={"app": base.app or app, "workspaces": workspaces}), kit)


def _client_of(answers: Mapping[str, str], known: SlackConfig | None) -> tuple[str, str]:
    secret = known.client_secret.get_secret_value() if known and known.client_secret else ""
    client = known.client_id if known else ""
    return answers.get("client_id", "").strip() or client, answers.get("client_secret", "").strip() or secret


def _draft(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers that are settings, without the tokens that installing brings."""
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    return {name: text for name, text in given.items() if name not in ("token", "refresh_token")}


def check_prefixes(given: Mapping[str, str]) -> None:
    """Slack's tokens look alike, and are easily taken for one another."""
    if not given.get("token", "xoxb-").startswith(("xoxb-", "xoxe.xoxb-")):
        raise Rejected("This is no bot token: that begins with xoxb-.", reason=RejectReason.OTHER)
    if not given.get("app_token", "xapp-").startswith("xapp-"):
        raise Rejected("This is no app-level token: that begins with xapp-.", reason=RejectReason.OTHER)
    if not given.get("refresh_token", "xoxe-").startswith("xoxe-"):
        raise Rejected("This is no refresh token: that begins with xoxe-.", reason=RejectReason.OTHER)


def config_from(given: Mapping[str, Any]) -> SlackConfig:
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


async def auth_test(client: Any) -> Any:
    """The answer, with the scopes that Slack names in a header."""
    answer = await client.auth_test()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    answer.data["scopes"] = headers.get("x-oauth-scopes", "")
    return answer


def lacking(me: Mapping[str, Any]) -> list[str]:
    given = {each.strip() for each in str(me.get("scopes") or "").split(",")} - {""}
    if not given:
        return []
    return [what for scope, what in SCOPES.items() if scope not in given]


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


async def open_socket(config: SlackConfig, kit: Kit) -> str:
    token = config.app_token
    assert token is not None
    async with spoken(config.timeout):
        await _calls(config, kit).client(None).apps_connections_open(app_token=token.get_secret_value())
    return "Socket Mode works."
