"""The Sent folder: copies of what we sent, and the place to look whether something was sent after all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient.exceptions import IMAPClientError

from connectors.email.compose import Letter
from connectors.email.connection import Mailbox
from connectors.email.sayings import in_words, sentence
from hub.contract.connector import Kit
from hub.contract.errors import ConnectorError, Unavailable

# How programs and providers call it, where the server does not say which it is (SPECIAL-USE, RFC 6154).
_USUAL = frozenset(
    {
        *("sent", "sent items", "sent mail", "sent messages", "sent-mail", "outbox sent"),
        *("gesendet", "gesendete elemente", "gesendete objekte", "gesendete nachrichten"),
        *(
            "envoyés",
            "éléments envoyés",
            "messages envoyés",
            "enviados",
            "elementos enviados",
            "itens enviados",
        ),
        *("posta inviata", "inviati", "verzonden", "verzonden items", "wysłane", "elementy wysłane"),
        *(
            "odeslané",
            "odeslaná pošta",
            "skickat",
            "skickade objekt",
            "sendt",
            "sendte elementer",
            "sendt post",
        ),
        *("lähetetyt", "отправленные", "надіслані", "gönderilmiş öğeler", "gönderilenler", "đã gửi"),
        *("已发送", "已发送邮件", "寄件備份", "送信済み", "送信済みアイテム", "보낸 편지함", "보낸편지함"),
    }
)
_MOST_WAITING = 20  # letters; each may be as large as a mail can be
_PATIENCE = 3.0  # seconds, at closing


def sent_among(listed: Sequence[tuple[Sequence[bytes], bytes | None, str]]) -> str | None:
    """The folder for sent mail, of what LIST tells: flags, what separates its levels, name."""
    for flags, _, name in listed:
        if b"\\Sent" in flags:
            return name
    for _, delimiter, name in listed:
        last = name.rsplit(delimiter.decode(), 1)[-1] if delimiter else name
        if last.casefold() in _USUAL:
            return name
    return None


class SentFolder:
    """Copies are written behind the sending, one after the other; one that fails is logged and let go."""

    def __init__(
        self,
        folder: str,
        open_mailbox: Callable[[], Awaitable[Mailbox]],
        let_go: Callable[[Mailbox], Awaitable[None]],
        kit: Kit,
    ) -> None:
        self._folder = folder
        self._open = open_mailbox
        self._let_go = let_go
        self._kit = kit
        self._waiting: list[tuple[Letter, datetime]] = []
        self._writing: asyncio.Task[None] | None = None

    def keep(self, letter: Letter, at: datetime) -> None:
        """Copy it soon. Never raises and never waits: the mail is sent, whatever becomes of the copy."""
        if len(self._waiting) >= _MOST_WAITING:
            self._kit.log.warning("no copy in the Sent folder: too many are waiting")
            return
        self._waiting.append((letter, at))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def find(self, message_id: str) -> datetime | None:
        """When the mail of this id was put there; None when it is not there."""
        await self._settle()
        mailbox = await self._open()
        try:
            return await mailbox.run(lambda client: _find(client, self._folder, message_id))
        except IMAPClientError as problem:
            words = f"The folder {self._folder} cannot be searched: {in_words(problem)}"
            raise Unavailable(sentence(words)) from problem
        finally:
            await self._let_go(mailbox)

    async def close(self) -> None:
        """Give what is waiting a moment, then let go."""
        await self._settle()
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])

    async def _settle(self) -> None:
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=_PATIENCE)

    async def _write(self) -> None:
        mailbox: Mailbox | None = None
        try:
            while self._waiting:
                letter, at = self._waiting.pop(0)
                mailbox = mailbox or await self._open()
                await mailbox.run(lambda client: _append(client, self._folder, letter, at))  # noqa: B023
        except (ConnectorError, IMAPClientError) as problem:
            self._waiting.clear()
            words = str(problem) if isinstance(problem, ConnectorError) else in_words(problem)
            self._kit.log.warning("no copy in the Sent folder", extra={"words": words})
        finally:
            if mailbox is not None:
                await self._let_go(mailbox)


def _append(client: Any, folder: str, letter: Letter, at: datetime) -> None:
    client.append(folder, letter.content, [b"\\Seen"], at)


def _find(client: Any, folder: str, message_id: str) -> datetime | None:
    client.select_folder(folder, readonly=True)
    found = client.search(["HEADER", "Message-ID", f"<{message_id}>"])
    if not found:
        return None
    at = client.fetch([found[0]], ["INTERNALDATE"])[found[0]].get(b"INTERNALDATE")
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.now(UTC)
