"""The e-mail connector: IMAP in, SMTP out. Its neighbours know about mail; here they are put together."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from connectors.email.compose import Letter, bodies, compose, references_of, signature_of
from connectors.email.config import EmailConfig, OAuth, Password
from connectors.email.connection import Mailbox, open_mailbox
from connectors.email.cursor import Positions, read_cursor, write_cursor
from connectors.email.held import fetch_held, held_keys
from connectors.email.imap import Reader
from connectors.email.message_ids import Signer
from connectors.email.oauth import Credentials
from connectors.email.probe import arrival, probe_letter
from connectors.email.questions import QUESTIONS
from connectors.email.read import read_event
from connectors.email.renewing import renewal_questions, renewed_config
from connectors.email.rich_text import text_of
from connectors.email.sent import SentFolder
from connectors.email.setup import Seen, draft, find_servers, look_around, sent_folder, step, trust
from connectors.email.smtp import Relay
from connectors.email.steps import STEPS, beginning
from hub.contract.capabilities import Capabilities, MediaLimits, ReceiptState, Surface, TextLimits
from hub.contract.connector import Account, Connector, Kit, Manifest, Question, SetUp
from hub.contract.errors import Unavailable
from hub.contract.inbound import ArrivedRaw, Batch, Cursor, InboundEvent, RemoteId, Thread
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Attachment, Content, Markup

_CAPABILITIES = Capabilities(
    text=TextLimits(longest=500_000, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})),
    media=MediaLimits(largest={"*/*": 18_000_000}, most=50),  # in base64, the 25 MB that Gmail takes
    receipts=frozenset({ReceiptState.SENT, ReceiptState.FAILED}),
    quotes=True,
    initiates=True,
    subject=True,
    recipients=True,
)
_ASKING_WHO = (".163.com", ".126.com", ".yeah.net")  # open no folder for a program that does not say its name
_PATIENCE = timedelta(
    hours=1
)  # how long all wait for a recipient who is refused for now; greylisting takes less
_BASE64 = 0.72  # of a mail's size, what its files may have


class EmailConnector(Connector[EmailConfig]):
    """One mailbox."""

    manifest = Manifest(
        platform="email",
        name="E-mail",
        config=EmailConfig,
        surfaces={Surface.EMAIL: _CAPABILITIES},
        source="https://support.google.com/mail/answer/6584",
        checked=date(2026, 11, 23),
        questions=QUESTIONS,
        steps=STEPS,
    )

    def __init__(self, config: EmailConfig, kit: Kit) -> None:
        super().__init__(config, kit)
        self._signer = Signer(config.address, config.signing_key.get_secret_value())
        self._credentials = Credentials(config, kit, self._replace_config)
        self._relay = Relay(
            config.smtp,
            config.smtp.user or config.address,
            self._credentials,
            config.timeouts,
            config.reuse_seconds,
        )
        folder = config.sent_folder
        self._sent_folder = SentFolder(folder, self._open_mailbox, self._let_go, kit) if folder else None
        self._context: ssl.SSLContext | None = None
        self._mailboxes: set[Mailbox] = set()
        self._inbox: Mailbox | None = None  # opened by `connect`, taken over by `stream`
        self._standing: Positions | None = None  # "from now on" means from `connect` on

    def shown(self, content: Content, agent_name: str | None, signature: str = "") -> str:
        return bodies(content, signature_of(self.config, agent_name, signature))[1]

    def signature(self, agent_name: str | None, signature: str = "") -> str:
        return text_of(signature_of(self.config, agent_name, signature))

    async def connect(self) -> Account:
        """Prove both logins. A mail server that cannot send just now does not keep us from receiving."""
        await self._close_mailboxes()
        mailbox = await self._open_mailbox()
        self._inbox = mailbox
        self._standing = await Reader(mailbox, self.config, self.kit).standing()
        if self.config.imap.folders[0] not in self._standing.folders:
            raise Unavailable(f"There is no folder called {self.config.imap.folders[0]} in the mailbox.")
        most = None
        try:
            most = await self._relay.check(await self._tls())
        except Unavailable as problem:
            self.kit.log.warning(
                "receiving only: the SMTP server is not available", extra={"words": str(problem)}
            )
        surfaces = {} if most is None else {Surface.EMAIL: _limited(most)}
        return Account(
            key=self.config.address.lower(), name=self.config.name or self.config.address, surfaces=surfaces
        )

    async def stream(self, cursor: Cursor | None) -> AsyncGenerator[Batch, None]:
        mailbox, self._inbox = self._inbox, None
        if mailbox is None or mailbox.closed:
            mailbox = await self._open_mailbox()
        try:
            reader = Reader(mailbox, self.config, self.kit)
            if cursor is not None:
                positions = _read_cursor(cursor)
            else:
                positions = self._standing or await reader.standing()
                yield Batch((), write_cursor(positions), progress=positions.progress)
            async with aclosing(reader.read(positions)) as portions:
                async for portion in portions:
                    at = portion.positions
                    yield Batch(portion.events, write_cursor(at), progress=at.progress, old=portion.old)
                    del portion  # its mails may be large, and the next one may take hours to come
        finally:
            await self._let_go(mailbox)

    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        return read_event(event, self.config, self._signer)

    def name_message(self, message: OutboundMessage) -> RemoteId:
        return RemoteId(self._signer.message_id(message.key))

    async def send(self, message: OutboundMessage) -> Sent:
        letter = await self._compose(message)
        patient = self.kit.now() - message.at < _PATIENCE
        refused = await self._relay.hand_over(letter, await self._tls(), patient=patient)
        if self._sent_folder is not None and self.config.copy_to_sent:
            self._sent_folder.keep(letter, message.at)
        return self._sent(message, refused)

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        """Only a Sent folder can tell, and only that it was sent: not that it was not."""
        if self._sent_folder is None:
            return None
        at = await self._sent_folder.find(self._signer.message_id(message.key))
        return None if at is None else replace(self._sent(message, {}), at=at)

    async def probe(self) -> AsyncGenerator[str, None]:
        mailbox = await self._open_mailbox()
        try:
            yield f"Logged in to {self.config.imap.host} for receiving."
            letter = probe_letter(secrets.token_hex(12), self.config, self._signer, self.kit)
            await self._relay.hand_over(letter, await self._tls())
            yield f"{self.config.smtp.host} took a mail from {self.config.address} to itself."
            yield await arrival(mailbox, self.config, letter.message_id)
        finally:
            await self._let_go(mailbox)

    @classmethod
    async def set_up(cls, answers: Mapping[str, str], kit: Kit) -> SetUp:
        """Find the servers, log in to both, and say what was found."""
        found = await draft(answers, await trust(answers.get("ca_file") or None))
        connector = cls(found.config, kit)
        for sentence in found.found:
            kit.tell(sentence)
        try:
            mailbox = await step("Receiving (IMAP)", found.provider, connector._open_mailbox())
            kit.tell("Receiving (IMAP): the login works.")
            seen = await step(
                "Reading the folders", found.provider, look_around(mailbox, found.config.imap.folders[0])
            )
            await step("Sending (SMTP)", found.provider, connector._relay.check(await connector._tls()))
            kit.tell("Sending (SMTP): the login works.")
        finally:
            await connector.close()
        config = connector.config.model_copy(update={"sent_folder": sent_folder(found.config, seen)})
        account = Account(key=config.address.lower(), name=config.name or config.address)
        return SetUp(config, account, (*found.found, *_told(seen, config)))

    @classmethod
    async def check_step(cls, name: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        tls = await trust(answers.get("ca_file") or None)
        if name == "address":
            servers = await find_servers(answers, tls)
            hint = servers.adviser.hint if servers.adviser else ""
            return (*servers.found, hint) if hint else servers.found
        found = await draft(answers, tls)
        connector = cls(found.config, kit)
        try:
            if name == "sending":
                await step("Sending (SMTP)", found.provider, connector._relay.check(tls))
                return ["Sending (SMTP): the login works."]
            mailbox = await step("Receiving (IMAP)", found.provider, connector._open_mailbox())
            seen = await look_around(mailbox, found.config.imap.folders[0])
            if name == "start":
                return [beginning(found.config, seen.mails)]
            return ["Receiving (IMAP): the login works.", *_told(seen, found.config)[1:]]
        finally:
            await connector.close()

    async def held(self, cursor: Cursor) -> Sequence[str]:
        mailbox = await self._open_mailbox()
        try:
            return await held_keys(mailbox, self.config, _read_cursor(cursor))
        finally:
            await self._let_go(mailbox)

    async def fetch(self, keys: Sequence[str]) -> Sequence[InboundEvent]:
        mailbox = await self._open_mailbox()
        try:
            return await fetch_held(Reader(mailbox, self.config, self.kit), keys)
        finally:
            await self._let_go(mailbox)

    def renewal(self) -> tuple[Question, ...]:
        return renewal_questions(self.config)

    def renewed(self, answers: Mapping[str, str]) -> EmailConfig:
        return renewed_config(self.config, answers)

    async def close(self) -> None:
        if self._sent_folder is not None:
            await self._sent_folder.close()
        await asyncio.gather(self._close_mailboxes(), self._relay.close())

    async def _compose(self, message: OutboundMessage) -> Letter:
        files: list[tuple[Attachment, bytes]] = []
        for attachment in message.content.attachments:
            inside = attachment.fresh if attachment.fresh is not None else await self.kit.read(attachment)
            files.append((attachment, inside))
        # A large mail takes a while to encode.
        return await asyncio.to_thread(compose, message, files, self.config, self._signer)

    def _sent(self, message: OutboundMessage, refused: Mapping[str, str]) -> Sent:
        message_id = self._signer.message_id(message.key)
        begun = None if references_of(message) else Thread(message_id, Surface.EMAIL)
        return Sent(
            messages=(RemoteId(message_id),),
            at=self.kit.now(),
            thread=begun if begun != message.thread else None,
            refused=refused,
        )

    async def _open_mailbox(self) -> Mailbox:
        config, context = self.config, await self._tls()

        async def attempt(auth: Password | OAuth, secret: str) -> Mailbox:
            user = config.imap.user or config.address
            login = partial(_log_in, user=user, auth=auth, secret=secret)
            return await open_mailbox(config.imap, login, context, config.timeouts)

        mailbox = await self._credentials.used_by(attempt)
        self._mailboxes.add(mailbox)
        return mailbox

    async def _let_go(self, mailbox: Mailbox) -> None:
        await mailbox.close()
        self._mailboxes.discard(mailbox)

    async def _close_mailboxes(self) -> None:
        self._inbox = None
        await asyncio.gather(*(self._let_go(mailbox) for mailbox in list(self._mailboxes)))

    async def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await trust(self.config.ca_file)
        return self._context

    def _replace_config(self, config: EmailConfig) -> None:
        self.config = config


def _log_in(client: Any, *, user: str, auth: Password | OAuth, secret: str) -> None:
    """Runs in the mailbox's thread."""
    if isinstance(auth, OAuth):
        client.oauth2_login(user, secret)
    elif user.isascii() and secret.isascii():
        client.login(user, secret)
    else:
        client.plain_login(user, secret)  # LOGIN cannot carry an umlaut
    if str(client.host).endswith(_ASKING_WHO) and client.has_capability("ID"):
        client.id_({"name": "Hubbub"})


def _read_cursor(cursor: Cursor) -> Positions:
    try:
        return read_cursor(cursor)
    except ValueError as problem:
        words = "Where this channel stands in its mailbox cannot be read. Connect it again."
        raise Unavailable(words) from problem


def _limited(most: int) -> Capabilities:
    """What the server itself said of the largest mail it takes."""
    return replace(_CAPABILITIES, media=MediaLimits(largest={"*/*": int(most * _BASE64)}, most=50))


def _told(seen: Seen, config: EmailConfig) -> list[str]:
    """What was found in the mailbox, for whoever connects it."""
    first = config.imap.folders[0]
    told = [f"The login works for receiving and for sending. {first} holds {seen.mails} mails."]
    missing = [name for name in config.imap.folders if name not in seen.folders]
    if missing:
        told.append(
            f"Not found, and so not read: {', '.join(missing)}. There are: {', '.join(seen.folders[:30])}."
        )
    told.append(
        "New mail is announced at once (IDLE)."
        if seen.idle
        else f"The server does not announce new mail; it is asked every {config.timeouts.poll:.0f} seconds."
    )
    if config.sent_folder:
        sent = config.sent_folder
        told.append(f"What is sent is kept in {sent}.")
        if not config.copy_to_sent:
            told.append("The server puts it there: Hubbub writes no copies.")
    else:
        told.append("No folder for sent mail was found, so no copies are kept: name it as sent_folder.")
    return told
