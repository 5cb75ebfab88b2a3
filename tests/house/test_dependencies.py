"""What is installed: only what is used, said why, and to the byte what was locked."""

import re
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.house.test_tree import imported
from tests.house.tree import ROOMS, TOP, list_files

LOCKS = ("requirements.lock", "requirements-dev.lock", "config/requirements-build.lock")
# Used without an import: plugins, programs, annotations.
COMMANDS = {
    "hatchling", "import-linter", "mypy", "pytest-asyncio", "pytest-timeout", "pytest-xdist", "ruff",
    "schemathesis", "secantusdb", "uv", "types-psutil", "types-pyyaml", "types-regex",
    "types-zxcvbn",
}  # fmt: skip


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    return re.split(r"[\s\[<>=~!;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def declared(*extras: str) -> set[str]:
    optional = project()["project"]["optional-dependencies"]
    return {name_of(line) for line in project()["project"]["dependencies"]} | {
        name_of(line) for extra in extras for line in optional[extra]
    }


def locked(path: str) -> dict[str, list[str]]:
    """Each `name==version` of a lock file with its hashes; anything else in it is a mistake."""
    packages: dict[str, list[str]] = {}
    for line in (TOP / path).read_text(encoding="utf-8").splitlines():
        if pinned := re.fullmatch(r"([a-z0-9.-]+)==([\w.!+]+)(?: ; [^\\]+?)? \\", line):
            hashes = packages.setdefault(f"{pinned[1]}=={pinned[2]}", [])
        elif hashed := re.fullmatch(r"    --hash=(sha256:[0-9a-f]{64})(?: \\)?", line):
            hashes.append(hashed[1])
        else:
            assert re.fullmatch(r"    #( .*)?", line), (
                f"{path}: {line!r} is neither a pinned package nor a hash"
            )
    return packages


def third_party(top: str) -> dict[str, Path]:
    """Distributions imported by the Python files below `top`, each with one file that does."""
    distributions = packages_distributions()
    return {
        name_of(distributions[module][0]): path
        for path in list_files(".py")
        if path.parts[0] == top
        for module in imported(path)
        if module in distributions and module not in (*ROOMS, "tests")
    }


@pytest.mark.parametrize("path", LOCKS)
def test_every_locked_package_has_its_hashes_and_no_place_to_get_it_from(path: str) -> None:
    packages = locked(path)
    assert packages
    assert [package for package, hashes in packages.items() if not hashes] == []
    assert not re.search(r"://|--(?!hash)|^-", (TOP / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_what_the_project_asks_for_is_locked() -> None:
    """If this fails: make lock"""
    runtime = {package.split("==")[0] for package in locked("requirements.lock")}
    everything = {package.split("==")[0] for package in locked("requirements-dev.lock")}
    assert declared() <= runtime
    assert declared("dev", "embedded") <= everything


def test_what_runs_is_what_was_tested() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


@pytest.mark.timeout(180)  # it reads every file
def test_what_is_imported_is_asked_for_by_name() -> None:
    for room in ROOMS:
        assert {name: path for name, path in third_party(room).items() if name not in declared()} == {}
    in_tests = third_party("tests")
    assert {name: path for name, path in in_tests.items() if name not in declared("dev")} == {}


def test_what_is_asked_for_is_used() -> None:
    in_rooms = {name for room in ROOMS for name in third_party(room)}
    assert declared() - in_rooms == set()
    assert declared("dev", "embedded") - in_rooms - set(third_party("tests")) - COMMANDS == set()


@pytest.mark.parametrize("begins", ["dependencies = [", "dev = ["])
def test_each_dependency_stands_with_its_reason(begins: str) -> None:
    text = (TOP / "pyproject.toml").read_text(encoding="utf-8")
    lines = text.split(f"\n{begins}\n")[1].split("\n]\n")[0].splitlines()
    assert len(lines) > 10
    assert [line for line in lines if not re.fullmatch(r'    "[^"]+", +# .{10,}', line)] == []
