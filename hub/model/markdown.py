"""Our subset of Markdown, read in one way by pages, mails and messengers; each draws it in its own.

HTML in the source is text, line breaks stay, and links go only where a message may point.
"""

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

LINKS = ("http://", "https://", "mailto:", "tel:")  # where a message may point
_NEVER = ["html_block", "html_inline", "lheading", "reference"]


def chat_reader() -> MarkdownIt:
    """For messengers: no tables, no pictures, and bare links are found by the messenger itself."""
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    return markdown.enable("strikethrough").disable([*_NEVER, "image"])


def rich_reader(renderer: type[RendererHTML], may_point_to: Callable[[str], bool]) -> MarkdownIt:
    """For HTML: with tables and found links. One per thread, as finding links keeps notes in it."""
    settings = {"html": False, "linkify": True, "breaks": True}
    markdown = MarkdownIt("commonmark", settings, renderer_cls=renderer)
    markdown.enable(["linkify", "strikethrough", "table"]).disable(_NEVER)
    markdown.validateLink = may_point_to  # type: ignore[method-assign, assignment]
    return markdown
