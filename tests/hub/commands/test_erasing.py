"""Taking a person out and erasing them in the terminal."""

import zipfile
from pathlib import Path

from hub.app import Hub
from hub.desk.importing import import_customers
from tests.hub.commands.conftest import Run, beside
from tests.hub.desk.inbox import ADMIN, staff


async def test_a_person_is_taken_out_and_erased_with_a_receipt(run: Run, hub: Hub, tmp_path: Path) -> None:
    await staff(hub)
    await import_customers(hub.desk, ADMIN, [{"email": "cora@acme.example", "name": "Cora", "note": "Rings"}])
    [person] = [each async for some in hub.store.people.every_customer(10) for each in some]
    ada, file, receipt = (
        ("--as", "ada@hub.example", "--json"),
        tmp_path / "out.zip",
        tmp_path / "receipt.json",
    )
    assert (await beside(run, "customer", "take-out", person.id[:20], str(file), *ada)).row["counts"][
        "customers"
    ] == 1
    assert "cora@acme.example" in zipfile.ZipFile(file).read("profile.json").decode()
    rehearsed = await beside(run, "customer", "erase", person.id, "--dry-run", *ada)
    assert rehearsed.row["counts"] == {"customers": 1, "identities": 1}
    refused = await beside(run, "customer", "erase", person.id, "--yes", "--as", "ben@hub.example")
    assert (refused.status, "Only admins" in refused.err) == (1, True)
    assert person.id in await hub.store.people.find_parts([person.id])
    done = await beside(run, "customer", "erase", person.id, "--yes", "--receipt", str(receipt), *ada)
    assert done.status == 0
    assert person.id not in await hub.store.people.find_parts([person.id])
    assert (await beside(run, "customer", "receipt", str(receipt), *ada)).row["genuine"]
    receipt.write_text(receipt.read_text().replace(person.id, "f" * 24))
    forged = await beside(run, "customer", "receipt", str(receipt), *ada)
    assert (forged.status, "not signed here" in forged.err) == (1, True)
    missing = await beside(run, "customer", "erase", person.id, "--yes", *ada)
    assert (missing.status, "There is no customer" in missing.err) == (1, True)
