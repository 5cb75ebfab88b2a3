"""The top of the command line. Words that are not known are answered with the nearest that are.

A command is imported when it is called for: `hubbub journal` starts without the pages, the API and the demo.
"""

from importlib import import_module
from typing import cast

import click

from hub.commands.frame import shared_options

PLACES = {  # in the order of the help
    "serve": "processes",
    "web": "processes",
    "worker": "processes",
    "check": "check",
    "agent": "agent",
    "channel": "channel",
    "journal": "journal",
    "outbox": "outbox",
    "conversation": "conversation",
    "customer": "customer",
    "events": "events",
    "store": "store",
    "demo": "demo",
}


class OnDemand(click.Group):
    """Its commands are functions of their names in the modules of `PLACES`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PLACES:
            return None
        return cast(click.Command, getattr(import_module(f"hub.commands.{PLACES[cmd_name]}"), cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as problem:
            raise click.NoSuchCommand(args[0], possibilities=PLACES, ctx=ctx) from problem


@click.group(cls=OnDemand, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hubbub", prog_name="hubbub")
@shared_options
def hubbub() -> None:
    """One inbox for every channel.

    `hubbub serve` runs it; everything else looks into it or changes it, also beside one that runs.
    """
