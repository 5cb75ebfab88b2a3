"""What the structure of an HTML mail tells: where each mail program puts quotation and signature.

The document is marked with characters that Unicode keeps out of interchange (U+FDD0 …), turned into text, and
the marks are read off the lines. So one conversion to text serves everything, and text keeps its order.

Classes and ids are those of Gmail, Outlook (desktop, web, mobile, Mac), Apple Mail, Thunderbird, Yahoo, GMX
and WEB.DE, Yandex, Proton, Tuta, Zoho, Zimbra, Roundcube, Spark, Samsung, QQ and NetEase.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from connectors.email.html_text import node_to_text, parse_html
from connectors.email.reply.markers import begins_forward
from connectors.email.reply.split import Marks

_QUOTE, _QUOTE_END, _ATTRIBUTION, _ATTRIBUTION_END = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_SIGNATURE, _SIGNATURE_END, _INDENT, _INDENT_END = "\ufdd4", "\ufdd5", "\ufdd6", "\ufdd7"
_COPY, _FORWARD = "\ufdd8", "\ufdd9"
_ANY_MARK = re.compile("[\ufdd0-\ufdd9]")
_SPACED_MARKS = re.compile("(^(?:> )*| )[\ufdd0-\ufdd9]+ ?")
_FOREIGN_MARK = re.compile("[\ufdd0-\ufdd9]|&#(?:x0{0,9}fdd|0{0,9}649[78])", re.I)
_ENDS = {_QUOTE: _QUOTE_END, _ATTRIBUTION: _ATTRIBUTION_END, _SIGNATURE: _SIGNATURE_END, _INDENT: _INDENT_END}
_MOST_MARKED = 300

_BY_CLASS = {
    "yahoo_quoted": _QUOTE,
    "protonmail_quote": _QUOTE,
    "tutanota_quote": _QUOTE,
    "zmail_extra": _QUOTE,
    "ntes-mailmaster-quote": _QUOTE,
    "gmail_attr": _ATTRIBUTION,
    "moz-cite-prefix": _ATTRIBUTION,
    "moz-reply-prefix": _ATTRIBUTION,
    "gmail_signature": _SIGNATURE,
    "moz-signature": _SIGNATURE,
    "signature": _SIGNATURE,
    "protonmail_signature_block": _SIGNATURE,
    "tutanota_signature": _SIGNATURE,
    "yahoo-signature": _SIGNATURE,
    "OutlookMessageHeader": _COPY,
    "ms-outlook-mobile-reference-message": _COPY,
    "moz-forward-container": _FORWARD,
}
_BY_ID = {
    "isReplyContent": _QUOTE,
    "ntes-pcmail-quote": _QUOTE,
    "ntes-pcmac-quote": _QUOTE,
    "reply-intro": _ATTRIBUTION,
    "Signature": _SIGNATURE,
    "signature": _SIGNATURE,
    "ms-outlook-mobile-signature": _SIGNATURE,
    "composer_signature": _SIGNATURE,
    "AppleMailSignature": _SIGNATURE,
    "ntes-pcmac-signature": _SIGNATURE,
    "spnEditorSign": _SIGNATURE,
    "OLK_SRC_BODY_SECTION": _COPY,
    "divRplyFwdMsg": _COPY,
    "appendonsend": _COPY,
    "mail-editor-reference-message-container": _COPY,
    "zwchr": _COPY,
}
_BY_NAME = {"quote": _QUOTE, "messageReplySection": _QUOTE, "messageSignatureSection": _SIGNATURE}
_BY_TAG = {"includetail": _QUOTE, "sign": _SIGNATURE}
_SELECTOR = ", ".join(
    (
        *(f".{name}" for name in _BY_CLASS),
        *(f"#{name}" for name in _BY_ID),
        *(f"div[name={name}]" for name in _BY_NAME),
        *_BY_TAG,
        "div[style*=border-top]",
        "blockquote",
    )
)
_RULED = re.compile(r"border-top:\s{0,4}(?:1(?:\.0)?pt\s|solid\s){0,2}\s{0,4}#(?:e1e1e1|b5c4df)\b", re.I)
_UNDRAWN = re.compile(r"border(?:-left)?:\s*(?:none|0|medium none)|^(?!.*border)", re.I | re.S)
_LONGEST_FIRST = 400


@dataclass(frozen=True, slots=True)
class Marked:
    """A mail's document, its text by lines, and what the structure says about the lines."""

    document: LexborHTMLParser
    lines: list[str]
    marks: Marks


def read_html(html: str) -> Marked:
    document = parse_html(html)
    if _FOREIGN_MARK.search(html):
        return Marked(document, node_to_text(document.root).split("\n"), Marks())
    _mark(document)
    return _lines(document, node_to_text(document.root))


def _mark(document: LexborHTMLParser) -> None:
    copied = False
    for node in document.css(_SELECTOR)[:_MOST_MARKED]:
        mark = _kind(node)
        if mark == _COPY:
            if copied:
                continue
            copied = True
        if mark is not None:
            _insert(document, node, mark)


def _kind(node: LexborNode) -> str | None:
    """Which mark a node asks for, if any."""
    attributes = node.attributes
    mark = _BY_ID.get(attributes.get("id") or "") or _BY_TAG.get(node.tag or "")
    for name in (attributes.get("class") or "").split():
        mark = mark or _BY_CLASS.get(name)
    mark = mark or _BY_NAME.get(attributes.get("name") or "")
    if mark is None:
        style = attributes.get("style") or ""
        if node.tag == "blockquote":
            drawn = attributes.get("class") or attributes.get("type") or not _UNDRAWN.search(style)
            return None if drawn else _INDENT
        return _COPY if _RULED.search(style) else None
    if mark in (_QUOTE, _ATTRIBUTION) and begins_forward(_beginning(node)):
        return _FORWARD if mark == _QUOTE else None
    if mark == _COPY and node.id == "appendonsend" and not _nothing_before_header(node):
        return None
    return mark


def _beginning(node: LexborNode) -> str:
    """The first words below a node."""
    words = ""
    for below in node.traverse(include_text=True):
        if below.is_text_node:
            words += below.text_content or ""
            if len(words.strip()) > 80:
                break
    return words.strip()[:_LONGEST_FIRST]


def _nothing_before_header(append: LexborNode) -> bool:
    """Outlook's marker counts where the header follows at once; some put their text below it."""
    node = append.next
    for _ in range(12):
        if node is None or node.tag in ("hr", "table") or node.id in ("divRplyFwdMsg", "x_divRplyFwdMsg"):
            return True
        if (node.text(deep=True) or "").strip():
            return _RULED.search(node.html or "") is not None
        node = node.next
    return True


def _insert(document: LexborHTMLParser, node: LexborNode, mark: str) -> None:
    first = node.first_child
    if node.tag == "hr":
        node.insert_before(mark)
    elif first is None:
        node.insert_child(mark)
    else:
        first.insert_before(mark)
    if mark in _ENDS:
        node.insert_child(_ENDS[mark])


def _lines(document: LexborHTMLParser, text: str) -> Marked:
    """Take the marks off the lines again. Runs of unmarked lines are passed over in one step."""
    raw = text.split("\n")
    lines: list[str] = []
    found: dict[str, set[int]] = {start: set() for start in _ENDS}
    depth = dict.fromkeys(_ENDS, 0)
    first: dict[str, int] = {}
    done = 0
    for number in [*_marked_lines(text), len(raw)]:
        open_marks = [mark for mark, count in depth.items() if count]
        for mark in open_marks:
            found[mark].update(range(len(lines), len(lines) + number - done))
        lines += raw[done:number]
        done = number + 1
        if number == len(raw):
            break
        line = raw[number]
        here = {*open_marks, *_read_marks(line, len(lines), depth, first)}
        bare = _ANY_MARK.sub("", _SPACED_MARKS.sub(r"\1", line)).rstrip()
        if not bare.replace(">", "").strip():
            continue
        for mark in here:
            found[mark].add(len(lines))
        lines.append(bare)
    if not any(line.replace(">", "").strip() for line in lines):
        return Marked(document, [], Marks())
    marks = Marks(
        quoted=frozenset(found[_QUOTE]),
        attribution=frozenset(found[_ATTRIBUTION]),
        copy_from=first.get(_COPY),
        forward_from=first.get(_FORWARD),
        signature=frozenset(found[_SIGNATURE]),
        indented=frozenset(found[_INDENT]),
    )
    return Marked(document, lines, marks)


def _marked_lines(text: str) -> Iterator[int]:
    """The numbers of the lines with marks on them."""
    number, position, last = 0, 0, -1
    for match in _ANY_MARK.finditer(text):
        number += text.count("\n", position, match.start())
        position = match.start()
        if number != last:
            yield (last := number)


def _read_marks(line: str, at: int, depth: dict[str, int], first: dict[str, int]) -> set[str]:
    """Follow the marks of one line: what opened on it, how deep everything is below, where a copy begins."""
    opened = set()
    for match in _ANY_MARK.finditer(line):
        mark = match[0]
        if mark in _ENDS:
            depth[mark] += 1
            opened.add(mark)
        elif mark in (_COPY, _FORWARD):
            before = _ANY_MARK.sub("", line[: match.start()])
            first.setdefault(mark, at + bool(before.replace(">", "").strip()))
        else:
            start = chr(ord(mark) - 1)
            depth[start] = max(0, depth[start] - 1)
    return opened


def html_until(document: LexborHTMLParser, new: str, rest: str) -> str | None:
    """The HTML of `new`, which must be a beginning of the document's text; None if its end cannot be found.

    Changes the document.
    """
    kept, left = _compact(new), _compact(rest)
    position = 0
    for node in _texts(document.body):
        words = _compact(node.text_content or "")
        if not words:
            continue
        reach = position + len(words) + _LONGEST_FIRST
        at = kept.find(words, position, reach)
        if at >= 0:
            position = at + len(words)
        elif left.find(words[:_LONGEST_FIRST], 0, 2 * _LONGEST_FIRST) >= 0:
            _cut(node)
            body = document.body
            return _ANY_MARK.sub("", body.inner_html or "") if body else None
    return None


def _compact(text: str) -> str:
    return _NOISE.sub("", text)


_NOISE = re.compile("[\\s>\u00ad\u200b\u2060\ufeff\u034f\ufdd0-\ufdd9]+")
_UNSEEN = frozenset(["style", "script", "title", "template", "noscript"])


def _texts(body: LexborNode | None) -> Iterator[LexborNode]:
    if body is None:
        return
    for node in body.traverse(include_text=True):
        if node.is_text_node and (node.parent is None or node.parent.tag not in _UNSEEN):
            yield node


def _cut(node: LexborNode) -> None:
    """Remove a node and everything after it."""
    at: LexborNode | None = node
    while at is not None and at.tag != "body":
        while (following := at.next) is not None:
            following.remove()
        at = at.parent
    node.remove()
