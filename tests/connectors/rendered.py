"""What is read of a Markdown text: each sign with how it is marked, by a renderer of more marks than ours."""

from html.parser import HTMLParser
from typing import ClassVar

from markdown_it import MarkdownIt


class _Page(HTMLParser):
    TAGS: ClassVar = {"strong": "bold", "em": "italic", "s": "strikethrough", "a": "text_link"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shown: list[tuple[str, set[str]]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag == "br", tag

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        known = {"p", "blockquote", "pre", "code", *self.TAGS}
        assert set(self.open) <= known, f"{self.open} was made by nobody"
        kind = {self.TAGS.get(each, each) for each in self.open} - {"p"}
        kind -= {"code"} if "pre" in kind else set()
        self.shown += [(sign, kind) for sign in data if not sign.isspace()]


def rendered(ours: str) -> list[tuple[str, set[str]]]:
    """What is read, by a Markdown of more than our marks: each sign with how it is marked."""
    page = _Page()
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    page.feed(markdown.render(ours))
    page.close()
    return page.shown
