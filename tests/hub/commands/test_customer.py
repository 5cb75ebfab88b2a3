"""Customers brought in from files."""

from pathlib import Path

from hub.app import Hub
from tests.hub.commands.conftest import Run, beside
from tests.hub.desk.inbox import staff

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
