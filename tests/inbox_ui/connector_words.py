"""What connectors say of troubles, steps and what they pass over, found in their sources.

A sentence with values in it (an f-string) becomes one with named blanks: "No server called %(host)s."
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

from tests.house.tree import TOP

PAGES = TOP / "inbox_ui"
SENTENCE = re.compile(r"(?:[A-Z]|%\()[^\n]* [^\n]*\.")
TOLD_BY = {
    *("Unavailable", "RateLimited", "Rejected", "AuthBroken", "OutcomeUnknown", "PayloadUnrecognised"),
    *("tell", "append", "Ignored", "_ignored", "ignored", "_of"),
}
NAMES = {"words", "told", "because", "where"}  # what they are called before they are told
PIECES = {"step", "_APP_ONLY"}  # who is told a piece of a sentence, or what one is called
ASIDE = {"because", "hint"}  # by these names they are handed over
ASKING = {"Step": ("title", "words"), "Question": ("label", "help")}
TABLES = {"trouble.py", "bounce_reasons.py", "steps.py"}  # nothing but sentences
FOREIGN = {"bodies.py", "bounces.py", "rich_text.py", "flags.py"}  # what customers read, and patterns


def connector_sentences() -> Iterator[tuple[str, str]]:
    """With the name of the connector. Those of which nothing is ours are what a server said."""
    on_pages = set(in_source(PAGES / "office" / "question_words.py"))
    for path in sorted((TOP / "connectors").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for said in _asked_of_people(tree):
            if said not in on_pages:
                yield said, path.parent.name
        # Of its troubles the simulator speaks English.
        if path.parent.name != "simulator" and path.name not in FOREIGN:
            for said in _sentences(tree, everything=path.name in TABLES):
                yield said, path.parent.name


def in_source(path: Path) -> Iterator[str | tuple[str, ...]]:
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for _, message, _, _ in extract("python", io.BytesIO(path.read_bytes()), keywords):
        yield message


def _asked_of_people(tree: ast.Module) -> Iterator[str]:
    """The words of steps and of questions."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    for call in calls:
        for each in call.keywords:
            asks = each.arg in ASKING.get(getattr(call.func, "id", ""), ())
            if asks and isinstance(each.value, ast.Constant) and each.value.value:
                yield str(each.value.value)


def _sentences(tree: ast.Module, *, everything: bool) -> Iterator[str]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for each in [node] if everything else _told(node):
            if id(each) in docstrings:
                continue
            if isinstance(each, ast.Constant):
                if SENTENCE.fullmatch(str(each.value)) or (_is_piece(node) and isinstance(each.value, str)):
                    yield str(each.value)
            elif isinstance(each, ast.JoinedStr) and (said := _with_blanks(each)):
                yield said


def _told(node: ast.AST) -> Iterator[ast.AST]:
    """The strings that are told here: handed to somebody, given a telling name, yielded."""
    match node:
        case ast.Call(func=ast.Name(id="sentence")):
            yield from _strings(node)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords):
            for each in args if name in TOLD_BY | PIECES else []:
                yield from _strings(each)
            for keyword in keywords:
                if keyword.arg in ASIDE:
                    yield from _strings(keyword.value)
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in NAMES | PIECES:
            yield from _strings(value)
        case ast.Yield(value=ast.expr() as value) | ast.Return(value=ast.JoinedStr() as value):
            yield from _strings(value)


def _is_piece(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name in PIECES
    return False


def _strings(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield node
    elif isinstance(node, ast.IfExp | ast.BoolOp | ast.List | ast.Tuple):
        for each in ast.iter_child_nodes(node):
            yield from _strings(each)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "sentence":
        yield from _strings(node.args[0])


def _with_blanks(joined: ast.JoinedStr) -> str:
    """Empty where too little of it is ours."""
    parts: list[str] = []
    used: list[str] = []
    for each in joined.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value).replace("%", "%%"))
        else:
            assert isinstance(each, ast.FormattedValue)
            name = _name(each.value)
            used.append(name)
            count = used.count(name)
            parts.append(f"%({name}{count if count > 1 else ''})s")
    said = "".join(parts)
    if said.endswith(" does not answer"):  # `sentence` ends it
        said += "."
    ours = re.findall(r"[A-Za-z]{2,}", re.sub(r"%\(\w+\)s", "", said))
    return said if len(ours) > 1 and said[-1] in ".s" and not said.startswith("<") else ""


def _name(value: ast.expr) -> str:
    """The last word of what stands there: `self._server.host` is a host."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Subscript(value=inner) | ast.Call(args=[inner, *_]) | ast.BoolOp(values=[inner, *_]):
            return _name(inner)
    return "value"
