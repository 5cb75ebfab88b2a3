"""Indexes and migrations: made at start, forward only, resumable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import IndexModel

from hub.contract.capabilities import Surface
from hub.contract.inbound import ArrivedRaw, Author, Ignored, ReachabilityChanged, Thread, WebhookRequest
from hub.model.inbox import Status, Wish
from hub.model.journal import Outcome
from hub.store import schema
from hub.store.codec import Document, to_document
from hub.store.errors import StoreError
from hub.store.inbox import Inbox
from hub.store.media import Media
from hub.store.originals import Originals
from hub.store.queues import INLINE_LARGEST, LANES, Finished, Journal
from hub.store.schema import Migration, create_indexes, index_report, prepare
from hub.store.shelves import by_agent, by_follower, by_level, by_mention, by_tag, by_team, by_waiting_team
from hub.store.views import Views
from tests.database import Database
from tests.hub.desk.inbox import conversation

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(hours=1)


def rename(document: Document) -> Document:
    return {"$set": {"colour": document["color"]}, "$unset": {"color": ""}}


SPELLING = Migration(
    version=1,
    title="Spell colour",
    collection="things",
    pending={"color": {"$exists": True}},
    change=rename,
)


async def test_every_declared_index_is_there_after_the_start(database: Database) -> None:
    await prepare(database)
    report = await index_report(database)
    assert report
    assert all(row["present"] for row in report)


async def test_indexes_are_created_again_when_others_are_declared_or_one_asks(
    database: Database,
) -> None:
    await prepare(database)
    await database.events.drop_index("at")
    await prepare(database)
    missing = [row["index"] for row in await index_report(database) if not row["present"]]
    assert missing == ["at"]  # a start does not look: it knows that they were created
    await create_indexes(database)
    assert all(row["present"] for row in await index_report(database))
    await database.events.drop_index("at")
    await database.meta.update_one({"_id": "schema"}, {"$set": {"indexes": "as an older Hubbub had them"}})
    await prepare(database)
    assert all(row["present"] for row in await index_report(database))


async def test_a_new_database_needs_no_migration(database: Database) -> None:
    assert await prepare(database, [SPELLING]) == ()
    assert await prepare(database, [SPELLING]) == ()


async def test_old_documents_are_brought_to_todays_form_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEP", 3)
    await prepare(database, [])
    await database.things.insert_many([{"_id": number, "color": "red"} for number in range(10)])
    assert await prepare(database, [SPELLING]) == ("Spell colour",)
    assert await database.things.count_documents({"colour": "red"}) == 10
    assert await prepare(database, [SPELLING]) == ()


async def test_an_interrupted_migration_goes_on_where_it_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEP", 3)
    await prepare(database, [])
    await database.things.insert_many([{"_id": number, "color": "red"} for number in range(10)])
    seen: list[int] = []

    def breaks(document: Document) -> Document:
        if len(seen) == 5:
            raise ConnectionError("the power went")
        seen.append(document["_id"])
        return rename(document)

    broken = Migration(1, SPELLING.title, SPELLING.collection, SPELLING.pending, breaks)
    with pytest.raises(ConnectionError):
        await prepare(database, [broken])
    assert await database.things.count_documents({"colour": "red"}) == 3
    assert await prepare(database, [SPELLING]) == ("Spell colour",)
    assert await database.things.count_documents({"colour": "red"}) == 10


async def test_a_database_of_a_newer_hubbub_is_left_alone(database: Database) -> None:
    await prepare(database, [SPELLING])
    with pytest.raises(StoreError, match="newer Hubbub"):
        await prepare(database, [])


async def as_at(database: Database, version: int) -> None:
    """A database that a Hubbub of that schema has left."""
    await prepare(database, [])
    await database.meta.update_one({"_id": "schema"}, {"$set": {"version": version}})


async def test_what_waited_before_there_were_places_in_the_queue_is_worked_on(database: Database) -> None:
    journal = Journal(database, Media(database))
    await as_at(database, 2)
    said = [Ignored(key=key, at=NOON, thread=Thread(key, Surface.EMAIL), because="A test.") for key in "ab"]
    await journal.add("mail", said[1:], NOON)
    await journal.add("mail", said[:1], EARLIER)
    await journal.add_arrival("hook", WebhookRequest("POST", "https://hub.example/", {}, {}, b"{}"), EARLIER)
    ended = await journal.add("mail", [replace(said[0], key="done")], EARLIER)
    assert ended == 1
    [done] = await database.journal.find({"key": "done"}).to_list(None)
    await journal.finish([Finished(done["_id"], Outcome.IGNORED)], NOON)
    for name in ("journal", "arrivals"):
        await database[name].update_many({}, {"$unset": {"since": ""}})
    titles = await prepare(database)
    assert len([each for each in titles if "place in the queue" in each]) == 2
    assert [each.entry.key for each in await journal.waiting(range(LANES), NOON)] == ["a", "b"]
    assert len(await journal.waiting_arrivals(range(LANES))) == 1
    kept = {each["key"]: each.get("since") for each in await database.journal.find().to_list(None)}
    assert kept == {"a": EARLIER, "b": NOON, "done": None}  # what is done has no place
    assert [each["since"] for each in await database.arrivals.find().to_list(None)] == [EARLIER]


async def test_lines_of_earlier_times_are_found_by_what_they_led_to(database: Database) -> None:
    media = Media(database)
    journal, originals = Journal(database, media), Originals(database, media)
    await as_at(database, 5)
    thread = Thread("a", Surface.EMAIL)
    large = ArrivedRaw(key="large", at=NOON, thread=thread, body=b"x" * (INLINE_LARGEST + 1))
    gone = ReachabilityChanged(
        key="gone", at=NOON, thread=thread, author=Author(key="a", name="Ana"), reachable=False
    )
    await journal.add(
        "mail", [large, gone, Ignored(key="no", at=NOON, thread=thread, because="A test.")], NOON
    )
    lines = {each["key"]: each for each in await database.journal.find().to_list(None)}
    ended = [
        Finished(lines["large"]["_id"], Outcome.DELIVERED, "entry"),
        Finished(lines["no"]["_id"], Outcome.IGNORED),
    ]
    await journal.finish(ended, NOON)
    written = {each["key"]: sorted(each["marks"]) for each in await database.journal.find().to_list(None)}
    await database.journal.update_many({}, {"$unset": {"marks": ""}})
    assert await prepare(database) == ("Noting what lines of the journal are found by",)
    kept = {each["key"]: sorted(each["marks"]) for each in await database.journal.find().to_list(None)}
    assert kept == written
    assert await originals.about(["entry"]) == [lines["large"]["_id"]]
    assert len(await journal.list_entries(channel="mail")) == 3
    await journal.replay(lines["large"]["_id"])
    assert await originals.about(["entry"]) == []


async def test_conversations_of_earlier_times_are_found_under_what_they_are(database: Database) -> None:
    views, inbox = Views(database), Inbox(database)
    await as_at(database, 4)
    old = conversation(
        1,
        agent="ana",
        team="sales",
        level="gold",
        tags=("vip",),
        followers=("ben",),
        mentioned=("cora",),
        also=("chat",),
    )
    free = conversation(2, team="sales", wish=Wish(agent="ben"))
    await database.conversations.insert_many([to_document(each) for each in (old, free)])
    old_index = IndexModel([("agent", 1), ("status", 1)], name="agent")
    await database.conversations.create_indexes([old_index])
    await database.meta.update_one({"_id": "schema"}, {"$set": {"indexes": "as an older Hubbub had them"}})
    assert (await prepare(database))[0] == "Noting what conversations are found under"
    assert "agent" not in await database.conversations.index_information()
    is_open = Status.OPEN
    for shelf in (
        by_agent("ana", is_open),
        by_level("gold", is_open),
        by_tag("vip", is_open),
        by_follower("ben", is_open),
        by_mention("cora", is_open),
    ):
        assert [each.id for each in (await views.read([shelf], None, 10)).rows] == [old.id], shelf
    for shelf in (by_team("sales", is_open), by_waiting_team("sales", is_open)):
        assert {each.id for each in (await views.read([shelf], None, 10)).rows} == {old.id, free.id}
    assert [each.id for each in await views.wished("sales")] == [free.id]
    assert await inbox.change_conversation(free, {"agent": "ana"})
    assert await views.wished("sales") == []
