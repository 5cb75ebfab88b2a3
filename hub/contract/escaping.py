"""Foreign text inside Markdown: signs that would mean something get a backslash before them. Pure.

https://spec.commonmark.org/0.31.2/#backslash-escapes (checked 2026-11-30).
"""

import re

# An underscore within a word marks nothing: addresses stay readable.
_SIGNS = re.compile(r"[\\`*\[\]~<]|&(?=#?\w{1,32};)|(?<![^\W_])_|_(?![^\W_])")
_BLOCK = re.compile(
    r"[ \t]*(?:(?=#{1,6}(?:[ \t]|$))|(?=>)|(?=[+-](?:[ \t]|$))|(?=[-=][-= \t]*$)|\d{1,9}(?=[.)](?:[ \t]|$)))"
)


def escaped(text: str, before: str = "") -> str:
    """Markdown that is read as `text`. `before`: what its line begins with, not yet escaped.

    Spaces that a line begins with become such as do not break, or four of them would be code.
    """
    first, *lines = text.split("\n")
    return "\n".join([_line(first, before), *(_line(line) for line in lines)])


def _line(line: str, before: str = "") -> str:
    whole = before + line
    indent = len(whole) - len(whole.lstrip(" \t"))
    at = len(before)
    if at < indent:
        spaces = min(indent, len(whole)) - at
        return "\u00a0" * spaces + _line(line[spaces:], whole[:indent])
    opens = _BLOCK.match(whole)
    here = opens.end() - at if opens else -1
    if 0 <= here < len(line) and not _SIGNS.match(line[here]):
        return f"{_signs(line[:here])}\\{line[here]}{_signs(line[here + 1 :])}"
    return _signs(line)


def _signs(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)
