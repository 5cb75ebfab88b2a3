"""What a Slack message says: its blocks or its text, its files, and words for what is neither. Pure.

https://docs.slack.dev/reference/events/message, .../reference/block-kit/blocks and
.../reference/objects/file-object (checked 2026-11-23).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.slack.emoji import with_emoji
from connectors.slack.marks import Names, Said, read_mrkdwn, read_rich_text
from hub.model.content import Attachment, Content, Markup

Json = Mapping[str, Any]

LINKED = ("external", "quip", "canvas", "list", "space", "docs")  # kinds of files that are pages elsewhere


def content_of(message: Json, team: str, names: Names) -> Content:
    """Never empty: what Hubbub does not know is at least named."""
    said = Said()
    if not _read_blocks(message.get("blocks"), names, said):
        read_mrkdwn(str(message.get("text") or ""), names, said)
    if message.get("subtype") == "me_message" and said.plain:
        said = _emphasised(said)
    for each in _maps(message.get("attachments")):
        _read_attachment(each, names, said)
    files = []
    for each in _maps(message.get("files")):
        if words := _in_words(each):
            said.add(("\n" if said.plain else "") + words)
        elif each.get("id"):
            files.append(_file(each, team))
    text, marked = said.text()
    if not text and not files:
        kinds = sorted({str(each.get("type")) for each in _maps(message.get("blocks"))})
        text = f"[Slack sent something Hubbub cannot show: {', '.join(kinds) or 'nothing at all'}.]"
    markup = Markup.MARKDOWN if marked else Markup.PLAIN
    return Content(text=text, markup=markup, attachments=tuple(files))


def _emphasised(said: Said) -> Said:
    """`/me waves`."""
    whole = Said()
    whole.add("".join(said.plain), frozenset({"italic"}))
    return whole


def _maps(found: object) -> list[Json]:
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


# Blocks


def _read_blocks(blocks: object, names: Names, said: Said) -> bool:
    """Whether the blocks say it all: a kind that is not known leaves it to the text beside them."""
    found = _maps(blocks)
    if not found or any(each.get("type") not in _READ for each in found):
        return False
    for block in found:
        if said.plain and not said.plain[-1].endswith("\n"):
            said.add("\n")
        _READ[str(block["type"])](block, names, said)
    return any(part.strip() for part in said.plain)


def _read_section(block: Json, names: Names, said: Said) -> None:
    _read_text(block.get("text"), names, said)
    for number, each in enumerate(_maps(block.get("fields"))):
        said.add("\n" if number or said.plain else "")
        _read_text(each, names, said)


def _read_header(block: Json, names: Names, said: Said) -> None:
    text = block.get("text")
    words = str(text.get("text") or "") if isinstance(text, Mapping) else ""
    said.add(with_emoji(words), frozenset({"bold"}))


def _read_context(block: Json, names: Names, said: Said) -> None:
    for number, each in enumerate(_maps(block.get("elements"))):
        said.add(" " if number else "")
        if each.get("type") == "image":
            said.add(f"[{each.get('alt_text') or 'picture'}]")
        else:
            _read_text(each, names, said)


def _read_actions(block: Json, names: Names, said: Said) -> None:
    labels = [each.get("text") or each.get("placeholder") for each in _maps(block.get("elements"))]
    words = [str(each.get("text")) for each in labels if isinstance(each, Mapping)]
    said.add(" ".join(f"[{with_emoji(each)}]" for each in words))


def _read_picture(block: Json, names: Names, said: Said) -> None:
    title = block.get("title")
    words = title.get("text") if isinstance(title, Mapping) else None
    said.link(
        str(block.get("image_url") or block.get("video_url") or ""), str(words or block.get("alt_text") or "")
    )


def _read_markdown(block: Json, names: Names, said: Said) -> None:
    text = str(block.get("text") or "")
    said.marked = True
    said.plain.append(text)
    said.markdown.append(text)


def _read_text(text: object, names: Names, said: Said) -> None:
    if not isinstance(text, Mapping):
        return
    if text.get("type") == "mrkdwn":
        read_mrkdwn(str(text.get("text") or ""), names, said)
    else:
        said.add(with_emoji(str(text.get("text") or "")))


def _read_nothing(block: Json, names: Names, said: Said) -> None:
    """A line, or a file that stands among the files."""


_READ: Mapping[str, Callable[[Json, Names, Said], None]] = {
    "rich_text": read_rich_text,
    "section": _read_section,
    "header": _read_header,
    "context": _read_context,
    "actions": _read_actions,
    "image": _read_picture,
    "video": _read_picture,
    "markdown": _read_markdown,
    "divider": _read_nothing,
    "file": _read_nothing,
}


# What hangs below a message


def _read_attachment(each: Json, names: Names, said: Said) -> None:
    """A shared message or what an app added; the preview of a link is left out."""
    shared = each.get("is_share") or each.get("is_msg_unfurl")
    if (each.get("from_url") or each.get("original_url")) and not shared:
        return
    said.add("\n" if said.plain else "")
    if shared:
        who = str(each.get("author_name") or each.get("author_subname") or "")
        said.add(f"Forwarded from {who}:\n" if who else "Forwarded:\n")
        text = Said()
        if not any(
            _read_blocks(part.get("message", {}).get("blocks"), names, text) for part in _bodies(each)
        ):
            read_mrkdwn(str(each.get("text") or each.get("fallback") or ""), names, text)
        said.quoted(text)
        for file in _maps(each.get("files")):
            said.add(f"\n[File: {file.get('title') or file.get('name') or 'without a name'}]")
        return
    lines = [each.get("pretext"), _title(each), each.get("text")]
    lines += [
        f"{field.get('title') or ''}: {field.get('value') or ''}" for field in _maps(each.get("fields"))
    ]
    words = [str(line) for line in lines if line]
    if not words and _read_blocks(each.get("blocks"), names, said):
        return
    for number, line in enumerate(words or [str(each.get("fallback") or "")]):
        said.add("\n" if number else "")
        read_mrkdwn(line, names, said)


def _bodies(each: Json) -> list[Json]:
    return _maps([part.get("message") for part in _maps(each.get("message_blocks"))])


def _title(each: Json) -> str:
    title, link = str(each.get("title") or ""), str(each.get("title_link") or "")
    return f"<{link}|{title}>" if title and link.startswith("https://") else title


# Files


def _in_words(file: Json) -> str:
    """A sentence for what is no file that could be fetched."""
    mode, kind = file.get("mode"), file.get("filetype")
    name = str(file.get("title") or file.get("name") or "without a name")
    if mode == "tombstone":
        return "[A file that has been deleted.]"
    if mode == "hidden_by_limit":
        return "[A file that Slack's free plan does not show any more.]"
    if file.get("is_external") or mode in LINKED or kind in LINKED:
        return f"{name}: {file.get('url_private') or file.get('permalink') or ''}".rstrip(": ")
    return ""


def _file(file: Json, team: str) -> Attachment:
    """Through Slack Connect only its id comes: the rest is asked for when it is fetched."""
    size = file.get("size")
    return Attachment(
        name=str(file.get("name") or file.get("title") or "file"),
        mime=str(file.get("mimetype") or "application/octet-stream"),
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
        remote=f"{team}/{file['id']}",
    )


def shown_files(message: Json) -> Sequence[tuple[str, bool]]:
    """Which it has, and whether they are still there: who deletes a file does not edit its message."""
    return [(str(each.get("id")), each.get("mode") == "tombstone") for each in _maps(message.get("files"))]


def file_ids(message: Json) -> Sequence[str]:
    return [str(each["id"]) for each in _maps(message.get("files")) if each.get("id")]
