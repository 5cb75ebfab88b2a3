"""Telegram's text with entities as our Markdown. Pure.

Entities count in UTF-16 units (https://core.telegram.org/bots/api#messageentity, checked 2026-11-30). Bold,
italic, struck out, code, links and quotations have a mark of ours; underlining, spoilers, mentions and emoji
of one's own have none: they are kept as words. Where Markdown cannot mark what Telegram marks (half of a word
in quotation marks), the mark is left out: a sign that marks nothing would be read as the customer's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.telegram.marks import from_markdown, utf16_units, without
from hub.contract.escaping import escaped

_AROUND = {"bold": "**", "italic": "*", "strikethrough": "~~"}
_QUOTES = ("blockquote", "expandable_blockquote")
_LINKS = ("http://", "https://", "mailto:", "tel:", "tg:")
_MOST = 40  # marks in one line that are tried one by one, if they cannot stand together
_LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


@dataclass(frozen=True, slots=True)
class _Span:
    kind: str
    start: int  # characters
    end: int
    more: str = ""  # a link's address, the language of code


def to_markdown(text: str, entities: Sequence[Mapping[str, Any]]) -> str | None:
    """The text in Markdown; None when nothing in it is marked, and it is plain."""
    text = text.replace("\x00", "\ufffd").replace("\r", " ")
    spans = [span for each in entities if (span := _span(text, each)) is not None]
    if not spans:
        return None
    return "\n\n".join(said for block in _blocks(text, spans) if (said := _block(text, block, spans)))


def _span(text: str, entity: Mapping[str, Any]) -> _Span | None:
    kind = entity.get("type")
    if kind not in (*_AROUND, "code", "pre", "text_link", *_QUOTES):
        return None
    offset, length = entity.get("offset"), entity.get("length")
    if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length <= 0:
        return None
    start, end = _place(text, offset), _place(text, offset + length)
    more = str(entity.get("url" if kind == "text_link" else "language") or "")
    if start >= end or (kind == "text_link" and not more.startswith(_LINKS)):
        return None
    return _Span("quote" if kind in _QUOTES else str(kind), start, end, more)


def _place(text: str, units: int) -> int:
    """The character at which so many UTF-16 units have passed."""
    at = 0
    for number, sign in enumerate(text):
        if at >= units:
            return number
        at += 2 if sign > "\uffff" else 1
    return len(text)


# Blocks: they stand apart, with an empty line between them


def _blocks(text: str, spans: Sequence[_Span]) -> Iterator[_Span]:
    """The whole text in pieces: code, quotations, and what is neither. Code cuts a quotation in two."""
    owners: list[_Span | None] = [None] * len(text)
    for kind in ("quote", "pre"):
        for span in spans:
            if span.kind == kind:
                owners[span.start : span.end] = [span] * (span.end - span.start)
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or owners[at] is not owners[start]:
            owner = owners[start]
            yield replace(owner, start=start, end=at) if owner else _Span("text", start, at)
            start = at


def _block(text: str, block: _Span, spans: Sequence[_Span]) -> str:
    raw = text[block.start : block.end]
    if block.kind == "pre":
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", raw)), default=0))
        language = block.more if _LANGUAGE.fullmatch(block.more) else ""
        code = raw.strip("\n")
        return f"{fence}{language}\n{code}\n{fence}"
    cut = len(raw) - len(raw.lstrip(" ")) if block.start and text[block.start - 1] != "\n" else 0
    lines, at = [], block.start + cut  # the space behind a word that stands alone now
    for line in raw[cut:].rstrip(" ").split("\n"):
        lines.append(_line(line, _within(line, at, spans)))
        at += len(line) + 1
    said = "\n".join(lines).strip("\n")
    return "\n".join(f"> {line}".rstrip() for line in said.split("\n")) if block.kind == "quote" else said


# Lines


def _within(line: str, at: int, spans: Sequence[_Span]) -> list[_Span]:
    """What is marked of a line that begins at `at`; beside a space and within code a mark is none."""
    found: list[_Span] = []
    codes = [(each.start - at, each.end - at) for each in spans if each.kind == "code"]
    for span in spans:
        if span.kind not in (*_AROUND, "code", "text_link"):
            continue
        start, end = max(span.start - at, 0), min(span.end - at, len(line))
        if start >= end:
            continue
        for first, last in [(start, end)] if span.kind == "code" else without((start, end), codes):
            inside = line[first:last]
            if inside.strip():
                first, last = last - len(inside.lstrip()), first + len(inside.rstrip())
                found.append(_Span(span.kind, first, last, span.more))
    return sorted(set(found), key=lambda span: (span.start, -span.end, span.kind))


def _line(line: str, marks: Sequence[_Span]) -> str:
    """All marks, if they are read as such; else those that are."""
    said = _written(line, marks)
    if _is_read_as(said, line, marks):
        return said
    kept: list[_Span] = []
    for each in marks[:_MOST]:
        if _is_read_as(_written(line, [*kept, each]), line, [*kept, each]):
            kept.append(each)
    return _written(line, kept)


def _is_read_as(said: str, line: str, marks: Sequence[_Span]) -> bool:
    if not marks:
        return True
    text, entities = from_markdown(said)
    indent = utf16_units(line) - utf16_units(line.lstrip())
    found = {(each["type"], unit) for each in entities for unit in _units(each["offset"], each["length"])}
    wanted = {
        (each.kind, unit - indent)
        for each in marks
        for unit in _units(utf16_units(line[: each.start]), utf16_units(line[each.start : each.end]))
    }
    return text == line.strip() and found == wanted


def _units(offset: int, length: int) -> range:
    return range(offset, offset + length)


def _written(line: str, marks: Sequence[_Span]) -> str:
    """Opened and closed where they begin and end; what goes on behind another's end is opened anew."""
    said: list[str] = []
    stack: list[_Span] = []
    edges = sorted({0, len(line)} | {each.start for each in marks} | {each.end for each in marks})
    for start, end in zip(edges, [*edges[1:], len(line)], strict=True):
        while stack and any(each.end <= start for each in stack):
            said.append(_close(stack.pop()))
        going_on = sorted((each for each in marks if each.start <= start < each.end), key=lambda x: -x.end)
        for span in (each for each in going_on if each not in stack and each.kind != "code"):
            if span.kind == "text_link" and line[:start].endswith("!"):  # or it would be a picture
                said[-1] = said[-1].removesuffix("!") + "\\!" if said[-1].endswith("!") else said[-1]
            said.append("[" if span.kind == "text_link" else _AROUND[span.kind])
            stack.append(span)
        in_code = any(each.kind == "code" for each in going_on)
        said.append(_code(line[start:end]) if in_code else escaped(line[start:end], line[:start]))
    return "".join([*said, *(_close(span) for span in reversed(stack))])


def _close(span: _Span) -> str:
    if span.kind != "text_link":
        return _AROUND[span.kind]
    url = span.more
    for sign, code in (("\\", "%5C"), ("<", "%3C"), (">", "%3E"), (" ", "%20"), ("\n", "")):
        url = url.replace(sign, code)
    return f"](<{url}>)"


def _code(raw: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", raw)), default=0))
    return f"{fence} {raw} {fence}" if "`" in (raw[0], raw[-1]) else f"{fence}{raw}{fence}"
