"""What goes wrong while sending: before the final dot nothing was sent, after it nobody knows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from connectors.email.connector import EmailConnector
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)
from hub.model.content import Attachment, Content
from tests.chaosproxy import ChaosProxy
from tests.connectors.email.mailboxes import connector_for, message_to
from tests.connectors.email.scripted_smtp import HANG_UP, SILENCE, ScriptedSmtp
from tests.mailserver import MailAccount, MailServer

ANYONE = "carla@example.test"


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedSmtp]:
    async with ScriptedSmtp() as smtp:
        yield smtp


@pytest.fixture
async def connector(
    scripted: ScriptedSmtp, mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> AsyncIterator[EmailConnector]:
    """Sends to the scripted server; gives up waiting quickly."""
    smtp = {"host": "127.0.0.1", "port": scripted.port, "security": "none"}
    limits = {"connect": 1, "answer": 1, "send": 2}
    connector = connector_for(mail_server, support, http, smtp=smtp, timeouts=limits)
    yield connector
    await connector.close()


@pytest.mark.parametrize(
    ("command", "answer", "error", "words"),
    [
        ("MAIL", "451 4.3.0 Local trouble", Unavailable, "Local trouble"),
        ("RCPT", "450 4.2.0 Greylisted, come back later", Unavailable, "Greylisted"),
        ("RCPT", "452 4.2.2 Mailbox full", Unavailable, "Mailbox full"),
        ("DATA", "451 4.3.0 Not now", Unavailable, "Not now"),
        ("DONE", "451 4.3.0 Queue file trouble", Unavailable, "Queue file"),
        ("MAIL", "421 4.7.0 Going down", Unavailable, "Going down"),
        ("GREETING", "421 4.3.2 Too many connections", RateLimited, "Too many"),
        ("GREETING", "554 5.7.1 Not from there", Rejected, "Not from there"),
        ("MAIL", "451 4.7.1 Rate limit exceeded, try again in 5 minutes", RateLimited, "Rate limit"),
        ("DONE", "550 5.4.5 Daily user sending limit exceeded", RateLimited, "Daily"),
        ("AUTH", "535 5.7.8 Username and password not accepted", AuthBroken, "not accepted"),
        ("AUTH", "454 4.7.0 Temporary authentication failure", Unavailable, "Temporary"),
        ("MAIL", "530 5.7.0 Authentication required", AuthBroken, "required"),
        ("RCPT", "550 5.1.1 No such user", Rejected, "No such user"),
        ("DONE", "552 5.2.2 Over quota", Rejected, "Over quota"),
        ("DONE", "554 5.7.1 This looks like spam", Rejected, "spam"),
        ("DONE", "552 5.3.4 Message size exceeds the limit", Rejected, "size"),
        ("GREETING", HANG_UP, Unavailable, "Cannot connect"),
        ("MAIL", HANG_UP, Unavailable, "before the mail was sent"),
        ("DATA", HANG_UP, Unavailable, "before the mail was sent"),
        ("DONE", HANG_UP, OutcomeUnknown, "never confirmed"),
        ("GREETING", SILENCE, Unavailable, "does not answer"),
        ("MAIL", SILENCE, Unavailable, "before the mail was sent"),
        ("DATA", SILENCE, Unavailable, "before the mail was sent"),
        ("DONE", SILENCE, OutcomeUnknown, "never confirmed"),
    ],
)
async def test_every_answer_has_its_meaning(
    command: str,
    answer: str,
    error: type[ConnectorError],
    words: str,
    scripted: ScriptedSmtp,
    connector: EmailConnector,
) -> None:
    scripted.answers[command] = answer
    with pytest.raises(error, match=words) as raised:
        await connector.send(message_to(ANYONE))
    assert type(raised.value) is error
    assert scripted.count("MAIL") <= 1, "trying again is the outbox's work"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 No such user", RejectReason.UNREACHABLE),
        ("550 mailbox unavailable", RejectReason.UNREACHABLE),
        ("552 5.2.2 Over quota", RejectReason.UNREACHABLE),
        ("550 5.7.1 Blocked by policy", RejectReason.POLICY),
        ("552 5.3.4 Message too big", RejectReason.TOO_LONG),
        ("554 no", RejectReason.UNREACHABLE),
        ("554 5.7.1 Too many URLs", RejectReason.POLICY),
        ("552 5.2.3 Message size exceeded maximum limit", RejectReason.TOO_LONG),
        ("552 5.3.4 Daily limit of sent megabytes: size exceeded", RejectReason.TOO_LONG),
        ("550 5.1.1 The user has exceeded their daily limit of messages", RejectReason.UNREACHABLE),
        (
            "550 5.2.1 The recipient exceeded the limit of messages received per hour",
            RejectReason.UNREACHABLE,
        ),
        ("550 5.7.1 Rate limit of links exceeded", RejectReason.POLICY),
    ],
)
async def test_the_reason_of_a_refusal_is_told(
    answer: str, reason: RejectReason, scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["RCPT"] = answer
    with pytest.raises(Rejected) as raised:
        await connector.send(message_to(ANYONE))
    assert raised.value.reason is reason


async def test_a_mail_that_goes_round_in_circles_is_refused_and_holds_up_nobody(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["DONE"] = "554 5.4.6 Too many received headers"
    with pytest.raises(Rejected, match="Too many received headers") as raised:
        await connector.send(message_to(ANYONE))
    assert raised.value.reason is RejectReason.OTHER


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.4.5 Daily user sending limit exceeded",
        "550 5.7.28 Gmail has detected an unusual rate of mail",
        "550 5.7.1 Daily SMTP relay limit exceeded for customer",
        "554 5.2.0 SubmissionQuotaExceededException: the sender's submission quota was exceeded",
        "550 Domain hub.test has exceeded the max emails per hour (150/150) allowed",
    ],
)
async def test_a_quota_of_what_we_send_paces_the_channel_though_it_calls_itself_permanent(
    answer: str, scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["DONE"] = answer
    with pytest.raises(RateLimited):
        await connector.send(message_to(ANYONE))


async def test_a_mail_too_large_for_now_does_not_pace_the_channel(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["MAIL"] = "452 4.3.1 Message exceeded the size limit of the disk"
    with pytest.raises(Unavailable) as raised:
        await connector.send(message_to(ANYONE))
    assert not isinstance(raised.value, RateLimited)


async def test_how_long_to_wait_is_taken_from_the_servers_words(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["MAIL"] = "451 4.7.1 Rate limit exceeded, try again in 5 minutes"
    with pytest.raises(RateLimited) as raised:
        await connector.send(message_to(ANYONE))
    assert raised.value.retry_after == timedelta(minutes=5)
    scripted.answers["MAIL"] = "550 5.4.5 Daily sending quota exceeded"
    with pytest.raises(RateLimited) as raised:
        await connector.send(message_to(ANYONE))
    assert raised.value.retry_after == timedelta(hours=1)


async def test_who_was_refused_is_told_and_the_others_get_it(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["gone@example.test"] = "550 5.1.1 No such user"
    sent = await connector.send(message_to(ANYONE, "gone@example.test"))
    assert sent.refused == {"gone@example.test": "550 5.1.1 No such user"}
    assert len(scripted.taken) == 1


async def test_while_one_is_refused_for_now_nobody_gets_it_and_later_all_get_it_once(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    message = message_to(ANYONE, "grey@example.test", at=datetime.now(UTC))
    scripted.answers["grey@example.test"] = "450 4.2.0 Greylisted, come back later"
    with pytest.raises(
        Unavailable, match="grey@example.test yet, so nobody has got it: 450 4.2.0 Greylisted"
    ):
        await connector.send(message)
    assert scripted.count("DATA") == 0
    del scripted.answers["grey@example.test"]
    assert (await connector.send(message)).refused == {}
    assert len(scripted.taken) == 1


async def test_after_an_hour_the_others_wait_no_longer_for_one_refused_for_now(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["full@example.test"] = "452 4.2.2 Mailbox full"
    written = datetime.now(UTC) - timedelta(hours=2)
    sent = await connector.send(message_to(ANYONE, "full@example.test", at=written))
    assert sent.refused == {
        "full@example.test": "Refused for now, and not tried again: 452 4.2.2 Mailbox full"
    }
    assert len(scripted.taken) == 1


async def test_one_recipient_too_many_is_told_at_once_because_waiting_does_not_help(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    scripted.answers["last@example.test"] = "452 4.5.3 Too many recipients"
    sent = await connector.send(message_to(ANYONE, "last@example.test", at=datetime.now(UTC)))
    assert list(sent.refused) == ["last@example.test"]
    assert len(scripted.taken) == 1


async def test_a_server_without_smtputf8_is_told_apart_from_a_wrong_address(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    with pytest.raises(Rejected, match="jörg@example.test: it does not know SMTPUTF8") as raised:
        await connector.send(message_to("jörg@example.test"))
    assert raised.value.reason is RejectReason.UNSUPPORTED
    await connector.send(message_to("joerg@bücher.example"))
    assert scripted.count("RCPT TO:<joerg@xn--bcher-kva.example>") == 1


async def test_a_kept_connection_that_died_is_replaced_and_nothing_is_sent_twice(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    await connector.send(message_to(ANYONE, key="0" * 24))
    scripted.hang_up()
    await connector.send(message_to(ANYONE, key="1" * 24))
    assert len(scripted.taken) == 2
    assert scripted.count("AUTH") == 2


async def test_a_kept_connection_is_used_for_the_next_mail(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    for number in range(5):
        await connector.send(message_to(ANYONE, key=f"{number:024}"))
    assert scripted.count("AUTH") == 1
    assert len(scripted.taken) == 5


async def test_lines_of_dots_and_endless_lines_arrive_as_written(
    scripted: ScriptedSmtp, connector: EmailConnector
) -> None:
    await connector.send(message_to(ANYONE, text=".\n..\n.a\n" + "x" * 5000))
    (raw,) = scripted.taken
    body = raw.removesuffix(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in body
    assert all(len(line) <= 998 for line in body.split(b"\r\n"))
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert b"\n" not in body.replace(b"\r\n", b"")


async def test_a_wrong_password_is_an_admins_business_and_receiving_is_tried_first(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    wrong = {"kind": "password", "password": "wrong"}
    connector = connector_for(mail_server, support, http, auth=wrong)
    with pytest.raises(AuthBroken, match="refused the login: 535"):
        await connector.send(message_to(ANYONE))
    await connector.close()


async def test_an_smtp_server_that_is_down_does_not_stop_receiving(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, smtp={"port": 1})
    assert (await connector.connect()).key == support.address
    with pytest.raises(Unavailable):
        await connector.send(message_to(ANYONE))
    await connector.close()


@pytest.fixture
async def proxy(mail_server: MailServer) -> AsyncIterator[ChaosProxy]:
    """Between the connector and Postfix."""
    async with ChaosProxy("127.0.0.1", mail_server.ports.submission) as proxy:
        yield proxy


def large_message(to: str) -> Any:
    """More than all the buffers on the way can hold."""
    film = Attachment(name="film.mp4", mime="video/mp4", fresh=bytes(12_000_000))
    return message_to(to, content=Content(text="See below", attachments=(film,)))


@pytest.mark.parametrize("fault", ["reset", "end", "black hole"])
async def test_cut_in_the_middle_of_the_mail_it_was_not_sent(
    fault: str,
    mail_server: MailServer,
    support: MailAccount,
    customer: MailAccount,
    http: aiohttp.ClientSession,
    proxy: ChaosProxy,
) -> None:
    limits = {"send": 3, "answer": 3}
    connector = connector_for(mail_server, support, http, smtp={"port": proxy.port}, timeouts=limits)
    proxy.politely = fault == "end"
    if fault != "black hole":
        proxy.cut_after_sent = 200_000
    else:
        proxy.stall_after_sent = 200_000
    with pytest.raises(Unavailable, match="before the mail was sent"):
        await connector.send(large_message(customer.address))
    proxy.cut_after_sent = proxy.stall_after_sent = None
    await connector.send(message_to(customer.address))
    await connector.close()
    assert len(await customer.wait_for(1)) == 1


async def test_when_the_answer_is_lost_nobody_knows(
    mail_server: MailServer,
    support: MailAccount,
    customer: MailAccount,
    http: aiohttp.ClientSession,
    proxy: ChaosProxy,
) -> None:
    limits = {"send": 2, "answer": 2}
    connector = connector_for(mail_server, support, http, smtp={"port": proxy.port}, timeouts=limits)
    proxy.mute_after_sent = 20_000
    with pytest.raises(OutcomeUnknown, match="never confirmed"):
        await connector.send(message_to(customer.address, text="0123456789 " * 10_000))
    await connector.close()
    assert len(await customer.wait_for(1)) == 1, "it had arrived after all"


async def test_a_black_hole_cannot_keep_us_from_closing(
    mail_server: MailServer,
    support: MailAccount,
    customer: MailAccount,
    http: aiohttp.ClientSession,
    proxy: ChaosProxy,
) -> None:
    limits = {"send": 600, "answer": 600}
    connector = connector_for(mail_server, support, http, smtp={"port": proxy.port}, timeouts=limits)
    await connector.connect()
    proxy.silent = True
    sending = asyncio.ensure_future(connector.send(message_to(customer.address)))
    await asyncio.wait([sending], timeout=0.2)
    async with asyncio.timeout(5):
        await connector.close()
    with pytest.raises(Unavailable):
        await sending
