"""`hubbub outbox`: what is to be sent, what could not be, and sending it again."""

from collections.abc import AsyncIterator, Sequence

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.finding import find_channel, find_id
from hub.commands.frame import with_hub
from hub.commands.output import Output, Row, moment
from hub.desk.deeds import NotPossible, retry_delivery
from hub.model.inbox import DeliveryState, Message

COLUMNS = ("id", "state", "at", "due_at", "to", "tries", "problem", "conversation")
MOST = 1000


@click.group()
def outbox() -> None:
    """What is to be sent, and what could not be."""


def delivery_row(message: Message) -> Row:
    delivery = message.delivery
    assert delivery is not None
    return {
        "id": message.id,
        "state": delivery.state,
        "conversation": message.conversation,
        "channel": message.channel,
        "platform": message.platform,
        "author": message.author_name,
        "at": message.at,
        "due_at": delivery.due_at,
        "give_up_at": delivery.give_up_at,
        "to": delivery.to,
        "cc": delivery.cc,
        "bcc": delivery.bcc,
        "tries": delivery.tries,
        "problem": delivery.problem,
        "refused": [list(each) for each in delivery.refused],
        "attempts": [
            {"at": each.at, "outcome": each.outcome, "words": each.words} for each in delivery.attempts
        ],
    }


@outbox.command("list")
@click.option("--failed", is_flag=True, help="What a person must look at: failed, or unsure to have arrived.")
@click.option("--channel", metavar="NAME")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True)
@with_hub
async def list_(hub: Hub, out: Output, failed: bool, channel: str | None, limit: int) -> None:
    """What waits to be sent, newest first."""
    wanted = (await find_channel(hub, channel)).id if channel else None
    if failed:
        found = await hub.store.deliveries.in_trouble(limit, channel=wanted)
    else:
        everywhere = [each.id for each in await hub.store.channels.list_channels(removed=True)]
        found = await hub.store.deliveries.list_waiting([wanted] if wanted else everywhere, limit)
    rows = [delivery_row(each) for each in found]
    out.rows(rows, COLUMNS, "Nothing has failed." if failed else "Nothing waits to be sent.")
    out.perhaps_more(rows, limit)


@outbox.command("show")
@click.argument("id")
@with_hub
async def show(hub: Hub, out: Output, id: str) -> None:
    """One delivery with every attempt."""
    message = await _get(hub, id)
    row = delivery_row(message)
    lines = [
        f"{message.id}  {row['state']}  to {', '.join(row['to']) or '-'}  by {message.author_name}",
        f"written {moment(message.at)}, due {moment(row['due_at'])}, given up {moment(row['give_up_at'])}",
        f"conversation {message.conversation}",
    ]
    if row["problem"]:
        lines.append(f"problem: {row['problem']}")
    lines += [f"refused by {address}: {why}" for address, why in row["refused"]]
    lines += [f"{moment(each['at'])}  {each['outcome']}  {each['words']}" for each in row["attempts"]]
    out.one(row, "\n".join(lines))


@outbox.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--failed", is_flag=True, help="All that have failed.")
@click.option("--unsure", is_flag=True, help="All that may have arrived: customers may get them twice.")
@with_hub
async def retry(hub: Hub, out: Output, ids: Sequence[str], failed: bool, unsure: bool) -> None:
    """Send again what failed; what is unsure only when it is named, or with --unsure."""
    states = {state for state, on in ((DeliveryState.FAILED, failed), (DeliveryState.UNSURE, unsure)) if on}
    if bool(ids) == bool(states):
        raise click.UsageError("Name deliveries, or say --failed or --unsure.", click.get_current_context())
    wanted = [await find_id(hub, "entries", "delivery", each) for each in ids]
    again, refused = [], []
    with out.progress("Sending again") as meter:
        total = await hub.store.deliveries.count_in_trouble(states) if states else len(wanted)
        async for page in hub.store.deliveries.all_in_trouble(states) if states else _one_page(wanted):
            for each in page:
                try:
                    again.append(await retry_delivery(hub.desk, each))
                except NotPossible as problem:
                    refused.append(f"{each}: {problem}")
            meter.show("Sending again", len(again) + len(refused), total)
    out.rows([delivery_row(each) for each in again], ("id", "state", "to"), "Nothing was to be sent again.")
    if refused:
        raise Failure(" ".join(refused))


async def _one_page(ids: list[str]) -> AsyncIterator[list[str]]:
    yield ids


async def _get(hub: Hub, typed: str) -> Message:
    found = await hub.store.inbox.find_entry(await find_id(hub, "entries", "delivery", typed))
    if not isinstance(found, Message) or found.delivery is None:
        raise Failure(f"{typed!r} is an entry that was not sent by us: there is nothing to show of it here.")
    return found
