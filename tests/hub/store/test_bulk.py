"""Many updates in one statement come out as each of them alone would."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.store.bulk import update_each
from tests.database import Database

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
Changes = list[tuple[str, dict[str, Any]]]


async def both_ways(database: Database, changes: Changes) -> tuple[list[Any], list[Any]]:
    """What the documents are after the updates: all together, and one after the other."""
    documents = [{"_id": str(each), "a": each, "w": "$w", "at": NOW} for each in range(8)]
    await database.together.insert_many(deepcopy(documents))
    await database.alone.insert_many(deepcopy(documents))
    await update_each(database.together, changes)
    for each, change in changes:
        await database.alone.update_one({"_id": each}, change)
    return await sorted_documents(database.together), await sorted_documents(database.alone)


async def sorted_documents(collection: Any) -> list[dict[str, Any]]:
    found = await collection.find().to_list(None)
    return sorted((dict(sorted(each.items())) for each in found), key=lambda each: str(each["_id"]))


async def test_updates_of_several_shapes_do_what_each_would_do_alone(database: Database) -> None:
    changes: Changes = []
    for number in range(6):
        change: dict[str, Any] = {
            "$set": {"last": {"preview": f"$price {number}", "at": NOW}, "awaiting": "us"},
            "$max": {"a": 3, "at": NOW + timedelta(hours=number - 3), "new": NOW},
            "$inc": {"version": 1},
        }
        if number % 2:
            change["$set"]["status"] = "open"
            change["$unset"] = {"w": "", "absent": ""}
        changes.append((str(number), change))
    together, alone = await both_ways(database, changes)
    assert together == alone
    assert together[4]["last"]["preview"] == "$price 4"


async def test_several_updates_of_one_document_are_applied_in_their_order(database: Database) -> None:
    changes: Changes = [("1", {"$set": {"a": number}, "$inc": {"n": 1}}) for number in range(5)]
    together, alone = await both_ways(database, changes)
    assert together == alone
    assert (together[1]["a"], together[1]["n"]) == (4, 5)


async def test_what_bson_cannot_hold_is_replaced_and_keeps_nothing_up(database: Database) -> None:
    changes: Changes = [(str(number), {"$set": {"text": f"{number} \ud800"}}) for number in range(4)]
    await database.together.insert_many([{"_id": str(each)} for each in range(4)])
    await update_each(database.together, changes)
    found = await sorted_documents(database.together)
    assert [each["text"] for each in found] == ["0 ?", "1 ?", "2 ?", "3 ?"]
