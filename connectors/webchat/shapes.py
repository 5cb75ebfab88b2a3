"""What the widget is told, as it is told it. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from connectors.webchat.changing import EMOJI
from connectors.webchat.config import WebchatConfig
from connectors.webchat.hours import is_open, opens_at, read_hours
from connectors.webchat.texts import TEXTS, chosen_language
from connectors.webchat.tokens import LINK_LASTS, file_mark
from connectors.webchat.wire import LONGEST_TEXT
from hub.contract.visitors import Line, Visitor
from hub.model.content import Attachment, Markup

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
FILES_MOST = 10


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


QUOTED = 160  # characters of a line that is answered


def line_told(
    line: Line, channel: str, secret: str, now: datetime, answered: Line | None = None
) -> Mapping[str, Any]:
    """`answered`: the line it answers, as it is now."""
    told: dict[str, Any] = {"id": line.id, "at": ms(line.at), "ours": line.ours}
    if line.deleted_at is not None:
        return {**told, "deleted": True}
    content = line.content
    told |= {"name": line.name, "text": content.text, "marked": content.markup is Markup.MARKDOWN}
    if line.ours and content.choices:
        told["choices"] = list(content.choices)
    if line.edited_at is not None:
        told["edited"] = True
    if line.reactions or line.reaction:
        told["reactions"] = list(line.reactions)
        told["reaction"] = line.reaction
    if answered is not None:
        told["quote"] = _quote(answered)
    if content.attachments:
        told["files"] = [_file(each, channel, secret, now) for each in content.attachments if each.stored]
    return told


def _quote(line: Line) -> Mapping[str, Any]:
    told = {"id": line.id, "ours": line.ours, "name": line.name}
    if line.deleted_at is not None:
        return {**told, "deleted": True}
    text = " ".join(line.content.text.split()) or ", ".join(each.name for each in line.content.attachments)
    return {**told, "text": text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"}


def _file(file: Attachment, channel: str, secret: str, now: datetime) -> Mapping[str, Any]:
    told: dict[str, Any] = {"name": file.name, "mime": file.mime, "size": file.size or 0}
    lasts = int(LINK_LASTS.total_seconds())
    until = (int(now.timestamp()) // lasts + 2) * lasts  # the same for hours: a browser loads it once
    query = {
        "until": until,
        "mime": file.mime,
        "mark": file_mark(secret, channel, _marked(file), file.name, until),
    }
    # Relative: the widget knows where the hub is.
    told["url"] = f"files/{file.stored}/{quote(file.name, safe='')}?{urlencode(query)}"
    told["picture"] = file.mime in PICTURES
    return told


def _marked(file: Attachment) -> str:
    return f"{file.stored}:{file.mime}"


def visitor_told(visitor: Visitor | None) -> Mapping[str, Any]:
    if visitor is None:
        return {"name": "", "email": "", "verified": False}
    return {"name": visitor.name, "email": visitor.email, "verified": visitor.verified}


def settings_told(config: WebchatConfig, asked_language: str, now: datetime) -> Mapping[str, Any]:
    language = chosen_language(config.language, asked_language)
    hours = read_hours(config.hours)
    opened = is_open(hours, config.zone, now)
    begins = opens_at(hours, config.zone, now)
    return {
        "title": config.title,
        "colour": config.colour,
        "side": config.side,
        "theme": config.theme,
        "language": language,
        "texts": {**TEXTS[language], **_greeting(config), **config.texts.get(language, {})},
        "form": [each.model_dump() for each in config.form],
        "rules": [each.model_dump() for each in config.rules],
        "hours": bool(hours),
        "open": opened,
        "opensAt": ms(begins) if begins else None,
        "hidden": config.hide_outside_hours and not opened,
        "consent": config.consent,
        "signInNeeded": config.identity_required,
        "mails": config.mail_after > 0,
        "largestFile": config.largest_file,
        "longestText": LONGEST_TEXT,
        "filesMost": FILES_MOST,
        "changeWithin": config.change_within * 60_000,
        "emoji": EMOJI,
    }


def _greeting(config: WebchatConfig) -> Mapping[str, str]:
    return {"greeting": config.greeting} if config.greeting else {}


def transcript(title: str, lines: list[Line], zone_offset: timedelta, you: str, us: str) -> str:
    """A conversation as text; `zone_offset`: of the visitor's clock."""
    said = [title, "=" * len(title), ""]
    for line in lines:
        if line.deleted_at is not None:
            continue
        moment = line.at + zone_offset
        said.append(f"[{moment:%Y-%m-%d %H:%M}] {(line.name or us) if line.ours else you}:")
        said += [f"    {each}" for each in line.content.text.splitlines()]
        said += [f"    <{each.name}>" for each in line.content.attachments]
        said.append("")
    return "\n".join(said)
