"""Message content in the one form every part of Hubbub shares."""

from dataclasses import dataclass
from enum import StrEnum


class Markup(StrEnum):
    """How `Content.text` is written. Connectors translate to and from their platform's dialect."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that belongs to a message.

    Its bytes are in exactly one place: with us (`stored`), still on the platform (`remote`), or on
    their way from a connector to the media store (`fresh`, never written to the database).
    """

    name: str
    mime: str
    size: int | None = None  # bytes; None while unknown
    stored: str | None = None  # our media id, once fetched
    remote: str | None = None  # the platform's handle: a Telegram file_id, a Slack private URL
    fresh: bytes | None = None
    inline_id: str | None = None  # what the HTML calls it: `cid:` without the scheme
    refused: str | None = None  # why we do not have it: too large, gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    text: str = ""  # what was newly said
    markup: Markup = Markup.PLAIN
    attachments: tuple[Attachment, ...] = ()
    subject: str | None = None  # e-mail only
    rest: str | None = None  # quotation, signature, disclaimer: shown on request, never lost
    choices: tuple[str, ...] = ()  # answers that the customer may tap on
    html: str | None = None  # foreign HTML as it came: sanitised whenever it is shown
