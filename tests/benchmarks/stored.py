"""Fills a store quickly: conversations as the pipeline leaves them, written straight into the collections.

The texts are those of the benchmark's mails, each with some words more: as in any language, a few of them are
in every other text and most of them are rare. One in two hundred is Japanese.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from time import monotonic

from connectors.email.connector import EmailConnector
from hub.contract.inbound import ArrivedRaw, MessageReceived
from hub.desk.indexing import indexed
from hub.model.content import Content
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Awaiting, Conversation, Last, Message, Side, Status
from hub.model.journal import Outcome
from hub.model.people import Customer, Identity
from hub.store.bulk import insert_new
from hub.store.codec import event_to_document, to_document
from hub.store.inbox import ThreadRecord, thread_id
from hub.store.people import identity_id
from hub.store.queues import lane_of
from hub.store.search import Indexed, Overtaken
from tests.benchmarks.mails import OPEN_EACH, Post, correspondent
from tests.benchmarks.rig import Rig, arrived

AT_ONCE = 250  # conversations per round of inserts
SAMPLES = 100  # different mails
WORDS = 30  # added to each text
SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "hu",
    "ka",
    "le",
    "mi",
    "no",
    "pu",
    "ra",
    "se",
    "ti",
    "vo",
    "cha",
    "ster",
)
JAPANESE = "注文した商品がまだ届いていません。配送状況を教えてください。"
JAPANESE_EACH = 200


def word(rank: int) -> str:
    """A word that stands at this place of the list of words by how often they are said; 0 is the first."""
    rank += len(SYLLABLES)  # no word of one syllable
    syllables = []
    while rank:
        rank, which = divmod(rank, len(SYLLABLES))
        syllables.append(SYLLABLES[which])
    return "".join(syllables)


def _said(number: int, content: Content) -> Content:
    random = Random(number)
    ranks = [int(random.paretovariate(0.7)) - 1 for _ in range(WORDS)]
    words = " ".join(word(rank) for rank in (*ranks, number * 50))
    japanese = JAPANESE if number % JAPANESE_EACH == 0 else ""
    return replace(content, text=f"{content.text}\n\n{words}\n{japanese}")


async def store_conversations(rig: Rig, have: int, want: int, within: float) -> int:
    """Bring the number of stored conversations from `have` to `want`, as far as `within` seconds allow."""
    if have >= want:
        return have
    end = monotonic() + within
    post = Post(99, 0)
    reader = rig.hub.registry.reader(rig.channel)
    assert isinstance(reader, EmailConnector)
    samples: list[tuple[bytes, Content]] = []
    while len(samples) < SAMPLES:
        body = post.next()
        [event] = reader.read(arrived(body, len(samples)))
        if isinstance(event, MessageReceived) and not event.content.attachments:
            samples.append((body, event.content))
    for start in range(have, want, AT_ONCE):
        if monotonic() > end:
            return start
        await _store(rig, range(start, min(start + AT_ONCE, want)), samples)
    return want


async def _store(rig: Rig, numbers: range, samples: list[tuple[bytes, Content]]) -> None:
    store = rig.store
    now = rig.hub.clock() - timedelta(days=30)
    rows = [
        _Row(rig, number, body, _said(number, content), now + timedelta(seconds=number))
        for number, (body, content) in ((number, samples[number % SAMPLES]) for number in numbers)
    ]
    # One after the other: side by side they cost the embedded store twice the processor time.
    await insert_new(store.people.identities, [to_document(row.identity) for row in rows])
    await store.people.add_customers([row.customer for row in rows])
    await store.inbox.add_threads([row.thread for row in rows])
    await store.inbox.add_conversations([row.conversation for row in rows])
    await store.inbox.add_entries([row.message for row in rows])
    await store.journal.entries.insert_many([row.journal for row in rows], ordered=False)
    await _index(rig, [indexed(row.message) for row in rows])


async def _index(rig: Rig, rows: list[Indexed]) -> None:
    while True:
        try:
            await rig.store.search.add(rows, rig.hub.clock())
            return
        except Overtaken:  # by the indexer of the hub that is filled
            continue


class _Row:
    """What one mail of a new customer leaves behind."""

    def __init__(self, rig: Rig, number: int, body: bytes, content: Content, at: datetime) -> None:
        """Long because it spells out all that one conversation leaves in the database."""
        who, channel = correspondent(number), rig.channel.id
        key = who.chain[0]
        customer, conversation = new_id(at), new_id(at)
        self.identity = Identity(
            id=identity_id("email", who.address),
            platform="email",
            key=who.address,
            customer=customer,
            name=who.name,
            handle=who.address,
            email=who.address,
            first_seen_at=at,
            because="New.",
        )
        self.customer = Customer(id=customer, name=who.name, created_at=at)
        self.thread = ThreadRecord(thread_id(channel, key), channel, key, conversation, (who.address,))
        journal = derived_id(channel, f"INBOX:0:{number}")
        entry = derived_id("stored", str(number))
        self.message = Message(
            id=entry,
            conversation=conversation,
            at=at,
            channel=channel,
            platform="email",
            thread=key,
            side=Side.CUSTOMER,
            author=self.identity.id,
            author_name=who.name,
            content=content,
            visibility="private",
            surface="email",
            remote_ids=(key,),
            journal=journal,
            because="New.",
        )
        last = Last(entry=entry, side=Side.CUSTOMER, author_name=who.name, preview=content.text[:140], at=at)
        self.conversation = Conversation(
            id=conversation,
            customer=customer,
            customer_name=who.name,
            subject=who.subject,
            status=Status.OPEN if number % OPEN_EACH == 0 else Status.RESOLVED,
            awaiting=Awaiting.US,
            channel=channel,
            platform="email",
            surface="email",
            visibility="private",
            created_at=at,
            activity_at=at,
            waiting_since=at,
            last=last,
            resolved_at=None if number % OPEN_EACH == 0 else at,
        )
        event = ArrivedRaw(
            key=f"INBOX:0:{number}",
            at=at,
            thread=arrived(body, number).thread,
            raw={"folder": "INBOX", "uid": number, "size": len(body)},
            body=body,
        )
        self.journal = {
            "_id": journal,
            "channel": channel,
            "key": event.key,
            "thread": key,
            "lane": lane_of(channel, key),
            "received_at": at,
            "kind": "ArrivedRaw",
            "event": event_to_document(event),
            "size": len(body),
            "body": body,
            "order": 0,
            "outcome": Outcome.DELIVERED,
            "ref": conversation,
            "finished_at": at,
        }
