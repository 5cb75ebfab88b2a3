"""Which conversation a message belongs to. Pure: the pipeline looks things up, and applies the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.contract.capabilities import Surface
from hub.contract.inbound import MessageReceived
from hub.model.inbox import Conversation, Status
from hub.model.sentences import sentence
from hub.store.inbox import Known, ThreadRecord, name_of, own_key, thread_id


@dataclass(frozen=True, slots=True)
class Found:
    """What the database knows that may matter: threads and conversations by id, messages by name."""

    threads: Mapping[str, ThreadRecord]
    known: Mapping[str, Sequence[Known]]
    conversations: Mapping[str, Conversation]
    people: Mapping[str, str] = field(
        default_factory=dict
    )  # who customers are by now, where they were merged


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a message goes. `conversation` None: open a new one."""

    thread_key: str
    conversation: str | None
    because: str
    record: ThreadRecord | None = None  # the thread as it is kept; None: it is new
    reopens: bool = False


def thread_ids(channel: str, event: MessageReceived) -> tuple[str, str]:
    """The two thread records to look for: the platform's thread, and the writer's own within it."""
    return thread_id(channel, event.thread.key), thread_id(
        channel, own_key(event.thread.key, event.author.key)
    )


def place(
    event: MessageReceived, channel: str, customer: str, found: Found, now: datetime, reopen_days: int
) -> Placement:
    """Decide; `now` and `reopen_days` settle whether a resolved conversation is taken up again."""
    main_id, own_id = thread_ids(channel, event)
    main, own = found.threads.get(main_id), found.threads.get(own_id)
    if own is not None:
        because = sentence("earlier_here")
        return _settle(own.key, own, because, found, now, reopen_days)
    if main is not None and may_join(event, customer, main, found):
        because = sentence("continues_thread")
        return _settle(main.key, main, because, found, now, reopen_days)
    key = event.thread.key if main is None else own_key(event.thread.key, event.author.key)
    if (match := _by_related(event, channel, customer, found)) is not None:
        because = sentence("names_message")
        if event.thread.surface is not Surface.EMAIL:
            because = sentence("answers_message")
        record = ThreadRecord(thread_id(channel, key), channel, key, match.conversation, match.people)
        placement = _settle(key, record, because, found, now, reopen_days)
        return Placement(key, placement.conversation, placement.because, None, placement.reopens)
    if main is not None:
        return Placement(key, None, sentence("writer_elsewhere"))
    return Placement(key, None, sentence("nothing_known"))


def may_join(event: MessageReceived, customer: str, thread: ThreadRecord, found: Found) -> bool:
    """Whoever got a forwarded mail or a newsletter can answer into its thread, but belongs elsewhere."""
    if event.thread.surface is not Surface.EMAIL or event.author.ours:
        return True
    conversation = found.conversations.get(thread.conversation)
    if event.author.key in thread.people or conversation is None:
        return True
    return found.people.get(conversation.customer, conversation.customer) == customer


def _by_related(event: MessageReceived, channel: str, customer: str, found: Found) -> ThreadRecord | None:
    names = [name_of(channel, remote) for remote in reversed(event.related)]
    for name in names:
        for known in found.known.get(name, ()):
            thread = found.threads.get(thread_id(channel, known.thread))
            if (
                thread
                and thread.conversation == known.conversation
                and may_join(event, customer, thread, found)
            ):
                return thread
    return None


def _settle(
    key: str, record: ThreadRecord, because: str, found: Found, now: datetime, reopen_days: int
) -> Placement:
    conversation = found.conversations.get(record.conversation)
    if conversation is None or conversation.status is not Status.RESOLVED:
        return Placement(key, record.conversation, because, record)
    resolved_at = conversation.resolved_at or conversation.activity_at
    if now - resolved_at <= timedelta(days=reopen_days):
        return Placement(key, record.conversation, because, record, reopens=True)
    return Placement(key, None, sentence("resolved_long_ago", days=reopen_days), record)
