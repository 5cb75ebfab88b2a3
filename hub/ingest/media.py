"""Files of incoming messages go to the media store, and what is too long for a timeline goes with them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from hub.contract.errors import ConnectorError, Unavailable
from hub.ingest.names import safe_file_name
from hub.model.content import Attachment, Content
from hub.model.sentences import sentence
from hub.store.media import Media, MediaTooLarge

LONGEST_TEXT = 200_000  # characters in a timeline entry
LONGEST_HTML = 1_000_000
FETCH_WITHIN = 30.0  # seconds for one file: one slow platform must not hold up the others for long

Fetch = Callable[[Attachment], AsyncIterator[bytes]]


async def keep_files(
    content: Content, media: Media, largest: int, fetch: Fetch | None = None, *, last_try: bool = False
) -> Content:
    """The content with its attachments stored; one we cannot have says why (`refused`).

    `largest`: bytes per file. `fetch`: how to get those that are still on the platform. Raises Unavailable
    when the platform cannot be reached for one just now, except at the `last_try`.
    """
    fitted = fit(content)
    kept = [await _keep(each, media, largest, fetch, last_try) for each in fitted.attachments]
    return replace(fitted, attachments=tuple(kept))


def fit(content: Content) -> Content:
    """Move what no screen can show into attachments: nothing is cut without being kept."""
    attachments = list(content.attachments)
    text, rest, html = content.text, content.rest, content.html
    if len(text) > LONGEST_TEXT:
        attachments.append(_as_file("message.txt", "text/plain", text))
        text = text[:LONGEST_TEXT] + "\n[…] The whole text is attached as message.txt."
    if rest and len(rest) > LONGEST_TEXT:
        attachments.append(_as_file("quoted.txt", "text/plain", rest))
        rest = rest[:LONGEST_TEXT] + "\n[…] The whole quotation is attached as quoted.txt."
    if html and len(html) > LONGEST_HTML:
        attachments.append(_as_file("message.html", "text/html", html))
        html = None
    return replace(content, text=text, rest=rest, html=html, attachments=tuple(attachments))


def _as_file(name: str, mime: str, text: str) -> Attachment:
    return Attachment(name=name, mime=mime, fresh=text.encode("utf-8", "replace"))


async def _keep(
    attachment: Attachment, media: Media, largest: int, fetch: Fetch | None, last_try: bool
) -> Attachment:
    name = safe_file_name(attachment.name, attachment.mime)
    source: bytes | AsyncIterator[bytes]
    if attachment.fresh is not None:
        source = attachment.fresh
    elif attachment.remote is not None and attachment.stored is None and fetch is not None:
        source = fetch(attachment)
    else:
        return replace(attachment, name=name)
    try:
        async with asyncio.timeout(FETCH_WITHIN):
            kept = await media.add(source, name, attachment.mime, largest)
    except MediaTooLarge:
        why = sentence("file_not_kept", most=largest // 1_048_576)
        return replace(attachment, name=name, fresh=None, refused=why)
    except TimeoutError as problem:
        if not last_try:
            raise Unavailable(sentence("file_away", name=name)) from problem
        return replace(attachment, name=name, fresh=None, refused=sentence("file_late"))
    except ConnectorError as problem:
        if isinstance(problem, Unavailable) and not last_try:
            raise
        return replace(attachment, name=name, fresh=None, refused=str(problem))
    return replace(attachment, name=name, mime=kept.mime, size=kept.size, stored=kept.id, fresh=None)
