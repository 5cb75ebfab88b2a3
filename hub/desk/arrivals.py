"""What arrived through a channel and what became of it: counted, shown, replayed. For admins.

Two things share the ids: entries, one an event, and arrivals, webhook bodies as they came. An arrival
is shown when it could not be read; otherwise its entries are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.auth.audit import record
from hub.contract.inbound import ArrivedRaw
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.channels import Channel
from hub.model.journal import Outcome
from hub.model.people import Agent
from hub.store.outcomes import count_outcomes

LOOKED_BACK = timedelta(days=7)
SHOWN = 30
REPLAYED_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One line: `ref` is the conversation of what was delivered."""

    id: str
    at: datetime
    kind: str
    outcome: Outcome | None  # None: it waits
    words: str
    ref: str | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """What became of everything that arrived since a moment."""

    since: datetime
    delivered: int
    duplicate: int
    ignored: int
    failed: int
    waiting: int

    @property
    def arrived(self) -> int:
        return self.delivered + self.duplicate + self.ignored + self.failed + self.waiting


async def reckon(desk: Desk, by: Agent, channel: Channel) -> Reckoning:
    only_admins(by)
    since = desk.clock() - LOOKED_BACK
    counts = await count_outcomes(desk.store.database, channel.id, since)
    return Reckoning(
        since=since,
        delivered=counts[Outcome.DELIVERED],
        duplicate=counts[Outcome.DUPLICATE],
        ignored=counts[Outcome.IGNORED],
        failed=counts[Outcome.FAILED],
        waiting=counts["waiting"],
    )


async def list_arrived(
    desk: Desk, by: Agent, channel: Channel, *, failed: bool = False, limit: int = SHOWN
) -> list[Arrived]:
    """Newest first."""
    only_admins(by)
    journal = desk.store.journal
    rows = [
        Arrived(
            id=each.id,
            at=each.received_at,
            kind=each.kind,
            outcome=each.outcome,
            words=each.words,
            ref=each.ref if each.outcome is Outcome.DELIVERED else None,
            size=each.size,
        )
        for each in await journal.list_entries(channel=channel.id, failed=failed, limit=limit)
    ]
    if failed:
        rows += [
            Arrived(
                id=each.id,
                at=each.received_at,
                kind="Arrival",
                outcome=each.outcome,
                words=each.words,
                ref=None,
                size=each.size,
            )
            for each in await journal.list_failed_arrivals(channel.id, limit)
        ]
    return sorted(rows, key=lambda each: (each.at, each.id), reverse=True)[:limit]


async def replay(desk: Desk, by: Agent, channel: Channel, id: str, *, address: str | None = None) -> None:
    """Work on one of them again, with the parsers of today. Raises NotAllowed, NotPossible."""
    only_admins(by)
    if not await _replay(desk, channel, id):
        raise NotPossible("arrival_gone")
    await _record(desk, by, channel, address, {"messages": "1"})


async def replay_failed(desk: Desk, by: Agent, channel: Channel, *, address: str | None = None) -> int:
    """Work again on all that failed. Returns how many."""
    rows = await list_arrived(desk, by, channel, failed=True, limit=REPLAYED_MOST)
    count = sum([await _replay(desk, channel, each.id) for each in rows])
    if count:
        await _record(desk, by, channel, address, {"messages": str(count)})
    return count


async def original(
    desk: Desk, by: Agent, channel: Channel, id: str, *, address: str | None = None
) -> tuple[str, bytes]:
    """A name for the file, and its bytes as they came. Raises NotAllowed, NotPossible."""
    only_admins(by)
    journal = desk.store.journal
    found = await journal.get(id)
    arrival = id
    if found is not None and found[0].channel == channel.id:
        entry, event = found
        if isinstance(event, ArrivedRaw):
            await _record(desk, by, channel, address, {"arrival": id}, "original_taken")
            return f"{id}.eml", event.body
        arrival = entry.arrival or ""
    kept = await journal.get_arrival(arrival)
    if kept is None or kept.arrival.channel != channel.id:
        raise NotPossible("original_gone")
    await _record(desk, by, channel, address, {"arrival": id}, "original_taken")
    return f"{arrival}.txt", kept.request.body


async def _replay(desk: Desk, channel: Channel, id: str) -> bool:
    journal = desk.store.journal
    found = await journal.get(id)
    if found is not None:
        return found[0].channel == channel.id and await journal.replay(id)
    kept = await journal.get_arrival(id)
    return kept is not None and kept.arrival.channel == channel.id and await journal.replay_arrival(id)


async def _record(
    desk: Desk,
    by: Agent,
    channel: Channel,
    address: str | None,
    details: dict[str, str],
    deed: str = "arrivals_replayed",
) -> None:
    await record(
        desk.store, desk.clock, by, deed,
        target=channel.id, target_name=channel.name, address=address or "", details=details,
    )  # fmt: skip
