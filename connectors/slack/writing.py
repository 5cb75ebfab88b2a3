"""Our Markdown as Slack's own markup (mrkdwn). Pure; nothing that is typed becomes a mention by itself.

https://docs.slack.dev/messaging/formatting-message-text (checked 2026-11-23).
"""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from hub.model.content import Markup

_BESIDE = "\u200b"  # zero width: lets a mark begin or end inside a word, where Slack would not see it
_AROUND = {"strong": "*", "em": "_", "s": "~"}


def mrkdwn(text: str, markup: Markup) -> str:
    """The text as chat.postMessage takes it."""
    if markup is Markup.PLAIN:
        return _neutral(text)
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    markdown.enable("strikethrough")
    markdown.disable(["html_block", "html_inline", "lheading", "reference", "image"])
    return _blocks(SyntaxTreeNode(markdown.parse(text)).children)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _neutral(text: str) -> str:
    """Escaped, and with signs that Slack would take for marks made harmless."""
    said = escaped(text)
    for sign in "*_~`":
        said = said.replace(sign, f"{_BESIDE}{sign}{_BESIDE}") if _would_mark(said, sign) else said
    return said


def _would_mark(text: str, sign: str) -> bool:
    return any(line.count(sign) > 1 for line in text.split("\n"))


def _blocks(nodes: Sequence[SyntaxTreeNode], gap: str = "\n\n") -> str:
    return gap.join(_block(node) for node in nodes)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            first = int(node.attrs.get("start", 1))
            lines = []
            for number, item in enumerate(node.children, first):
                mark = f"{number}. " if node.type == "ordered_list" else "• "
                first_line, *others = _blocks(item.children, "\n").split("\n")
                lines += [mark + first_line, *("    " + line for line in others)]
            return "\n".join(lines)
        case "blockquote":
            return "\n".join(f"> {line}" for line in _blocks(node.children).split("\n"))
        case "fence" | "code_block":
            inside = escaped(node.content.rstrip("\n")).replace("```", f"``{_BESIDE}`")
            return f"```\n{inside}\n```"
        case "hr":
            return "—"
        case "heading":
            return f"*{_inline(node.children, frozenset({'strong'}))}*"
        case _:
            return _inline(node.children, frozenset())


def _inline(nodes: Sequence[SyntaxTreeNode], within: frozenset[str]) -> str:
    said = ""
    for place, node in enumerate(nodes):
        match node.type:
            case "text":
                said += _neutral(node.content)
            case "softbreak" | "hardbreak":
                said += "\n"
            case "code_inline":
                said += f"`{escaped(node.content).replace('`', _BESIDE)}`"
            case "link":
                said += _link(str(node.attrs.get("href", "")), _inline(node.children, within))
            case "strong" | "em" | "s" if node.type not in within:
                inside = _inline(node.children, within | {node.type})
                after = nodes[place + 1] if place + 1 < len(nodes) else None
                said += _marked(_AROUND[node.type], inside, said, after)
            case _:
                said += _inline(node.children, within)
    return said


def _marked(sign: str, inside: str, before: str, after: SyntaxTreeNode | None) -> str:
    """A mark for each line, kept apart from letters beside it."""
    if not inside.strip():
        return inside
    marked = "\n".join(f"{sign}{line}{sign}" if line.strip() else line for line in inside.split("\n"))
    if before[-1:].isalnum():
        marked = _BESIDE + marked
    if after is not None and after.type == "text" and after.content[:1].isalnum():
        marked += _BESIDE
    return marked


def _link(address: str, label: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:", "tel:")):
        return label
    target = escaped(address).replace("|", "%7C")
    if label.replace(_BESIDE, "") in (target, target.removeprefix("mailto:")):
        return f"<{target}>"
    return f"<{target}|{label.replace('|', '¦')}>"
