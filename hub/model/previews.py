"""What a list shows of a message."""

from hub.model.content import Content

PREVIEW = 140  # characters


def preview_of(content: Content) -> str:
    words = " ".join(content.text[: PREVIEW * 4].split())
    if not words and content.attachments:
        words = content.attachments[0].name
    return words if len(words) <= PREVIEW else words[: PREVIEW - 1] + "…"
