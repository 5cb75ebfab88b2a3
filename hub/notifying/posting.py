"""Hands a mail of Hubbub's own to a mail server, and says whether it has it."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from pydantic import SecretStr

from hub.model.notices import Digest
from hub.model.people import Agent
from hub.notifying.marks import Marks

ANSWERS_WITHIN = 30.0  # seconds, for each step
SENT_WITHIN = 120.0


class NotSent(Exception):
    """It certainly did not leave; another attempt may. The text is for admins."""


class MayBeSent(Exception):
    """The server had all of it and never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a digest says, in its reader's language."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The way to the server of `mail.host`."""

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr | None = None
    ca_file: Path | None = None

    async def send(self, mail: EmailMessage, to: str) -> None:
        """Raises NotSent or MayBeSent."""
        client = SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            tls_context=ssl.create_default_context(cafile=self.ca_file),
            timeout=ANSWERS_WITHIN,
            local_hostname="localhost",
        )
        try:
            async with asyncio.timeout(SENT_WITHIN):
                await self._address(client, to)
                await self._hand_over(client, mail.as_bytes())
        except TimeoutError as problem:  # between two steps: the last one has its own
            raise NotSent(f"The server {self.host} is too slow.") from problem
        finally:
            client.close()

    async def _address(self, client: SMTP, to: str) -> None:
        try:
            await client.connect()
            if self.user:
                await client.login(self.user, self.password.get_secret_value() if self.password else "")
            await client.mail(self.sender)
            await client.rcpt(to)
        except SMTPResponseException as problem:
            said = " ".join(problem.message.split())[:200]
            raise NotSent(f"The server {self.host} refused it: {problem.code} {said}") from problem
        except (TimeoutError, SMTPException, OSError) as problem:
            raise NotSent(f"The server {self.host} cannot be reached: {problem}") from problem

    async def _hand_over(self, client: SMTP, content: bytes) -> None:
        try:
            await client.data(content)
        except SMTPResponseException as problem:
            said = " ".join(problem.message.split())[:200]
            raise NotSent(f"The server {self.host} refused it: {problem.code} {said}") from problem
        except (TimeoutError, SMTPException, OSError) as problem:
            raise MayBeSent(f"The server {self.host} did not say whether it took it.") from problem


def plain_mail(sender: str, agent: Agent, subject: str, text: str, at: datetime) -> EmailMessage:
    """One letter of the hub's own to somebody who answers, or is asked to."""
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = Address("Hubbub", addr_spec=sender)
    mail["To"] = Address(agent.name, addr_spec=agent.email)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text)
    return mail


def mail_of(letter: Letter, agent: Agent, digest: Digest, marks: Marks, unsubscribe: str) -> EmailMessage:
    """Marked as automatic, so that nobody's absence notice answers it; one click ends them (RFC 8058)."""
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = Address("Hubbub", addr_spec=marks.sender)
    mail["To"] = Address(agent.name, addr_spec=agent.email)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(digest.at)
    mail["Message-ID"] = f"<{marks.message_id(digest.id)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Precedence"] = "bulk"
    mail["List-Unsubscribe"] = f"<{unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    return mail
