"""The methods of our own Bot API server that send and change messages."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from tests.connectors.telegram.bot_checks import (
    ACTIONS,
    LONGEST_TEXT,
    Json,
    bad,
    check_caption,
    check_text,
    check_upload,
    checked_keyboard,
)

BOT = 4711
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
REACTIONS = "👍👎❤🔥🥰👏😁🎉"
TWO_DAYS = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
# What may stand in one album: https://core.telegram.org/bots/api#sendmediagroup (checked 2026-11-30)
TOGETHER = ({"photo", "video"}, {"document"}, {"audio"})


class Methods:
    """`business`: connections by id. `presses`: nobody has answered them yet."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.messages: dict[tuple[int, int], Json] = {}
        self.chats: dict[int, Json] = {}
        self.business: dict[str, Json] = {}
        self.presses: list[str] = []
        self.read: list[tuple[int, int]] = []
        self.own_server = False
        self.numbers = itertools.count(100)
        self.now: Callable[[], float] = time.time

    def post(self, chat: Json, sender: Json, **more: Any) -> Json:
        message: Json = {"message_id": next(self.numbers), "date": int(self.now())}
        message |= {"chat": chat, "from": sender, **more}
        self.messages[chat["id"], message["message_id"]] = message
        return message

    async def _sendMessage(self, fields: Json) -> Json:
        text, marks = str(fields.get("text", "")), fields.get("entities") or []
        if not text.strip():
            raise bad("message text is empty")
        check_text(text, marks, LONGEST_TEXT, "message is too long")
        return self._post(fields, text=text, entities=marks)

    async def _sendPhoto(self, fields: Json) -> Json:
        return self._file("photo", fields)

    async def _sendVideo(self, fields: Json) -> Json:
        return self._file("video", fields)

    async def _sendAnimation(self, fields: Json) -> Json:
        return self._file("animation", fields)

    async def _sendAudio(self, fields: Json) -> Json:
        return self._file("audio", fields)

    async def _sendVoice(self, fields: Json) -> Json:
        return self._file("voice", fields)

    async def _sendDocument(self, fields: Json) -> Json:
        return self._file("document", fields)

    async def _sendMediaGroup(self, fields: Json) -> list[Json]:
        media = fields["media"]
        if not 2 <= len(media) <= 10:
            raise bad("wrong number of media: an album has 2 to 10")
        kinds = {each["type"] for each in media}
        if not any(kinds <= together for together in TOGETHER):
            raise bad(f"{' and '.join(sorted(kinds))} can't be mixed in an album")
        for each in media:
            check_caption(each)
            check_upload(each["type"], fields[each["media"].removeprefix("attach://")][1])
        album = str(next(self.numbers))
        return [
            self._post(
                fields,
                **self._media(each["type"], *fields[each["media"].removeprefix("attach://")]),
                caption=each.get("caption"),
                caption_entities=each.get("caption_entities"),
                media_group_id=album,
            )
            for each in media
        ]

    async def _editMessageText(self, fields: Json) -> Json:
        message = self._editable(fields)
        if "text" not in message:
            raise bad("there is no text in the message to edit")
        text, marks = str(fields.get("text", "")), fields.get("entities") or []
        if not text.strip():
            raise bad("message text is empty")
        check_text(text, marks, LONGEST_TEXT, "MESSAGE_TOO_LONG")
        return self._changed(message, fields, text=text, entities=marks)

    async def _editMessageCaption(self, fields: Json) -> Json:
        message = self._editable(fields)
        if "text" in message:
            raise bad("there is no caption in the message to edit")
        check_caption(fields)
        marks = fields.get("caption_entities") or []
        return self._changed(message, fields, caption=fields.get("caption") or "", caption_entities=marks)

    async def _editMessageReplyMarkup(self, fields: Json) -> Json:
        return self._changed(self._editable(fields), fields)

    async def _answerCallbackQuery(self, fields: Json) -> bool:
        if fields["callback_query_id"] not in self.presses or len(str(fields.get("text", ""))) > 200:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.presses.remove(fields["callback_query_id"])
        return True

    async def _deleteMessage(self, fields: Json) -> bool:
        message = self._find(fields, "message to delete not found")
        if self.now() - message["date"] > TWO_DAYS:
            raise bad("message can't be deleted for everyone")
        del self.messages[int(fields["chat_id"]), int(fields["message_id"])]
        return True

    async def _deleteBusinessMessages(self, fields: Json) -> bool:
        self._connected(fields, "can_delete_sent_messages")
        numbers = set(fields["message_ids"])
        if not 1 <= len(numbers) <= 100:
            raise bad("message identifiers are not specified")
        found = [each for each in self.messages if each[1] in numbers]
        if not found:
            raise bad("message to delete not found")
        for each in found:
            del self.messages[each]
        return True

    async def _readBusinessMessage(self, fields: Json) -> bool:
        self._connected(fields, "can_read_messages")
        self._find(fields, "message to be read not found")
        self.read.append((int(fields["chat_id"]), int(fields["message_id"])))
        return True

    async def _getBusinessConnection(self, fields: Json) -> Json:
        return self._connected(fields)

    async def _setMessageReaction(self, fields: Json) -> bool:
        message = self._find(fields, "message to react not found")
        reactions = fields.get("reaction") or []
        if any(each["emoji"] not in REACTIONS for each in reactions):
            raise bad("REACTION_INVALID")
        if len(reactions) > 1:
            raise bad("REACTIONS_TOO_MANY")
        message["reactions"] = [each["emoji"] for each in reactions]
        return True

    async def _sendChatAction(self, fields: Json) -> bool:
        if fields.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self._connected(fields)
        return bool(self._chat(fields))

    # What they share

    def _file(self, kind: str, fields: Json) -> Json:
        check_caption(fields)
        name, content = fields[kind]
        check_upload(kind, content, own_server=self.own_server)
        caption = {key: fields.get(key) for key in ("caption", "caption_entities")}
        return self._post(fields, **self._media(kind, name, content), **caption)

    def _media(self, kind: str, name: str, content: bytes) -> Json:
        size: Json = {"photo": {"width": 90, "height": 90}}.get(kind, {"file_name": name})
        if kind in ("video", "animation"):
            size |= {"width": 90, "height": 90, "duration": 1}
        if kind in ("voice", "audio"):
            size |= {"duration": 1}
        number = f"F{next(self.numbers)}"
        self.files[number] = content
        kept = {"file_id": number, "file_unique_id": f"u{number}", "file_size": len(content), **size}
        return {kind: [kept] if kind == "photo" else kept}

    def _post(self, fields: Json, **what: Any) -> Json:
        answered = fields.get("reply_parameters")
        chat, below = self._chat(fields), checked_keyboard(fields)
        self._connected(fields, "can_reply")
        if answered and (chat["id"], answered["message_id"]) not in self.messages:
            if not answered.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            answered = None
        more: Json = {key: value for key, value in {**what, "reply_markup": below}.items() if value}
        if answered:
            more["reply_to_message"] = self.messages[chat["id"], answered["message_id"]]
        if topic := fields.get("message_thread_id"):
            more["message_thread_id"] = int(topic)
        return self.post(chat, ME, **more)

    def _changed(self, message: Json, fields: Json, **what: Any) -> Json:
        """The buttons are gone, unless they are sent along."""
        now = {**what, "reply_markup": checked_keyboard(fields)}
        if all((message.get(key) or None) == (value or None) for key, value in now.items()):
            raise bad(NOT_MODIFIED)
        message.update(now, edit_date=int(self.now()))
        return {key: value for key, value in message.items() if value is not None}

    def _editable(self, fields: Json) -> Json:
        self._connected(fields, "can_reply")
        message = self._find(fields, "message to edit not found")
        if message["from"]["id"] != BOT:
            raise bad("message can't be edited")
        return message

    def _connected(self, fields: Json, right: str = "") -> Json:
        """Where it is on behalf of a business: https://core.telegram.org/bots/api#businessconnection."""
        if not (name := fields.get("business_connection_id")):
            return {}
        found = self.business.get(name)
        if found is None or not found["is_enabled"]:
            raise bad("business connection not found")
        if right and not found["rights"].get(right):
            raise bad("BOT_ACCESS_FORBIDDEN")
        return found

    def _chat(self, fields: Json) -> Json:
        found = self.chats.get(int(fields["chat_id"]))
        if found is None:
            raise bad("chat not found")
        return found

    def _find(self, fields: Json, otherwise: str) -> Json:
        found = self.messages.get((int(fields["chat_id"]), int(fields["message_id"])))
        if found is None:
            raise bad(otherwise)
        return found
