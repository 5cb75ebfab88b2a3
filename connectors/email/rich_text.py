"""Our Markdown subset as mail programs show it: HTML with inlined style, and text without the marks. Pure.

HTML in the source is text, links go only where a mail may point, and pictures only to files of the same mail.
"""

import threading
from collections.abc import Iterable, Sequence
from html import escape

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markdown_it.utils import EnvType, OptionsDict

from hub.model.markdown import LINKS, rich_reader

_STYLES = {
    "paragraph_open": "margin:0 0 1em 0",
    "heading_open": "margin:0 0 .5em 0;font-size:1.15em",
    "bullet_list_open": "margin:0 0 1em 0;padding-left:1.5em",
    "ordered_list_open": "margin:0 0 1em 0;padding-left:1.5em",
    "blockquote_open": "margin:0 0 1em 0;padding-left:.8em;border-left:3px solid #ccc;color:#555",
    "table_open": "border-collapse:collapse;margin:0 0 1em 0",
    "th_open": "border:1px solid #ccc;padding:.3em .6em;text-align:left",
    "td_open": "border:1px solid #ccc;padding:.3em .6em",
    "fence": "background:#f5f5f5;padding:.6em;white-space:pre-wrap",
    "code_block": "background:#f5f5f5;padding:.6em;white-space:pre-wrap",
    "code_inline": "background:#f5f5f5;padding:0 .2em",
    "link_open": "color:#1a5fb4",
}
_BODY = (
    "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:15px;line-height:1.45;color:#222"
)


def html_of(text: str) -> str:
    """The fragment that stands for this Markdown."""
    return str(_OWN.markdown.render(text))


def html_of_plain(text: str) -> str:
    """The fragment that stands for text without any markup."""
    paragraphs = text.replace("\r\n", "\n").strip("\n").split("\n\n")
    style = _STYLES["paragraph_open"]
    return "".join(f'<p style="{style}">{escape(each).replace(chr(10), "<br>")}</p>\n' for each in paragraphs)


def page(fragment: str, signature: str = "") -> str:
    """A whole HTML document, as a mail program expects it."""
    below = f'<div style="color:#666;margin-top:1.5em">{signature}</div>' if signature else ""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>'
        f'<body><div style="{_BODY}">{fragment}{below}</div></body></html>'
    )


def text_of(text: str) -> str:
    """The same Markdown as one reads it aloud: no marks, links with their target."""
    return _blocks(SyntaxTreeNode(_OWN.markdown.parse(text)).children).strip("\n")


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "\n\n".join(part for part in (_block(node) for node in nodes) if part)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            first = int(node.attrs.get("start", 1))
            marks = (
                f"{first + i}. " if node.type == "ordered_list" else "- " for i in range(len(node.children))
            )
            return "\n".join(
                _hang(mark, _item(item)) for mark, item in zip(marks, node.children, strict=False)
            )
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).splitlines())
        case "fence" | "code_block":
            return "\n".join(f"    {line}" for line in node.content.splitlines())
        case "hr":
            return "* * *"
        case "table":
            rows = [row for part in node.children for row in part.children]
            return "\n".join(" | ".join(_inline(cell.children) for cell in row.children) for row in rows)
        case _:
            return _inline(node.children)


def _item(item: SyntaxTreeNode) -> str:
    """A list's item; in a tight list nothing stands between its lines."""
    tight = all(child.hidden for child in item.children if child.type == "paragraph")
    return ("\n" if tight else "\n\n").join(filter(None, (_block(child) for child in item.children)))


def _hang(mark: str, text: str) -> str:
    first, *rest = text.splitlines() or [""]
    return "\n".join([mark + first, *(" " * len(mark) + line if line else "" for line in rest)])


def _inline(nodes: Iterable[SyntaxTreeNode]) -> str:
    said = []
    for node in nodes:
        match node.type:
            case "text" | "code_inline":
                said.append(node.content)
            case "softbreak" | "hardbreak":
                said.append("\n")
            case "image":
                said.append(f"[{node.content or 'image'}]")
            case "link":
                label, target = _inline(node.children), str(node.attrs.get("href", ""))
                shown = target.removeprefix("mailto:").removeprefix("tel:")
                same = label.strip() in (
                    target,
                    shown,
                    target.removeprefix("http://").removeprefix("https://"),
                )
                said.append(label if same else f"{label} <{shown}>")
            case _:
                said.append(_inline(node.children))
    return "".join(said)


class _Styled(RendererHTML):
    """Mail programs drop style sheets: every element carries its own style."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        _dress(tokens)
        return super().render(tokens, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        source, label = str(token.attrGet("src") or ""), escape(token.content)
        if source.startswith("cid:"):
            return f'<img src="{escape(source)}" alt="{label}" style="max-width:100%">'
        return f'<a href="{escape(source)}" style="{_STYLES["link_open"]}">{label or escape(source)}</a>'


def _dress(tokens: Iterable[Token]) -> None:
    for token in tokens:
        style = _STYLES.get(token.type)
        if style:
            token.attrSet("style", style)
        _dress(token.children or ())


def _may_point_to(url: str) -> bool:
    return url.strip().lower().startswith((*LINKS, "cid:"))


class _OfThread(threading.local):
    """One parser per thread: finding links keeps notes in it, and mails are composed in several threads."""

    def __init__(self) -> None:
        self.markdown = rich_reader(_Styled, _may_point_to)


_OWN = _OfThread()
