"""One outgoing message as calls of the Bot API: text, a file with its words, an album, or several."""

from collections.abc import Sequence
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
PHOTOS = ("image/jpeg", "image/png", "image/webp")

File = tuple[str, str, bytes]  # name, type, content
Album = list[InputMediaAudio | InputMediaDocument | InputMediaPhoto | InputMediaVideo]


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
        return cls(plain, tuple(MessageEntity(**mark) for mark in marks))

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
        rest = list(files)
        if words.text.strip() and not (rest and words.fits_below_a_file):
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
        name, mime, content = file
        shown = mime in PHOTOS and len(content) <= LARGEST_PHOTO
        call = self.bot.send_photo if shown else self.bot.send_document
        sent = await call(
            self.place.chat,
            content,
            filename=name,
            caption=words.text or None,
            caption_entities=words.entities or None,
            message_thread_id=self.place.topic,
            business_connection_id=self.place.connection,
            reply_parameters=self._answering(),
        )
        self.sent.append(sent)

    async def _send_album(self, files: Sequence[File], words: Words) -> None:
        media: Album = []
        for number, (name, mime, content) in enumerate(files):
            shown = mime in PHOTOS
            kind = InputMediaPhoto if shown else InputMediaDocument
            first = words if number == 0 else Words("")
            media.append(
                kind(
                    content,
                    caption=first.text or None,
                    caption_entities=first.entities or None,
                    filename=name,
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
    """The files at the front that go together: pictures with pictures, documents with documents."""

    def shown(file: File) -> bool:
        return file[1] in PHOTOS and len(file[2]) <= LARGEST_PHOTO

    together = [files[0]]
    for file in files[1:ALBUM]:
        if shown(file) != shown(files[0]):
            break
        together.append(file)
    return together
