"""What a channel was set to, changed without connecting it anew: proven first, and only then kept."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import AnyUrl, BaseModel, SecretStr, ValidationError

from hub.auth.audit import record
from hub.auth.seal import open_config
from hub.contract.connector import Adjusts, Connector, Question
from hub.desk.channels import ChannelProblem, connected, keep_config, questions_of
from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.channels import Channel, Health
from hub.model.people import Agent
from hub.model.sentences import sentence


def settings_of(desk: Desk, channel: Channel) -> tuple[Question, ...]:
    """What may be changed, each with what it is now as its default: no secrets, they are renewed."""
    return _settings(desk.registry.reader(channel))


async def adjust_channel(
    desk: Desk,
    by: Agent,
    channel: Channel,
    answers: Mapping[str, str],
    tell: Callable[[str], None],
    *,
    address: str | None = None,
) -> tuple[str, ...]:
    """Returns what was changed. Raises NotAllowed, ConnectorError, ChannelProblem."""
    only_admins(by)
    changed = await change_settings(desk, channel, answers, tell)
    if changed:
        await record(
            desk.store, desk.clock, by, "channel_changed",
            target=channel.id, target_name=channel.name, address=address or "",
            details={"settings": ", ".join(changed)},
        )  # fmt: skip
    return changed


async def change_settings(
    desk: Desk, channel: Channel, answers: Mapping[str, str], tell: Callable[[str], None]
) -> tuple[str, ...]:
    """Prove them, of the same account; the channel goes on with them, or stays paused.

    Returns the names of what is not as it was. Raises ConnectorError, ChannelProblem.
    """
    kind = desk.registry.connector_type(channel.platform)
    old = open_config(kind.manifest.config, channel.config, desk.registry.sealer, channel.id)
    kit = replace(desk.registry.kit(channel.id), tell=tell)
    now = kind(old, kit)
    asked = {each.name: each for each in _settings(now)}
    given = {name: text.strip() for name, text in answers.items() if name in asked}
    changed = tuple(name for name, text in given.items() if text != asked[name].default)
    if not changed:
        return ()
    if missing := [name for name, text in given.items() if asked[name].required and not text]:
        raise ChannelProblem("channel_unanswered", names=", ".join(missing))
    connector = kind(_adjusted(now, {name: given[name] for name in changed}), kit)
    account = await connected(connector)
    if channel.account is not None and account.key != channel.account:
        raise ChannelProblem("channel_other_account", account=account.name)
    tell(sentence("signed_in_as", account=account.name))
    changes = {"health": Health.NEW, "problem": None}
    await keep_config(desk, channel, connector.config, changes, "settings")
    return changed


def _settings(connector: Connector[Any]) -> tuple[Question, ...]:
    """Of a connector that does not say: the questions whose answers stand in its configuration as given."""
    if isinstance(connector, Adjusts):
        return connector.settings()
    found = []
    for question in questions_of(type(connector)):
        value = _value(connector.config, question.name)
        if value is not None and not question.secret:
            found.append(replace(question, default=value, advanced=False))
    return tuple(found)


def _value(config: BaseModel, name: str) -> str | None:
    """`imap.host` stands for the field `host` of the table `imap`; None for what is no word or number."""
    at: object = config
    for part in name.split("."):
        if not isinstance(at, BaseModel) or part not in type(at).model_fields:
            return None
        at = getattr(at, part)
    if isinstance(at, bool):
        return str(at).lower()
    return str(at) if isinstance(at, str | int | float | AnyUrl) and not isinstance(at, SecretStr) else None


def _adjusted(connector: Connector[Any], answers: Mapping[str, str]) -> BaseModel:
    if isinstance(connector, Adjusts):
        return connector.adjusted(answers)
    config: BaseModel = connector.config
    tree = config.model_dump()
    for name, text in answers.items():
        *tables, last = name.split(".")
        table = tree
        for each in tables:
            table = table[each]
        table[last] = text
    try:
        return type(config).model_validate(tree)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "The answers"
        raise ChannelProblem("channel_answer", place=place, problem=first["msg"]) from None
