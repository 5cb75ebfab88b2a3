"""A Bot API server of our own: checks what Telegram's checks, delivers by poll or webhook, fails on request.

Answers and error texts as https://core.telegram.org/bots/api describes them (checked 2026-11-23).
"""

import asyncio
import itertools
import json
import time
from contextlib import AbstractContextManager
from typing import Any

from aiohttp import web

from tests.connectors.serving import served

Json = dict[str, Any]
BOT = 4711
TOKEN = f"{BOT}:AAtest-token-of-a-bot-nobody-has"
ME: Json = {
    "id": BOT,
    "is_bot": True,
    "first_name": "Hubbub Support",
    "username": "hubbub_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
    "can_connect_to_business": True,
    "has_main_web_app": False,
}
ANA: Json = {"id": 1001, "is_bot": False, "first_name": "Ana", "last_name": "Sousa", "username": "anasousa"}
CHAT: Json = {**{key: text for key, text in ANA.items() if key != "is_bot"}, "type": "private"}
REACTIONS = "👍👎❤🔥🥰👏😁🎉"


class Refused(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.answer: Json = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.answer["parameters"] = parameters
        self.status = status


class BotApi:
    """`fail`: what goes wrong from now on, for every call. `failing`: for the next call of a method."""

    def __init__(self) -> None:
        self.base = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.calls: list[tuple[str, Json]] = []
        self.updates: list[Json] = []
        self.files: dict[str, bytes] = {}
        self.on_disk: dict[str, str] = {}  # where a server of one's own keeps them
        self.messages: dict[tuple[int, int], Json] = {}
        self.chats: dict[int, Json] = {CHAT["id"]: CHAT}
        self.presses: list[str] = []  # nobody has answered yet
        self.hook: tuple[str, str] | None = None
        self.me = ME
        self.fail: str | None = None
        self.failing: dict[str, Refused] = {}
        self.largest_file = 20_000_000
        self._numbers, self._update_numbers = itertools.count(100), itertools.count(700_000)
        self._news = asyncio.Event()

    # What customers do

    def write(self, text: str = "Good morning", **more: Any) -> Json:
        return self.tell(message=self.message(text=text, **more))

    def message(self, chat: Json = CHAT, sender: Json = ANA, **more: Any) -> Json:
        message: Json = {
            "message_id": next(self._numbers),
            "date": int(time.time()),
            "chat": chat,
            "from": sender,
        }
        self.messages[chat["id"], message["message_id"]] = message | more
        return message | more

    def press(self, message: Json, words: str, sender: Json = ANA) -> Json:
        """Of the buttons below a message, the one with these words."""
        buttons = [each for row in message["reply_markup"]["inline_keyboard"] for each in row]
        button = next(each for each in buttons if each["text"] == words)
        press = f"press-{next(self._numbers)}"
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
        known = getattr(self, f"_{method}", None)
        if known is None:
            raise Refused(404, "Not Found")
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

    async def _setWebhook(self, fields: Json) -> bool:
        if not str(fields["url"]).startswith("https://"):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.hook = fields["url"], fields.get("secret_token", "")
        return True

    async def _deleteWebhook(self, fields: Json) -> bool:
        self.hook = None
        return True

    async def _getWebhookInfo(self, fields: Json) -> Json:
        return {
            "url": self.hook[0] if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    async def _sendMessage(self, fields: Json) -> Json:
        text = str(fields.get("text", ""))
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        _check_text(text, fields.get("entities") or [], 4096, "message is too long")
        marks, below = fields.get("entities") or [], _checked_keyboard(fields)
        return self._post(fields, text=text, entities=marks, reply_markup=below)

    async def _editMessageReplyMarkup(self, fields: Json) -> Json:
        message = self._find(fields, "message to edit not found")
        below = _checked_keyboard(fields)
        if message.get("reply_markup") == below:
            raise Refused(400, "Bad Request: message is not modified")
        message["reply_markup"] = below
        return message

    async def _answerCallbackQuery(self, fields: Json) -> bool:
        if fields["callback_query_id"] not in self.presses or len(str(fields.get("text", ""))) > 200:
            raise Refused(400, "Bad Request: query is too old and response timeout expired")
        self.presses.remove(fields["callback_query_id"])
        return True

    async def _sendPhoto(self, fields: Json) -> Json:
        _check_text(
            str(fields.get("caption", "")), fields.get("caption_entities") or [], 1024, "caption is too long"
        )
        _, content = fields["photo"]
        photo = {**self._keep(content), "width": 90, "height": 90}
        return self._post(fields, photo=[photo], caption=fields.get("caption"))

    async def _sendDocument(self, fields: Json) -> Json:
        _check_text(
            str(fields.get("caption", "")), fields.get("caption_entities") or [], 1024, "caption is too long"
        )
        name, content = fields["document"]
        return self._post(
            fields, document={**self._keep(content), "file_name": name}, caption=fields.get("caption")
        )

    async def _sendMediaGroup(self, fields: Json) -> list[Json]:
        if not 2 <= len(fields["media"]) <= 10:
            raise Refused(400, "Bad Request: wrong number of media")
        kinds = {each["type"] for each in fields["media"]}
        if "document" in kinds and len(kinds) > 1:
            raise Refused(400, "Bad Request: document can't be mixed with other media types")
        posted = []
        for each in fields["media"]:
            name, content = fields[each["media"].removeprefix("attach://")]
            kept = {**self._keep(content), "file_name": name, "width": 90, "height": 90}
            media = {"photo": [kept]} if each["type"] == "photo" else {each["type"]: kept}
            posted.append(self._post(fields, **media, caption=each.get("caption")))
        return posted

    async def _editMessageText(self, fields: Json) -> Json:
        message = self._find(fields, "message to edit not found")
        if message.get("text") == fields["text"]:
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        message.update(text=fields["text"], edit_date=int(time.time()))
        message["reply_markup"] = _checked_keyboard(fields)  # gone, unless it is sent along
        return message

    async def _deleteMessage(self, fields: Json) -> bool:
        self._find(fields, "message to delete not found")
        del self.messages[int(fields["chat_id"]), int(fields["message_id"])]
        return True

    async def _setMessageReaction(self, fields: Json) -> bool:
        message = self._find(fields, "message to react not found")
        reactions = fields.get("reaction") or []
        if any(each["emoji"] not in REACTIONS for each in reactions):
            raise Refused(400, "Bad Request: REACTION_INVALID")
        message["reactions"] = [each["emoji"] for each in reactions]
        return True

    async def _sendChatAction(self, fields: Json) -> bool:
        return bool(self._chat(fields))

    async def _getFile(self, fields: Json) -> Json:
        content = self.files.get(fields["file_id"])
        if content is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > self.largest_file:
            raise Refused(400, "Bad Request: file is too big")
        path = self.on_disk.get(fields["file_id"], fields["file_id"])
        return {"file_id": path, "file_unique_id": f"u{path}", "file_size": len(content), "file_path": path}

    def _post(self, fields: Json, **what: Any) -> Json:
        answered = fields.get("reply_parameters")
        chat = self._chat(fields)
        if answered and (chat["id"], answered["message_id"]) not in self.messages:
            if not answered.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
            answered = None
        more: Json = {key: value for key, value in what.items() if value}
        if answered:
            more["reply_to_message"] = self.messages[chat["id"], answered["message_id"]]
        if topic := fields.get("message_thread_id"):
            more["message_thread_id"] = int(topic)
        return self.message(chat, ME, **more)

    def _chat(self, fields: Json) -> Json:
        found = self.chats.get(int(fields["chat_id"]))
        if found is None:
            raise Refused(400, "Bad Request: chat not found")
        return found

    def _find(self, fields: Json, otherwise: str) -> Json:
        found = self.messages.get((int(fields["chat_id"]), int(fields["message_id"])))
        if found is None:
            raise Refused(400, f"Bad Request: {otherwise}")
        return found

    def _keep(self, content: bytes) -> Json:
        name = f"F{next(self._numbers)}"
        self.files[name] = content
        return {"file_id": name, "file_unique_id": f"u{name}", "file_size": len(content)}


# Telegram's methods know no case.
METHODS = {name.lower().removeprefix("_"): name.removeprefix("_") for name in dir(BotApi)}


def _check_text(text: str, entities: list[Json], longest: int, otherwise: str) -> None:
    units = len(text.encode("utf-16-le")) // 2
    if units > longest:
        raise Refused(400, f"Bad Request: {otherwise}")
    for each in entities:
        if each["length"] <= 0 or each["offset"] < 0 or each["offset"] + each["length"] > units:
            raise Refused(400, "Bad Request: ENTITY_BOUNDS_INVALID")


def _checked_keyboard(fields: Json) -> Json | None:
    below: Json | None = fields.get("reply_markup")
    for each in [button for row in (below or {}).get("inline_keyboard", []) for button in row]:
        if not each.get("text"):
            raise Refused(400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed")
        if not 1 <= len(str(each.get("callback_data", "")).encode()) <= 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return below


async def _fields(request: web.Request) -> Json:
    """python-telegram-bot sends lists and objects as JSON in form fields."""
    fields: Json = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            fields[key] = (value.filename, value.file.read())
        else:
            text = str(value)
            fields[key] = json.loads(text) if text[:1] in "[{" or text in ("true", "false") else text
    return fields


def serving() -> AbstractContextManager[BotApi]:
    return served(BotApi())
