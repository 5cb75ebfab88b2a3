"""The top of the command line. Words that are not known are answered with the nearest that are."""

import click

from hub.commands.agent import agent
from hub.commands.channel import channel
from hub.commands.check import check
from hub.commands.conversation import conversation
from hub.commands.demo import demo
from hub.commands.events import events
from hub.commands.frame import shared_options
from hub.commands.journal import journal
from hub.commands.outbox import outbox
from hub.commands.processes import serve, web, worker
from hub.commands.store import store


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hubbub", prog_name="hubbub")
@shared_options
def hubbub() -> None:
    """One inbox for every channel.

    `hubbub serve` runs it; everything else looks into it or changes it, also beside one that runs.
    """


for each in (
    serve, web, worker, check, agent, channel, journal, outbox, conversation, events, store, demo,
):  # fmt: skip
    hubbub.add_command(each)
