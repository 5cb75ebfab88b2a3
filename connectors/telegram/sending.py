"""One outgoing message as calls of the Bot API: text, a file with its words, an album, or several."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import telegram
from telegram import (
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    MessageEntity,
    ReplyParameters,
)

from connectors.telegram.buttons import keyboard
from connectors.telegram.marks import from_markdown, utf16_units
from hub.contract.inbound import RemoteId, Thread
from hub.model.content import Markup

LONGEST_CAPTION = 1024  # UTF-16 units; https://core.telegram.org/bots/api#sendphoto (checked 2026-11-23)
LARGEST_PHOTO = 10_000_000  # bytes; what is larger goes as a document
ALBUM = 10
MOST_MARKS = 100  # what is marked beyond them Telegram passes over

File = tuple[str, str, bytes]  # name, type, content
Album = list[InputMediaAudio | InputMediaDocument | InputMediaPhoto | InputMediaVideo]
# How Telegram shows a file, by its type; what else there is goes as a document.
# https://core.telegram.org/bots/api#sendvideo, #sendaudio, #sendvoice, #sendanimation (checked 2026-11-30)
SHOWN = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "image/gif": "animation",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp3": "audio",
    "audio/mp4": "audio",
    "audio/x-m4a": "audio",
    "audio/ogg": "voice",
    "audio/opus": "voice",
}
# What may stand in one album; an animation or a spoken message stands alone.
# https://core.telegram.org/bots/api#sendmediagroup (checked 2026-11-30)
TOGETHER = {"photo": "seen", "video": "seen", "audio": "heard", "document": "read"}
IN_ALBUM: Mapping[str, type[InputMediaPhoto | InputMediaVideo | InputMediaAudio | InputMediaDocument]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}


def kind_of(file: File) -> str:
    """How Telegram shows it. Opus, which a spoken message is made of, names itself at the beginning."""
    _, mime, content = file
    kind = SHOWN.get(mime.partition(";")[0].strip().lower(), "document")
    if (kind == "photo" and len(content) > LARGEST_PHOTO) or (
        kind == "voice" and b"OpusHead" not in content[:100]
    ):
        return "document"
    return kind


@dataclass(frozen=True, slots=True)
class Place:
    """A thread in the Bot API's terms."""

    chat: int
    topic: int | None = None
    connection: str | None = None


def place_of(thread: Thread) -> Place:
    """Raises ValueError for a key that is none of ours."""
    place, _, topic = thread.key.partition(":") if "@" not in thread.key else (thread.key, "", "")
    chat, _, connection = place.partition("@")
    return Place(int(chat), int(topic) if topic else None, connection or None)


def number_of(message: RemoteId) -> int:
    """Of what was said by pressing a button: the number of the message with the button."""
    return int(message.rpartition("/")[2].partition("+")[0])


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    entities: tuple[MessageEntity, ...] = ()

    @classmethod
    def of(cls, text: str, markup: Markup) -> "Words":
        if markup is Markup.PLAIN:
            return cls(text)
        plain, marks = from_markdown(text)
        return cls(plain, tuple(MessageEntity(**mark) for mark in marks[:MOST_MARKS]))

    @property
    def fits_below_a_file(self) -> bool:
        return utf16_units(self.text) <= LONGEST_CAPTION


@dataclass(slots=True)
class Sending:
    """`sent` grows as Telegram takes the parts: what stands there has left."""

    bot: telegram.Bot
    place: Place
    reply_to: int | None
    sent: list[telegram.Message]
    choices: Sequence[str] = ()

    async def send(self, words: Words, files: Sequence[File]) -> None:
        """Buttons stand below the words; an album takes none, and its words go before it then."""
        rest = list(files)
        below = words.fits_below_a_file and not (self.choices and len(_album(rest)) > 1)
        if words.text.strip() and not (rest and below):
            await self._text(words)
            words = Words("")
        while rest:
            together = _album(rest)
            if len(together) > 1:
                await self._send_album(together, words)
            else:
                await self._file(together[0], words)
            words, rest = Words(""), rest[len(together) :]

    async def _text(self, words: Words) -> None:
        sent = await self.bot.send_message(
            chat_id=self.place.chat,
            text=words.text,
            entities=words.entities or None,
            message_thread_id=self.place.topic,
            business_connection_id=self.place.connection,
            reply_parameters=self._answering(),
            reply_markup=keyboard(self.choices),
        )
        self.sent.append(sent)

    async def _file(self, file: File, words: Words) -> None:
        calls: Mapping[str, Callable[..., Awaitable[telegram.Message]]] = {
            "photo": self.bot.send_photo,
            "video": self.bot.send_video,
            "animation": self.bot.send_animation,
            "audio": self.bot.send_audio,
            "voice": self.bot.send_voice,
            "document": self.bot.send_document,
        }
        sent = await calls[kind_of(file)](
            self.place.chat,
            file[2],
            filename=file[0],
            caption=words.text or None,
            caption_entities=words.entities or None,
            message_thread_id=self.place.topic,
            business_connection_id=self.place.connection,
            reply_parameters=self._answering(),
            reply_markup=keyboard(self.choices) if words.text else None,
        )
        self.sent.append(sent)

    async def _send_album(self, files: Sequence[File], words: Words) -> None:
        media: Album = []
        for number, file in enumerate(files):
            first = words if number == 0 else Words("")
            media.append(
                IN_ALBUM[kind_of(file)](
                    file[2],
                    caption=first.text or None,
                    caption_entities=first.entities or None,
                    filename=file[0],
                )
            )
        self.sent += await self.bot.send_media_group(
            chat_id=self.place.chat,
            media=media,
            message_thread_id=self.place.topic,
            business_connection_id=self.place.connection,
            reply_parameters=self._answering(),
        )

    def _answering(self) -> ReplyParameters | None:
        """The first part alone quotes; without what it quotes it is sent all the same."""
        if self.reply_to is None or self.sent:
            return None
        return ReplyParameters(self.reply_to, allow_sending_without_reply=True)


def _album(files: Sequence[File]) -> list[File]:
    """The files at the front that go together."""
    if not files:
        return []
    kind = TOGETHER.get(kind_of(files[0]))
    together = [files[0]]
    for file in files[1:ALBUM] if kind else ():
        if TOGETHER.get(kind_of(file)) != kind:
            break
        together.append(file)
    return together
