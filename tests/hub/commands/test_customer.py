"""Customers brought in from files."""

from pathlib import Path

from hub.app import Hub
from hub.desk.happenings import save_type
from hub.desk.importing import import_customers
from hub.model.customers import EventField
from hub.model.fields import FieldKind
from hub.model.people import Customer, Identity
from hub.store.fields import tag_id
from tests.hub.commands.conftest import Run, beside
from tests.hub.desk.inbox import ADMIN, BEGAN, staff

CSV = """\ufeffName;E-Mail;Shoe size
Cora;cora@acme.example;42
Dora;not an address;43

Emil;emil@acme.example;44
"""


async def test_customers_come_from_a_file_with_titles_of_its_own(run: Run, hub: Hub, tmp_path: Path) -> None:
    await staff(hub)
    file = tmp_path / "people.csv"
    file.write_text(CSV, encoding="utf-8")
    asked = ("customer", "import", str(file), "--map", "E-Mail=email", "--as", "ada@hub.example", "--json")
    rehearsed = await beside(run, *asked, "--dry-run")
    assert rehearsed.row == {"added": 2, "changed": 0, "same": 0, "wrong": 1, "dry_run": True}
    assert "Line 3: There is neither" in rehearsed.err
    assert (await beside(run, *asked)).row["added"] == 2
    again = tmp_path / "again.jsonl"
    again.write_text('{"email": "cora@acme.example", "note": "New"}\n\n{"email": "f@acme.example"}\n')
    other = ("customer", "import", str(again), "--json", "--as")
    assert (await beside(run, *other, "ada@hub.example")).row == {
        "added": 1, "changed": 1, "same": 0, "wrong": 0, "dry_run": False,
    }  # fmt: skip
    again.write_text("[1]\n")
    assert "line 1 is not an object" in (await beside(run, *other, "ada@hub.example")).err
    again.write_bytes(b'{"email": "\xff"}\n')
    assert "not written in UTF-8" in (await beside(run, *other, "ada@hub.example")).err
    assert "Only admins" in (await beside(run, *other, "ben@hub.example")).err


async def test_what_was_written_to_a_file_is_known_when_it_is_read_again(
    run: Run, hub: Hub, tmp_path: Path
) -> None:
    await staff(hub)
    person = Customer(
        id="e", name="=Eva", created_at=BEGAN, note="Rings,\ntwice.", vip=True,
        tags={tag_id("Press"): "Press"},
    )  # fmt: skip
    chat = Identity(
        id="chat", platform="webchat", key="v1", email="eva@acme.example", customer="e", first_seen_at=BEGAN,
        because="Signed.",
    )  # fmt: skip
    await hub.store.people.add_customers([person])
    await hub.store.people.add_identities([chat])
    for name in ("out.csv", "out.jsonl"):
        file, ada = tmp_path / name, ("--as", "ada@hub.example", "--json")
        refused = await beside(run, "customer", "export", str(file), "--as", "ben@hub.example")
        assert "Only admins" in refused.err
        assert not file.exists()
        assert (await beside(run, "customer", "export", str(file), *ada)).row["customers"] == 1
        assert "webchat:v1" in file.read_text(encoding="utf-8")
        assert ("'=Eva" in file.read_text(encoding="utf-8")) is (name == "out.csv")
        again = (await beside(run, "customer", "import", str(file), "--overwrite", *ada)).row
        assert again == {"added": 0, "changed": 0, "same": 1, "wrong": 0, "dry_run": False}


async def test_events_come_from_a_file_each_only_once(run: Run, hub: Hub, tmp_path: Path) -> None:
    await staff(hub)
    total = EventField(key="total", name="Total", kind=FieldKind.NUMBER, required=True)
    await save_type(hub.desk, ADMIN, "order", "Order", [total])
    await import_customers(hub.desk, ADMIN, [{"email": "cora@acme.example"}])
    file = tmp_path / "orders.csv"
    lines = [
        "customer,type,key,at,total",
        "Cora@acme.example,order,1,2026-03-02T09:00:00Z,12.50",
        "cora@acme.example,order,2,2026-03-03T09:00:00+01:00,8",
        "cora@acme.example,order,3,yesterday,8",
        "nobody@acme.example,order,4,2026-03-03T09:00:00Z,8",
        "cora@acme.example,order,5,2026-03-03T09:00:00Z,",
    ]
    file.write_text("\n".join(lines) + "\n")
    asked = ("customer", "events", str(file), "--json", "--as")
    ran = await beside(run, *asked, "ada@hub.example")
    assert ran.row == {"added": 2, "known": 0, "wrong": 3}
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["Line 4", "Line 5", "Line 6"]
    again = await beside(run, *asked, "ada@hub.example")
    assert again.row == {"added": 0, "known": 2, "wrong": 3}
    assert "Only admins" in (await beside(run, *asked, "ben@hub.example")).err
