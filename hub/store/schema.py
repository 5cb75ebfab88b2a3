"""Every collection, every index and every migration, in one place; created and run at start.

No index here needs what the embedded store or a sharded cluster lacks. Uniqueness rests on `_id` alone, which
is derived from the platform's own keys (`derived_id`): a cluster sharded on `_id` keeps it.

Long because it is one list of indexes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from hub.model.addresses import normal_email
from hub.model.ids import derived_id
from hub.model.inbox import Conversation
from hub.model.people import Identity
from hub.model.traces import trace_keys
from hub.store.codec import Document, from_document
from hub.store.errors import StoreError
from hub.store.marks import marks_of
from hub.store.shelves import words_of

Database = AsyncIOMotorDatabase[Document]

EVENTS_KEPT_SECONDS = 7 * 24 * 3600
UNDO_KEPT_SECONDS = 24 * 3600
NOTICES_KEPT_SECONDS = 30 * 24 * 3600
IMPORTS_KEPT_SECONDS = 30 * 24 * 3600  # for as long an import can be undone
COPIES_KEPT_SECONDS = 30 * 24 * 3600
MARKS_KEPT_SECONDS = 180 * 24 * 3600

SET = {"$gt": ""}  # there is one: partial indexes cost nothing where there is none
DATED = {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}


def _partial(name: str, *fields: tuple[str, int], when: Mapping[str, Any]) -> IndexModel:
    return IndexModel(list(fields), name=name, partialFilterExpression=dict(when))


# A queue: lane, while it waits, or failed; and its place in it (`turns.py`).
TURNS = IndexModel([("pending", ASCENDING), ("since", ASCENDING)], name="turns", sparse=True)
# What the shelves of the lists are read by (`shelves.py`), beside "status".
NEWEST = ("activity_at", DESCENDING)
LONGEST = ("waiting_since", ASCENDING)
VIEWS: Sequence[IndexModel] = (
    # All that a conversation is found under in one array: the embedded database reads the definitions of all
    # indexes several times for each document it writes (`shelves.words_of`).
    IndexModel([("under", ASCENDING), ("status", ASCENDING), NEWEST], name="under"),
    _partial(
        "under_waiting", ("under", ASCENDING), ("status", ASCENDING), LONGEST, when={"waiting_since": DATED}
    ),
    _partial("waiting", ("status", ASCENDING), LONGEST, when={"waiting_since": DATED}),
    # The line of a team: what nobody has, the more urgent first; of these what is due, then what waits.
    _partial(
        "line",
        ("team", ASCENDING),
        ("agent", ASCENDING),
        ("status", ASCENDING),
        ("priority", ASCENDING),
        ("due_at", ASCENDING),
        LONGEST,
        when={"team": SET},
    ),
    _partial("window", ("status", ASCENDING), ("window_ends_at", ASCENDING), when={"window_ends_at": DATED}),
    _partial("due", ("status", ASCENDING), ("due_at", ASCENDING), when={"due_at": DATED}),
    _partial("resolved", ("status", ASCENDING), ("resolved_at", ASCENDING), when={"resolved_at": DATED}),
    _partial("snoozed", ("status", ASCENDING), ("snoozed_until", ASCENDING), when={"snoozed_until": DATED}),
)

INDEXES: Mapping[str, Sequence[IndexModel]] = {
    # What we change of what was said already, until the platform has it.
    "amendments": (IndexModel([("channel", ASCENDING), ("due_at", ASCENDING)], name="due"),),
    "room_told": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=30 * 24 * 3600),),
    "automatic": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=2 * 3600),),
    # The numbers of a hook's deliveries lead to a page of its log; what waits and what failed, to the work.
    "hook_deliveries": (
        IndexModel([("hook", ASCENDING), ("sequence", DESCENDING)], name="log"),
        _partial("due", ("hook", ASCENDING), ("due_at", ASCENDING), when={"due_at": DATED}),
        _partial("failed", ("hook", ASCENDING), ("failed_at", DESCENDING), when={"failed_at": DATED}),
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        IndexModel([("conversation", ASCENDING)], name="conversation", sparse=True),
    ),
    "journal": (
        TURNS,
        IndexModel([("behind", ASCENDING)], name="behind", sparse=True),  # thread, while what came may wait
        IndexModel([("marks", ASCENDING), ("channel", ASCENDING), ("received_at", DESCENDING)], name="marks"),
    ),
    "arrivals": (
        TURNS,
        IndexModel([("channel", ASCENDING), ("received_at", DESCENDING)], name="channel_received"),
    ),
    "identities": (
        IndexModel([("customer", ASCENDING)], name="customer"),
        IndexModel([("email", ASCENDING)], name="email", sparse=True),
        IndexModel([("phone", ASCENDING)], name="phone", sparse=True),
        IndexModel([("keys", ASCENDING)], name="keys", sparse=True),  # who may be the same person
    ),
    "unmatched": (IndexModel([("at", ASCENDING)], name="at"),),  # until somebody looked who else they may be
    "customers": (IndexModel([("merged_into", ASCENDING)], name="merged_into", sparse=True),),
    "consents": (IndexModel([("customer", ASCENDING), ("at", DESCENDING)], name="customer"),),
    "customer_links": (
        IndexModel([("kept", ASCENDING)], name="kept"),
        IndexModel([("given", ASCENDING)], name="given"),
    ),
    "customer_events": (
        IndexModel([("customer", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="timeline"),
        IndexModel([("at", ASCENDING)], name="at"),
        IndexModel([("type", ASCENDING), ("told_at", DESCENDING)], name="told"),
    ),
    "suggestions": (
        IndexModel([("open", DESCENDING)], name="open", sparse=True),  # score, until somebody decides
        IndexModel([("customers", ASCENDING)], name="customers"),
    ),
    # The same mail, however many of our mailboxes it comes to: by whichever copy came first.
    "copies": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=COPIES_KEPT_SECONDS),),
    "joins": (
        IndexModel([("open", ASCENDING)], name="open", sparse=True),  # the two, until it is decided
        IndexModel([("conversations", ASCENDING)], name="conversations"),
    ),
    "threads": (
        IndexModel([("conversation", ASCENDING)], name="conversation"),
        IndexModel([("people", ASCENDING)], name="people"),  # where somebody wrote or was copied
    ),
    "conversations": (
        IndexModel([("status", ASCENDING), ("activity_at", DESCENDING), ("_id", DESCENDING)], name="status"),
        IndexModel([("customer", ASCENDING), ("activity_at", DESCENDING)], name="customer"),
        *VIEWS,
    ),
    "entries": (
        IndexModel([("conversation", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="timeline"),
        IndexModel([("names", ASCENDING)], name="names", sparse=True),  # every remote id it goes by
        IndexModel([("outbox", ASCENDING)], name="outbox", sparse=True),  # channel, to be sent; or trouble
        _partial(
            "troubled", ("outbox", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING), when={"outbox": SET}
        ),
        _partial("said_by", ("author", ASCENDING), when={"side": "customer"}),
        IndexModel([("content.attachments.stored", ASCENDING)], name="files", sparse=True),
    ),
    # As GridFS prescribes it.
    "decisions": (
        IndexModel([("conversation", ASCENDING), ("at", ASCENDING)], name="conversation"),
        IndexModel([("pending", ASCENDING)], name="pending", sparse=True),  # has something still to be done
    ),
    "media": (IndexModel([("at", ASCENDING)], name="at"),),
    "media.chunks": (
        IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_1_n_1", unique=True),
    ),
    "search_gone": (IndexModel([("at", ASCENDING)], name="at"),),
    "search_segments": (IndexModel([("head", ASCENDING)], name="head", sparse=True),),  # one in each segment
    "drafts": (
        IndexModel([("conversation", ASCENDING)], name="conversation"),
        IndexModel([("agent", ASCENDING)], name="agent"),
    ),
    "saved_replies": (
        IndexModel([("owner", ASCENDING)], name="owner"),
        IndexModel([("team", ASCENDING)], name="team", sparse=True),
        IndexModel([("shared", ASCENDING)], name="shared", sparse=True),
    ),
    "uploads": (IndexModel([("loose_at", ASCENDING)], name="loose_at", sparse=True),),
    "saved_views": (
        IndexModel([("owner", ASCENDING)], name="owner"),
        IndexModel([("team", ASCENDING)], name="team", sparse=True),
        IndexModel([("shared", ASCENDING)], name="shared", sparse=True),
    ),
    "presence": (
        IndexModel([("conversation", ASCENDING)], name="conversation"),
        IndexModel([("until", ASCENDING)], name="until", expireAfterSeconds=60),
    ),
    "lines": (IndexModel([("thread", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="thread"),),
    "visitors": (
        _partial("unmailed", ("unmailed_since", ASCENDING), when={"unmailed_since": DATED}),
        IndexModel([("channel", ASCENDING), ("first_at", ASCENDING)], name="first"),
    ),
    "undo": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=UNDO_KEPT_SECONDS),),
    "notices": (
        IndexModel([("open", ASCENDING)], name="open", sparse=True),  # agent, while it was not seen
        IndexModel([("about", ASCENDING)], name="about", sparse=True),  # conversation or channel, as long
        IndexModel([("mail", ASCENDING)], name="mail", sparse=True),  # agent, until it is marked to be sent
        IndexModel([("agent", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="agent"),
        IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=NOTICES_KEPT_SECONDS),
        IndexModel([("conversation", ASCENDING)], name="conversation", sparse=True),
    ),
    "digests": (
        IndexModel([("agent", ASCENDING), ("at", DESCENDING)], name="agent"),
        IndexModel([("state", ASCENDING)], name="state"),
        IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=NOTICES_KEPT_SECONDS),
    ),
    "agents": (IndexModel([("email", ASCENDING)], name="email", unique=True),),
    "subjects": (IndexModel([("agent", ASCENDING)], name="agent"),),
    "sessions": (
        IndexModel([("agent", ASCENDING)], name="agent"),
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
    ),
    "tokens": (IndexModel([("agent", ASCENDING)], name="agent"),),
    "links": (IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),),
    "attempts": (IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),),
    "answers": (IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),),
    "audit": (
        IndexModel([("by", ASCENDING), ("_id", DESCENDING)], name="by"),
        IndexModel([("deed", ASCENDING), ("_id", DESCENDING)], name="deed"),
        IndexModel([("target", ASCENDING), ("_id", DESCENDING)], name="target"),
        IndexModel([("at", DESCENDING)], name="at"),
    ),
    "events": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=EVENTS_KEPT_SECONDS),),
    "privacy_jobs": (
        IndexModel([("pending", ASCENDING)], name="pending", sparse=True),  # while there is something to do
        IndexModel([("customer", ASCENDING)], name="customer"),
        IndexModel([("expires_at", ASCENDING)], name="expires_at", sparse=True),  # of an export's file
    ),
    "imports": (
        IndexModel([("pending", ASCENDING)], name="pending", sparse=True),  # while there is something to do
        IndexModel([("lying_at", ASCENDING)], name="lying_at", sparse=True),  # while its file is there
    ),
    "import_wrong": (
        IndexModel([("job", ASCENDING), ("line", ASCENDING)], name="job"),
        IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=IMPORTS_KEPT_SECONDS),
    ),
    "import_log": (
        IndexModel([("job", ASCENDING), ("kind", ASCENDING)], name="job"),
        IndexModel([("customer", ASCENDING)], name="customer"),
        IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=IMPORTS_KEPT_SECONDS),
    ),
    # By which buckets a marked conversation was counted; the counts themselves are read as a whole.
    "spam_marks": (IndexModel([("at", ASCENDING)], name="at", expireAfterSeconds=MARKS_KEPT_SECONDS),),
    "ratings": (
        IndexModel([("customer", ASCENDING), ("asked_at", DESCENDING)], name="customer"),
        IndexModel([("place", ASCENDING)], name="place"),
        IndexModel([("conversation", ASCENDING)], name="conversation"),
        IndexModel([("state", ASCENDING), ("answered_at", DESCENDING), ("_id", DESCENDING)], name="answered"),
    ),
    "consent_proofs": (IndexModel([("person", ASCENDING)], name="person"),),
}


@dataclass(frozen=True, slots=True)
class Migration:
    """A change to the documents of one collection.

    `pending` selects the documents that still have the old form, so a migration that was interrupted
    goes on where it stopped; `change` gives the update for one of them. `noted` is put into a collection for
    each, before it is changed.
    """

    version: int
    title: str
    collection: str
    pending: Document
    change: Callable[[Document], Mapping[str, Any]]
    noted: tuple[str, Callable[[Document], Document]] | None = None


def _traced(document: Document) -> Mapping[str, Any]:
    """An identity of earlier times, with its addresses in one form and the keys it is looked for by."""
    was = from_document(document, Identity)
    email = (normal_email(was.email) or was.email) if was.email else None
    now = replace(was, email=email, last_seen_at=was.last_seen_at or was.first_seen_at)
    change = {"keys": list(trace_keys(now)), "last_seen_at": now.last_seen_at}
    return {"$set": change | ({"email": email} if email else {})}


def _unmatched(document: Document) -> Document:
    return {"identity": document["_id"], "at": document["first_seen_at"]}


def _looked_at_apart(document: Document) -> Mapping[str, Any]:
    return {"$unset": {"fresh": ""}}


def _in_line(document: Document) -> Mapping[str, Any]:
    return {"$set": {"since": document["received_at"]}}


def _marked(document: Document) -> Mapping[str, Any]:
    return {"$set": {"marks": marks_of(document)}}


def _worded(document: Document) -> Mapping[str, Any]:
    return {"$set": {"under": words_of(from_document(document, Conversation))}}


UNMATCHED = ("unmatched", _unmatched)
WAITING = {"pending": {"$gte": -1}, "since": None}
MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1, "Looking for those who may be the same person", "identities", {"keys": None}, _traced, UNMATCHED
    ),
    Migration(
        2, "Noting whom nobody has looked for", "identities", {"fresh": True}, _looked_at_apart, UNMATCHED
    ),
    Migration(3, "Giving what waits its place in the queue", "journal", WAITING, _in_line),
    Migration(4, "Giving webhooks that wait their place in the queue", "arrivals", WAITING, _in_line),
    Migration(5, "Noting what conversations are found under", "conversations", {"under": None}, _worded),
    Migration(6, "Noting what lines of the journal are found by", "journal", {"marks": None}, _marked),
)
# What an older Hubbub kept and this one does not: search is made anew by whoever indexes first.
RETIRED = frozenset({"search", "search_words", "search_state"})
RETIRED_INDEXES = {
    "conversations": (
        "queue", "agent", "team", "followers", "mentioned", "tags", "agent_waiting", "team_waiting",
        "queue_due", "queue_waiting", "queue_asked", "queue_handed", "channel", "also",
        "tags_status", "level",
    ),
    "journal": ("channel_received", "ref", "ignored", "reached", "body_media"),
}  # fmt: skip
STEP = 500
# A name for all that is declared here: another index, another name.
DECLARED = derived_id(
    "indexes",
    *sorted(RETIRED),
    *(f"{name} {index.document!r}" for name, indexes in INDEXES.items() for index in indexes),
)


async def prepare(db: Database, migrations: Sequence[Migration] = MIGRATIONS) -> tuple[str, ...]:
    """Create the indexes and bring the documents to today's form. Returns the titles of what was migrated.

    Raises StoreError when a newer Hubbub has already written to this database.
    """
    known = await db.meta.find_one({"_id": "schema"})
    if not known or known.get("indexes") != DECLARED:
        await create_indexes(db)
    newest = max((migration.version for migration in migrations), default=0)
    at = known.get("version") if known else None
    if at is None:  # a new database is in today's form
        await db.meta.update_one({"_id": "schema"}, {"$set": {"version": newest}}, upsert=True)
        return ()
    if at > newest:
        raise StoreError(
            f"This database was written by a newer Hubbub (schema {at}, this one knows {newest}): "
            "start the newer version, or restore a backup."
        )
    done = []
    for migration in sorted(migrations, key=lambda each: each.version):
        if migration.version > at:
            await _migrate(db, migration)
            await db.meta.update_one({"_id": "schema"}, {"$set": {"version": migration.version}})
            done.append(migration.title)
    return tuple(done)


async def create_indexes(db: Database) -> None:
    """Create what is declared here and missing there, and note that it has been done.

    A start trusts the note: ninety indexes that are there already take longer to ask about than all the rest.
    """
    for name in RETIRED.intersection(await db.list_collection_names()):
        await db.drop_collection(name)
    for name, titles in RETIRED_INDEXES.items():
        present = await db[name].index_information()
        for title in present.keys() & set(titles):
            await db[name].drop_index(title)
    for name, indexes in INDEXES.items():
        await db[name].create_indexes(list(indexes))
    await db.meta.update_one({"_id": "schema"}, {"$set": {"indexes": DECLARED}}, upsert=True)


async def _migrate(db: Database, migration: Migration) -> None:
    while documents := await db[migration.collection].find(migration.pending).limit(STEP).to_list(STEP):
        if migration.noted is not None:
            name, note = migration.noted
            await db[name].insert_many([note(document) for document in documents])
        await db[migration.collection].bulk_write(
            # Only what is still as it was: another process may have come first, and be at work already.
            [
                UpdateOne({"_id": document["_id"], **migration.pending}, migration.change(document))
                for document in documents
            ],
            ordered=False,
        )


async def index_report(db: Database) -> list[Document]:
    """Each declared index, and whether the database has it: `{"collection", "index", "present"}`."""
    report: list[Document] = []
    for name, indexes in INDEXES.items():
        present = await db[name].index_information()
        for index in indexes:
            title = index.document["name"]
            report.append({"collection": name, "index": title, "present": title in present})
    return report
