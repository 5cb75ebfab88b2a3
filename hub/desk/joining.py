"""Merging and splitting conversations: recorded moves of threads, which can be undone. Nothing is destroyed.

The conversation that gives its threads away is closed before they move: whatever its threads bring while that
happens is found in one of the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.desk.changing import Done, NotPossible, change, tell
from hub.desk.drafting import move_drafts
from hub.desk.replying import Desk, get_conversation
from hub.model.ids import new_id
from hub.model.inbox import Activity, Awaiting, Conversation, Last, Message, Side, Status
from hub.model.people import Agent
from hub.model.previews import preview_of
from hub.store.codec import Document, to_document
from hub.store.inbox import thread_id

MERGED_MOST = 50
THREADS_READ = 2000  # entries that are looked through for threads


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """One thread of a conversation: what it begins with and how much of it there is."""

    id: str
    channel: str
    platform: str
    surface: str
    subject: str
    author: str
    messages: int
    last_at: datetime


async def merge(desk: Desk, agent: Agent, kept: str, others: Sequence[str]) -> Done:
    """Everything of `others` is in `kept` from now on. Raises NotPossible, Changed, NotAllowed."""
    target = await get_conversation(desk, agent, kept)
    given = [await get_conversation(desk, agent, each) for each in dict.fromkeys(others) if each != kept]
    if not given or len(given) > MERGED_MOST:
        raise NotPossible("merge_count", most=MERGED_MOST)
    if any(each.status is Status.MERGED for each in (target, *given)):
        raise NotPossible("one_merged_already")
    tokens = [await _merge_one(desk, agent, target.id, each) for each in given]
    if len(tokens) == 1:
        return Done(target.id, "merged", tokens[0])
    token = new_id(desk.clock())
    await desk.store.drafts.keep_undo(token, agent.id, desk.clock(), {"kind": "several", "tokens": tokens})
    return Done(target.id, "merged", token)


async def split(desk: Desk, agent: Agent, conversation: str, threads: Sequence[str]) -> tuple[str, Done]:
    """Some threads of a conversation become a conversation of their own. Returns its id.

    Raises NotPossible when nothing would be left, or nothing would move.
    """
    found = await get_conversation(desk, agent, conversation)
    moving = desk.store.moving
    there = {each.id for each in await moving.threads_of(found.id)}
    wanted = [each for each in dict.fromkeys(threads) if each in there]
    if not wanted or len(wanted) == len(there):
        raise NotPossible("split_all")
    entries = await moving.entry_ids(found.id, wanted)
    messages = [
        each for each in (await desk.store.inbox.find_entries(entries)).values() if isinstance(each, Message)
    ]
    if not messages:
        raise NotPossible("split_empty")
    now = desk.clock()
    opened = await _opened_by(desk, found, messages, new_id(now))
    await desk.store.inbox.add_conversations([opened])
    record = {
        "kind": "split", "from": found.id, "to": opened.id, "threads": wanted, "entries": entries,
    }  # fmt: skip
    token = await _move(desk, agent, record, now)
    await refresh(desk, found.id)
    because = f"{agent.name} moved {len(wanted)} of its threads to a conversation of their own."
    told = {"to": opened.id, "count": str(len(wanted)), "undo": token}
    await _record(desk, agent, found.id, "split", because, told, now)
    words = f"{agent.name} split it from another conversation."
    await _record(desk, agent, opened.id, "split", words, {"from": found.id}, now)
    return opened.id, Done(found.id, "split", token)


def thread_of(message: Message) -> str:
    """The id of the thread a message stands in, as `split` takes it."""
    return thread_id(message.channel, message.thread)


async def list_threads(desk: Desk, agent: Agent, conversation: str) -> list[ThreadSummary]:
    """What `split` can choose from, the latest first. Raises NoSuchConversation, NotAllowed."""
    found = await get_conversation(desk, agent, conversation)
    said: dict[str, list[Message]] = {}
    for entry in await desk.store.inbox.timeline(found.id, THREADS_READ):
        if isinstance(entry, Message):
            said.setdefault(thread_id(entry.channel, entry.thread), []).append(entry)
    there = {each.id for each in await desk.store.moving.threads_of(found.id)}
    summaries = [
        ThreadSummary(
            id=thread,
            channel=messages[0].channel,
            platform=messages[0].platform,
            surface=messages[0].surface,
            subject=messages[0].content.subject or _last(messages[0]).preview,
            author=messages[0].author_name,
            messages=len(messages),
            last_at=messages[-1].at,
        )
        for thread, messages in said.items()
        if thread in there
    ]
    return sorted(summaries, key=lambda each: each.last_at, reverse=True)


async def separate(desk: Desk, agent: Agent, record: str) -> None:
    """Undo a merge or a split: the threads go back, with what they brought meanwhile. Raises NotPossible."""
    moved = await desk.store.moving.take(record)
    if moved is None:
        raise NotPossible("undo_over")
    back, now_at = moved["from"], moved["to"]
    origin = await desk.store.inbox.find_conversation(back)
    holder = await get_conversation(desk, agent, now_at)
    if origin is None:
        await desk.store.moving.keep(record, {key: value for key, value in moved.items() if key != "_id"})
        raise NotPossible("undo_other_deleted")
    entries = [*moved["entries"], *await desk.store.moving.entry_ids(now_at, moved["threads"])]
    still = await desk.store.inbox.find_entries(entries)
    going = [each for each in dict.fromkeys(entries) if each in still and still[each].conversation == now_at]
    await desk.store.moving.move(moved["threads"], going, back)
    now = desk.clock()
    because = f"{agent.name} took it back."
    if moved["kind"] == "merge":
        changes = {**_parsed(moved["before"]), "merged_into": None}
        await change(desk, agent, origin, "undone", because, changes, undoable=False)
        await change(desk, agent, holder, "undone", because, _parsed(moved["kept"]), undoable=False)
    else:
        closed = {"status": Status.MERGED, "merged_into": back}
        await change(desk, agent, holder, "undone", because, closed, undoable=False)
        await _record(desk, agent, back, "undone", because, {"what": "split"}, now)
    for each in (back, now_at):
        await refresh(desk, each)


async def _merge_one(desk: Desk, agent: Agent, kept: str, given: Conversation) -> str:
    now = desk.clock()
    target = await get_conversation(desk, agent, kept)
    before = {"status": str(given.status)}
    because = f"{agent.name} merged it into another conversation."
    closed = {"status": Status.MERGED, "merged_into": kept}
    await change(desk, agent, given, "merged", because, closed, {"into": kept}, undoable=False)
    threads = [each.id for each in await desk.store.moving.threads_of(given.id)]
    entries = await desk.store.moving.entry_ids(given.id)
    gained: dict[str, Any] = {
        "tags": tuple(dict.fromkeys((*target.tags, *given.tags))),
        "followers": tuple(dict.fromkeys((*target.followers, *given.followers))),
        "mentioned": tuple(dict.fromkeys((*target.mentioned, *given.mentioned))),
        "fields": {**given.fields, **target.fields},
        "also": _found_under(target, given),
    }
    if target.status is not Status.OPEN and given.status is Status.OPEN:
        gained |= {"status": Status.OPEN, "resolved_at": None, "snoozed_until": None}
    was = {key: getattr(target, key) for key in gained}
    record = {
        "kind": "merge", "from": given.id, "to": kept, "threads": threads, "entries": entries,
        "before": before, "kept": _kept(was),
    }  # fmt: skip
    token = await _move(desk, agent, record, now)
    # Once more: a message that was on its way into the other conversation when that was closed.
    await desk.store.moving.move([], await desk.store.moving.entry_ids(given.id), kept)
    await move_drafts(desk, given.id, kept)
    because = f"{agent.name} merged “{given.subject}” into it."
    details = {"from": given.id, "subject": given.subject, "undo": token}
    await change(desk, agent, target, "merged", because, gained, details, undoable=False)
    await refresh(desk, kept)
    return token


def _found_under(target: Conversation, given: Conversation) -> tuple[str, ...]:
    """The further channels of what two conversations become."""
    channels = dict.fromkeys((*target.also, given.channel, *given.also))
    return tuple(each for each in channels if each != target.channel)


async def _move(desk: Desk, agent: Agent, record: Document, now: datetime) -> str:
    """Move what a record says, and keep it. Returns the token that undoes it."""
    token = name = new_id(now)
    await desk.store.moving.keep(name, record)
    await desk.store.moving.move(record["threads"], record["entries"], record["to"])
    await desk.store.drafts.keep_undo(token, agent.id, now, {"kind": record["kind"], "record": name})
    return token


async def refresh(desk: Desk, conversation: str) -> None:
    """Bring the summary up to date with the newest message that is there now."""
    found = await desk.store.inbox.find_conversation(conversation)
    newest = await desk.store.moving.newest_message(conversation)
    if found is None or newest is None or found.status is Status.MERGED:
        return
    waits = newest.side is Side.CUSTOMER
    update: Document = {
        "$set": {
            "last": to_document(_last(newest)),
            "awaiting": Awaiting.US if waits else Awaiting.CUSTOMER,
            "activity_at": newest.at,
        },
        "$inc": {"version": 1},
    }
    if not waits or found.status in (Status.RESOLVED, Status.SPAM):
        update["$unset"] = {"waiting_since": ""}
    elif found.waiting_since is None:
        update["$set"]["waiting_since"] = newest.at
    await desk.store.inbox.update_conversations([(conversation, update)], [found])


async def _opened_by(
    desk: Desk, found: Conversation, messages: Sequence[Message], chosen: str
) -> Conversation:
    """The conversation that some messages of another one are to be."""
    ordered = sorted(messages, key=lambda each: (each.at, each.id))
    theirs = [each for each in ordered if each.side is Side.CUSTOMER]
    first, newest = ordered[0], ordered[-1]
    identities = await desk.store.people.find_identities([each.author for each in theirs[:1]])
    customer = next((each.customer for each in identities.values()), found.customer)
    named = (await desk.store.people.find_customers([customer])).get(customer)
    waits = newest.side is Side.CUSTOMER
    return replace(
        found,
        id=chosen,
        customer=customer,
        customer_name=named.name if named else found.customer_name,
        subject=(first.content.subject or _last(first).preview)[:200],
        channel=first.channel,
        platform=first.platform,
        surface=first.surface,
        visibility=first.visibility,
        created_at=first.at,
        activity_at=newest.at,
        status=Status.OPEN,
        awaiting=Awaiting.US if waits else Awaiting.CUSTOMER,
        waiting_since=newest.at if waits else None,
        last=_last(newest),
        resolved_at=None,
        snoozed_until=None,
        mentioned=(),
        also=tuple(dict.fromkeys(each.channel for each in ordered if each.channel != first.channel)),
        messages=len(messages),
        version=0,
    )


def _last(message: Message) -> Last:
    deleted = message.deleted_at is not None
    return Last(
        entry=message.id,
        side=message.side,
        author_name=message.author_name,
        preview="" if deleted else preview_of(message.content),
        at=message.at,
        deleted=deleted,
        said_at=message.said_at,
    )


async def _record(
    desk: Desk,
    agent: Agent,
    conversation: str,
    kind: str,
    because: str,
    details: dict[str, str],
    now: datetime,
) -> None:
    fact = Activity(
        id=new_id(now),
        conversation=conversation,
        at=now,
        kind=kind,
        by=agent.id,
        because=because,
        details=details,
    )
    await desk.store.inbox.add_entries([fact])
    await tell(desk, "conversation_changed", conversation, agent, fact.id, now, {"what": kind})


def _kept(values: dict[str, Any]) -> Document:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


def _parsed(values: Document) -> dict[str, Any]:
    parsed: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return {**parsed, "status": Status(parsed["status"])} if "status" in parsed else parsed
