"""Search over all that was ever said: every word required, the last one by its beginning, newest first.

`from: channel: tag: is: before: after: has:attachment team: agent:` narrow it. The index says which entries
have all the words; what they are and who may see them is looked up in the entries and their conversations, so
that nobody finds what was deleted, edited or taken from them a moment ago. A page that has looked at enough
without being filled says where to go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.auth.access import NotAllowed, may_see
from hub.desk.asking import Asked, parse
from hub.desk.indexing import authors_of, indexed
from hub.desk.replying import Desk
from hub.desk.terms import hits_in
from hub.desk.views import Page
from hub.model.content import Markup
from hub.model.inbox import Conversation, Entry, Message, Note, Status
from hub.model.people import Agent
from hub.model.previews import unmarked
from hub.store import shelves
from hub.store.search import Place, Wanted
from hub.store.shelves import ms_of

SNIPPET, LINE = 160, 40  # characters
READ_MOST = 4_000  # characters of Markdown; what is longer is shown as it was typed
ROUNDS = 8
LOADED_LEAST = 20  # entries looked at together
LOOKED_AT = 150  # entries for one page, if it has enough then
LOOKED_AT_NARROWED = 80  # where most may be in conversations that do not fit: looking costs more than finding
ENOUGH = 8  # hits
LOOKED_AT_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """`marks`: where the words stand in the snippet (from, to)."""

    conversation: Conversation
    entry: Entry
    snippet: str
    marks: tuple[tuple[int, int], ...]


async def search(
    desk: Desk, agent: Agent, text: str, cursor: str | None = None, *, limit: int = 30
) -> Page[Hit]:
    """Hits the agent may see, newest first. Nothing asked, nothing found. Raises NotAllowed, BadQuestion."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    asked = parse(text, await desk.store.channels.known.get(), agent)
    if asked.empty:
        return Page([])
    if not asked.terms and asked.prefix is None:
        return await _conversations(desk, agent, asked, cursor, limit)
    hits: list[Hit] = []
    looked_at, until = 0, LOOKED_AT_NARROWED if asked.narrows else LOOKED_AT
    async for places in desk.store.search.find(_wanted(asked, _place(cursor))):
        while places:
            many = max(limit + 1 - len(hits), LOADED_LEAST)
            some, places = places[:many], places[many:]
            hits += await _hits(desk, agent, asked, [entry for _, entry in some])
            looked_at += len(some)
            if len(hits) > limit:
                return Page(hits[:limit], _cursor(hits[limit - 1].entry))
            if looked_at >= (until if len(hits) >= ENOUGH else LOOKED_AT_MOST):
                at, entry = some[-1]
                return Page(hits, f"{at}-{entry}")
    return Page(hits)


def _wanted(asked: Asked, start: Place | None) -> Wanted:
    wanted = Wanted(words=asked.terms, prefix=asked.prefix, start=start)
    wanted = replace(wanted, after=ms_of(asked.after)) if asked.after else wanted
    return replace(wanted, before=ms_of(asked.before)) if asked.before else wanted


async def _hits(desk: Desk, agent: Agent, asked: Asked, ids: Sequence[str]) -> list[Hit]:
    """Of these entries, those that the agent may see and that fit."""
    inbox = desk.store.inbox
    if asked.narrows:  # most are passed over: what they say is not read
        places = await desk.store.moving.conversations_of(ids)
        found = await inbox.find_conversations(list(set(places.values())))
        fitting = {each.id for each in found.values() if may_see(agent, each) and asked.fits(each)}
        entries = await inbox.find_entries([each for each in ids if places.get(each) in fitting])
    else:
        entries = await inbox.find_entries(ids)
        found = await inbox.find_conversations(list({each.conversation for each in entries.values()}))
    changed = [each for each in entries.values() if _changed(each)]
    authors = await authors_of(desk.store, changed)
    stale = {each.id for each in changed if not _says(indexed(each, authors).terms, asked)}
    hits: list[Hit] = []
    for entry in (entries[each] for each in ids if each in entries and each not in stale):
        conversation = found.get(entry.conversation)
        shown = conversation is not None and may_see(agent, conversation) and asked.fits(conversation)
        if conversation and shown:
            hits.append(_hit(conversation, entry, asked))
    return hits


def _changed(entry: Entry) -> bool:
    return isinstance(entry, Message) and bool(entry.edits or entry.deleted_at)


def _says(terms: Sequence[str], asked: Asked) -> bool:
    """Whether it still says what was asked for: the index is a second behind and keeps what was edited."""
    return set(terms).issuperset(asked.terms) and (
        asked.prefix is None or any(each.startswith(asked.prefix) for each in terms)
    )


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
    flat = _flat(entry)
    words = [each for each in asked.terms if each[0] not in "#@"]
    marks = hits_in(flat, words, asked.prefix, SNIPPET)
    begin = max(0, marks[0][0] - SNIPPET // 3) if marks else 0
    if begin:
        begin = flat.rfind(" ", 0, begin) + 1 or begin
    end = begin + SNIPPET
    if end < len(flat):  # not in the middle of a word, unless it is as long as a line
        whole = flat.rfind(" ", end - LINE, end + 1)
        end = whole if whole > 0 else end
    before, after = "… " if begin else "", " …" if end < len(flat) else ""
    inside = [(a - begin + len(before), b - begin + len(before)) for a, b in marks if a >= begin and b <= end]
    snippet = before + flat[begin:end] + after
    return Hit(conversation=conversation, entry=entry, snippet=snippet, marks=tuple(inside))


def _flat(entry: Entry) -> str:
    """What it says in one line, as it is read."""
    content = entry.content if isinstance(entry, Message) else None
    if content and content.markup is Markup.MARKDOWN and len(content.text) <= READ_MOST:
        return unmarked(content.text)
    text = content.text if content else entry.text if isinstance(entry, Note) else ""
    return " ".join(text.split())


def _cursor(entry: Entry) -> str:
    return f"{ms_of(entry.at)}-{entry.id}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    moment, _, entry = cursor.partition("-")
    return (int(moment), entry) if moment.isascii() and moment.isdecimal() and len(moment) < 16 else (0, "")
