"""Rules for every file: what none may contain, and how long one may be."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, TOP, list_files

FILE_LINES = 350
FUNCTION_LINES = 40
# Put together here, so that this file does not contain what it looks for.
HOSTS = tuple(
    name + "." + ending
    for name, ending in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("debian", "org"),
        ("proxy.golang", "org"),
    )
)


def test_no_file_names_a_package_registry() -> None:
    for path in list_files(
        ".py", ".toml", ".yml", ".yaml", ".lock", ".md", ".txt", ".cfg", ".json", ".html", ".js", ""
    ):
        text = (TOP / path).read_text(encoding="utf-8", errors="replace")
        assert not [host for host in HOSTS if re.search(rf"\b{re.escape(host)}\b", text)], path


def test_nothing_imports_the_embedded_database() -> None:
    """It is GPL-2.0 and a program of its own; we speak to it over the network, like to any MongoDB."""
    for path in list_files(".py"):
        assert not {"secantus", "wiredtiger"} & imported(path), path


def test_long_files_and_functions_say_why_they_are_long() -> None:
    """The sentence begins with "Long because"; in the docstring of the file or inside the function."""
    unexplained = [f"{path}: {lines} lines" for path in list_files(".py") for lines in too_long_file(path)]
    unexplained += [f"{path}: {name}" for path in list_files(".py") for name in too_long_functions(path)]
    assert unexplained == []


def test_every_package_says_what_it_is_for() -> None:
    for path in list_files(".py"):
        if path.parts[0] in ROOMS:
            assert ast.get_docstring(parsed(path)), f"{path} has no docstring"


@pytest.fixture(autouse=True, scope="module")
def _forgotten_afterwards() -> Iterator[None]:
    """A gigabyte of syntax trees would slow down every test that this process runs later."""
    yield
    parsed.cache_clear()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((TOP / path).read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> frozenset[str]:
    """Top-level names of everything `path` imports from elsewhere."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return frozenset(found)


def too_long_file(path: Path) -> Iterator[int]:
    text = (TOP / path).read_text(encoding="utf-8")
    if (lines := text.count("\n")) > FILE_LINES and "Long because" not in (
        ast.get_docstring(parsed(path)) or ""
    ):
        yield lines


def too_long_functions(path: Path) -> Iterator[str]:
    text = (TOP / path).read_text(encoding="utf-8").split("\n")
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            own = text[node.lineno - 1 : node.end_lineno]
            if len(own) > FUNCTION_LINES and "Long because" not in "\n".join(own):
                yield f"{node.name} has {len(own)} lines"
