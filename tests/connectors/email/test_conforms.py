"""The e-mail connector keeps the contract: Dovecot for receiving, a scripted server for sending."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import aiohttp
import pytest

from connectors.email.connector import EmailConnector
from hub.contract.connector import Connector
from hub.contract.outbound import OutboundMessage, Sent
from tests.chaosproxy import ChaosProxy
from tests.conformance import Check, Failure, Harness, checks_for
from tests.connectors.email.mailboxes import SIGNING_KEY, connector_for, message_to
from tests.connectors.email.scripted_smtp import HANG_UP, ScriptedSmtp
from tests.mailserver import MailAccount, MailServer, a_mail

_ANSWERS = {
    Failure.UNAVAILABLE: {"GREETING": "421 4.3.0 Down for maintenance"},
    Failure.RATE_LIMITED: {"MAIL": "451 4.7.1 Rate limit exceeded, try again in 2 minutes"},
    Failure.AUTH_BROKEN: {"AUTH": "535 5.7.8 Authentication failed"},
    Failure.REJECTED: {"RCPT": "550 5.1.1 No such user"},
    Failure.LOST_ANSWER: {"DONE": HANG_UP},
}


class EmailHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = EmailConnector

    def __init__(
        self,
        server: MailServer,
        account: MailAccount,
        proxy: ChaosProxy,
        smtp: ScriptedSmtp,
        http: aiohttp.ClientSession,
    ) -> None:
        self.server, self.account, self.proxy, self.smtp, self.http = server, account, proxy, smtp, http
        self.secrets = (account.password, SIGNING_KEY)

    def make(self) -> EmailConnector:
        return connector_for(
            self.server,
            self.account,
            self.http,
            imap={"port": self.proxy.port},
            smtp={"host": "127.0.0.1", "port": self.smtp.port, "security": "none"},
            timeouts={"connect": 3, "answer": 3, "send": 3},
            sent_folder="Sent",
        )

    async def arrive(self, count: int) -> None:
        mails = [a_mail(f"Question {number}") for number in range(count)]
        await asyncio.to_thread(self.server.deliver, self.account.address, *mails)

    def outbound(self, key: str) -> OutboundMessage:
        return message_to("carla@example.test", key=key)

    def sends(self) -> int:
        return self.smtp.count("MAIL")

    async def fail(self, failure: Failure | None) -> None:
        self.smtp.answers = dict(_ANSWERS.get(failure, {})) if failure is not None else {}
        self.proxy.refuse = failure is Failure.UNAVAILABLE
        password = "another" if failure is Failure.AUTH_BROKEN else self.account.password
        if password != self.server.password_of(self.account):
            await asyncio.to_thread(self.server.change_password, self.account, password)
        if failure in (Failure.UNAVAILABLE, Failure.AUTH_BROKEN):
            self.proxy.reset_all()
            self.smtp.hang_up()

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        answer = a_mail("Thank you", {"In-Reply-To": f"<{sent.messages[0]}>"})
        await asyncio.to_thread(self.server.deliver, self.account.address, answer)


@pytest.fixture
async def harness(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> AsyncIterator[Harness]:
    async with ChaosProxy("127.0.0.1", mail_server.ports.imaps) as proxy, ScriptedSmtp() as smtp:
        yield EmailHarness(mail_server, support, proxy, smtp, http)


@pytest.mark.parametrize("check", checks_for(EmailHarness), ids=str)
async def test_it_conforms(check: Check, harness: Harness) -> None:
    await check(harness)
