"""What a Telegram message says: its text, its files, and words for what is neither. Pure.

Fields: https://core.telegram.org/bots/api#message (checked 2026-11-23).
"""

from collections.abc import Mapping
from typing import Any

from connectors.telegram.markdown import to_markdown
from hub.model.content import Attachment, Content, Markup

Json = Mapping[str, Any]

# field -> (file name where Telegram gives none, type where it gives none)
FILES = {
    "video": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video_note": ("video.mp4", "video/mp4"),
    "document": ("document", "application/octet-stream"),
}
# What happened in a chat, without anybody having said something.
SERVICE = frozenset(
    """
    new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo group_chat_created
    supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_from_chat_id
    pinned_message successful_payment refunded_payment users_shared chat_shared connected_website
    write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
    forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden giveaway_created giveaway giveaway_winners giveaway_completed
    video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited web_app_data
    checklist_tasks_done checklist_tasks_added gift unique_gift paid_message_price_changed
    """.split()  # noqa: SIM905 a list of forty quoted words reads worse
)
# What every message has, or may have beside what it says.
ABOUT = frozenset(
    """
    message_id date chat from sender_chat message_thread_id is_topic_message is_automatic_forward
    reply_to_message external_reply quote edit_date media_group_id author_signature entities caption_entities
    has_protected_content is_from_offline link_preview_options effect_id forward_origin via_bot reply_markup
    business_connection_id sender_business_bot sender_boost_count show_caption_above_media has_media_spoiler
    forward_from forward_from_chat forward_date paid_star_count direct_messages_topic
    """.split()  # noqa: SIM905
)


def content_of(message: Json) -> Content:
    """Never empty: what Hubbub does not know is at least named."""
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    marked = to_markdown(text, [each for each in entities if isinstance(each, Mapping)])
    said = [part for part in (_forwarded(message), marked or text, *_in_words(message)) if part]
    files = tuple(_files(message))
    if not said and not files:
        kinds = sorted(key for key in message if key not in ABOUT)
        said = [f"[Telegram sent something Hubbub cannot show: {', '.join(kinds) or 'nothing at all'}.]"]
    markup = Markup.PLAIN if marked is None else Markup.MARKDOWN
    return Content(text="\n".join(said), markup=markup, attachments=files, rest=_quoted(message))


def _forwarded(message: Json) -> str:
    origin = message.get("forward_origin")
    if not isinstance(origin, Mapping):
        return ""
    user, chat = origin.get("sender_user"), origin.get("sender_chat") or origin.get("chat")
    name = origin.get("sender_user_name")
    if isinstance(user, Mapping):
        name = name_of(user)
    elif isinstance(chat, Mapping):
        name = chat.get("title") or chat.get("username")
    return f"Forwarded from {name}:" if name else "Forwarded:"


def _quoted(message: Json) -> str | None:
    """What the customer picked out of the message they answer."""
    quote = message.get("quote")
    if isinstance(quote, Mapping) and isinstance(quote.get("text"), str):
        return "\n".join(f"> {line}" for line in quote["text"].split("\n"))
    return None


def _files(message: Json) -> list[Attachment]:
    files = []
    photos = [each for each in message.get("photo") or [] if isinstance(each, Mapping)]
    if photos:
        largest = max(photos, key=lambda each: (each.get("width") or 0) * (each.get("height") or 0))
        files.append(_file(largest, "photo.jpg", "image/jpeg"))
    for kind, (name, mime) in FILES.items():
        if kind == "document" and "animation" in message:
            continue  # the same file again, for programs that do not know animations
        if isinstance(found := message.get(kind), Mapping):
            files.append(_file(found, name, mime))
    if isinstance(sticker := message.get("sticker"), Mapping):
        moving = sticker.get("is_animated"), sticker.get("is_video")
        name, mime = {(True, False): ("sticker.tgs", "application/gzip")}.get(
            (bool(moving[0]), bool(moving[1])),
            ("sticker.webm", "video/webm") if moving[1] else ("sticker.webp", "image/webp"),
        )
        files.append(_file(sticker, name, mime))
    return [each for each in files if each.remote]


def _file(found: Json, name: str, mime: str) -> Attachment:
    size = found.get("file_size")
    return Attachment(
        name=str(found.get("file_name") or name),
        mime=str(found.get("mime_type") or mime),
        size=size if isinstance(size, int) else None,
        remote=str(found.get("file_id") or ""),
    )


def _in_words(message: Json) -> list[str]:
    words = []
    if isinstance(sticker := message.get("sticker"), Mapping):
        words.append(f"[Sticker {sticker.get('emoji') or ''}".rstrip() + "]")
    if isinstance(venue := message.get("venue"), Mapping):
        words += [f"{venue.get('title')}, {venue.get('address')}", *_place(venue.get("location"))]
    elif "location" in message:
        words += _place(message["location"])
    if isinstance(contact := message.get("contact"), Mapping):
        words.append(f"Contact: {name_of(contact)}, {contact.get('phone_number')}")
    if isinstance(poll := message.get("poll"), Mapping):
        options = [each for each in poll.get("options") or [] if isinstance(each, Mapping)]
        words += [f"Poll: {poll.get('question')}", *(f"• {each.get('text')}" for each in options)]
    if isinstance(dice := message.get("dice"), Mapping):
        words.append(f"{dice.get('emoji')} {dice.get('value')}")
    return words


def _place(location: object) -> list[str]:
    if not isinstance(location, Mapping):
        return []
    north, east = location.get("latitude"), location.get("longitude")
    return [f"Location: {north}, {east}", f"https://www.openstreetmap.org/?mlat={north}&mlon={east}"]


def name_of(person: Json) -> str:
    names = (person.get("first_name"), person.get("last_name"))
    return " ".join(str(each) for each in names if each) or str(person.get("username") or "")
