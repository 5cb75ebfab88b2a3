"""`hubbub store`: the database itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.frame import with_hub
from hub.commands.output import Output, size
from hub.store.connection import connect
from hub.store.copying import copy_all
from hub.store.embedded import embedded_database, running_database
from hub.store.schema import Database, create_indexes, index_report
from hub.store.survey import describe_server, list_collections, workers_alive


@click.group()
def store() -> None:
    """The database itself."""


@store.command("indexes")
@with_hub
async def indexes(hub: Hub, out: Output) -> int:
    """Create the indexes that are missing, and list all."""
    await create_indexes(hub.store.database)
    report = await index_report(hub.store.database)
    out.rows(report, ("collection", "index", "present"), "There are none.")
    return 0 if all(each["present"] for each in report) else 1


@store.command("info")
@with_hub
async def info(hub: Hub, out: Output) -> None:
    """What the database is, and what is in it."""
    server = await describe_server(hub.store.database)
    kept = await list_collections(hub.store.database)
    row = {
        "version": server.version,
        "embedded": server.embedded,
        "folder": str(hub.settings.data.folder) if hub.settings.mongo.url is None else None,
        "database": hub.store.database.name,
        "replica_set": server.replica_set,
        "sharded": server.sharded,
        "size": sum(each.size for each in kept),
        "collections": [asdict(each) for each in kept],
    }
    kind = "embedded, " if server.embedded else ""
    lines = [f"{server.version} ({kind}database {row['database']}), {size(sum(each.size for each in kept))}"]
    lines += [f"  {each.name:16} {each.documents:>9}  {size(each.size):>10}" for each in kept]
    out.one(row, "\n".join(lines))


@store.command("copy")
@click.option(
    "--to", "target", required=True, metavar="URL", help="mongodb://…, or a folder: embedded there."
)
@click.option("--database", help="Its name there; otherwise the same as here.")
@click.option("--again", is_flag=True, help="Also over a copy that was finished: changes there are lost.")
@click.option("--live", is_flag=True, help="Although workers are at work: copy again when they stopped.")
@with_hub
async def copy(hub: Hub, out: Output, target: str, database: str | None, again: bool, live: bool) -> None:
    """Copy everything to another database, files included. Interrupted, it goes on where it was."""
    if not live and await workers_alive(hub.store.database, hub.clock()):
        raise Failure("Workers are at work here: stop them first, so that nothing is missed, or say --live.")
    name = database or hub.store.database.name
    async with _open(hub, target, name) as there:
        with out.progress("Copying") as meter:
            report = await copy_all(hub.store.database, there, hub.clock(), meter.show, again=again)
    out.rows([asdict(each) for each in report], ("collection", "documents", "written"), "There was nothing.")
    out.remark(
        f"{sum(each.documents for each in report)} documents are there; the counts agree on both sides."
    )


@asynccontextmanager
async def _open(hub: Hub, target: str, name: str) -> AsyncIterator[Database]:
    if target.startswith(("mongodb://", "mongodb+srv://")):
        async with connect(target, name) as db:
            yield db
        return
    folder = Path(target)  # seen from where we are; ~ is resolved where it is opened
    if url := running_database(folder):
        async with connect(url, name) as db:
            yield db
        return
    settings = hub.settings.embedded
    async with (
        embedded_database(folder, settings.program, settings.cache_mb) as embedded,
        connect(embedded.uri, name) as db,
    ):
        yield db
