"""`connectors/quality.toml` tells the truth of every connector and rule; the tables are of today."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hub.app import CONNECTORS
from tests.connectors.capabilities import README, written
from tests.connectors.subjects import SUBJECTS
from tests.house.tree import TOP

QUALITY = tomllib.loads((TOP / "connectors" / "quality.toml").read_text(encoding="utf-8"))
RULES = QUALITY["rules"]
PAYLOADS = 25
WHERE = Path(__file__).parent


def kept(rule: str) -> list[str]:
    """The platforms that say that they keep a rule."""
    return sorted(platform for platform in CONNECTORS if "done" in QUALITY.get(platform, {}).get(rule, {}))


def answers() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for platform, rules in QUALITY.items():
        if platform != "rules":
            for rule, answer in rules.items():
                yield platform, rule, answer


def test_every_connector_answers_every_rule_and_no_other() -> None:
    assert QUALITY.keys() - {"rules"} == CONNECTORS.keys()
    for platform in CONNECTORS:
        assert QUALITY[platform].keys() == RULES.keys(), platform


def test_an_answer_is_done_or_todo_or_exempt_and_says_how() -> None:
    for platform, rule, answer in answers():
        [(kind, words)] = answer.items()
        assert kind in ("done", "todo", "exempt"), (platform, rule)
        assert words, (platform, rule)
        assert kind == "done" or str(words).endswith("."), (platform, rule)


def test_what_is_done_names_tests_that_exist() -> None:
    for platform, rule, answer in answers():
        for named in answer.get("done", ()):
            file, _, test = named.partition("::")
            found = named_in(TOP / file)
            assert found, (platform, rule, f"there is no test in {file}")
            assert not test or test in found, (platform, rule, f"there is no {named}")


@cache
def named_in(file: Path) -> frozenset[str]:
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(each.name for each in found if each.name.startswith("test_"))


@pytest.mark.parametrize("platform", kept("limits"))
def test_limits_were_looked_up_this_year(platform: str) -> None:
    manifest = CONNECTORS[platform].manifest
    assert manifest.source.startswith("https://")
    assert datetime.now(UTC).date() - manifest.checked < timedelta(days=366)


@pytest.mark.parametrize("platform", kept("payloads"))
def test_there_are_payloads_enough(platform: str) -> None:
    found = [each for each in (WHERE / platform / "payloads").iterdir() if each.suffix in (".json", ".eml")]
    assert len(found) >= PAYLOADS


@pytest.mark.parametrize("platform", kept("benched"))
def test_what_parsing_costs_is_measured(platform: str) -> None:
    """By `parsing` in tests/benchmarks, which goes through the subjects."""
    subject = SUBJECTS[platform]()
    assert subject.raw or subject.posts


@pytest.mark.parametrize("platform", kept("documented"))
def test_a_readme_tells_how_to_connect_one(platform: str) -> None:
    text = (TOP / "connectors" / platform / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) > 150


def test_the_table_of_capabilities_is_of_today() -> None:
    """`make capabilities` writes it."""
    text = README.read_text(encoding="utf-8")
    assert text == written(text)
