"""New credentials for a channel that has its settings already: only what is entered changes. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import SecretStr

from connectors.slack.config import QUESTIONS, SlackConfig, Workspace
from hub.contract.connector import Question

OF_THE_APP = ("app_token", "signing_secret", "client_secret")


def renewal_of(config: SlackConfig) -> tuple[Question, ...]:
    """A token for each workspace, and the app's own secrets; what is left empty stays."""
    asked = {each.name: each for each in QUESTIONS}
    tokens: list[Question] = []
    for each in config.workspaces:
        kinds = ("token", "refresh_token") if each.refresh_token else ("token",)
        for kind in kinds:
            label = asked[kind].label
            if len(config.workspaces) > 1:
                label = f"{label}: {each.name or each.team}"
            tokens.append(
                replace(asked[kind], name=f"{kind}.{each.team}", label=label, required=False, advanced=False)
            )
    app = [replace(asked[name], required=False, advanced=False) for name in OF_THE_APP]
    return (*tokens, *app)


def renewed_config(config: SlackConfig, answers: Mapping[str, str]) -> SlackConfig:
    """Not yet proven; a token from the page of the app has no end of its own, if none is known for it."""
    given = {name: SecretStr(text.strip()) for name, text in answers.items() if text.strip()}
    workspaces = tuple(_renewed(each, given) for each in config.workspaces)
    changed = {name: secret for name, secret in given.items() if name in OF_THE_APP}
    return config.model_copy(update={**changed, "workspaces": workspaces})


def _renewed(workspace: Workspace, given: Mapping[str, SecretStr]) -> Workspace:
    token = given.get(f"token.{workspace.team}")
    refresh = given.get(f"refresh_token.{workspace.team}")
    changed: dict[str, object] = {}
    if token is not None:
        changed = {"token": token, "expires_at": None}
    if refresh is not None:
        changed |= {"refresh_token": refresh, "expires_at": None}
    return workspace.model_copy(update=changed)
