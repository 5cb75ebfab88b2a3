"""What a list shows of a message: one line, as it is read, without the marks of Markdown."""

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from hub.model.content import Content, Markup

PREVIEW = 140  # characters


def preview_of(content: Content) -> str:
    text = content.text[: PREVIEW * 4]
    words = unmarked(text) if content.markup is Markup.MARKDOWN else " ".join(text.split())
    if not words and content.attachments:
        words = content.attachments[0].name
    return words if len(words) <= PREVIEW else words[: PREVIEW - 1] + "…"


def unmarked(text: str) -> str:
    """Markdown as it is read, in one line."""
    return " ".join(" ".join(_read(_MARKDOWN.parse(text))).split())


def _read(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_within(token.children or ()))
        elif token.type in ("fence", "code_block"):
            yield token.content


def _within(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        yield " " if token.type in ("softbreak", "hardbreak") else token.content


def _made() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    markdown.enable("strikethrough")
    return markdown.disable(["html_block", "html_inline", "lheading", "reference"])


_MARKDOWN = _made()
