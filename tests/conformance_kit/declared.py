"""What a connector says about itself: the manifest, and that what it declares is there."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, SecretStr

from hub.contract.capabilities import Capabilities, Surface, Visibility
from hub.contract.connector import (
    ChecksSteps,
    Connector,
    Deletes,
    Edits,
    Polls,
    Reacts,
    SetsUp,
    Streams,
    TakesWebhooks,
)
from tests.conformance_kit.harness import Broken, Check, Harness, require
from tests.conformance_kit.reading import connected

SECRET_NAMES = re.compile(r"password|passphrase|secret|token$|api_key|private_key")
PUBLIC_SURFACES = frozenset({Surface.COMMENT, Surface.MENTION})


async def has_a_way_in(harness: Harness) -> None:
    kind: type = harness.connector_type
    ways = [way for way in (Polls, Streams, TakesWebhooks) if issubclass(kind, way)]
    require(ways, "It implements none of Polls, Streams and TakesWebhooks.")


async def the_manifest_is_complete(harness: Harness) -> None:
    manifest = harness.connector_type.manifest
    require(re.fullmatch(r"[a-z][a-z0-9_]{1,31}", manifest.platform), f"platform {manifest.platform!r}")
    require(manifest.name.strip(), "The manifest names no name.")
    config: Any = manifest.config
    require(isinstance(config, type) and issubclass(config, BaseModel), "config is not a pydantic model.")
    require(manifest.surfaces, "The manifest declares no surface.")
    require(manifest.source.startswith("https://"), "source is not the address of a vendor's page.")
    require(
        manifest.checked.year >= 2024 and manifest.checked <= datetime.now(UTC).date(),
        f"checked on {manifest.checked}: too long ago, or not yet.",
    )
    polls = issubclass(harness.connector_type, Polls)
    if polls and not issubclass(harness.connector_type, Streams | TakesWebhooks):
        require(manifest.poll_every, "It only polls and does not say how often: poll_every.")


async def questions_fit_the_configuration(harness: Harness) -> None:
    manifest = harness.connector_type.manifest
    fields = manifest.config.model_fields
    names = [question.name for question in manifest.questions]
    require(len(names) == len(set(names)), "Two questions have the same name.")
    for question in manifest.questions:
        require(question.label.strip(), f"Question {question.name!r} has no label.")
        require(
            question.secret or not SECRET_NAMES.search(question.name),
            f"Question {question.name!r} asks for a secret and does not say so.",
        )
        require(
            not question.choices or not question.default or question.default in question.choices,
            f"The default of question {question.name!r} is none of its choices.",
        )
    if issubclass(harness.connector_type, SetsUp):
        require(names, "It sets up but asks no questions.")
    elif names:
        unknown = set(names) - set(fields)
        require(not unknown, f"Questions that are no settings: {sorted(unknown)}")
        missing = {name for name, field in fields.items() if field.is_required()} - set(names)
        require(not missing, f"Required settings nobody is asked for: {sorted(missing)}")


async def steps_fit_the_questions(harness: Harness) -> None:
    manifest = harness.connector_type.manifest
    if not manifest.steps:
        return
    require(issubclass(harness.connector_type, ChecksSteps), "It has steps and cannot check them.")
    names = [step.name for step in manifest.steps]
    require(len(names) == len(set(names)), "Two steps have the same name.")
    asked = [name for step in manifest.steps for name in step.asks]
    require(len(asked) == len(set(asked)), "Two steps ask the same question.")
    unknown = set(asked) - {question.name for question in manifest.questions}
    require(not unknown, f"Steps ask questions that are none: {sorted(unknown)}")
    for step in manifest.steps:
        require(re.fullmatch(r"[a-z][a-z0-9-]*", step.name), f"A step cannot be called {step.name!r}.")
        require(step.title.strip() and step.words.endswith("."), f"Step {step.name!r} lacks words.")
        require(not step.link or step.link.startswith("https://"), f"Step {step.name!r} leads astray.")


async def secrets_in_the_configuration_are_typed_so(harness: Harness) -> None:
    for name, field in harness.connector_type.manifest.config.model_fields.items():
        if SECRET_NAMES.search(name):
            require("Secret" in str(field.annotation), f"Setting {name!r} is a secret but no SecretStr.")
    config = harness.make().config
    hidden = [value.get_secret_value() for _, value in walk(config) if isinstance(value, SecretStr)]
    for secret in harness.secrets:
        require(secret in hidden, "A secret of the harness is in no SecretStr of the configuration.")


def walk(model: BaseModel) -> list[tuple[str, Any]]:
    """Every setting, those of nested models included, and of sequences of them."""
    found: list[tuple[str, Any]] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, list | tuple) else [value]:
            found.extend(walk(each) if isinstance(each, BaseModel) else [(name, each)])
    return found


async def declared_surfaces_are_sane(harness: Harness) -> None:
    check_surfaces(harness.connector_type.manifest.surfaces)


async def declared_capabilities_are_implemented(harness: Harness) -> None:
    check_implemented(harness.connector_type, harness.connector_type.manifest.surfaces)


async def the_account_declares_only_what_is_implemented(harness: Harness) -> None:
    connector = harness.make()
    try:
        account = await connector.connect()
    finally:
        await connector.close()
    if account.surfaces:
        check_surfaces(account.surfaces)
        for surface, capabilities in account.surfaces.items():
            check_has(type(connector), surface, capabilities)


async def the_account_has_a_key_and_a_name(harness: Harness) -> None:
    first = await connected(harness)
    again = await first.connect()
    account = await first.connect()
    await first.close()
    require(0 < len(account.key) <= 512, "The account has no key.")
    require(account.name.strip(), "The account has no name.")
    require(account.key == again.key, "The account's key is another one each time.")


def check_surfaces(surfaces: Mapping[Surface, Capabilities]) -> None:
    for surface, can in surfaces.items():
        require(can.text.longest > 0, f"{surface}: a text of no length.")
        require(can.text.measure("abc") > 0, f"{surface}: measure() counts letters as nothing.")
        require(can.replies, f"{surface}: there is no way to answer, nobody says when.")
        if surface in PUBLIC_SURFACES:
            require(Visibility.PUBLIC in can.replies, f"{surface}: an answer here is public; say so.")
        if surface in (Surface.DIRECT, Surface.EMAIL):
            require(Visibility.PUBLIC not in can.replies, f"{surface}: an answer here is never public.")
        if can.media is not None:
            require(can.media.most >= 1, f"{surface}: attachments, but none at a time.")
            require(can.media.largest, f"{surface}: attachments of no kind.")
            require(
                all(size > 0 for size in can.media.largest.values()), f"{surface}: attachments of no size."
            )


def check_implemented(kind: type[Connector[Any]], surfaces: Mapping[Surface, Capabilities]) -> None:
    for surface, can in surfaces.items():
        check_has(kind, surface, can)
    everywhere = list(surfaces.values())
    unsaid = {
        Edits: not any(can.edit_within for can in everywhere),
        Deletes: not any(can.delete_within for can in everywhere),
        Reacts: not any(can.reactions is not None for can in everywhere),
    }
    for protocol, nowhere in unsaid.items():
        if nowhere and issubclass(kind, protocol):
            raise Broken(f"It implements {protocol.__name__}, but no surface declares it.")


def check_has(kind: type[Connector[Any]], surface: Surface, can: Capabilities) -> None:
    declared = {Edits: can.edit_within, Deletes: can.delete_within, Reacts: can.reactions}
    for protocol, value in declared.items():
        if value is not None and not issubclass(kind, protocol):
            raise Broken(f"{surface} declares what {protocol.__name__} does, and it does not implement it.")


CHECKS = (
    Check("has a way in", has_a_way_in),
    Check("the manifest is complete", the_manifest_is_complete),
    Check("questions fit the configuration", questions_fit_the_configuration),
    Check("steps fit the questions", steps_fit_the_questions),
    Check("secrets in the configuration are typed so", secrets_in_the_configuration_are_typed_so),
    Check("declared surfaces are sane", declared_surfaces_are_sane),
    Check("declared capabilities are implemented", declared_capabilities_are_implemented),
    Check("the account declares only what is implemented", the_account_declares_only_what_is_implemented),
    Check("the account has a key and a name", the_account_has_a_key_and_a_name),
)
