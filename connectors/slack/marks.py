"""What Slack's texts say, in our Markdown: its own markup (mrkdwn) and its rich text. Pure.

https://docs.slack.dev/messaging/formatting-message-text and .../reference/block-kit/blocks/rich-text-block
(checked 2026-11-23).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.slack.dates import shown_date
from connectors.slack.emoji import emoji_of, with_emoji
from hub.contract.escaping import escaped

Names = Mapping[str, str]  # id of a person or channel -> what to call them

_LINKS = ("http://", "https://", "mailto:", "tel:", "slack:")
_TOKENS = re.compile(
    r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<link>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])",
    re.DOTALL,
)
_SIGNS = {"bold": "**", "italic": "*", "strike": "~~"}  # the first stands outermost
_CODES = re.compile(r"[0-9a-f]{1,6}(-[0-9a-f]{1,6})*")
Styles = frozenset[str]


@dataclass(slots=True)
class Said:
    """A text as it grows: as it is read, and in Markdown. `marked`: whether something is.

    `line`: what the last line says so far, without the mark of a list: only there begin lists and headings.
    """

    plain: list[str] = field(default_factory=list)
    markdown: list[str] = field(default_factory=list)
    marked: bool = False
    line: str = ""

    def add(self, text: str, styles: Styles = frozenset()) -> None:
        self.plain.append(text)
        before = self._goes_on(text)
        if not styles:
            self.markdown.append(escaped(text, before))
            return
        self.marked = True
        first, *lines = text.split("\n")
        self.markdown.append(
            "\n".join([_styled(first, styles, before), *(_styled(line, styles) for line in lines)])
        )

    def _goes_on(self, text: str) -> str:
        """What stands before it in its line."""
        before, (*above, last) = self.line, text.split("\n")
        self.line = last if above else before + last
        return before

    def link(self, url: str, label: str, styles: Styles = frozenset()) -> None:
        if not url.startswith(_LINKS):
            self.add(label or url, styles)
            return
        bare = url.removeprefix("mailto:").removeprefix("tel:")
        if label in ("", url, bare):
            self.plain.append(bare)
            self.markdown.append(
                f"<{url}>"
                if url == bare and not any(sign in url for sign in "<> \n")
                else escaped(bare, self.line)
            )
            self._goes_on(bare)
            return
        self.marked = True
        self.plain.append(f"{label} ({url})")
        styled = _styled(label, styles, self._goes_on(label))
        self.markdown.append(f"[{styled}](<{url.replace('>', '%3E').replace('<', '%3C')}>)")

    def pre(self, text: str) -> None:
        self.marked = True
        text = text.strip("\n")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
        before = "" if not self.plain or "".join(self.plain[-1:]).endswith("\n") else "\n"
        self.plain.append(f"{before}{text}")
        self.markdown.append(f"{before}{fence}\n{text}\n{fence}")
        self.line = ""

    def quoted(self, inner: "Said") -> None:
        self.marked = True
        lines = [f"> {line}" for line in "".join(inner.plain).strip("\n").split("\n")]
        self.plain.append("\n".join(lines))
        self.markdown.append(
            "\n".join(f"> {line}" for line in "".join(inner.markdown).strip("\n").split("\n"))
        )
        self.line = ""

    def text(self) -> tuple[str, bool]:
        """The text, and whether it is Markdown."""
        return "".join(self.markdown if self.marked else self.plain).strip("\n"), self.marked


def _styled(text: str, styles: Styles, before: str = "") -> str:
    """Marks beside a space are none: spaces at the ends stay outside. `before`: in the same line."""
    inside = text.strip()
    if not inside or not styles:
        return escaped(text, before)
    if "code" in styles:
        fence = "`" * (1 + max((len(run) for run in re.findall("`+", inside)), default=0))
        said = f"{fence} {inside} {fence}" if "`" in (inside[0], inside[-1]) else f"{fence}{inside}{fence}"
    else:
        said = escaped(inside, before)
    for style in reversed(_SIGNS):
        if style in styles:
            said = f"{_SIGNS[style]}{said}{_SIGNS[style]}"
    start = text[: len(text) - len(text.lstrip())]
    return f"{start}{said}{text[len(text.rstrip()) :]}"


# mrkdwn


def read_mrkdwn(text: str, names: Names, said: Said) -> None:
    """Add a text in Slack's own markup."""
    for number, part in enumerate(re.split(r"(```.+?```)", text, flags=re.DOTALL)):
        if number % 2:
            said.pre(_unescaped(part[3:-3]))
        else:
            _read_lines(part, names, said)


def _read_lines(text: str, names: Names, said: Said) -> None:
    quote: Said | None = None
    for number, line in enumerate(text.split("\n")):
        if line.startswith("&gt;"):
            if quote is None:
                quote = Said()
                said.add("\n" if number else "")
            else:
                quote.add("\n")
            _read_inline(line.removeprefix("&gt;").removeprefix(" "), names, quote, frozenset())
            continue
        if quote is not None:
            said.quoted(quote)
            quote = None
            said.add("\n" if line else "")  # Markdown would go on quoting
        said.add("\n" if number else "")
        _read_inline(line, names, said, frozenset())
    if quote is not None:
        said.quoted(quote)


def _read_inline(text: str, names: Names, said: Said, styles: Styles) -> None:
    at = 0
    for found in _TOKENS.finditer(text):
        said.add(with_emoji(_unescaped(text[at : found.start()])), styles)
        at = found.end()
        kind = str(found.lastgroup)
        inside = found[kind]
        if kind == "link":
            _read_entity(inside, names, said, styles)
        elif kind in ("code", "pre"):
            said.add(_unescaped(inside), styles | {"code"})
        else:
            _read_inline(inside, names, said, styles | {kind})
    said.add(with_emoji(_unescaped(text[at:])), styles)


def _read_entity(inside: str, names: Names, said: Said, styles: Styles) -> None:
    what, _, label = inside.partition("|")
    label = _unescaped(label)
    sign, rest = what[:1], what[1:]
    if sign in "@#" and rest:
        said.add(f"{sign}{names.get(rest) or label.lstrip('@#') or rest}", styles)
    elif sign == "!":
        kind, _, more = rest.partition("^")
        first, _, others = more.partition("^")
        known = names.get(first) or label.lstrip("@")
        if kind == "date":
            pattern, _, url = others.partition("^")
            _add_date(said, shown_date(first, _unescaped(pattern), label), _unescaped(url), styles)
        else:
            said.add(f"@{known or ('group' if kind == 'subteam' else kind)}", styles)
    else:
        said.link(_unescaped(what), with_emoji(label), styles)


def _add_date(said: Said, shown: str, url: str, styles: Styles) -> None:
    if url:
        said.link(url, shown, styles)
    else:
        said.add(shown, styles)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentioned(text: str) -> Iterator[str]:
    """The ids of whoever a text names."""
    for found in re.finditer(r"<@([UW][A-Z0-9]+)[|>]", text):
        yield found[1]


# Rich text


def read_rich_text(block: Mapping[str, Any], names: Names, said: Said) -> None:
    """Add a block of the type rich_text. Raises LookupError, TypeError or AttributeError for a broken one."""
    for element in block["elements"]:
        if said.plain and not "".join(said.plain[-1:]).endswith("\n"):
            said.add("\n")
        _read_element(element, names, said)


def _read_element(element: Mapping[str, Any], names: Names, said: Said) -> None:
    kind, inside = element.get("type"), element.get("elements") or []
    match kind:
        case "rich_text_list":
            _read_list(element, names, said)
        case "rich_text_quote":
            quote = Said()
            _read_leaves(inside, names, quote)
            said.quoted(quote)
            said.add("\n\n")
        case "rich_text_preformatted":
            text = Said()
            _read_leaves(inside, names, text)
            said.pre("".join(text.plain))
            said.add("\n")
        case _:
            _read_leaves(inside, names, said)


def _read_list(element: Mapping[str, Any], names: Names, said: Said) -> None:
    ordered, first = element.get("style") == "ordered", int(element.get("offset") or 0) + 1
    said.marked = True
    for number, item in enumerate(element.get("elements") or [], first):
        mark = f"{number}. " if ordered else "- "
        said.plain.append("   " * int(element.get("indent") or 0) + ("• " if not ordered else mark))
        said.markdown.append("   " * int(element.get("indent") or 0) + mark)
        said.line = ""
        _read_leaves(item.get("elements") or [], names, said)
        said.add("\n")


def _read_leaves(leaves: Sequence[Mapping[str, Any]], names: Names, said: Said) -> None:
    for leaf in leaves:
        style = leaf.get("style") or {}
        styles = frozenset(each for each in (*_SIGNS, "code") if style.get(each))
        match leaf.get("type"):
            case "text":
                said.add(str(leaf["text"]), styles)
            case "link":
                said.link(str(leaf["url"]), str(leaf.get("text") or ""), styles)
            case "emoji":
                said.add(_emoji(leaf), styles)
            case "user" | "channel" as kind:
                found = str(leaf[f"{kind}_id"])
                said.add(f"{'@' if kind == 'user' else '#'}{names.get(found) or found}", styles)
            case "usergroup":
                said.add(f"@{names.get(str(leaf['usergroup_id'])) or 'group'}", styles)
            case "team":
                said.add(f"@{names.get(str(leaf['team_id'])) or 'everyone'}", styles)
            case "broadcast":
                said.add(f"@{leaf['range']}", styles)
            case "date":
                otherwise = str(leaf.get("fallback") or "")
                shown = shown_date(leaf.get("timestamp"), str(leaf.get("format") or ""), otherwise)
                _add_date(said, shown, str(leaf.get("url") or ""), styles)
            case "color":
                said.add(str(leaf["value"]), styles)
            case _:
                said.add(str(leaf.get("text") or ""), styles)


def _emoji(leaf: Mapping[str, Any]) -> str:
    tone = leaf.get("skin_tone")
    name = str(leaf["name"])
    found = emoji_of(f"{name}::skin-tone-{tone}" if tone and "::" not in name else name)
    unicode = leaf.get("unicode")
    if (
        found.startswith(":")
        and isinstance(unicode, str)
        and re.fullmatch(r"[0-9a-f]{1,6}(-[0-9a-f]{1,6})*", unicode)
    ):
        codes = [int(each, 16) for each in unicode.split("-")]
        return "".join(map(chr, codes)) if all(each < 0x110000 for each in codes) else found
    return found


def people_in(block: object) -> Iterator[str]:
    """The ids of whoever a block names, however deep."""
    if isinstance(block, Mapping):
        if block.get("type") == "user" and isinstance(block.get("user_id"), str):
            yield str(block["user_id"])
        for each in block.values():
            yield from people_in(each)
    elif isinstance(block, list):
        for each in block:
            yield from people_in(each)
