"""The pages of an export: to be read in any browser, without us, by whoever it is about. In plain English."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from hub.model.inbox import Conversation
from hub.privacy.receipts import COUNTED
from hub.store.codec import Document

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.4rem}h2{font-size:1.1rem}small{color:#666}"
    "article{border-left:3px solid #ccc;padding:.1rem .8rem;margin:1rem 0}"
    "article.ours{border-color:#2f6b55}article.note{background:#fdf7dc}"
    "p{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}"
    "table{border-collapse:collapse}td{padding:.2rem .8rem .2rem 0}"
)
ABOUT = (
    ("profile.json", "Who you are to us: names, addresses, fields, tags, and which records were joined."),
    ("consents.json", "What you allowed and took back, when, where, and in which words."),
    ("ratings.json", "How content you said you are, and what you were asked."),
    ("events.json", "What other programs told us of you: orders, visits and the like."),
    ("visits.json", "Visits to a web chat: pages, browser, language."),
    ("history.json", "Who changed what we know of you."),
)


@dataclass(slots=True)
class Line:
    """A conversation in the index. `place`: its name in the zip, without an ending."""

    place: str
    conversation: Conversation
    shared: bool
    entries: int = 0


def index_page(lines: Sequence[Line], counts: Mapping[str, int], missing: int) -> bytes:
    rows = "".join(
        f"<li><a href='{each.place}.html'>{escape(each.conversation.subject) or 'Without a subject'}</a> "
        f"<small>{escape(each.conversation.platform)}, begun {each.conversation.created_at:%Y-%m-%d}, "
        f"{each.entries} entries{', yours alone' if each.shared else ''} "
        f"(<a href='{each.place}.json'>JSON</a>)</small></li>"
        for each in lines
    )
    about = "".join(f"<li><a href='{name}'>{name}</a>: {escape(words)}</li>" for name, words in ABOUT)
    counted = "".join(
        f"<tr><td>{many}</td><td>{escape(COUNTED.get(name, name))}</td></tr>" for name, many in counts.items()
    )
    gone = f"<p>{missing} files are not kept any more.</p>" if missing else ""
    return _page(
        "Everything about you",
        "<p>This is everything that is kept about you here, as it was when this file was made. Files that "
        "belong to messages are in the folder <code>files</code>.</p>"
        f"<ul>{about}</ul><h2>Conversations</h2><ol>{rows}</ol>"
        "<p>Yellow entries are <b>notes</b>: what people who answer you wrote among themselves about a "
        "conversation. They were never sent to anybody. Short lines are facts, such as who took care of it; "
        "“decisions” in the JSON are what rules did on their own. Of conversations in which others write "
        "too, only what you said is here: the rest is about others.</p>"
        f"<h2>How much it is</h2><table>{counted}</table>{gone}",
    )


async def conversation_page(
    line: Line, entries: AsyncIterator[Document], files: Mapping[str, str]
) -> AsyncIterator[bytes]:
    head, _, foot = _page(line.conversation.subject or "Without a subject", "\0").partition(b"\0")
    yield head
    async for each in entries:
        yield _entry(each, files).encode("utf-8", "replace")
    yield foot


def _entry(document: Document, files: Mapping[str, str]) -> str:
    at, kind = f"{document['at']:%Y-%m-%d %H:%M} UTC", document["type"]
    if kind == "activity":
        words = escape(str(document.get("because") or document.get("kind", "")))
        return f"<p><small>{at} · {words}</small></p>\n"
    who = escape(str(document.get("author_name", "")))
    if kind == "note":
        text = escape(str(document.get("text", "")))
        return f"<article class='note'><small>Note, {who}, {at}</small><p>{text}</p></article>\n"
    content = document.get("content") or {}
    said = "\n".join(str(content[part]) for part in ("subject", "text", "rest") if content.get(part))
    there = [each for each in content.get("attachments", ()) if each.get("stored") in files]
    attached = "".join(
        f"<p><a href='../{escape(files[each['stored']], quote=True)}'>{escape(str(each['name']))}</a></p>"
        for each in there
    )
    ours = " class='ours'" if document.get("side") == "us" else ""
    return f"<article{ours}><small>{who}, {at}</small><p>{escape(said)}</p>{attached}</article>\n"


def _page(title: str, body: str) -> bytes:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    ).encode("utf-8", "replace")
