"""How commands end that were not understood, and what is said then."""

import json
from pathlib import Path

import pytest
import structlog

from config.settings import Settings
from hub.__main__ import main
from hub.commands.frame import Call
from hub.commands.output import Output
from tests.hub.commands.conftest import Run, beside

NOUNS = "serve web worker check agent channel journal outbox conversation customer events store demo"
Captured = pytest.CaptureFixture[str]


def sentences(text: str) -> int:
    return len(text.strip().splitlines())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["jurnal"], "journal"),
        (["channel", "lst"], "list"),
        (["conversation", "list", "--statsu", "open"], "--status"),
        (["conversation", "list", "--status", "opne"], "open"),
    ],
)
def test_a_word_typed_wrongly_is_answered_with_the_right_one(
    capsys: Captured, typed: list[str], meant: str
) -> None:
    assert main(typed) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert meant in said.err
    assert sentences(said.err) == 1


def test_settings_that_are_wrong_end_with_two_and_one_sentence(capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "hubbub.toml"
    file.write_text("[web]\nprot = 8000\n", encoding="utf-8")
    assert main(["--config", str(file), "agent", "list"]) == 2
    said = capsys.readouterr().err
    assert "web.prot" in said
    assert "web.port" in said
    assert sentences(said) == 1


def test_scripts_get_errors_as_json_too(capsys: Captured) -> None:
    assert main(["agent", "list", "--config", "/nowhere/hubbub.toml", "--json"]) == 2
    said = capsys.readouterr()
    assert '"kind": "SettingsError"' in said.err
    assert said.err.startswith('{"error": ')
    assert said.out == ""


def test_a_database_that_does_not_answer_is_one_sentence(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_MONGO__URL", "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50")
    assert main(["agent", "list"]) == 1
    said = capsys.readouterr().err
    assert "does not answer" in said
    assert sentences(said) == 1


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_alone_needs_a_database_to_share(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    monkeypatch.setenv("HUBBUB_DATA__FOLDER", str(tmp_path / "folder"))
    assert main([part]) == 1
    said = capsys.readouterr().err
    assert "mongo.url" in said
    assert sentences(said) == 1
    assert not (tmp_path / "folder").exists()


async def test_options_may_stand_before_or_behind_the_command(run: Run) -> None:
    await beside(run, "agent", "add", "Ana", "ana@hub.example")
    before = await beside(run, "--json", "agent", "list")
    behind = await beside(run, "agent", "list", "--json")
    assert before.rows == behind.rows
    assert before.status == behind.status == 0


def test_help_names_every_command(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for noun in NOUNS.split():
        assert f"\n  {noun} " in said


def test_the_lines_of_a_process_are_json_when_it_was_asked_for_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Call(output=Output(as_json=True)).loud_logs(Settings())
    structlog.get_logger().info("received", events=3)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["events"]) == ("received", 3)
