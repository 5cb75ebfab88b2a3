"""What every command shares: where its settings come from, how it gets a hub, how it prints.

`--config` and `--json` may stand before the command or behind it.
"""

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import click

from config.logging import set_up_logging
from config.settings import Settings, load_settings
from hub.app import Hub, open_hub
from hub.commands.output import Output

P = ParamSpec("P")
R = TypeVar("R")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class Call:
    """One run of the program."""

    config: Path | None = None
    output: Output = field(default_factory=Output)

    def settings(self) -> Settings:
        """Raises SettingsError."""
        return load_settings(self.config, os.environ)

    def quiet_logs(self, settings: Settings) -> None:
        """Beside a command's own words, only what is worth a warning."""
        style: Literal["console", "json"] = "json" if self.output.as_json else settings.log.format
        level = settings.log.level if settings.log.level in ("debug", "error") else "warning"
        set_up_logging(style, level)

    def loud_logs(self, settings: Settings) -> None:
        """All lines that the settings ask for: of a process that does nothing else but work."""
        set_up_logging("json" if self.output.as_json else settings.log.format, settings.log.level)


def _keep_config(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Call).config = value


def _keep_json(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Call).output.as_json = True


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_keep_config,
    expose_value=False,
    is_eager=True,
    help="The settings file; otherwise HUBBUB_CONFIG, ./hubbub.toml or /etc/hubbub/hubbub.toml.",
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    callback=_keep_json,
    expose_value=False,
    is_eager=True,
    help="One JSON object per line, for scripts; errors too.",
)


def shared_options(function: Function) -> Function:
    return config_option(json_option(function))


def with_call(function: Callable[Concatenate[Call, P], R]) -> Callable[P, R]:
    """For a command that opens no hub, or opens it in its own way."""

    @shared_options
    @functools.wraps(function)
    def command(*args: P.args, **options: P.kwargs) -> R:
        return function(click.get_current_context().ensure_object(Call), *args, **options)

    return command


def with_hub(function: Callable[Concatenate[Hub, Output, P], Awaitable[R]]) -> Callable[P, R]:
    """For a command that works on the database: the one of a hub that runs, or its own for so long."""

    @shared_options
    @functools.wraps(function)
    def command(*args: P.args, **options: P.kwargs) -> R:
        call = click.get_current_context().ensure_object(Call)
        settings = call.settings()
        call.quiet_logs(settings)

        async def work() -> R:
            async with open_hub(settings) as hub:
                return await function(hub, call.output, *args, **options)

        return asyncio.run(work())

    return command


def on_embedded_in(settings: Settings, folder: Path) -> Settings:
    """The same settings with the embedded database of another folder."""
    return settings.model_copy(
        update={
            "mongo": settings.mongo.model_copy(update={"url": None}),
            "data": settings.data.model_copy(update={"folder": folder}),
        }
    )
