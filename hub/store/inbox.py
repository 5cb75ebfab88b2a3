"""Conversations, the threads that lead to them, and their timelines.

Long because a conversation and its timeline are written together.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne

from hub.model.content import Attachment, Content
from hub.model.ids import derived_id
from hub.model.inbox import Conversation, Entry, Message, Status
from hub.store.bulk import insert_new, update_each
from hub.store.codec import Document, entry_from_document, entry_to_document, from_document, to_document
from hub.store.schema import Database
from hub.store.shelves import WORDED, changed_by, with_words, word, words_after
from hub.store.tallies import Tallies

OWN = "\x1f"  # no platform uses it in a key
TAGGED_AT_ONCE, TAG_MISSES = 200, 10
PEOPLE_KEPT = 100  # who may join a thread by writing into it


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """Which conversation a thread of a platform leads to, and who has taken part in it."""

    id: str
    channel: str
    key: str
    conversation: str
    people: tuple[str, ...] = ()  # author keys


@dataclass(frozen=True, slots=True)
class Known:
    """A message found by one of its remote ids."""

    entry: str
    thread: str
    conversation: str
    at: datetime
    name: str  # the `name_of` it was found by


def thread_id(channel: str, key: str) -> str:
    return derived_id("thread", channel, key)


def own_key(key: str, author: str) -> str:
    """The thread key of somebody who writes into a thread without having a part in it."""
    return f"{key}{OWN}{author}"


def platform_key(key: str) -> str:
    """The platform's thread behind a thread key of ours."""
    return key.partition(OWN)[0]


def name_of(channel: str, remote: str) -> str:
    """What a remote id of a channel is kept and looked up as."""
    return derived_id("name", channel, remote)


class Inbox:
    def __init__(self, db: Database) -> None:
        self.threads = db.threads
        self.conversations = db.conversations
        self.entries = db.entries
        self.tallies = Tallies(db)
        self.said_here = (db.lines, "thread"), (db.visitors, "_id")  # of web chat, by the ids of threads

    # Threads

    async def find_threads(self, ids: Sequence[str]) -> dict[str, ThreadRecord]:
        found = await self.threads.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: _thread(each) for each in found}

    async def add_threads(self, threads: Sequence[ThreadRecord]) -> dict[str, ThreadRecord]:
        """Insert; who came first is right. Returns all of them as they now are."""
        documents: list[Document] = [
            {
                "_id": each.id,
                "channel": each.channel,
                "key": each.key,
                "conversation": each.conversation,
                "people": list(each.people),
            }
            for each in threads
        ]
        taken = await insert_new(self.threads, documents)
        mine = {each.id: each for each in threads if each.id not in taken}
        return {**mine, **await self.find_threads(list(taken))}

    async def add_people(self, thread: str, people: Sequence[str]) -> None:
        """Keep who else takes part; the latest PEOPLE_KEPT, each once."""
        changes = [
            UpdateOne(
                {"_id": thread, "people": {"$ne": each}},
                {"$push": {"people": {"$each": [each], "$slice": -PEOPLE_KEPT}}},
            )
            for each in dict.fromkeys(people)
        ]
        if changes:
            await self.threads.bulk_write(changes)

    async def move_thread(self, channel: str, old: str, new: str) -> None:
        """The platform renamed a thread: the new key leads where the old one did."""
        for record in (await self.find_threads([thread_id(channel, old)])).values():
            await self.add_threads([replace(record, id=thread_id(channel, new), key=new)])

    # Conversations

    async def find_conversations(self, ids: Sequence[str]) -> dict[str, Conversation]:
        found = await self.conversations.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Conversation) for each in found}

    async def find_conversation(self, conversation: str) -> Conversation | None:
        document = await self.conversations.find_one({"_id": conversation})
        return from_document(document, Conversation) if document else None

    async def add_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Insert those that are not there yet."""
        taken = await insert_new(self.conversations, [with_words(each) for each in conversations])
        await self.tallies.count((None, each) for each in conversations if each.id not in taken)

    async def update_conversations(
        self, changes: Sequence[tuple[str, Document]], before: Sequence[Conversation] = ()
    ) -> None:
        """Apply updates to conversations in their order, in one round trip.

        `before`: those whose status or moments may change, as they were. None changes what is `WORDED`.
        """
        if not changes:
            return
        assert not any(WORDED & part.keys() for _, change in changes for part in change.values())
        await update_each(self.conversations, changes)
        now = {each.id: each for each in before}
        for each, change in changes:
            if each in now:
                now[each] = changed_by(now[each], change)
        await self.tallies.count((each, now[each.id]) for each in before)

    async def lead_threads(self, conversations: Mapping[str, str]) -> None:
        """Let threads, by their ids, lead to other conversations from now on."""
        if conversations:
            changes = [(each, {"$set": {"conversation": to}}) for each, to in conversations.items()]
            await update_each(self.threads, changes)

    async def change_conversation(self, conversation: Conversation, changes: Mapping[str, Any]) -> bool:
        """Compare and set: False when somebody changed it since it was read. None removes a field."""
        update: Document = {"$inc": {"version": 1}}
        changes = {**changes, **words_after(conversation, changes)}
        if kept := {key: value for key, value in changes.items() if value is not None}:
            update["$set"] = kept
        if gone := {key: "" for key, value in changes.items() if value is None}:
            update["$unset"] = gone
        same = {"version": conversation.version} if conversation.version else {"version": {"$in": [None, 0]}}
        result = await self.conversations.update_one({"_id": conversation.id, **same}, update)
        if result.modified_count:
            await self.tallies.count([(conversation, changed_by(conversation, update))])
        return bool(result.modified_count)

    async def add_mention(self, conversation: str, agent: str) -> None:
        """Put a conversation before an agent who was named in it. Counted once."""
        before = await self.find_conversation(conversation)
        change = {"$addToSet": {"mentioned": agent, "under": word("mention", agent)}, "$inc": {"version": 1}}
        changed = await self.conversations.update_one({"_id": conversation}, change)
        if before and changed.modified_count and agent not in before.mentioned:
            await self.tallies.count([(before, replace(before, mentioned=(*before.mentioned, agent)))])

    async def rename_customer(self, members: Sequence[str], name: str) -> None:
        """In all conversations of a person; `members`: the customers they are, the oldest first."""
        for each in members:
            root = each == members[0]
            change: Document = {"$set": {"customer_name": name, **({} if root else {"person": members[0]})}}
            if root:
                change["$unset"] = {"person": ""}
            # Only what is not so yet: each document that is written costs what hundreds cost to look at.
            person = None if root else members[0]
            for other in ({"customer_name": {"$ne": name}}, {"person": {"$ne": person}}):
                await self.conversations.update_many({"customer": each, **other}, change)

    async def give_conversations(self, customer: str, identity: str, to: str) -> None:
        """What an identity opened is another customer's from now on."""
        await self._name_openers(customer)
        change = {"$set": {"customer": to}, "$unset": {"person": ""}}
        await self.conversations.update_many({"customer": customer, "identity": identity}, change)

    async def _name_openers(self, customer: str) -> None:
        """Conversations of earlier times do not say who opened them; their first message does."""
        query: Document = {"customer": customer, "identity": None}
        for each in await self.conversations.find(query, {"_id": 1}).to_list(None):
            said = {"conversation": each["_id"], "type": "message", "side": "customer"}
            first = await self.entries.find(said).sort([("at", 1), ("_id", 1)]).limit(1).to_list(1)
            opener = {"$set": {"identity": first[0]["author"] if first else ""}}
            await self.conversations.update_one({"_id": each["_id"]}, opener)

    async def replace_tag(self, old: str, new: str | None) -> int:
        """Write another tag, or none, where one stands. Returns on how many conversations it stood."""
        count, misses = 0, 0
        while misses < TAG_MISSES:
            query = self.conversations.find({"under": word("tag", old)}).limit(TAGGED_AT_ONCE)
            found = await query.to_list(TAGGED_AT_ONCE)
            if not found:
                break
            changed = 0
            for each in (from_document(document, Conversation) for document in found):
                tags = dict.fromkeys(new if tag == old else tag for tag in each.tags)
                kept = [tag for tag in tags if tag is not None]
                changed += await self.change_conversation(each, {"tags": kept or None})
            misses = 0 if changed else misses + 1  # somebody else changes the same ones: again
            count += changed
        return count

    async def list_conversations(
        self, status: Status, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> list[Conversation]:
        """Newest activity first; the next page is `before` the last row's (activity_at, id)."""
        query: Document = {"status": status}
        if before:
            # Not `$lte`: the embedded store loses what stands exactly on an included end (0.7.0b3).
            query["activity_at"] = {"$lt": before[0] + timedelta(milliseconds=1)}
        found = self.conversations.find(query).sort([("activity_at", -1), ("_id", -1)])
        page: list[Conversation] = []
        async for document in found.limit(limit + 50 if before else limit):
            if before and (document["activity_at"], document["_id"]) >= before:
                continue
            page.append(from_document(document, Conversation))
            if len(page) == limit:
                break
        return page

    async def remove_conversation(self, conversation: str, now: datetime) -> int:
        """Delete a conversation and what was said in it. The ids of its messages stay, so that nothing
        handed to us again brings it back. Returns the number of entries emptied."""
        found = await self.find_conversation(conversation)
        entries = await self.entries.find({"conversation": conversation}, {"_id": 1}).to_list(None)
        for each in entries:
            await self.entries.replace_one(
                {"_id": each["_id"]}, {"type": "gone", "gone_at": now, "was_in": conversation}
            )
        threads = await self.threads.find({"conversation": conversation}, {"_id": 1}).to_list(None)
        if threads:
            for kept, by in self.said_here:
                await kept.delete_many({by: {"$in": [each["_id"] for each in threads]}})
        await self.threads.delete_many({"conversation": conversation})
        deleted = await self.conversations.delete_one({"_id": conversation})
        if found and deleted.deleted_count:
            await self.tallies.count([(found, None)])
        return len(entries)

    # Entries

    async def add_entries(self, entries: Sequence[Entry]) -> None:
        """Insert those not there yet."""
        await insert_new(self.entries, [_entry_document(each) for each in entries])

    async def journals_of(self, entries: Sequence[str]) -> dict[str, str | None]:
        """For each entry that is there, the journal entry it came by; None if it was deleted."""
        found = self.entries.find({"_id": {"$in": list(entries)}}, {"journal": 1, "type": 1})
        return {
            each["_id"]: None if each["type"] == "gone" else each.get("journal", "")
            for each in await found.to_list(None)
        }

    async def known_by_names(self, names: Sequence[str]) -> list[Known]:
        """Messages that go by any of these names (`name_of`)."""
        if not names:
            return []
        fields = {"names": 1, "thread": 1, "conversation": 1, "at": 1}
        found = await self.entries.find({"names": {"$in": list(names)}}, fields).to_list(None)
        wanted = set(names)
        return [
            Known(each["_id"], each["thread"], each["conversation"], each["at"], name)
            for each in found
            for name in each["names"]
            if name in wanted
        ]

    async def find_message(self, channel: str, remote: str) -> Message | None:
        """The newest message of a channel that goes by a remote id."""
        found = await self.entries.find({"names": name_of(channel, remote)}).to_list(None)
        messages = [entry for each in found if isinstance(entry := entry_from_document(each), Message)]
        return max(messages, key=lambda each: each.at, default=None)

    async def find_entry(self, entry: str) -> Entry | None:
        document = await self.entries.find_one({"_id": entry})
        return entry_from_document(document) if document and document["type"] != "gone" else None

    async def find_entries(self, entries: Sequence[str]) -> dict[str, Entry]:
        """Those that are there and not deleted."""
        found = await self.entries.find({"_id": {"$in": list(entries)}}).to_list(None) if entries else []
        return {each["_id"]: entry_from_document(each) for each in found if each["type"] != "gone"}

    async def every_entry(self, at_once: int) -> AsyncIterator[list[Entry]]:
        """All there is, in no order: for what is derived from it. Reads the whole collection."""
        batch: list[Entry] = []
        async for document in self.entries.find(batch_size=at_once):
            if document["type"] != "gone":
                batch.append(entry_from_document(document))
            if len(batch) == at_once:
                yield batch
                batch = []
        if batch:
            yield batch

    async def timeline(
        self, conversation: str, limit: int = 1000, *, between: tuple[datetime, datetime] | None = None
    ) -> list[Entry]:
        """The newest `limit` entries, oldest first; of that time, its end not included, if one is given."""
        at = {"at": {"$gte": between[0], "$lt": between[1]}} if between else {}
        found = self.entries.find({"conversation": conversation, **at})
        newest = found.sort([("at", -1), ("_id", -1)]).limit(limit)
        return [entry_from_document(each) for each in reversed(await newest.to_list(limit))]

    async def set_entry(self, entry: str, changes: Mapping[str, Any]) -> None:
        await self.entries.update_one({"_id": entry}, {"$set": dict(changes)})

    async def set_parts(
        self, message: Message, remote_ids: Sequence[str], files: Sequence[Attachment], said: Content
    ) -> None:
        """In one write: a message whose parts come one by one has each of them once."""
        changes: Document = {
            "remote_ids": list(remote_ids),
            "names": [name_of(message.channel, each) for each in remote_ids],
            "content.attachments": [to_document(each) for each in files],
            "content.text": said.text,
            "content.markup": said.markup,
        }
        await self.set_entry(message.id, changes)

    async def push_entry(self, entry: str, field: str, value: Document) -> None:
        await self.entries.update_one({"_id": entry}, {"$push": {field: value}})


def _thread(document: Document) -> ThreadRecord:
    return ThreadRecord(
        id=document["_id"],
        channel=document["channel"],
        key=document["key"],
        conversation=document["conversation"],
        people=tuple(document["people"]),
    )


def _entry_document(entry: Entry) -> Document:
    document = entry_to_document(entry)
    if isinstance(entry, Message):
        if entry.remote_ids:
            document["names"] = [name_of(entry.channel, remote) for remote in entry.remote_ids]
        if entry.delivery and not entry.delivery.state.settled:
            document["outbox"] = entry.channel
    return document
