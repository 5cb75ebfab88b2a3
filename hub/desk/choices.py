"""Answers to tap on, as they are written: `[[Yes]]` on lines of their own at the end of an answer. Pure.

In the text, so that saved replies, rules, drafts, rooms and the API have them without a field of their own.
"""

import re
from dataclasses import replace

from hub.model.content import Content

_ONE = re.compile(r"\[\[([^\[\]\n]+)\]\]")
_LINE = re.compile(r"[ \t]*(?:\[\[[^\[\]\n]+\]\][ \t]*)+", re.ASCII)


def with_choices(content: Content) -> Content:
    """What stands at the end of the text as choices; the same one once."""
    lines = content.text.rstrip().split("\n")
    at = len(lines)
    while at and (_LINE.fullmatch(lines[at - 1]) or (at < len(lines) and not lines[at - 1].strip())):
        at -= 1
    found = [" ".join(each.split()) for line in lines[at:] for each in _ONE.findall(line)]
    choices = tuple(dict.fromkeys(each for each in found if each))
    if not choices:
        return content
    return replace(content, text="\n".join(lines[:at]).rstrip(), choices=choices)


def written(content: Content) -> str:
    """The text as its writer would type it: to write it once more."""
    return "\n".join([content.text, *(f"[[{each}]]" for each in content.choices)])


def says(content: Content, text: str) -> bool:
    """Whether it was made of this text."""
    return text == content.text or with_choices(replace(content, text=text, choices=())) == content
