"""Whatever the hub refuses, it refuses with a code: pages translate it, programs go by it."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import hub
from hub.model.sentences import REASONS, SENTENCES, Refusal, reason_in, sentence
from tests.house.tree import TOP, list_files

BLANK = re.compile(r"%\((\w+)\)s")
BESIDES = {"newest", "wait", "wrong"}  # what some refusals carry apart from their sentence


def test_every_refusal_has_a_code_and_fills_the_blanks_of_its_sentence() -> None:
    wrong = []
    for path, call in refusals():
        code = str(call.args[0].value) if call.args and isinstance(call.args[0], ast.Constant) else None
        given = {each.arg for each in call.keywords if each.arg} - BESIDES
        if code is None:
            if call.args and isinstance(call.args[0], ast.JoinedStr):
                wrong.append(
                    f"{path}:{call.lineno} says a sentence: give it a code in hub/model/sentences.py"
                )
        elif code not in SENTENCES:
            wrong.append(f"{path}:{call.lineno} {code!r} is no code in hub/model/sentences.py")
        elif given != set(BLANK.findall(SENTENCES[code])):
            wrong.append(f"{path}:{call.lineno} {code} needs {BLANK.findall(SENTENCES[code])}")
    assert wrong == []


def test_a_stored_reason_is_understood_again() -> None:
    for code, text in REASONS.items():
        given = {name: f"12 ({name})" for name in BLANK.findall(text)}
        assert reason_in(sentence(code, **given)) == (code, given)
    assert reason_in("A rule said so.") is None


def refusals() -> Iterator[tuple[Path, ast.Call]]:
    """Every place in the hub where one is made."""
    names = {each.__name__ for each in _kinds(Refusal)}
    for path in list_files(".py"):
        if path.parts[0] == "hub":
            for node in ast.walk(ast.parse((TOP / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                    yield path, node


def _kinds(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for room in pkgutil.walk_packages(hub.__path__, "hub."):
        if not room.name.endswith("__main__"):
            importlib.import_module(room.name)
    for kind in of.__subclasses__():
        yield kind
        yield from kind.__subclasses__()
