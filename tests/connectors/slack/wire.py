"""What goes over the wire to and from a Slack of our own: names, signatures, and what it refuses.

https://docs.slack.dev/authentication/verifying-requests-from-slack (checked 2026-11-23).
"""

import hashlib
import hmac
import json
import re
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

Json = dict[str, Any]
APP, TEAM, OTHER_TEAM = "A0HUBBUB", "T0SHOP", "T0OTHER"
US, BOT, ANA = "U0HUBBUB", "B0HUBBUB", "U0ANA"
CHAT, SUPPORT, PARTY = "D0ANA", "C0SUPPORT", "G0PARTY"
TOKEN = "xoxb-0000-token-of-an-app-nobody-has"
APP_TOKEN = f"xapp-1-{APP}-0000-token-of-its-socket"
SIGNING_SECRET = "5ign1ng-5ecret-0f-n0b0dy"
CLIENT_ID, CLIENT_SECRET = "1234.5678", "client-secret-of-nobody"
SCOPES = (
    "chat:write,im:history,mpim:history,channels:history,groups:history,users:read,users:read.email,"
    "files:read,files:write,reactions:read,reactions:write,team:read,usergroups:read,"
    "im:read,mpim:read,channels:read,groups:read"
)
_ENTITY = re.compile(
    r"<(?:[@#!][^<>|]+|https?:[^<>|]+|mailto:[^<>|]+|tel:[^<>|]+)(?:\|[^<>|]*)?>|^> ", re.MULTILINE
)


class Refused(Exception):
    def __init__(self, code: str, status: int = 200, retry_after: int | None = None, **more: Any) -> None:
        super().__init__(code)
        self.answer: Json = {"ok": False, "error": code, **more}
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


def signed(payload: Json, kind: str = "events_api", at: float | None = None) -> tuple[dict[str, str], bytes]:
    """Headers and body as Slack posts them."""
    body = json.dumps(payload).encode()
    mime = "application/json"
    if kind == "interactive":
        body, mime = urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
    return {**sealed(body, at), "Content-Type": mime}, body


def sealed(body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers that prove a body."""
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(SIGNING_SECRET.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": "v0=" + digest.hexdigest()}


def check_text(fields: Json) -> None:
    text = str(fields.get("text", ""))
    if not text.strip():
        raise Refused("no_text")
    if len(text) > 40_000:
        raise Refused("msg_too_long")
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    check_blocks(fields.get("blocks"))
    if "<" in (rest := _ENTITY.sub("", text)) or ">" in rest:
        raise Refused("text_with_signs_that_are_not_escaped")


def check_blocks(blocks: Any) -> None:
    """Rich text as https://docs.slack.dev/reference/block-kit/blocks/rich-text-block allows it."""
    inner = {
        "rich_text": ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"),
        "rich_text_list": ("rich_text_section",),
        "rich_text_section": ("text", "link"),
        "rich_text_quote": ("text", "link"),
        "rich_text_preformatted": ("text", "link"),
    }
    known = {"type", "elements", "text", "url", "style", "indent", "offset", "border"}

    def check(element: Json, allowed: tuple[str, ...]) -> None:
        kind = element.get("type", "")
        if kind not in allowed or set(element) - known:
            raise Refused("invalid_blocks", errors=[f"{kind} {sorted(element)}"])
        if kind in inner:
            if not element.get("elements"):
                raise Refused("invalid_blocks", errors=[f"empty {kind}"])
            for each in element["elements"]:
                check(each, inner[kind])
        elif not element.get("text" if kind == "text" else "url"):
            raise Refused("invalid_blocks", errors=[f"empty {kind}"])
        elif set(element.get("style") or {"bold": True}) - {"bold", "italic", "strike", "code"}:
            raise Refused("invalid_blocks", errors=["style"])

    for block in blocks or []:
        if block.get("type") == "actions":
            check_buttons(block)
        elif block.get("type") == "context":
            if any(not each["text"] or each["type"] != "mrkdwn" for each in block["elements"]):
                raise Refused("invalid_blocks", errors=["context"])
        else:
            check(block, ("rich_text",))
    if len(json.dumps(blocks or [], ensure_ascii=False)) > 60_000:
        raise Refused("msg_blocks_too_long")


def check_buttons(block: Json) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element (checked 2026-11-24)."""
    elements = block["elements"]
    names = {each["action_id"] for each in elements}
    fits = all(0 < len(each["text"]["text"]) <= 75 and len(each["value"]) <= 2000 for each in elements)
    if not 1 <= len(elements) <= 25 or len(names) != len(elements) or not fits:
        raise Refused("invalid_blocks", errors=["actions"])


async def fields_of(request: web.Request) -> Json:
    """Slack takes JSON, forms and queries; lists and objects in a form are JSON."""
    if request.content_type == "application/json":
        found = await request.json() if request.can_read_body else {}
        return {**dict(request.query), **found}
    fields: Json = dict(request.query)
    for key, value in (await request.post()).items():
        fields[key] = str(value)
    read = {key: json.loads(value) for key, value in fields.items() if value[:1] in ("[", "{")}
    return {**fields, **read}
