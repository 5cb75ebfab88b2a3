"""Telegram's text with entities, and our Markdown subset: one into the other. Pure.

Entities count in UTF-16 units (https://core.telegram.org/bots/api#messageentity, checked 2026-11-23).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_AROUND = {"bold": "**", "italic": "*", "strikethrough": "~~"}
_SPECIAL = re.compile(r"([\\`*_\[\]~])")
_LINKS = ("http://", "https://", "mailto:", "tel:", "tg:")


def utf16_units(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text) + sum(sign > "\uffff" for sign in text)


# Their text as our Markdown


@dataclass(frozen=True, slots=True)
class _Span:
    kind: str
    start: int  # characters
    end: int
    url: str = ""
    language: str = ""


def to_markdown(text: str, entities: Sequence[Mapping[str, Any]]) -> str | None:
    """The text in Markdown; None when nothing in it is marked, and it is plain."""
    spans = [span for each in entities if (span := _span(text, each)) is not None]
    if not spans:
        return None
    spans.sort(key=lambda span: (span.start, -span.end))
    return _between(text, 0, len(text), spans)


def _span(text: str, entity: Mapping[str, Any]) -> _Span | None:
    kind = entity.get("type")
    if kind not in (*_AROUND, "code", "pre", "text_link", "blockquote", "expandable_blockquote"):
        return None
    offset, length = entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length <= 0:
        return None
    start, end = _place(text, offset), _place(text, offset + length)
    inside = text[start:end]
    if kind in _AROUND:  # a mark beside a space is none
        start, end = start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())
    url, language = str(entity.get("url") or ""), str(entity.get("language") or "")
    if kind == "text_link" and not url.startswith(_LINKS):
        return None
    return _Span(str(kind), start, end, url, language) if start < end else None


def _place(text: str, units: int) -> int:
    """The character at which so many UTF-16 units have passed."""
    at = 0
    for number, sign in enumerate(text):
        if at >= units:
            return number
        at += 2 if sign > "\uffff" else 1
    return len(text)


def _between(text: str, start: int, end: int, spans: Sequence[_Span]) -> str:
    said, at = [], start
    rest = list(spans)
    while rest:
        span = rest.pop(0)
        if span.start < at or span.end > end:
            continue  # Telegram's entities nest; one that does not is passed over
        inner = [each for each in rest if each.start >= span.start and each.end <= span.end]
        rest = [each for each in rest if each.start >= span.end]
        said += [_SPECIAL.sub(r"\\\1", text[at : span.start]), _marked(text, span, inner)]
        at = span.end
    return "".join([*said, _SPECIAL.sub(r"\\\1", text[at:end])])


def _marked(text: str, span: _Span, inner: Sequence[_Span]) -> str:
    raw = text[span.start : span.end]
    match span.kind:
        case "code":
            fence = "`" * (1 + max((len(run) for run in re.findall("`+", raw)), default=0))
            inside = f" {raw} " if "`" in (raw[0], raw[-1]) or raw[0] == raw[-1] == " " else raw
            return f"{fence}{inside}{fence}"
        case "pre":
            return f"```{span.language}\n{raw}\n```"
    said = _between(text, span.start, span.end, inner)
    match span.kind:
        case "text_link":
            return f"[{said}](<{span.url.replace('>', '%3E')}>)"
        case "blockquote" | "expandable_blockquote":
            return "\n".join(f"> {line}" for line in said.split("\n"))
    return f"{_AROUND[span.kind]}{said}{_AROUND[span.kind]}"


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
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    markdown.enable("strikethrough")
    markdown.disable(["html_block", "html_inline", "lheading", "reference", "image"])
    writing = _Writing()
    _write_blocks(SyntaxTreeNode(markdown.parse(text)).children, writing)
    writing.entities.sort(key=lambda each: (each["offset"], -each["length"]))
    return writing.text, writing.entities


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
                _write_inline(node.children, writing)
                writing.mark("text_link", since, url=str(node.attrs.get("href", "")))
            case "strong" | "em" | "s":
                _write_inline(node.children, writing)
                writing.mark({"strong": "bold", "em": "italic", "s": "strikethrough"}[node.type], since)
            case _:
                _write_inline(node.children, writing)
