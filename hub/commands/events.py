"""`hubbub events`: what happens, as it happens."""

import asyncio
from datetime import timedelta

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.frame import with_hub
from hub.commands.output import Output, moment
from hub.model.events import Event
from hub.realtime import Follower, TooOld

LATELY = timedelta(hours=1)
GONE = "That event is not kept any more: begin without --since, and read what there is now."


@click.command()
@click.option("--follow", is_flag=True, help="Go on with what happens from now on, until stopped.")
@click.option("--since", metavar="ID", help="Begin after this event; its id is in the output of --json.")
@click.option("--count", type=click.IntRange(1), help="Stop after so many.")
@with_hub
async def events(hub: Hub, out: Output, follow: bool, since: str | None, count: int | None) -> None:
    """What happened: of the last hour, after an event, or from now on."""
    shown = 0
    if not follow:
        for event in (await _past(hub, since))[:count]:
            _show(out, event)
        return
    follower = Follower(hub.store)
    following = asyncio.create_task(follower.run())
    try:
        async with follower.subscribe(since) as coming:
            out.remark("Following; Ctrl-C stops.")
            async for event in coming:
                _show(out, event)
                shown += 1
                if shown == count:
                    return
    except TooOld:
        raise Failure(GONE) from None
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _past(hub: Hub, since: str | None) -> list[Event]:
    if since is None:
        return await hub.store.events.latest(hub.clock() - LATELY)
    found = await hub.store.events.since(since)
    if found is None:
        raise Failure(GONE)
    return found


def _show(out: Output, event: Event) -> None:
    row = {
        "id": event.id,
        "kind": event.kind,
        "at": event.at,
        "conversation": event.conversation,
        "entry": event.entry,
        "channel": event.channel,
        "by": event.by,
        "details": event.details,
    }
    about = [f"{name} {row[name]}" for name in ("conversation", "channel", "by") if row[name]]
    details = [f"{name} {value}" for name, value in event.details.items()]
    out.one(row, f"{moment(event.at)}  {event.kind}  {', '.join([*about, *details])}")
