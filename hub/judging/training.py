"""The filter of this installation: what agents mark is counted, what they take back is counted no more.

Agents say what is spam, hardly ever what is not: with each mark, some conversations that we answered are
counted as good ones, until there are as many. A mark that a crash cuts short is one that the filter missed.
"""

from collections.abc import Sequence
from datetime import datetime

from hub.judging.terms import terms_of
from hub.model.inbox import Entry, Message, Side, Status
from hub.store import Store
from hub.store.spam import BUCKETS, Mark

BAD, GOOD = "bad", "good"
READ = 30  # entries of a conversation
TOGETHER = 6  # good ones that are counted with a bad one
LOOKED_AT = 40


async def learn(store: Store, conversation: str, verdict: str, at: datetime) -> None:
    """Marked by an agent, as BAD or GOOD."""
    before = await store.spam.find_mark(conversation)
    if before is not None and before.verdict == verdict:
        return
    buckets = before.buckets if before else _buckets_of(await store.inbox.timeline(conversation, READ))
    if not buckets:
        return
    was = before.verdict if before else None
    await _turn(store, conversation, before, Mark(verdict, was, buckets), at)
    if verdict == BAD:
        await _learn_from_answered(store, at)


async def unlearn(store: Store, conversation: str, at: datetime) -> None:
    """The last mark was taken back: counted as before it."""
    before = await store.spam.find_mark(conversation)
    if before is not None and before.verdict != before.was:
        await _turn(store, conversation, before, Mark(before.was, before.was, before.buckets), at)


async def _turn(store: Store, conversation: str, before: Mark | None, now: Mark, at: datetime) -> None:
    if not await store.spam.mark(conversation, before, now, at):
        return
    if before is not None and before.verdict:
        await store.spam.count(before.verdict, before.buckets, -1)
    if now.verdict:
        await store.spam.count(now.verdict, now.buckets, 1)


async def _learn_from_answered(store: Store, at: datetime) -> None:
    learnt = await store.spam.learnt()
    wanted = min(TOGETHER, max(learnt.bad, 3) - learnt.good)
    if wanted <= 0:
        return
    found = await store.inbox.list_conversations(Status.OPEN, limit=LOOKED_AT)
    found += await store.inbox.list_conversations(Status.RESOLVED, limit=LOOKED_AT)
    answered = [each.id for each in found if each.last.side is Side.US]
    known = await store.spam.known(answered)
    for each in [each for each in answered if each not in known][:wanted]:
        entries = await store.inbox.timeline(each, READ)
        if any(map(_by_somebody, entries)) and (buckets := _buckets_of(entries)):
            await _turn(store, each, None, Mark(GOOD, None, buckets), at)


def _by_somebody(entry: Entry) -> bool:
    """An answer of ours that no rule sent: machines answer spam, too."""
    return isinstance(entry, Message) and entry.delivery is not None and not entry.delivery.automated


def _buckets_of(entries: Sequence[Entry]) -> tuple[int, ...]:
    """Of what the customer said."""
    said = [each for each in entries if isinstance(each, Message) and each.side is Side.CUSTOMER]
    texts = [f"{each.content.subject or ''}\n{each.content.text}" for each in said if not each.deleted_at]
    return tuple(terms_of("\n".join(texts), BUCKETS))
