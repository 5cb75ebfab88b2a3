"""Our Markdown as Slack takes it: as rich text, which is exact, and in its own markup (mrkdwn) beside it.

In mrkdwn alone no star could stand for itself, and no mark within a word: it is what is read where blocks are
not shown, in notifications above all. Pure; nothing that is typed becomes a mention.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block (checked 2026-11-23).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from hub.model.content import Markup
from hub.model.markdown import LINKS, chat_reader

Json = dict[str, Any]
Styles = frozenset[str]

_SIGNS = {"strong": "*", "em": "_", "s": "~"}
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both forms. Without blocks where nothing is said."""

    text: str
    blocks: tuple[Json, ...]

    @classmethod
    def of(cls, text: str, markup: Markup) -> "Words":
        if markup is Markup.PLAIN:
            elements = [_section([_text(text, frozenset())])] if text else []
            return cls(escaped(text), _block(elements))
        nodes = _parsed(text)
        return cls(mrkdwn(nodes), _block(_elements(nodes)))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _parsed(text: str) -> Sequence[SyntaxTreeNode]:
    return SyntaxTreeNode(chat_reader().parse(text)).children


# Rich text


def _block(elements: Sequence[Json]) -> tuple[Json, ...]:
    return ({"type": "rich_text", "elements": list(elements)},) if elements else ()


def _section(leaves: Sequence[Json]) -> Json:
    return {"type": "rich_text_section", "elements": list(leaves)}


def _elements(nodes: Sequence[SyntaxTreeNode]) -> list[Json]:
    """Neighbouring paragraphs are one section, with an empty line between them."""
    elements: list[Json] = []
    for node in nodes:
        match node.type:
            case "bullet_list" | "ordered_list":
                elements += _list(node, 0)
            case "blockquote":
                elements.append({"type": "rich_text_quote", "elements": _flat(node.children)})
            case "fence" | "code_block":
                inside = node.content.rstrip("\n") or " "
                elements.append({"type": "rich_text_preformatted", "elements": [_text(inside, frozenset())]})
            case _:
                leaves = _flat([node])
                if elements and elements[-1]["type"] == "rich_text_section":
                    elements[-1]["elements"] += [_text("\n\n", frozenset()), *leaves]
                else:
                    elements.append(_section(leaves))
    return [each for each in elements if each["elements"]]


def _list(node: SyntaxTreeNode, indent: int) -> list[Json]:
    """Slack has no lists within lists: the inner one follows, further in, and the outer one goes on."""
    style = "ordered" if node.type == "ordered_list" else "bullet"
    number = int(node.attrs.get("start", 1))
    found: list[Json] = []
    for item in node.children:
        said = [each for each in item.children if each.type not in ("bullet_list", "ordered_list")]
        section = _section(_flat(said) or [_text(" ", frozenset())])
        if found and (found[-1]["style"], found[-1]["indent"]) == (style, indent):
            found[-1]["elements"].append(section)
        else:
            one = {"type": "rich_text_list", "style": style, "indent": min(indent, 8), "elements": [section]}
            found.append({**one, "offset": number - 1} if style == "ordered" and number > 1 else one)
        number += 1
        for each in item.children:
            if each.type in ("bullet_list", "ordered_list"):
                found += _list(each, indent + 1)
    return found


def _flat(nodes: Sequence[SyntaxTreeNode]) -> list[Json]:
    """Blocks where Slack takes only leaves, below each other."""
    leaves: list[Json] = []
    for node in nodes:
        styles: Styles = frozenset({"bold"}) if node.type == "heading" else frozenset()
        match node.type:
            case "fence" | "code_block":
                inside = [_text(node.content.rstrip("\n"), frozenset({"code"}))]
            case "hr":
                inside = [_text("—", styles)]
            case "bullet_list" | "ordered_list" | "list_item" | "blockquote":
                inside = _flat(node.children)
            case _:
                inside = _leaves(node.children, styles)
        leaves += [_text("\n", frozenset()), *inside] if leaves and inside else inside
    return leaves


def _leaves(nodes: Sequence[SyntaxTreeNode], styles: Styles) -> list[Json]:
    leaves: list[Json] = []
    for node in nodes:
        match node.type:
            case "text":
                leaves += [_text(node.content, styles)] if node.content else []
            case "softbreak" | "hardbreak":
                leaves.append(_text("\n", styles))
            case "code_inline":
                leaves.append(_text(node.content, styles | {"code"}))
            case "link" if str(node.attrs.get("href", "")).startswith(LINKS):
                said = "".join(leaf.get("text", "") for leaf in _leaves(node.children, styles))
                leaf = {"type": "link", "url": str(node.attrs["href"]), "text": said, **_styled(styles)}
                leaves.append({key: value for key, value in leaf.items() if value})
            case "strong" | "em" | "s":
                leaves += _leaves(node.children, styles | {_STYLES[node.type]})
            case _:
                leaves += _leaves(node.children, styles)
    return leaves


def _text(text: str, styles: Styles) -> Json:
    return {"type": "text", "text": text, **_styled(styles)}


def _styled(styles: Styles) -> Json:
    return {"style": dict.fromkeys(sorted(styles), True)} if styles else {}


# mrkdwn


def mrkdwn(nodes: Sequence[SyntaxTreeNode], gap: str = "\n\n") -> str:
    return gap.join(_said(node) for node in nodes)


def _said(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            first = int(node.attrs.get("start", 1))
            lines = []
            for number, item in enumerate(node.children, first):
                mark = f"{number}. " if node.type == "ordered_list" else "• "
                first_line, *others = mrkdwn(item.children, "\n").split("\n")
                lines += [mark + first_line, *("    " + line for line in others)]
            return "\n".join(lines)
        case "blockquote":
            return "\n".join(f"&gt; {line}" for line in mrkdwn(node.children).split("\n"))
        case "fence" | "code_block":
            return f"```\n{escaped(node.content.rstrip(chr(10)))}\n```"
        case "hr":
            return "—"
        case "heading":
            return f"*{_inline(node.children, frozenset({'strong'}))}*"
        case _:
            return _inline(node.children, frozenset())


def _inline(nodes: Sequence[SyntaxTreeNode], within: Styles) -> str:
    said = ""
    for node in nodes:
        match node.type:
            case "text":
                said += escaped(node.content)
            case "softbreak" | "hardbreak":
                said += "\n"
            case "code_inline":
                said += f"`{escaped(node.content)}`"
            case "link":
                said += _link(str(node.attrs.get("href", "")), _inline(node.children, within))
            case "strong" | "em" | "s" if node.type not in within:
                inside = _inline(node.children, within | {node.type})
                sign = _SIGNS[node.type]
                lines = inside.split("\n")
                said += "\n".join(f"{sign}{line}{sign}" if line.strip() else line for line in lines)
            case _:
                said += _inline(node.children, within)
    return said


def _link(address: str, label: str) -> str:
    if not address.startswith(LINKS):
        return label
    target = escaped(address).replace("|", "%7C")
    if label in ("", target, target.removeprefix("mailto:")):
        return f"<{target}>"
    return f"<{target}|{label.replace('|', '¦')}>"
