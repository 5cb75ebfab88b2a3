"""Our Markdown as Telegram's text with entities; `markdown.py` is the way back. Pure.

Entities count in UTF-16 units, and nest as https://core.telegram.org/bots/api#messageentity says (checked
2026-11-30): nothing within code, no quotation within another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from markdown_it.tree import SyntaxTreeNode

from hub.model.markdown import chat_reader

Reach = tuple[int, int]  # from, to
_ALONE = ("code", "pre")
_JOINED = ("bold", "italic", "strikethrough")


def utf16_units(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text) + sum(sign > "\uffff" for sign in text)


# Our Markdown as their text


@dataclass(slots=True)
class _Writing:
    text: str = ""
    units: int = 0
    entities: list[dict[str, Any]] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.text += text
        self.units += utf16_units(text)

    def mark(self, kind: str, since: int, **more: str) -> None:
        if self.units > since:
            mark = {"type": kind, "offset": since, "length": self.units - since}
            self.entities.append({**mark, **{key: value for key, value in more.items() if value}})


def from_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Text as it is read, and its entities. HTML in the source is text."""
    writing = _Writing()
    _write_blocks(SyntaxTreeNode(chat_reader().parse(text)).children, writing)
    return writing.text, _nested(writing.entities)


def _nested(entities: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """None twice over the same text, and none around code: there they are cut."""
    alone = [_reach(each) for each in entities if each["type"] in _ALONE]
    found = [each for each in entities if each["type"] in (*_ALONE, "blockquote")]
    for kind in _JOINED:
        reaches = _union(_reach(each) for each in entities if each["type"] == kind)
        found += [_mark({"type": kind}, part) for reach in reaches for part in without(reach, alone)]
    for each in (each for each in entities if each["type"] == "text_link"):
        found += [_mark(each, part) for part in without(_reach(each), alone)]
    return sorted(found, key=lambda each: (each["offset"], -each["length"]))


def _reach(entity: Mapping[str, Any]) -> Reach:
    return entity["offset"], entity["offset"] + entity["length"]


def _mark(entity: Mapping[str, Any], reach: Reach) -> dict[str, Any]:
    return {**entity, "offset": reach[0], "length": reach[1] - reach[0]}


def _union(reaches: Iterable[Reach]) -> list[Reach]:
    joined: list[Reach] = []
    for start, end in sorted(reaches):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def without(reach: Reach, holes: Iterable[Reach]) -> Iterator[Reach]:
    """What is left of it."""
    start, end = reach
    for first, last in sorted(holes):
        if first >= end or last <= start:
            continue
        if start < first:
            yield start, first
        start = max(start, last)
    if start < end:
        yield start, end


def _write_blocks(nodes: Sequence[SyntaxTreeNode], writing: _Writing, gap: str = "\n\n") -> None:
    for number, node in enumerate(nodes):
        if number:
            writing.add(gap)
        _write_block(node, writing)


def _write_block(node: SyntaxTreeNode, writing: _Writing) -> None:
    since = writing.units
    match node.type:
        case "bullet_list" | "ordered_list":
            for (mark, item), follows in zip(_items(node), _follows(node), strict=True):
                writing.add(mark)
                _write_blocks(item.children, writing, "\n")
                writing.add("\n" if follows else "")
        case "blockquote":
            _write_blocks(node.children, writing)
            # Telegram refuses one quotation inside another.
            writing.entities = [
                each for each in writing.entities if each["type"] != "blockquote" or each["offset"] < since
            ]
            writing.mark("blockquote", since)
        case "fence" | "code_block":
            writing.add(node.content.rstrip("\n"))
            writing.mark("pre", since, language=node.info.strip())
        case "hr":
            writing.add("—")
        case "heading":
            _write_inline(node.children, writing)
            writing.mark("bold", since)
        case _:
            _write_inline(node.children, writing)


def _items(node: SyntaxTreeNode) -> Iterator[tuple[str, SyntaxTreeNode]]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        yield (f"{number}. " if node.type == "ordered_list" else "• "), item


def _follows(node: SyntaxTreeNode) -> list[bool]:
    return [True] * (len(node.children) - 1) + [False]


def _write_link(node: SyntaxTreeNode, writing: _Writing) -> None:
    """An address that Telegram opens nothing for stands behind its words: it would refuse the message."""
    since, before = writing.units, len(writing.text)
    url = str(node.attrs.get("href", ""))
    _write_inline(node.children, writing)
    if can_be_linked(url):
        writing.mark("text_link", since, url=url)
    elif (bare := url.removeprefix("mailto:").removeprefix("tel:")) != writing.text[before:] and bare:
        writing.add(f" ({bare})")


def can_be_linked(url: str) -> bool:
    """As https://github.com/tdlib/td, td/telegram/LinkManager.cpp (checked 2026-11-30)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (parts.scheme in ("http", "https") and "." in host.strip(".")) or (
        parts.scheme == "tg" and bool(host)
    )


def _write_inline(nodes: Sequence[SyntaxTreeNode], writing: _Writing) -> None:
    for node in nodes:
        since = writing.units
        match node.type:
            case "text":
                writing.add(node.content)
            case "softbreak" | "hardbreak":
                writing.add("\n")
            case "code_inline":
                writing.add(node.content)
                writing.mark("code", since)
            case "link":
                _write_link(node, writing)
            case "strong" | "em" | "s":
                _write_inline(node.children, writing)
                writing.mark({"strong": "bold", "em": "italic", "s": "strikethrough"}[node.type], since)
            case _:
                _write_inline(node.children, writing)
