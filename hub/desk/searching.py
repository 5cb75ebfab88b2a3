"""Search over all that was ever said: every word required, the last one by its beginning, newest first.

`from: channel: tag: is: before: after: has:attachment team: agent:` narrow it. A search begins with its
rarest word, so its cost follows how much that word was used, not how much there is; of frequent words a few
buckets are read at a time, and a page that has read enough says where to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.auth.access import NotAllowed, may_see
from hub.desk.asking import Asked, parse
from hub.desk.replying import Desk
from hub.desk.terms import EVERY, hits_in
from hub.desk.views import Page
from hub.model.inbox import Conversation, Entry, Message, Note, Status
from hub.model.people import Agent
from hub.store import shelves
from hub.store.search import Held
from hub.store.shelves import ms_of

SNIPPET = 160
AT_ONCE = 150  # entries read by the rarest word at once, about
KEYS = 200  # words times buckets in one query
ROUNDS = 8
ALL = 1 << 40
LOADED = 40  # entries looked at together
EXPANDED = 30  # words a beginning may stand for; with more, entries are looked through for it


Place = tuple[int, str]  # moment in ms, id of the last entry seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """`marks`: where the words stand in the snippet (from, to)."""

    conversation: Conversation
    entry: Entry
    snippet: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """`drive`: entries with any of these words are read; `count`: about how many those are, of all."""

    drive: Sequence[str]
    count: int


async def search(
    desk: Desk, agent: Agent, text: str, cursor: str | None = None, *, limit: int = 30
) -> Page[Hit]:
    """Hits the agent may see, newest first. Nothing asked, nothing found. Raises NotAllowed, BadQuestion."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    asked = parse(text, await desk.store.channels.list_channels(removed=True), agent)
    if asked.empty:
        return Page([])
    if not asked.terms and asked.prefix is None:
        return await _conversations(desk, agent, asked, cursor, limit)
    plan = await _plan(desk, asked)
    if plan is None:
        return Page([])
    start = _place(cursor)
    groups = await _groups(desk, asked, plan, start)
    hits: list[Hit] = []
    pool: list[Held] = []
    for number, (buckets, reached) in enumerate(groups):
        pool += await _fitting(desk, asked, plan, buckets, start)
        pool.sort(key=lambda each: (ms_of(each.at), each.entry), reverse=True)
        settled = [each for each in pool if ms_of(each.at) > reached]
        pool = pool[len(settled) :]
        hits += await _hits(desk, agent, asked, settled, limit + 1 - len(hits))
        if len(hits) > limit:
            last = hits[limit - 1].entry
            return Page(hits[:limit], f"{ms_of(last.at)}-{last.id}")
        if number + 1 >= ROUNDS and number + 1 < len(groups):
            return Page(hits, f"{reached}-~")
    return Page(hits)


async def _plan(desk: Desk, asked: Asked) -> _Plan | None:
    """None: one of the words was never said."""
    words = [each for each in asked.terms if not each.startswith("#")]
    counts = await desk.store.search.counts(words)
    if any(word not in counts for word in words):
        return None
    plans = [_Plan([word], counts[word]) for word in words]
    if asked.prefix is not None:
        found = await desk.store.search.beginning(asked.prefix)
        if not found:
            return None
        if len(found) <= EXPANDED:
            plans.append(_Plan(sorted(found), sum(found.values())))
    facts = [each for each in asked.terms if each.startswith("#")]
    return min(plans, key=lambda each: each.count * len(each.drive), default=_Plan(facts[:1] or [EVERY], ALL))


async def _groups(desk: Desk, asked: Asked, plan: _Plan, start: Place | None) -> list[tuple[list[int], int]]:
    """The buckets to read, newest first, so many together that about AT_ONCE entries hold the rarest word;
    and the moment (ms) behind which a later group may still have some."""
    buckets = await desk.store.search.buckets()
    share = min(1.0, plan.count * 2 / max(1, sum(each.count for each in buckets)))  # counts lag behind
    after, before = (ms_of(each) if each else None for each in (asked.after, asked.before))
    wanted = [
        each
        for each in buckets
        if (start is None or each.first <= start[0])
        and (before is None or each.first < before)
        and (after is None or each.last >= after)
    ]
    wanted.sort(key=lambda each: each.last, reverse=True)
    groups: list[tuple[list[int], int]] = []
    weight = 0.0
    for index, bucket in enumerate(wanted):
        reached = wanted[index + 1].last if index + 1 < len(wanted) else -1
        weight += bucket.count * share
        if groups and weight <= AT_ONCE and len(groups[-1][0]) * len(plan.drive) < KEYS:
            groups[-1] = ([*groups[-1][0], bucket.number], reached)
        else:
            groups.append(([bucket.number], reached))
            weight = bucket.count * share
    return groups


async def _fitting(
    desk: Desk, asked: Asked, plan: _Plan, buckets: Sequence[int], start: Place | None
) -> list[Held]:
    held = await desk.store.search.holding(plan.drive, buckets)
    return [
        each
        for each in held
        if each.holds(asked.terms, asked.prefix)
        and asked.at_moment(each.at)
        and (start is None or (ms_of(each.at), each.entry) < start)
    ]


async def _hits(desk: Desk, agent: Agent, asked: Asked, held: Sequence[Held], want: int) -> list[Hit]:
    """The first `want` that the agent may see and that fit."""
    hits: list[Hit] = []
    for begin in range(0, len(held), LOADED):
        ids = [each.entry for each in held[begin : begin + LOADED]]
        entries = await desk.store.inbox.find_entries(ids)
        wanted = list({each.conversation for each in entries.values()})
        found = await desk.store.inbox.find_conversations(wanted)
        for entry in (entries[each] for each in ids if each in entries):
            conversation = found.get(entry.conversation)
            if conversation and may_see(agent, conversation) and asked.fits(conversation):
                hits.append(_hit(conversation, entry, asked))
        if len(hits) >= want:
            break
    return hits


async def _conversations(desk: Desk, agent: Agent, asked: Asked, cursor: str | None, limit: int) -> Page[Hit]:
    """No words, only what a conversation is: its last message stands for it."""
    statuses = (asked.status,) if asked.status else (Status.OPEN, Status.SNOOZED, Status.RESOLVED)
    wanted = [shelves.by_status(each) for each in statuses]
    if asked.agent:
        wanted = [shelves.by_agent(asked.agent, each) for each in statuses]
    elif asked.team:
        wanted = [shelves.by_team(asked.team, each) for each in statuses]
    start = _place(cursor)
    latest = ms_of(asked.before) if asked.before else None
    position = start[0] if start else latest
    rows: list[Conversation] = []
    for _ in range(ROUNDS):
        read = await desk.store.views.read(wanted, position, limit + 1 - len(rows))
        for each in read.rows:
            behind = start is None or (ms_of(each.activity_at), each.id) < start
            if behind and may_see(agent, each) and asked.fits(each) and asked.at_moment(each.activity_at):
                rows.append(each)
        position = read.position
        if position is None or len(rows) > limit or (asked.after and position < ms_of(asked.after)):
            break
    entries = await desk.store.inbox.find_entries([each.last.entry for each in rows[:limit]])
    hits = [
        _hit(each, entries[each.last.entry], asked) for each in rows[:limit] if each.last.entry in entries
    ]
    if len(rows) > limit:
        last = rows[limit - 1]
        return Page(hits, f"{ms_of(last.activity_at)}-{last.id}")
    over = position is None or (asked.after is not None and position < ms_of(asked.after))
    return Page(hits, None if over else f"{position}-~")


def _hit(conversation: Conversation, entry: Entry, asked: Asked) -> Hit:
    text = entry.content.text if isinstance(entry, Message) else entry.text if isinstance(entry, Note) else ""
    flat = " ".join(text.split())
    words = [each for each in asked.terms if each[0] not in "#@"]
    marks = hits_in(flat, words, asked.prefix)
    begin = max(0, marks[0][0] - SNIPPET // 3) if marks else 0
    if begin:
        begin = flat.rfind(" ", 0, begin) + 1 or begin
    snippet = flat[begin : begin + SNIPPET]
    inside = [(a - begin, b - begin) for a, b in marks if a >= begin and b - begin <= len(snippet)]
    return Hit(conversation=conversation, entry=entry, snippet=snippet, marks=tuple(inside))


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    moment, _, entry = cursor.partition("-")
    return (int(moment), entry) if moment.isascii() and moment.isdecimal() and len(moment) < 16 else (0, "")
