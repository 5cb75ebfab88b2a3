"""The text of one text part: charset, flowed lines, uuencoded files, HTML that calls itself plain."""

import re

from connectors.email import charsets
from connectors.email.mail import File
from connectors.email.parts import Part
from connectors.email.transfer import uudecode_lines

_HTML = re.compile(
    r"\s*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|table|meta|span|font)\b[^>]*>)", re.I
)
_CLOSED = re.compile(r"</(?:html|body|div|p|table|span|font)\s*>", re.I)
_UU_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,255})\n(?=[!-`])", re.M)
_UU_LINE = re.compile(r"[ -`]{1,90}")
MAX_UU_FILES = 50


def read_text(part: Part, raw: bytes, hint: str) -> str:
    """The text of a text part whose content is `raw`, with plain line breaks and without NULs."""
    if part.kind == "text/html":
        text = charsets.decode_html(raw, part.charset, hint)
    else:
        text = charsets.decode(raw, part.charset, hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if part.kind == "text/plain" and part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, part.parameters.get("delsp", "").lower() == "yes")
    return text


def is_html(text: str) -> bool:
    """Whether a text that calls itself plain is HTML."""
    start = _HTML.match(text[:3000])
    return start is not None and _CLOSED.search(text) is not None


def unflow(text: str, delete_space: bool) -> str:
    """Paragraphs put together again that `format=flowed` cut into lines (RFC 3676)."""
    out: list[str] = []
    open_depth = -1  # how deep the quotation is whose last line goes on; -1: none does
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        shown = words[:-1] if flows and delete_space else words
        if open_depth == depth and words != "-- ":
            out[-1] += shown
        else:
            out.append(">" * depth + (" " if depth else "") + shown)
        open_depth = depth if flows else -1
    return "\n".join(line.rstrip() if line != "-- " else line for line in out)


def take_uuencoded(text: str) -> tuple[str, list[File]]:
    """The text without the files that stand in it uuencoded, and the files."""
    if "\nend" not in text or "begin " not in text:
        return text, []
    files: list[File] = []
    kept: list[str] = []
    at = 0
    while len(files) < MAX_UU_FILES and (begin := _UU_BEGIN.search(text, at)):
        lines, after = _uu_lines(text, begin.end())
        if lines is None:
            kept.append(text[at : begin.end()])
        else:
            kept.append(text[at : begin.start()])
            content = uudecode_lines([line.encode("ascii", "replace") for line in lines])
            files.append(File(begin[1].strip(), "application/octet-stream", content))
        at = after
    return "".join([*kept, text[at:]]), files


def _uu_lines(text: str, at: int) -> tuple[list[str] | None, int]:
    """The lines up to "end" and what follows it; None if this is not uuencoded after all."""
    start = at
    lines: list[str] = []
    while at < len(text):
        newline = text.find("\n", at)
        stop = newline if newline >= 0 else len(text)
        line = text[at:stop]
        at = min(len(text), stop + 1)
        if line.strip() == "end":
            return lines, at
        if line and not _UU_LINE.fullmatch(line):
            break
        lines.append(line)
    return None, start
