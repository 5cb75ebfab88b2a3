"""The database, from the command line: looked at, and moved."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.app import Hub
from hub.store import copying
from hub.store.connection import connect
from hub.store.media import CHUNK, Media
from hub.store.schema import Database
from tests.hub.commands.conftest import Run, beside
from tests.hubs import Office

LARGE = b"0123456789" * (CHUNK // 5)  # two chunks


@pytest.fixture
async def target(store_uri: str) -> AsyncIterator[Database]:
    """An empty database to copy into."""
    async with connect(store_uri, f"test_{uuid.uuid4().hex[:12]}") as database:
        yield database
        await database.client.drop_database(database.name)


async def fill(hub: Hub, agents: int = 120) -> str:
    """Some documents, and a file of several chunks. Returns its id."""
    await hub.store.database.agents.insert_many(
        [{"_id": f"{number:024x}", "email": f"{number}@hub.example", "n": number} for number in range(agents)]
    )
    return (await hub.store.media.add(LARGE, "large.bin", "application/octet-stream", len(LARGE))).id


async def test_indexes_are_listed_and_all_there(run: Run) -> None:
    ran = await beside(run, "store", "indexes", "--json")
    assert ran.status == 0
    assert {row["collection"] for row in ran.rows} >= {"entries", "journal", "events"}
    assert all(row["present"] for row in ran.rows)


async def test_info_tells_what_it_is_and_what_is_in_it(run: Run, hub: Hub) -> None:
    await fill(hub, agents=3)
    ran = await beside(run, "store", "info", "--json")
    assert ran.status == 0
    assert ran.row["embedded"] is True
    assert ran.row["version"].startswith("SecantusDB ")
    counts = {each["name"]: each["documents"] for each in ran.row["collections"]}
    assert counts["agents"] == 3
    assert "agents" in (await beside(run, "store", "info")).out


async def test_everything_is_copied_files_included(
    run: Run, hub: Hub, store_uri: str, target: Database
) -> None:
    file = await fill(hub)
    ran = await beside(run, "store", "copy", "--to", store_uri, "--database", target.name, "--json")
    assert ran.status == 0, ran.err
    assert {row["collection"]: row["documents"] for row in ran.rows}["agents"] == 120
    assert await Media(target).read(file) == LARGE
    assert await target.agents.find_one({"_id": f"{7:024x}"}) == {
        "_id": f"{7:024x}",
        "email": "7@hub.example",
        "n": 7,
    }
    assert "email" in await target.agents.index_information()


async def test_an_interrupted_copy_goes_on_and_doubles_nothing(
    run: Run, hub: Hub, store_uri: str, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await fill(hub)
    call = ("store", "copy", "--to", store_uri, "--database", target.name, "--json")

    async def cut_off(*anything: object) -> None:
        raise ConnectionError("the line is dead")

    with monkeypatch.context() as trouble:
        trouble.setattr(copying, "_copy_chunks", cut_off)
        assert (await beside(run, *call)).status == 1
    await hub.store.database.agents.delete_one({"n": 5})
    await hub.store.database.agents.update_one({"n": 6}, {"$set": {"name": "changed meanwhile"}})
    ran = await beside(run, *call)
    assert ran.status == 0, ran.err
    assert await target.agents.count_documents({}) == 119
    changed = await target.agents.find_one({"n": 6})
    assert changed is not None
    assert changed["name"] == "changed meanwhile"
    assert await target["media.chunks"].count_documents({}) == 2
    assert await Media(target).read(file) == LARGE


async def test_a_finished_copy_is_not_written_over_by_mistake(
    run: Run, hub: Hub, store_uri: str, target: Database
) -> None:
    await fill(hub, agents=3)
    call = ("store", "copy", "--to", store_uri, "--database", target.name)
    assert (await beside(run, *call)).status == 0
    refused = await beside(run, *call)
    assert refused.status == 1
    assert "--again" in refused.err
    assert (await beside(run, *call, "--again")).status == 0
    assert await target.agents.count_documents({}) == 3


async def test_a_database_in_use_is_not_copied_into(
    run: Run, hub: Hub, store_uri: str, target: Database
) -> None:
    await target.conversations.insert_one({"_id": "theirs"})
    ran = await beside(run, "store", "copy", "--to", store_uri, "--database", target.name)
    assert ran.status == 1
    assert "data of its own" in ran.err


async def test_nothing_is_copied_from_under_workers(run: Run, office: Office, store_uri: str) -> None:
    ran = await beside(run, "store", "copy", "--to", store_uri, "--database", "elsewhere")
    assert ran.status == 1
    assert "at work" in ran.err


async def test_an_embedded_database_is_made_for_the_copy(run: Run, hub: Hub, tmp_path: Path) -> None:
    await fill(hub, agents=3)
    folder = tmp_path / "moved"
    ran = await beside(run, "store", "copy", "--to", str(folder), "--json")
    assert ran.status == 0, ran.err
    assert (folder / "database").is_dir()
    again = await beside(run, "store", "copy", "--to", str(folder), "--again", "--json")
    assert {row["collection"]: row["documents"] for row in again.rows}["agents"] == 3
