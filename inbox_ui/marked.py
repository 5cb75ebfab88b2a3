"""Text with marks on the page: what was written in Markdown is shown as it reads, and nothing more than that.

The same Markdown as in our mails: HTML in it is text, links go only where a mail may point, and
pictures are links. What comes out is cleaned as well, as all that others have written.
"""

import re
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache

import nh3
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from hub.model.markdown import LINKS, rich_reader
from inbox_ui.text import LONGEST_ADDRESS, linked

LONGEST = 20_000  # characters; what is longer is shown as it was written,
SIGNS_MOST = 1_500  # and so is what has more signs than anybody types: reading those takes seconds
KEPT = 1_000  # texts that were drawn lately: a conversation is drawn again with all that happens in it
# Without one of these a text reads as it was written: most do, and reading marks takes time.
_MARKS = re.compile(
    r"[*`\[\\|]|~~|(?<!\w)_|_(?!\w)|&#?\w{1,32};|<[\w+.-]{1,64}[:@]"
    r"|^[ \t]*(?:#{1,6}\s|>|[-+]\s|-[ -]*-[ -]*-|\d{1,9}[.)]\s)|^(?: {4}|\t)",
    re.MULTILINE,
)
_TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title", "target"}, "ol": {"start"}, "p": {"class"}}


def shown(text: str, marked: bool) -> Markup:
    """A text as HTML of ours: no scripts, no pictures, no styles. `marked`: it is in Markdown."""
    if not marked or len(text) > LONGEST or not _MARKS.search(text):
        return linked(text)
    if sum(text.count(sign) for sign in "[*_`|~") > SIGNS_MOST:
        return linked(text)
    return _drawn(text)


@lru_cache(maxsize=KEPT)
def _drawn(text: str) -> Markup:
    html = nh3.clean(
        _OWN.markdown.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={link.partition(":")[0] for link in LINKS},
        link_rel="noopener noreferrer nofollow ugc",
    )
    return Markup(f'<div class="marked">{html}</div>')  # noqa: S704 cleaned just above


class _Ours(RendererHTML):
    """Headings are no headings of the page; links say where they go."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        _dress(tokens)
        return super().render(tokens, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        source, label = str(token.attrGet("src") or ""), token.content
        if not source.startswith(("http://", "https://")):
            return str(escape(label))
        link = Markup('<a href="{}" title="{}" target="_blank">{}</a>')
        return str(link.format(source, source, label or source))


def _dress(tokens: Iterable[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")
        elif token.type == "link_open":
            token.attrSet("title", str(token.attrGet("href") or ""))
            token.attrSet("target", "_blank")
        elif token.type == "fence":
            token.info = ""  # its language names a class, and nothing here has one
        _dress(token.children or ())


def _may_point_to(url: str) -> bool:
    return url.strip().lower().startswith(LINKS) and len(url) <= LONGEST_ADDRESS


class _OfThread(threading.local):
    """One parser per thread: finding links keeps notes in it."""

    def __init__(self) -> None:
        self.markdown = rich_reader(_Ours, _may_point_to)


_OWN = _OfThread()
