"""What admins do with channels: connect, try out, pause, resume, remove. Workers that run react at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from hub.contract.connector import (
    Account,
    ChecksSteps,
    Connector,
    Probes,
    Question,
    RegistersWebhooks,
    SetsUp,
    SetUp,
)
from hub.contract.errors import ConnectorError
from hub.desk.replying import Desk
from hub.model.addresses import phone_countries
from hub.model.channels import Channel, Health
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Attempt, DeliveryState
from hub.model.sentences import Refusal, sentence
from hub.realtime import publish

CONNECT_WITHIN = 60.0  # seconds
LET_GO_WITHIN = timedelta(seconds=20)  # a worker's lease lasts 15 s
REMOVED = sentence("channel_removed_unsent")
INTERRUPTED = sentence("channel_removed_sending")
RESUMED: Mapping[str, Any] = {"paused": False, "health": Health.NEW, "problem": None, "hold_until": None}


class ChannelProblem(Refusal):
    """The channel cannot be connected like this; it says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A channel that was proven, with what was found on the way."""

    channel: Channel
    found: tuple[str, ...]


# Connecting


def questions_of(kind: type[Connector[Any]]) -> tuple[Question, ...]:
    """What to ask whoever connects one: the connector's questions, or the plain fields of its config."""
    if kind.manifest.questions:
        return kind.manifest.questions
    return tuple(
        Question(
            name=name,
            label=name.replace("_", " ").capitalize(),
            help=field.description or "",
            secret=field.annotation is SecretStr,
            default=str(field.default) if isinstance(field.default, str | int | float) else "",
            required=field.is_required(),
        )
        for name, field in kind.manifest.config.model_fields.items()
    )


async def check_step(
    desk: Desk,
    platform: str,
    step: str,
    answers: Mapping[str, str],
    tell: Callable[[str], None] | None = None,
) -> Sequence[str]:
    """What was found of one of the vendor's steps; keeps and changes nothing.

    Raises UnknownPlatform, ChannelProblem, ConnectorError with what the platform said.
    """
    kind = desk.registry.connector_type(platform)
    found = next((each for each in kind.manifest.steps if each.name == step), None)
    if found is None or not issubclass(kind, ChecksSteps):
        raise ChannelProblem("step_gone", step=step)
    given = {key: value for key, value in answers.items() if value != ""}
    asked = {each.name: each for each in questions_of(kind)}
    missing = [each for each in found.asks if asked[each].required and each not in given]
    if missing:
        raise ChannelProblem("channel_unanswered", names=", ".join(missing))
    kit = desk.registry.kit(new_id(desk.clock()))
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            return await kind.check_step(step, given, kit)
    except TimeoutError as problem:
        raise ConnectorError(sentence("platform_silent")) from problem


async def connect_channel(
    desk: Desk,
    platform: str,
    answers: Mapping[str, str],
    name: str | None = None,
    *,
    reopen_days: int = 14,
    tell: Callable[[str], None] | None = None,
) -> Connected:
    """Prove the answers by connecting, and only then keep the channel.

    `name` None: what the account is called. `tell` hears of every step that worked.
    Raises UnknownPlatform, ConnectorError, ChannelProblem.
    """
    if name:
        await check_name(desk, name)
    channel = new_id(desk.clock())
    made = await _prove(desk, platform, answers, channel, tell)
    return await keep_channel(desk, platform, channel, made, name, reopen_days=reopen_days)


async def keep_channel(
    desk: Desk, platform: str, channel: str, made: SetUp, name: str | None, *, reopen_days: int = 14
) -> Connected:
    """Keep what was proven, under an id that its secrets are sealed for."""
    called = (name or await _free_name(desk, made.account.name or made.account.key)).strip()
    kept = Channel(
        id=channel,
        name=called,
        platform=platform,
        config=desk.registry.sealed(made.config, channel),
        created_at=desk.clock(),
        account=made.account.key,
        account_name=made.account.name,
        reopen_days=reopen_days,
    )
    await desk.store.channels.add(kept)
    await _tell(desk, kept.id, "added")
    return Connected(channel=kept, found=made.found)


async def check_name(desk: Desk, name: str) -> None:
    """Raises ChannelProblem when there is such a channel already."""
    taken = {each.name.casefold() for each in await desk.store.channels.list_channels()}
    if not name.strip():
        raise ChannelProblem("channel_name")
    if name.strip().casefold() in taken:
        raise ChannelProblem("channel_named", name=name.strip())


def checked_country(country: str) -> str:
    """As it is kept: DE; "" for none. Raises ChannelProblem."""
    country = country.strip().upper()
    if country and country not in phone_countries():
        raise ChannelProblem("channel_country", country=country)
    return country


async def _free_name(desk: Desk, wanted: str) -> str:
    taken = {each.name.casefold() for each in await desk.store.channels.list_channels()}
    names = [wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each.casefold() not in taken)


async def _prove(
    desk: Desk,
    platform: str,
    answers: Mapping[str, str],
    channel: str,
    tell: Callable[[str], None] | None,
) -> SetUp:
    kind = desk.registry.connector_type(platform)
    given = {key: value for key, value in answers.items() if value != ""}
    missing = [each.name for each in questions_of(kind) if each.required and not given.get(each.name)]
    if missing:
        raise ChannelProblem("channel_unanswered", names=", ".join(missing))
    kit = desk.registry.kit(channel)
    kit = replace(kit, tell=tell) if tell else kit
    if issubclass(kind, SetsUp):
        return await kind.set_up(given, kit)
    connector = kind(_config_from(kind.manifest.config, given), kit)
    account = await connected(connector)
    return SetUp(connector.config, account, (sentence("signed_in_as", account=account.name),))


async def connected(connector: Connector[Any]) -> Account:
    """The account, as `connect` found it; the connector is closed again."""
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            return await connector.connect()
    except TimeoutError as problem:
        raise ConnectorError(sentence("platform_silent")) from problem
    finally:
        await connector.close()


def _config_from(kind: type[BaseModel], answers: Mapping[str, str]) -> BaseModel:
    """`imap.host` stands for the field `host` of the table `imap`."""
    tree: dict[str, Any] = {}
    for name, value in answers.items():
        *tables, last = name.split(".")
        table = tree
        for each in tables:
            table = table.setdefault(each, {})
        table[last] = value
    try:
        return kind.model_validate(tree)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "The answers"
        raise ChannelProblem("channel_answer", place=place, problem=first["msg"]) from None


# Trying out


async def try_channel(desk: Desk, channel: Channel) -> AsyncGenerator[str, None]:
    """A sentence per step that works; raises ConnectorError at the first that does not."""
    connector = desk.registry.build(channel)
    if not isinstance(connector, Probes):
        account = await connected(connector)
        yield sentence("connected_as", account=account.name)
        return
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            account = await connector.connect()
        yield sentence("connected_as", account=account.name)
        async for step in connector.probe():
            yield step
    except TimeoutError as problem:
        raise ConnectorError(sentence("platform_silent")) from problem
    finally:
        await connector.close()


# Pausing and removing


async def pause_channel(desk: Desk, channel: Channel) -> None:
    """Nothing is received or sent until it is resumed; what is to be sent waits."""
    await change_channel(desk, channel, {"paused": True}, "paused")


async def resume_channel(desk: Desk, channel: Channel) -> None:
    """Start anew, also after its credentials were refused or while it waits to try again."""
    await change_channel(desk, channel, RESUMED, "resumed")


async def remove_channel(desk: Desk, channel: Channel) -> int:
    """Conversations stay; what it still had to send has failed. Returns how many deliveries that were."""
    await change_channel(desk, channel, {"removed": True}, "removed")
    await _unregister(desk, channel)
    await _until_let_go(desk, channel)
    failed = 0
    while waiting := await desk.store.deliveries.waiting(channel.id):
        for message in waiting:
            assert message.delivery is not None
            sending = message.delivery.state is DeliveryState.SENDING
            state, words = (DeliveryState.UNSURE, INTERRUPTED) if sending else (DeliveryState.FAILED, REMOVED)
            await desk.store.deliveries.move(
                message,
                (message.delivery.state,),
                state,
                attempt=Attempt(desk.clock(), "removed", words),
                also={"problem": words},
            )
            failed += 1
    return failed


async def keep_config(
    desk: Desk, channel: Channel, config: BaseModel, changes: Mapping[str, Any], what: str
) -> None:
    """Keep a proven configuration; the channel starts anew with it.

    Raises ChannelProblem where another one was kept since the channel was read.
    """
    also = {**changes, **_anew(desk, channel)}
    if not await desk.store.channels.change_config(channel, desk.registry.sealed(config, channel.id), also):
        raise ChannelProblem("channel_changed_meanwhile")
    await _tell(desk, channel.id, what)


async def change_channel(desk: Desk, channel: Channel, changes: Mapping[str, Any], what: str) -> None:
    await desk.store.channels.change(channel.id, {**changes, **_anew(desk, channel)})
    await _tell(desk, channel.id, what)


def _anew(desk: Desk, channel: Channel) -> dict[str, Any]:
    return {"settings_version": channel.settings_version + 1, "health_at": desk.clock()}


async def _until_let_go(desk: Desk, channel: Channel) -> None:
    """Whoever holds it may be in the middle of sending."""
    give_up = desk.clock() + LET_GO_WITHIN
    while (now := desk.clock()) < give_up:
        found = await desk.store.channels.find(channel.id)
        if found is None or found.lease is None or found.lease.until <= now:
            return
        await asyncio.sleep(0.2)


async def _unregister(desk: Desk, channel: Channel) -> None:
    """The platform need not post to us any more. If it cannot be told, it gets a 404 from now on."""
    connector = desk.registry.build(channel)
    if not isinstance(connector, RegistersWebhooks):
        return
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            await connector.connect()
            await connector.unregister_webhook()
    except (ConnectorError, TimeoutError):
        return
    finally:
        await connector.close()


async def _tell(desk: Desk, channel: str, what: str) -> None:
    now = desk.clock()
    event = Event(id=new_id(now), kind="channel_changed", at=now, channel=channel, details={"what": what})
    await publish(desk.store, [event])
