"""Every deed that is written into the audit log has words for its page, and its filter."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hub
from inbox_ui.office.audit_words import deed_words, known_deeds
from inbox_ui.words import Words

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> dict[str, list[Function]]:
    """All of hub's, by name."""
    found: dict[str, list[Function]] = {}
    for path in Path(hub.__path__[0]).rglob("*.py"):
        for each in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(each, Function):
                found.setdefault(each.name, []).append(each)
    return found


def calls(function: Function) -> Iterator[tuple[str, ast.Call]]:
    for each in ast.walk(function):
        if isinstance(each, ast.Call):
            name = each.func.id if isinstance(each.func, ast.Name) else getattr(each.func, "attr", "")
            yield name, each


def place_of_deed(function: Function) -> int | None:
    """Which of its arguments is `deed`."""
    names = [each.arg for each in function.args.args]
    return names.index("deed") if "deed" in names else None


def recorders(known: dict[str, list[Function]]) -> dict[str, set[int]]:
    """What writes a deed down that it is given: `record`, and whoever hands theirs on to it."""
    found = {"record": {3}}
    while True:
        more = {name: _handed_on(these, found) for name, these in known.items()}
        more = {name: places for name, places in more.items() if places - found.get(name, set())}
        if not more:
            return found
        for name, places in more.items():
            found[name] = found.get(name, set()) | places


def _handed_on(these: list[Function], found: dict[str, set[int]]) -> set[int]:
    return {place for each in these if (place := place_of_deed(each)) and _hands_on(each, found)}


def _hands_on(function: Function, found: dict[str, set[int]]) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "deed"
        for name, call in calls(function)
        if name in found
        for each in _given(call, found[name])
    )


def _given(call: ast.Call, places: set[int]) -> list[ast.expr]:
    named = [each.value for each in call.keywords if each.arg == "deed"]
    return named or [call.args[place] for place in places if place < len(call.args)]


def audited() -> set[str]:
    known = functions()
    writes = recorders(known)
    deeds: set[str] = set()
    for each in (function for these in known.values() for function in these):
        for name, call in calls(each):
            for given in _given(call, writes[name]) if name in writes else ():
                deeds |= _texts(given)
                deeds |= _assigned(each, given)
        if each.name in writes:
            named = [*each.args.args[len(each.args.args) - len(each.args.defaults) :]]
            for arg, default in zip(named, each.args.defaults, strict=True):
                deeds |= _texts(default) if arg.arg == "deed" else set()
    return {each for each in deeds if "_" in each or each in ("invited", "unlinked")}


def _texts(given: ast.expr) -> set[str]:
    if isinstance(given, ast.Call):  # of the router's `record`, which writes decisions down
        return set()
    asked = [part for each in ast.walk(given) if isinstance(each, ast.IfExp) for part in ast.walk(each.test)]
    constants = [each for each in ast.walk(given) if isinstance(each, ast.Constant) and each not in asked]
    return {each.value for each in constants if isinstance(each.value, str)}


def _assigned(function: Function, given: ast.expr) -> set[str]:
    """Of a variable, what it is set to in the same function."""
    if not isinstance(given, ast.Name):
        return set()
    set_to = [
        each.value
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and [getattr(one, "id", "") for one in each.targets] == [given.id]
    ]
    return {text for each in set_to for text in _texts(each)}


def test_every_deed_that_is_written_down_has_its_words_in_both_languages() -> None:
    written = audited()
    assert {"view_saved", "customer_changed", "hours_saved", "conversation_deleted", "signed_in"} <= written
    english, german = dict(known_deeds(Words("en"))), dict(known_deeds(Words("de")))
    assert sorted(written - english.keys()) == []
    for each in written:
        assert deed_words(each, Words("de")) == german[each] != english[each], each
    # And none that nobody writes down any more.
    assert sorted(english.keys() - written) == []
