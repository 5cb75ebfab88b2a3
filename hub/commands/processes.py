"""`hubbub serve`, `web`, `worker`: the processes that do the work, until they are told to stop."""

import asyncio

import click

from config.settings import Settings
from hub.commands.frame import Call, with_call
from hub.commands.running import run_until_stopped
from hub.store import StoreError
from hub.store.embedded import running_database


@click.command()
@with_call
def serve(call: Call) -> None:
    """Run everything in one process: pages, webhooks, channels, outbox.

    Without mongo.url it starts the embedded database in the data folder and stops it at the end.
    """
    settings = call.settings()
    call.loud_logs(settings)
    asyncio.run(run_until_stopped(settings, web_server=True, worker=True, starts_database=True))


@click.command()
@with_call
def web(call: Call) -> None:
    """Run the web server alone: pages, API and webhooks. Start as many as you like."""
    _part(call, "web", web_server=True, worker=False)


@click.command()
@with_call
def worker(call: Call) -> None:
    """Run a worker alone: channels, journal and outbox. Start as many as you like."""
    _part(call, "worker", web_server=False, worker=True)


def _part(call: Call, name: str, *, web_server: bool, worker: bool) -> None:
    settings = call.settings()
    call.loud_logs(settings)
    _check_shared_database(settings, name)
    asyncio.run(run_until_stopped(settings, web_server=web_server, worker=worker, starts_database=False))


def _check_shared_database(settings: Settings, name: str) -> None:
    """A part alone is of no use on a database that would end with it."""
    if settings.mongo.url is None and running_database(settings.data.folder) is None:
        raise StoreError(
            f"`hubbub {name}` shares a database with the other processes, and there is none: set mongo.url, "
            "or use `hubbub serve`, which runs everything and starts the embedded database."
        )
