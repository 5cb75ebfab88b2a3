"""Nothing is kept for longer than is set: rules per kind, and per channel where that makes sense.

Gone by hourly, in small batches by index, by one process at a time. What only loses something (originals,
files) is walked through once: how far, is kept for each rule.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.clearing import clear_conversation
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Side, Status
from hub.model.people import Agent
from hub.model.privacy import Kept, RetentionRule, RetentionRun
from hub.model.sentences import sentence
from hub.privacy import Privacy
from hub.privacy.jobs import access_privacy, expire
from hub.realtime import publish
from hub.store.codec import Document
from hub.store.shelves import EPOCH

DAYS_MOST = 36_500
BATCH = 100
TICK = timedelta(milliseconds=1)  # several may be of one moment: the last one is looked at again
BATCHES = 50  # of one rule in one run: the next goes on
OF_NO_CHANNEL = frozenset({Kept.HAPPENINGS, Kept.EXPORTS})


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule, and what it did."""

    rule: RetentionRule
    run: RetentionRun | None


async def list_rules(privacy: Privacy, agent: Agent) -> list[Standing]:
    """Raises NotAllowed."""
    access_privacy(agent)
    runs = await privacy.desk.store.privacy.runs()
    return [Standing(each, runs.get(name_of(each))) for each in await privacy.desk.store.privacy.rules()]


async def set_rule(
    privacy: Privacy, agent: Agent, kind: str, channel: str, days: int | None, *, address: str = ""
) -> None:
    """None: no rule any more, it is kept for ever. Raises NotPossible, NotAllowed."""
    access_privacy(agent)
    if kind not in set(Kept):
        raise NotPossible("retention_kind", kind=kind)
    if days is not None and not 1 <= days <= DAYS_MOST:
        raise NotPossible("retention_days", most=DAYS_MOST)
    if channel and Kept(kind) in OF_NO_CHANNEL:
        raise NotPossible("retention_channel", kind=kind)
    store = privacy.desk.store
    rules = [each for each in await store.privacy.rules() if (each.kind, each.channel) != (kind, channel)]
    if days is not None:
        rules.append(RetentionRule(kind=Kept(kind), channel=channel, days=days))
    await store.privacy.save_rules(sorted(rules, key=lambda each: (each.kind, each.channel)))
    details = {"kind": kind, "days": str(days or ""), "channel": channel}
    kept = {name: value for name, value in details.items() if value}
    await record(store, privacy.desk.clock, agent, "retention_changed", address=address, details=kept)


async def rehearse_rules(privacy: Privacy, agent: Agent, most: int = 10_000) -> Mapping[str, int]:
    """How many would go by each rule, `most` at most; nothing is changed. Raises NotAllowed."""
    access_privacy(agent)
    found: dict[str, int] = {}
    for rule in await privacy.desk.store.privacy.rules():
        before = privacy.desk.clock() - timedelta(days=rule.days)
        found[name_of(rule)] = 0
        for channel in await _channels(privacy, rule):
            found[name_of(rule)] += await COUNTS[rule.kind](privacy, channel, before, most)
    return found


async def apply_rules(privacy: Privacy) -> Mapping[str, int]:
    """A round of all rules. Returns how many went by each."""
    done: dict[str, int] = {}
    for rule in await privacy.desk.store.privacy.rules():
        now, name = privacy.desk.clock(), name_of(rule)
        before, count = now - timedelta(days=rule.days), 0
        for channel in await _channels(privacy, rule):
            count += await DEEDS[rule.kind](privacy, channel, before, rule.days)
        await privacy.desk.store.privacy.note_run(name, now, count)
        done[name] = count
    return done


def name_of(rule: RetentionRule) -> str:
    return f"{rule.kind}:{rule.channel}"


async def _channels(privacy: Privacy, rule: RetentionRule) -> Sequence[str]:
    """Those a rule is about: its own, or all that have none of their own."""
    if rule.kind in OF_NO_CHANNEL:
        return [""]
    if rule.channel:
        return [rule.channel]
    rules = await privacy.desk.store.privacy.rules()
    own = {each.channel for each in rules if each.kind is rule.kind and each.channel}
    every = await privacy.desk.store.channels.list_channels(removed=True)
    return [each.id for each in every if each.id not in own]


# What each kind does: takes what is older than a moment, batch after batch. Returns how many.


async def _conversations(privacy: Privacy, channel: str, before: datetime, status: Status) -> int:
    store, count = privacy.desk.store, 0
    for _ in range(BATCHES):
        found = await store.expiring.conversations(channel, str(status), before, BATCH)
        for each in found:
            await clear_conversation(store, each, privacy.desk.clock(), "arrival_deleted")
            now = privacy.desk.clock()
            told = Event(id=new_id(now), kind="conversation_deleted", at=now, conversation=each)
            await publish(store, [told])
        count += len(found)
        if len(found) < BATCH:
            break
    return count


async def _resolved(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    return await _conversations(privacy, channel, before, Status.RESOLVED)


async def _spam(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    return await _conversations(privacy, channel, before, Status.SPAM)


async def _journal(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    store, count, name = privacy.desk.store, 0, f"{Kept.JOURNAL}:{channel}"
    for _ in range(BATCHES):
        since = await store.privacy.place(name) - TICK
        found = await store.originals.old_lines(channel, since, before, BATCH)
        behind = await store.originals.behind([line for line, _ in found])
        count += await store.originals.empty(behind.lines, "original_expired")
        for file in behind.files:
            await store.erasing.drop_file(file)
        if found:
            await store.privacy.set_place(name, found[-1][1])
        if len(found) < BATCH:
            break
    return count


async def _arrivals(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    store, count = privacy.desk.store, 0
    for _ in range(BATCHES):
        found = await store.originals.old_arrivals(channel, before, BATCH)
        count += await store.originals.drop_arrivals(found)
        if len(found) < BATCH:
            break
    return count


async def _files(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    """What customers sent. A file that others hold who are kept for longer stays with them."""
    store, count, name = privacy.desk.store, 0, f"{Kept.FILES}:{channel}"
    because = sentence("file_expired", days=days)
    for _ in range(BATCHES):
        found = await store.expiring.files(await store.privacy.place(name) - TICK, before, BATCH)
        for file, _ in found:
            due = await _due_users(privacy, file, channel, before)
            for each in due:
                await store.expiring.let_go(each, file, because)
            if due:
                await store.erasing.drop_file(file)
            count += len(due)
        if len(found) < BATCH:
            await store.privacy.set_place(name, EPOCH)  # from the beginning: some are used for longer
            break
        await store.privacy.set_place(name, found[-1][1])
    return count


async def _due_users(privacy: Privacy, file: str, channel: str, before: datetime) -> list[Document]:
    """The customers' messages of a channel that have held a file for long enough."""
    users = await privacy.desk.store.expiring.users_of(file)
    return [
        each
        for each in users
        if each["channel"] == channel and each["at"] < before and each["side"] == Side.CUSTOMER
    ]


async def _visits(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    store, count, name = privacy.desk.store, 0, f"{Kept.VISITS}:{channel}"
    for _ in range(BATCHES):
        since = await store.privacy.place(name) - TICK
        found = await store.expiring.visitors(channel, since, before, BATCH)
        count += await store.expiring.forget_visits(found)
        if found:
            await store.privacy.set_place(name, found[-1]["first_at"])
        if len(found) < BATCH:
            break
    return count


async def _happenings(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    store, count = privacy.desk.store, 0
    for _ in range(BATCHES):
        found = await store.expiring.happenings(before, BATCH)
        count += await store.expiring.drop_happenings(found)
        if len(found) < BATCH:
            break
    return count


async def _exports(privacy: Privacy, channel: str, before: datetime, days: int) -> int:
    """How long one is there, is said when it is made."""
    return await expire(privacy, BATCH)


Deed = Callable[[Privacy, str, datetime, int], Awaitable[int]]
DEEDS: Mapping[Kept, Deed] = {
    Kept.RESOLVED: _resolved,
    Kept.SPAM: _spam,
    Kept.JOURNAL: _journal,
    Kept.ARRIVALS: _arrivals,
    Kept.FILES: _files,
    Kept.VISITS: _visits,
    Kept.HAPPENINGS: _happenings,
    Kept.EXPORTS: _exports,
}


# How many there are, for a rehearsal.


async def _count_resolved(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    return len(await privacy.desk.store.expiring.conversations(channel, str(Status.RESOLVED), before, most))


async def _count_spam(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    return len(await privacy.desk.store.expiring.conversations(channel, str(Status.SPAM), before, most))


async def _count_journal(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    store = privacy.desk.store
    since = await store.privacy.place(f"{Kept.JOURNAL}:{channel}")
    found = await store.originals.old_lines(channel, since - TICK, before, most)
    return len((await store.originals.behind([line for line, _ in found])).lines)


async def _count_arrivals(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    return len(await privacy.desk.store.originals.old_arrivals(channel, before, most))


async def _count_files(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    found = await privacy.desk.store.expiring.files(EPOCH, before, most)
    return sum([len(await _due_users(privacy, file, channel, before)) for file, _ in found])


async def _count_visits(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    since = await privacy.desk.store.privacy.place(f"{Kept.VISITS}:{channel}")
    return len(await privacy.desk.store.expiring.visitors(channel, since, before, most))


async def _count_happenings(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    return len(await privacy.desk.store.expiring.happenings(before, most))


async def _count_exports(privacy: Privacy, channel: str, before: datetime, most: int) -> int:
    return len(await privacy.desk.store.privacy.expired(privacy.desk.clock(), most))


COUNTS: Mapping[Kept, Deed] = {
    Kept.RESOLVED: _count_resolved,
    Kept.SPAM: _count_spam,
    Kept.JOURNAL: _count_journal,
    Kept.ARRIVALS: _count_arrivals,
    Kept.FILES: _count_files,
    Kept.VISITS: _count_visits,
    Kept.HAPPENINGS: _count_happenings,
    Kept.EXPORTS: _count_exports,
}
