"""`hubbub journal`: everything that arrived, what became of it, and doing it again.

Two things share the ids here: entries, one for each event, and arrivals, which are webhook bodies as they
came. An arrival is listed when it could not be read; otherwise its entries are.
"""

import asyncio
import sys
from collections.abc import Sequence

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.finding import find_channel, find_ids, one_of
from hub.commands.frame import with_hub
from hub.commands.output import Output, Row, moment, size
from hub.contract.inbound import ArrivedRaw, InboundEvent
from hub.model.journal import Arrival, JournalEntry
from hub.store.codec import event_to_document
from hub.store.survey import workers_alive

COLUMNS = ("id", "received_at", "channel_name", "kind", "outcome", "words")
MOST = 1000


@click.group()
def journal() -> None:
    """Everything that arrived, and what became of it."""


def entry_row(entry: JournalEntry, names: dict[str, str]) -> Row:
    return {
        "id": entry.id,
        "channel": entry.channel,
        "channel_name": names.get(entry.channel, "?"),
        "kind": entry.kind,
        "key": entry.key,
        "thread": entry.thread,
        "received_at": entry.received_at,
        "finished_at": entry.finished_at,
        "outcome": entry.outcome or "waiting",
        "ref": entry.ref,
        "words": entry.words,
        "tries": entry.tries,
        "arrival": entry.arrival,
        "size": entry.size,
    }


def arrival_row(arrival: Arrival, names: dict[str, str]) -> Row:
    return {
        "id": arrival.id,
        "channel": arrival.channel,
        "channel_name": names.get(arrival.channel, "?"),
        "kind": "Arrival",
        "received_at": arrival.received_at,
        "outcome": arrival.outcome or "waiting",
        "words": arrival.words,
        "entries": arrival.entries,
        "size": arrival.size,
    }


@journal.command("list")
@click.option("--failed", is_flag=True, help="Those that gave up, webhook bodies included.")
@click.option("--channel", metavar="NAME")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True)
@with_hub
async def list_(hub: Hub, out: Output, failed: bool, channel: str | None, limit: int) -> None:
    """Newest first."""
    names = await _channel_names(hub)
    wanted = [(await find_channel(hub, channel)).id] if channel else list(names)
    rows = await _rows(hub, wanted, names, failed=failed, limit=limit)
    out.rows(rows, COLUMNS, "Nothing has failed." if failed else "Nothing has arrived yet.")
    out.perhaps_more(rows, limit)


async def _rows(
    hub: Hub, channels: Sequence[str], names: dict[str, str], *, failed: bool, limit: int
) -> list[Row]:
    """By channel, as the index has them."""
    kept = hub.store.journal
    pages = await asyncio.gather(
        *(kept.list_entries(channel=each, failed=failed, limit=limit) for each in channels)
    )
    rows = [entry_row(entry, names) for page in pages for entry in page]
    if failed:
        for each in channels:
            rows += [arrival_row(arrival, names) for arrival in await kept.list_failed_arrivals(each, limit)]
    rows.sort(key=lambda row: (row["received_at"], row["id"]), reverse=True)
    return rows[:limit]


@journal.command("show")
@click.argument("id")
@click.option("--raw", is_flag=True, help="Write the original to standard output, byte for byte.")
@with_hub
async def show(hub: Hub, out: Output, id: str, raw: bool) -> None:
    """What arrived, and what became of it."""
    names = await _channel_names(hub)
    collection, wanted = await _find(hub, id)
    if collection == "arrivals":
        await _show_arrival(hub, out, wanted, names, raw=raw)
        return
    found = await hub.store.journal.get(wanted)
    if found is None:
        raise Failure(f"Journal entry {wanted} was deleted at this moment.")
    entry, event = found
    if raw:
        await _write_original(hub, entry, event)
        return
    row = {**entry_row(entry, names), "event": {**event_to_document(event), "raw": event.raw or None}}
    out.one(row, _words(row))


async def _show_arrival(hub: Hub, out: Output, wanted: str, names: dict[str, str], *, raw: bool) -> None:
    found = await hub.store.journal.get_arrival(wanted)
    if found is None:
        raise Failure(f"Arrival {wanted} was deleted at this moment.")
    if raw:
        _write_bytes(found.request.body)
        return
    request = found.request
    row = {
        **arrival_row(found.arrival, names),
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
    }
    out.one(row, f"{_words(row)}\n\n{row['body'][:4000]}")


async def _write_original(hub: Hub, entry: JournalEntry, event: InboundEvent) -> None:
    if isinstance(event, ArrivedRaw):
        _write_bytes(event.body)
        return
    if entry.arrival and (arrival := await hub.store.journal.get_arrival(entry.arrival)):
        _write_bytes(arrival.request.body)
        return
    raise Failure("It came without an original of its own: `hubbub journal show` tells all there is.")


def _write_bytes(body: bytes) -> None:
    sys.stdout.buffer.write(body)
    sys.stdout.flush()


def _words(row: Row) -> str:
    lines = [
        f"{row['kind']} {row['id']}",
        f"channel   {row['channel_name']} ({row['channel']})",
        f"received  {moment(row['received_at'])}",
        f"outcome   {row['outcome']}  {row['words']}".rstrip(),
    ]
    if row.get("ref"):
        lines.append(f"leads to  {row['ref']}")
    if row.get("thread"):
        lines.append(f"thread    {row['thread']}")
    if row["size"]:
        lines.append(f"original  {size(row['size'])}: --raw writes it out")
    return "\n".join(lines)


@journal.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--failed", is_flag=True, help="All that gave up.")
@click.option("--channel", metavar="NAME", help="With --failed: of this channel alone.")
@with_hub
async def replay(hub: Hub, out: Output, ids: Sequence[str], failed: bool, channel: str | None) -> None:
    """Work on them again, with the parsers of today. Nothing that is there already is made twice."""
    if bool(ids) == failed:
        raise click.UsageError("Name entries, or say --failed.", click.get_current_context())
    if failed:
        wanted = (await find_channel(hub, channel)).id if channel else None
        again = await _replay_failed(hub, out, wanted)
    else:
        found = [await _find(hub, each) for each in ids]
        again = [await _replay(hub, collection, each) for collection, each in found]
    out.rows([{"id": each, "replayed": True} for each in again], ("id",), "Nothing has failed.")
    if again and not await workers_alive(hub.store.database, hub.clock()):
        out.remark("They wait for a worker: `hubbub serve` will work on them.")


async def _replay_failed(hub: Hub, out: Output, channel: str | None) -> list[str]:
    """All of them, however many. What fails once more meanwhile is not taken twice."""
    kept = hub.store.journal
    again: list[str] = []
    with out.progress("Working on them again") as meter:
        total = await kept.count_failed(channel)
        for name, pages in (("arrivals", kept.failed_arrivals(channel)), ("journal", kept.failed(channel))):
            async for page in pages:
                again += [await _replay(hub, name, each) for each in page]
                meter.show("Working on them again", len(again), total)
    return again


async def _replay(hub: Hub, collection: str, wanted: str) -> str:
    if collection == "arrivals":
        await hub.store.journal.replay_arrival(wanted)
    else:
        await hub.store.journal.replay(wanted)
    return wanted


async def _find(hub: Hub, typed: str) -> tuple[str, str]:
    """The collection and the id."""
    entries = await find_ids(hub, "journal", typed)
    arrivals = await find_ids(hub, "arrivals", typed)
    wanted = one_of([*entries, *arrivals], "journal entry", typed)
    return "journal" if wanted in entries else "arrivals", wanted


async def _channel_names(hub: Hub) -> dict[str, str]:
    """Of all channels, the removed ones too: what arrived through them stays."""
    return {each.id: each.name for each in await hub.store.channels.list_channels(removed=True)}
