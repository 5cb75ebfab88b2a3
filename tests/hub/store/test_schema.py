"""Indexes and migrations: made at start, forward only, resumable."""

import pytest

from hub.store import schema
from hub.store.codec import Document
from hub.store.errors import StoreError
from hub.store.schema import Migration, create_indexes, index_report, prepare
from tests.database import Database


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
