"""What a visitor's browser sends, read once and then trusted. Pure; raises Refused."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.webchat import wire
from connectors.webchat.changing import CHANGES, EMOJI
from connectors.webchat.door import Refused, words
from connectors.webchat.shapes import FILES_MOST
from hub.contract.visitors import Visitor
from hub.model.content import Attachment

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_DEVICE = re.compile(r"[A-Za-z0-9_-]{20,64}")
_ID = re.compile(r"[A-Za-z0-9_-]{8,80}")


def read_event(raw: object, at: datetime) -> dict[str, Any]:
    """One event as the wire has it, at our moment; raises Refused."""
    if not isinstance(raw, dict):
        raise Refused(400, "events")
    kind, moment = raw.get("type"), at.isoformat()
    if kind in ("read", "received"):
        lines = raw.get("lines")
        if not isinstance(lines, list) or not 0 < len(lines) <= 200:
            raise Refused(400, "events")
        return {"type": kind, "at": moment, "lines": [str(each)[:400] for each in lines]}
    name, text = raw.get("id"), raw.get("text", "")
    if kind in CHANGES:
        return _change(raw, kind, moment)
    if kind != "message" or not isinstance(name, str) or not _ID.fullmatch(name):
        raise Refused(400, "events")
    text = _text(text)
    files = raw.get("files") or []
    if not isinstance(files, list) or len(files) > FILES_MOST or not (text or files):
        raise Refused(400, "events")
    greeting = words(raw.get("greeting"), 300)
    message = {"type": kind, "id": name, "at": moment, "text": text, "greeting": greeting}
    message["reply_to"] = words(raw.get("reply_to"), 400)
    return {**message, "files": [str(each)[:128] for each in files], "under": words(raw.get("under"), 160)}


def _change(raw: Mapping[str, Any], kind: str, moment: str) -> dict[str, Any]:
    """`line` is named as the page was told of it."""
    line = raw.get("line")
    if not isinstance(line, str) or not 0 < len(line) <= 400:
        raise Refused(400, "events")
    change: dict[str, Any] = {"type": kind, "line": line, "at": moment}
    if kind == "edited":
        change["text"] = _text(raw.get("text"))
    if kind == "reacted":
        emoji = raw.get("emoji", "")
        if emoji and emoji not in EMOJI:
            raise Refused(400, "events")
        change["emoji"] = emoji or ""
    return change


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise Refused(400, "events")
    text = text.encode("utf-8", "replace").decode().replace("\0", "").strip()
    if len(text) > wire.LONGEST_TEXT:
        raise Refused(413, "too_long", most=wire.LONGEST_TEXT)
    return text


def read_page(page: object) -> dict[str, str]:
    """Where they are: only addresses that can be opened, without what follows #."""
    if not isinstance(page, dict):
        return {}
    url = words(page.get("url"), 1000).partition("#")[0]
    if not url.startswith(("https://", "http://")):
        return {}
    return {"url": url, "title": words(page.get("title"), 200)}


def file_wired(file: Attachment) -> Mapping[str, Any]:
    return {"id": file.stored, "name": file.name, "mime": file.mime, "size": file.size or 0}


def read_about(about: object, known: Visitor | None, labels: Mapping[str, str]) -> dict[str, Any]:
    """What they told of themselves, as changes; what the site vouched for stays. `labels`: of the form."""
    if not isinstance(about, dict):
        return {}
    changes: dict[str, Any] = {}
    vouched = known is not None and known.verified
    if (name := words(about.get("name"), 100)) and not (vouched and known and known.name):
        changes["name"] = name
    email = words(about.get("email"), 254)
    if EMAIL.fullmatch(email) and not (vouched and known and known.email_verified):
        changes["email"] = email
    for field, most in (("language", 20), ("referrer", 500)):
        if told := words(about.get(field), most):
            changes[field] = told
    device = about.get("device")
    if isinstance(device, str) and _DEVICE.fullmatch(device) and not (known and known.device == device):
        changes["device"] = device
    answers = about.get("answers")
    if isinstance(answers, dict):
        told_us = {labels[key]: words(value, 500) for key, value in answers.items() if key in labels}
        if kept := {label: value for label, value in told_us.items() if value}:
            changes["answers"] = kept
    return changes
