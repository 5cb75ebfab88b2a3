"""A file of customers: looked at, checked, brought in once however often it breaks off, undone."""

import json
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk import import_work, imports
from hub.desk.changing import NotPossible
from hub.desk.details import set_detail
from hub.desk.exporting import customers_as_csv, customers_as_json
from hub.desk.fields import save_field
from hub.desk.import_work import Importer, sweep_files
from hub.desk.imports import Meant
from hub.desk.tables import records, survey
from hub.model.fields import FieldOn
from hub.model.imports import Import, ImportState
from hub.model.people import Customer
from hub.store.people import identity_id
from tests.hub.desk.inbox import ADMIN, AGENT, conversation, fill, staff

TABLE = """\
Vorname;Nachname;E-Mail;Telefon;Tier;Town
Cora;Bäcker;cora@acme.example;;Gold;Ulm
"Dora
Lou";;dora@acme.example;030 901820;Silver;

Nobody;;;;;Bonn
Emil;;not an address;;;
Cora;B.;CORA@acme.example;;;Köln
=Fred;;fred@acme.example;;;;over
"""


@pytest.fixture
async def admin(hub: Hub) -> Hub:
    await staff(hub)
    await save_field(hub.desk, ADMIN, FieldOn.CUSTOMER, "tier", "Tier")
    return hub


async def brought(hub: Hub, text: str = TABLE, encoding: str = "cp1252") -> Import:
    return await imports.bring_file(hub.desk, ADMIN, text.encode(encoding), "people.csv")


async def worked(hub: Hub, job: Import) -> Import:
    await Importer(hub.desk, "worker").work()
    return await imports.get_import(hub.desk, ADMIN, job.id)


async def known(hub: Hub, address: str) -> Customer | None:
    key = identity_id("email", address)
    found = (await hub.store.people.find_identities([key])).get(key)
    return (await hub.store.people.find_customers([found.customer])).get(found.customer) if found else None


async def there(hub: Hub, address: str) -> Customer:
    found = await known(hub, address)
    assert found is not None
    return found


def counted(job: Import) -> tuple[ImportState, int, int, int, int]:
    return job.state, job.added, job.changed, job.same, job.wrong


async def test_a_file_is_looked_at_checked_brought_in_and_undone(admin: Hub) -> None:
    desk, job = admin.desk, await brought(admin)
    with pytest.raises(NotAllowed):
        await imports.get_import(desk, AGENT, job.id)
    assert (job.encoding, job.delimiter, job.total) == ("cp1252", ";", 6)
    assert job.columns == ("given_name", "family_name", "email", "phone", "fields.tier", "")
    assert (await imports.sample(desk, ADMIN, job.id))[0][1] == "Bäcker"
    for columns in (job.columns[:3], ("name", "name", "email", "", "", ""), ("name", "", "", "", "", "")):
        with pytest.raises(NotPossible):
            await imports.run_import(desk, ADMIN, job.id, Meant(columns))
    meant = Meant(job.columns, country="de")
    checked = await worked(admin, await imports.check_file(desk, ADMIN, job.id, meant))
    assert counted(checked) == (ImportState.CHECKED, 2, 0, 1, 3)
    assert await known(admin, "cora@acme.example") is None
    done = await worked(admin, await imports.run_import(desk, ADMIN, job.id, meant))
    assert counted(done) == (ImportState.DONE, 2, 0, 1, 3)
    wrong = (await imports.list_wrong(desk, ADMIN, job.id)).rows
    assert [(each.line, each.code) for each in wrong] == [
        (6, "import_nobody"), (7, "import_nobody"), (9, "import_cells"),
    ]  # fmt: skip
    cora, dora = [await there(admin, f"{each}@acme.example") for each in ("cora", "dora")]
    assert (cora.name, cora.fields, dora.name) == ("Cora Bäcker", {"tier": "Gold"}, "Dora Lou")
    assert await admin.store.media.find(job.file or "") is None
    await set_detail(desk, ADMIN, dora.id, "note", "Called us.")
    undone = await worked(admin, await imports.undo_import(desk, ADMIN, job.id))
    assert (undone.state, undone.undone, undone.left) == (ImportState.UNDONE, 1, 1)
    assert await known(admin, "cora@acme.example") is None
    assert (await there(admin, "dora@acme.example")).note == "Called us."
    again = await worked(admin, await brought_in(admin, "email,name\ncora@acme.example,Cora\n"))
    assert counted(again) == (ImportState.DONE, 1, 0, 0, 0)


async def brought_in(hub: Hub, text: str, overwrite: bool = False) -> Import:
    job = await brought(hub, text, "utf-8-sig")
    return await imports.run_import(hub.desk, ADMIN, job.id, Meant(job.columns, overwrite))


async def test_what_was_changed_is_given_back_unless_somebody_changed_it_since(admin: Hub) -> None:
    await worked(
        admin, await brought_in(admin, "email,name,note\na@acme.example,Ann,Old\nb@acme.example,Bo,Old\n")
    )
    text = "email,name,note\na@acme.example,Anna,New\nb@acme.example,Bo,New\nc@acme.example,Cy,\n"
    second = await worked(admin, await brought_in(admin, text, overwrite=True))
    assert counted(second) == (ImportState.DONE, 1, 2, 0, 0)
    ann, bo, cy = [await there(admin, f"{each}@acme.example") for each in "abc"]
    assert (ann.name, ann.note) == ("Anna", "New")
    await set_detail(admin.desk, ADMIN, bo.id, "note", "Newest")
    await fill(admin, [conversation(1, customer=cy.id)])
    undone = await worked(admin, await imports.undo_import(admin.desk, ADMIN, second.id))
    assert (undone.undone, undone.left) == (2, 2)
    ann, bo, cy = [await there(admin, f"{each}@acme.example") for each in "abc"]
    assert (ann.name, ann.note, bo.note) == ("Ann", "Old", "Newest")


async def test_an_import_that_breaks_off_goes_on_where_it_stopped(
    admin: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "BATCH", 3)
    rows = "".join(f"p{number}@acme.example,P{number}\n" for number in range(10))
    job = await brought_in(admin, f"email,name\n{rows}")
    real, calls = admin.store.people.add_customers, 0

    async def breaks(customers: list[Customer]) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError
        await real(customers)

    monkeypatch.setattr(admin.store.people, "add_customers", breaks)
    broken = await worked(admin, job)
    assert (broken.state, broken.place, broken.tries, broken.problem) == (
        ImportState.IMPORTING, 6, 1, "RuntimeError",
    )  # fmt: skip
    lease = await admin.store.imports.take(broken, "another", admin.clock(), import_work.LEASE)
    assert lease is not None
    assert await admin.store.imports.change(job.id, lease, {"lease": None, "due_at": None})
    done = await worked(admin, broken)
    assert counted(done) == (ImportState.DONE, 10, 0, 0, 0)
    assert calls == 5  # the batch it broke off in once more, and no other
    undone = await worked(admin, await imports.undo_import(admin.desk, ADMIN, job.id))
    assert (undone.undone, undone.left) == (10, 0)


async def test_a_file_that_nobody_goes_on_with_is_thrown_away(
    admin: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await brought(admin)
    assert await sweep_files(admin.desk) == 0
    monkeypatch.setattr(import_work, "LIES_FOR", -imports.LIES_FOR)
    assert await sweep_files(admin.desk) == 1
    assert await admin.store.media.find(job.file or "") is None
    with pytest.raises(NotPossible):
        await imports.run_import(admin.desk, ADMIN, job.id, Meant(job.columns))
    await imports.discard_import(admin.desk, ADMIN, job.id)
    assert (await imports.list_imports(admin.desk, ADMIN)).rows == []


async def test_all_customers_are_taken_out_as_a_table_without_formulas_and_as_a_list(admin: Hub) -> None:
    with pytest.raises(NotAllowed):
        await customers_as_csv(admin.desk, AGENT)
    assert [each async for each in await customers_as_json(admin.desk, ADMIN)] == ["[]\n"]
    await worked(admin, await brought_in(admin, "email,name\na@acme.example,=1+1\nb@acme.example,Bo\n"))
    text = "".join([each async for each in await customers_as_csv(admin.desk, ADMIN)])
    assert "'=1+1" in text
    listed = json.loads("".join([each async for each in await customers_as_json(admin.desk, ADMIN)]))
    assert sorted(each["name"] for each in listed) == ["=1+1", "Bo"]
    second = await worked(admin, await brought_in(admin, text))
    assert counted(second) == (ImportState.DONE, 0, 0, 2, 0)


def kept(content: bytes, folder: Path) -> BinaryIO:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 closed by the test
    file.write(content)
    return file


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("email,name\na@b.example,Jörg\n".encode("utf-8-sig"), "utf-8-sig", ","),
        ("email;name\r\na@b.example;Jörg\r\n".encode(), "utf-8", ";"),
        ("email\tname\na@b.example\tJörg".encode("utf-16"), "utf-16", "\t"),
        ("email;name\ra@b.example;Jörg\r".encode("latin-1"), "cp1252", ";"),
        ("sep=|\nemail|name\na@b.example|Jörg\n".encode(), "utf-8", "|"),
    ],
)
def test_tables_are_read_as_programs_write_them(
    content: bytes, encoding: str, delimiter: str, tmp_path: Path
) -> None:
    with kept(content, tmp_path) as file:
        found = survey(file)
        assert (found.encoding, found.delimiter, found.titles, found.rows) == (
            encoding, delimiter, ("email", "name"), 1,
        )  # fmt: skip
        assert [row for _, row in records(file, encoding, delimiter)][1] == ["a@b.example", "Jörg"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "table_letters"),
        (b"email\n\x81\xff", "table_letters"),
        (b"", "table_empty"),
        (b" , \n", "table_empty"),
        (b'email\n"' + b"x" * 140_000, "table_broken"),
        (b"," * 300 + b"a\n", "table_wide"),
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong(content: bytes, code: str, tmp_path: Path) -> None:
    with kept(content, tmp_path) as file, pytest.raises(NotPossible) as refused:
        survey(file)
    assert refused.value.code == code
