"""A Bot API server of our own: checks what Telegram's checks, delivers by poll or webhook, fails on request.

Answers and error texts as https://core.telegram.org/bots/api describes them (checked 2026-11-30).
"""

import asyncio
import itertools
import json
import re
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.connectors.serving import served
from tests.connectors.telegram.bot_checks import PARAMETERS, Json, Refused, bad, check_parameters
from tests.connectors.telegram.bot_methods import BOT, ME, Methods

__all__ = ["ANA", "BOT", "CHAT", "ME", "TOKEN", "BotApi", "Refused", "serving"]

TOKEN = f"{BOT}:AAtest-token-of-a-bot-nobody-has"
ANA: Json = {"id": 1001, "is_bot": False, "first_name": "Ana", "last_name": "Sousa", "username": "anasousa"}
CHAT: Json = {**{key: text for key, text in ANA.items() if key != "is_bot"}, "type": "private"}
# Told to those who ask for them: https://core.telegram.org/bots/api#getupdates (checked 2026-11-30)
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
RIGHTS = ("can_reply", "can_read_messages", "can_delete_sent_messages")
PORTS = (None, 443, 80, 88, 8443)


class BotApi(Methods):
    """`fail`: what goes wrong from now on, for every call. `failing`: for the next call of a method."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.calls: list[tuple[str, Json]] = []
        self.updates: list[Json] = []
        self.allowed: frozenset[str] | None = None  # kinds of updates; None: all that come unasked
        self.on_disk: dict[str, str] = {}  # where a server of one's own keeps them
        self.chats[CHAT["id"]] = CHAT
        self.hook: tuple[str, str] | None = None
        self.hook_trouble: Json = {}  # as getWebhookInfo tells it
        self.me = ME
        self.fail: str | None = None
        self.failing: dict[str, Refused] = {}
        self.largest_file = 20_000_000
        self._update_numbers = itertools.count(700_000)
        self._news = asyncio.Event()

    # What customers do

    def write(self, text: str = "Good morning", **more: Any) -> Json:
        return self.tell(message=self.message(text=text, **more))

    def message(self, chat: Json = CHAT, sender: Json = ANA, **more: Any) -> Json:
        return self.post(chat, sender, **more)

    def connect_business(self, name: str, *, enabled: bool = True, **rights: bool) -> Json:
        """A business gives the bot its chats, changes what it may there, or takes them back."""
        owner = {"id": 7007, "is_bot": False, "first_name": "Rosa"}
        self.business[name] = {
            "id": name,
            "user": owner,
            "user_chat_id": owner["id"],
            "date": 1_795_000_000,
            "is_enabled": enabled,
            "rights": dict.fromkeys(RIGHTS, True) | rights,
        }
        return self.tell(business_connection=self.business[name])

    def press(self, message: Json, words: str, sender: Json = ANA) -> Json:
        """Of the buttons below a message, the one with these words."""
        buttons = [each for row in message["reply_markup"]["inline_keyboard"] for each in row]
        button = next(each for each in buttons if each["text"] == words)
        press = f"press-{next(self.numbers)}"
        self.presses.append(press)
        return self.tell(
            callback_query={
                "id": press,
                "from": sender,
                "message": dict(message),
                "chat_instance": "1",
                "data": button["callback_data"],
            }
        )

    def tell(self, **what: Any) -> Json:
        update = {"update_id": next(self._update_numbers), **what}
        [kind] = what
        if kind in self.allowed if self.allowed is not None else kind not in ON_REQUEST:
            self.updates.append(update)
            if self.loop is not None:
                self.loop.call_soon_threadsafe(self._news.set)
        return update

    def sends(self) -> int:
        return sum(method.startswith("send") and method != "sendChatAction" for method, _ in self.calls)

    # The server

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = METHODS.get(request.match_info["method"].lower(), "")
        fields = await _fields(request)
        self.calls.append((method, fields))
        try:
            result = await self._result(request.match_info["token"], method, fields)
        except Refused as refused:
            return web.json_response(refused.answer, status=refused.status)
        if self.fail == "lost_answer" and method != "getMe":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.json_response({"ok": True, "result": result})

    async def _result(self, token: str, method: str, fields: Json) -> Any:
        if token != TOKEN or self.fail == "auth_broken":
            raise Refused(401, "Unauthorized")
        if self.fail == "unavailable":
            raise Refused(502, "Bad Gateway")
        if self.fail == "rate_limited" and method != "getMe":
            raise Refused(429, "Too Many Requests: retry after 7", retry_after=7)
        if self.fail == "rejected" and method.startswith("send"):
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if method in self.failing:
            raise self.failing.pop(method)
        known = getattr(self, f"_{method}", None) if method in PARAMETERS else None
        if known is None:
            raise Refused(404, "Not Found")
        check_parameters(method, fields)
        return await known(fields)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/bot{token}/{method}", self.answer),
            web.get("/file/bot{token}/{path}", self.file),
        ]

    async def file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return web.Response(status=404)
        return web.Response(body=self.files[request.match_info["path"]])

    async def _getMe(self, fields: Json) -> Json:
        return self.me

    async def _getUpdates(self, fields: Json) -> list[Json]:
        if self.hook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, limit = int(fields.get("offset", 0)), int(fields.get("limit", 100))
        if not 1 <= limit <= 100:
            raise bad("limit is out of range")
        self._allow(fields)
        if offset < 0:
            self.updates = self.updates[offset:]
        else:
            self.updates = [each for each in self.updates if each["update_id"] >= offset]
        if not self.updates:
            self._news.clear()
            try:
                async with asyncio.timeout(min(float(fields.get("timeout", 0)), 0.5)):
                    await self._news.wait()
            except TimeoutError:
                return []
        return self.updates[:limit]

    def _allow(self, fields: Json) -> None:
        """Kept until the next time they are given; what was told before stays."""
        if "allowed_updates" in fields:
            self.allowed = frozenset(fields["allowed_updates"]) or None

    async def _setWebhook(self, fields: Json) -> bool:
        parts, secret = urlsplit(str(fields["url"])), str(fields.get("secret_token", ""))
        if parts.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        self._allow(fields)
        self.hook, self.hook_trouble = (fields["url"], secret), {}
        return True

    async def _deleteWebhook(self, fields: Json) -> bool:
        self.hook = None
        return True

    async def _getWebhookInfo(self, fields: Json) -> Json:
        return {
            "url": self.hook[0] if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
            **self.hook_trouble,
        }

    async def _getFile(self, fields: Json) -> Json:
        content = self.files.get(fields["file_id"])
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > self.largest_file:
            raise bad("file is too big")
        path = self.on_disk.get(fields["file_id"], fields["file_id"])
        return {"file_id": path, "file_unique_id": f"u{path}", "file_size": len(content), "file_path": path}


# Telegram's methods know no case.
METHODS = {name.lower(): name for name in PARAMETERS}
WORDS = ("text", "caption")


async def _fields(request: web.Request) -> Json:
    """python-telegram-bot sends lists and objects as JSON in form fields."""
    fields: Json = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            fields[key] = (value.filename, value.file.read())
        else:
            text = str(value)
            coded = key not in WORDS and (text[:1] in ("[", "{") or text in ("true", "false"))
            fields[key] = json.loads(text) if coded else text
    return fields


def serving() -> AbstractContextManager[BotApi]:
    return served(BotApi())
