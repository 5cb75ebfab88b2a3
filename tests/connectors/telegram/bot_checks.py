"""What Telegram's Bot API checks of a call, in its own words. Pure.

Parameters and limits: https://core.telegram.org/bots/api (checked 2026-11-30); refusals of entities as in
td/telegram/MessageEntity.cpp of https://github.com/tdlib/td (checked 2026-11-30). Telegram passes over
unknown parameters and mends entities that do not nest; here both are refused, so that somebody notices.
"""

from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024  # UTF-16 units
LARGEST_PHOTO, LARGEST_UPLOAD = 10_000_000, 50_000_000  # bytes
TO = "chat_id message_thread_id business_connection_id reply_parameters reply_markup"
BELOW = f"{TO} caption caption_entities parse_mode"
EDITED = "chat_id message_id business_connection_id reply_markup"
PARAMETERS = {
    "getMe": "",
    "getUpdates": "offset limit timeout allowed_updates",
    "setWebhook": "url max_connections allowed_updates drop_pending_updates secret_token",
    "deleteWebhook": "drop_pending_updates",
    "getWebhookInfo": "",
    "sendMessage": f"{TO} text entities parse_mode link_preview_options",
    "sendPhoto": f"{BELOW} photo",
    "sendVideo": f"{BELOW} video duration width height supports_streaming",
    "sendAnimation": f"{BELOW} animation duration width height",
    "sendAudio": f"{BELOW} audio duration performer title",
    "sendVoice": f"{BELOW} voice duration",
    "sendDocument": f"{BELOW} document disable_content_type_detection",
    "sendMediaGroup": "chat_id message_thread_id business_connection_id reply_parameters media",
    "sendChatAction": "chat_id message_thread_id business_connection_id action",
    "editMessageText": f"{EDITED} text entities parse_mode link_preview_options",
    "editMessageCaption": f"{EDITED} caption caption_entities parse_mode",
    "editMessageReplyMarkup": EDITED,
    "answerCallbackQuery": "callback_query_id text show_alert url cache_time",
    "deleteMessage": "chat_id message_id",
    "deleteBusinessMessages": "business_connection_id message_ids",
    "readBusinessMessage": "business_connection_id chat_id message_id",
    "getBusinessConnection": "business_connection_id",
    "setMessageReaction": "chat_id message_id reaction is_big",
    "getFile": "file_id",
}
ACTIONS = frozenset(
    """typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker
    find_location record_video_note upload_video_note""".split()  # noqa: SIM905
)
MARKS = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
ALONE = frozenset({"code", "pre"})
QUOTES = frozenset({"blockquote", "expandable_blockquote"})
ENTITIES = MARKS | ALONE | QUOTES | {"text_link", "text_mention", "custom_emoji"}


class Refused(Exception):
    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.answer: Json = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.answer["parameters"] = parameters
        self.status = status


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def check_parameters(method: str, fields: Json) -> None:
    attached = {each["media"].removeprefix("attach://") for each in fields.get("media") or []}
    if unknown := fields.keys() - set(PARAMETERS[method].split()) - attached:
        raise bad(f"{method} knows no {', '.join(sorted(unknown))}")
    if "parse_mode" in fields:
        raise bad("say what is marked by entities")


def check_text(text: str, entities: list[Json], longest: int, otherwise: str) -> None:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) // 2 > longest:
        raise bad(otherwise)
    if len(entities) > 100:
        raise bad("entities beyond the hundredth are passed over")
    for each in entities:
        _check_entity(each, units)
    for one in entities:
        for other in entities:
            if other is not one:
                _check_pair(one, other)


def _check_entity(entity: Json, units: bytes) -> None:
    kind, start, length = entity.get("type"), int(entity["offset"]), int(entity["length"])
    end, most = start + length, len(units) // 2
    if kind not in ENTITIES:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    if start < 0 or length <= 0:
        raise bad(f"receive an entity with incorrect offset {start} or length {length}")
    if end > most:
        raise bad(f"entity beginning at UTF-16 offset {start} ends after the end of the text at {end}")
    for at, word in ((start, "begins"), (end, "ends")):
        if at < most and 0xDC00 <= int.from_bytes(units[2 * at : 2 * at + 2], "little") < 0xE000:
            raise bad(f"entity {word} in a middle of a UTF-16 symbol at {at}")
    if kind == "text_link":
        check_url(str(entity.get("url", "")))
    elif "url" in entity:
        raise bad(f"{kind} has no url")


def check_url(url: str) -> None:
    """https://core.telegram.org/bots/api#messageentity: text_link is opened after a tap."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tg", "ton") or not parts.netloc:
        raise bad(f"entity URL '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme in ("http", "https") and "." not in (parts.hostname or ""):
        raise bad(f"entity URL '{url}' is invalid: Wrong HTTP URL")


def _check_pair(one: Json, other: Json) -> None:
    first, last = one["offset"], one["offset"] + one["length"]
    begin, end = other["offset"], other["offset"] + other["length"]
    if end <= first or last <= begin:
        return
    within = first <= begin and end <= last
    if not within and not (begin <= first and last <= end):
        raise bad("entities overlap")
    kinds = {one["type"], other["type"]}
    if (one["type"] in ALONE and within) or (kinds & ALONE and kinds & (MARKS | {"text_link"})):
        raise bad("nothing is marked within code, and code within nothing but a quotation")
    if len(kinds) == 1 or kinds <= QUOTES:
        raise bad(f"{one['type']} within {other['type']}")


def check_caption(fields: Json) -> None:
    caption, entities = str(fields.get("caption", "")), fields.get("caption_entities") or []
    check_text(caption, entities, LONGEST_CAPTION, "message caption is too long")


def checked_keyboard(fields: Json) -> Json | None:
    below: Json | None = fields.get("reply_markup")
    for each in [button for row in (below or {}).get("inline_keyboard", []) for button in row]:
        if not each.get("text"):
            raise bad("can't parse inline keyboard button: Text buttons are unallowed")
        if not 1 <= len(str(each.get("callback_data", "")).encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    return below


def check_upload(kind: str, content: bytes, *, own_server: bool = False) -> None:
    if kind == "photo" and len(content) > LARGEST_PHOTO:
        raise bad(f"file of size {len(content)} bytes is too big for a photo")
    if len(content) > LARGEST_UPLOAD and not own_server:
        raise Refused(413, "Request Entity Too Large")
