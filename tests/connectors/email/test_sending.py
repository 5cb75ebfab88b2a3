"""Mail goes out: through the real Postfix into the customer's mailbox, and what comes of it."""

import asyncio
import email
from contextlib import aclosing
from email.message import EmailMessage
from email.policy import default

import aiohttp
import pytest

from connectors.email.connector import EmailConnector
from connectors.email.message_ids import Signer
from hub.contract.capabilities import ReceiptState
from hub.contract.connector import FindsSent, NamesMessages, Probes, ReadsRaw, SetsUp, Streams
from hub.contract.errors import Rejected, RejectReason
from hub.contract.inbound import (
    ArrivedRaw,
    Ignored,
    InboundEvent,
    MessageReceived,
    ReachabilityChanged,
    ReceiptReceived,
)
from hub.model.content import Attachment, Content, Markup
from tests.connectors.email.mailboxes import KEY, SIGNING_KEY, connector_for, message_to
from tests.connectors.email.test_receiving import read_on
from tests.mailserver import MailAccount, MailServer, a_mail


def parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


async def next_events(
    connector: EmailConnector, deed: asyncio.Future[object] | None = None
) -> list[InboundEvent]:
    """What the next mail says."""
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        if deed is not None:
            await deed
        batch = await read_on(stream)
    return [event for raw in batch.events if isinstance(raw, ArrivedRaw) for event in connector.read(raw)]


def test_it_offers_what_it_can_do() -> None:
    for protocol in (Streams, ReadsRaw, NamesMessages, FindsSent, SetsUp, Probes):
        assert issubclass(EmailConnector, protocol)


async def test_a_reply_stands_in_the_customers_thread_and_theirs_in_ours(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    """Long because it follows one exchange from the question to the thanks."""
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    first = a_mail(
        "Where is it?",
        {
            "Message-ID": "<q2@example.test>",
            "References": "<q1@example.test>",
            "From": f"Carla <{customer.address}>",
            "To": support.address,
        },
    )
    mail_server.submit(customer, [support.address], first)
    (question,) = await next_events(connector)
    assert isinstance(question, MessageReceived)
    reply = message_to(
        customer.address,
        thread=question.thread,
        content=Content(text="On its *way*.", markup=Markup.MARKDOWN, subject=question.content.subject),
        reply_to=question.message,
        related=(*question.related, question.message),
    )
    sent = await connector.send(reply)
    assert sent.messages == (connector.name_message(reply),)
    assert sent.thread is None
    assert sent.refused == {}
    (raw,) = await customer.wait_for(1)
    mail = parsed(raw)
    assert mail["Subject"] == "Re: A question"
    assert mail["In-Reply-To"] == "<q2@example.test>"
    assert mail["References"] == "<q1@example.test> <q2@example.test>"
    assert mail["Message-ID"] == f"<{sent.messages[0]}>"
    assert mail["From"] == f"Ana via Muster GmbH <{support.address}>"
    assert mail["Date"].datetime == reply.at
    answer = a_mail(
        "Thank you!",
        {
            "Message-ID": "<q3@example.test>",
            "In-Reply-To": str(mail["Message-ID"]),
            "References": f"{mail['References']} {mail['Message-ID']}",
            "From": f"Carla <{customer.address}>",
        },
    )
    await connector.close()
    again = connector_for(mail_server, support, http)
    await again.connect()
    mail_server.submit(customer, [support.address], answer)
    (thanks,) = await next_events(again)
    await again.close()
    assert isinstance(thanks, MessageReceived)
    assert thanks.reply_to == sent.messages[0]
    assert sent.messages[0] in thanks.related
    assert thanks.thread == question.thread


async def test_an_answer_to_the_signed_address_names_the_message_it_answers(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, plus_addressing=True)
    await connector.connect()
    sent = await connector.send(message_to(customer.address))
    assert sent.thread is not None
    assert sent.thread.key == sent.messages[0], "we began this thread"
    mail = parsed((await customer.wait_for(1))[0])
    signed = mail["Reply-To"].addresses[0].addr_spec
    assert signed.startswith(f"{support.address.partition('@')[0]}+{KEY}.")
    bare = a_mail("No references at all", {"To": signed, "From": customer.address})
    mail_server.submit(customer, [signed], bare)
    (answer,) = await next_events(connector)
    await connector.close()
    assert isinstance(answer, MessageReceived)
    assert answer.related == sent.messages
    assert answer.people == ()


async def test_copies_go_to_everybody_and_the_blind_ones_are_not_told(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    to, cc, bcc = (mail_server.account("carla", "example.test") for _ in range(3))
    connector = connector_for(mail_server, support, http)
    await connector.send(message_to(to.address, cc=(cc.address,), bcc=(bcc.address, to.address)))
    await connector.close()
    mails = [await box.wait_for(1) for box in (to, cc, bcc)]
    assert [len(each) for each in mails] == [1, 1, 1]
    for (raw,) in mails:
        mail = parsed(raw)
        assert [each.addr_spec for each in mail["To"].addresses] == [to.address]
        assert [each.addr_spec for each in mail["Cc"].addresses] == [cc.address]
        assert bcc.address.encode() not in raw.partition(b"\r\n\r\n")[0].partition(b"\nFrom:")[2]


async def test_files_and_pictures_arrive_as_they_were(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    picture, paper = b"\x89PNG" + bytes(range(256)) * 50, b"%PDF-1.7 \r\n.\r\n..\n" * 500
    content = Content(
        text="Look:\n\n![the part](cid:part1)\n\n.\n\n.. and dots",
        markup=Markup.MARKDOWN,
        attachments=(
            Attachment(name="part.png", mime="image/png", fresh=picture, inline_id="part1"),
            Attachment(name="Größe — 図.pdf", mime="application/pdf", fresh=paper),
        ),
    )
    connector = connector_for(mail_server, support, http)
    await connector.send(message_to(customer.address, content=content))
    await connector.close()
    mail = parsed((await customer.wait_for(1))[0])
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert parts["image/png"].get_content() == picture
    assert parts["image/png"]["Content-ID"] == "<part1>"
    assert parts["application/pdf"].get_content() == paper
    assert parts["application/pdf"].get_filename() == "Größe — 図.pdf"
    assert 'src="cid:part1"' in parts["text/html"].get_content()
    assert ".. and dots" in parts["text/plain"].get_content()


async def test_an_unknown_recipient_comes_back_as_a_failure_of_that_message(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    sent = await connector.send(message_to("nobody-here@example.test"))
    events = await next_events(connector)
    await connector.close()
    receipt, unreachable = events
    assert isinstance(receipt, ReceiptReceived)
    assert receipt.state is ReceiptState.FAILED
    assert receipt.message == sent.messages[0]
    assert receipt.recipient == "nobody-here@example.test"
    assert receipt.problem is not None
    assert "exist" in receipt.problem
    assert isinstance(unreachable, ReachabilityChanged)
    assert unreachable.author.key == "nobody-here@example.test"
    assert not unreachable.reachable
    assert unreachable.key == f"{receipt.key}#2"


async def test_a_full_mailbox_comes_back_as_a_failure_and_not_as_a_wrong_address(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    full = mail_server.account("full", "example.test", quota="*:storage=1K")
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    sent = await connector.send(message_to(full.address, text="More than a kilobyte. " * 100))
    events = await next_events(connector)
    await connector.close()
    (receipt,) = events
    assert isinstance(receipt, ReceiptReceived)
    assert (receipt.state, receipt.message) == (ReceiptState.FAILED, sent.messages[0])
    assert receipt.problem is not None
    assert "full" in receipt.problem.lower() or "quota" in receipt.problem.lower()


async def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    large = Attachment(name="film.mp4", mime="video/mp4", fresh=bytes(20_000_000))
    connector = connector_for(mail_server, support, http)
    with pytest.raises(Rejected, match=r"27\.\d MB .* takes 26\.2 MB") as refused:
        await connector.send(message_to(customer.address, content=Content(text="See", attachments=(large,))))
    await connector.close()
    assert refused.value.reason is RejectReason.MEDIA_REFUSED


async def test_what_was_sent_is_kept_and_found_again(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, sent_folder="Sent")
    message = message_to(customer.address)
    assert await connector.find_sent(message) is None
    sent = await connector.send(message)
    (copy,) = await support.wait_for(1, "Sent")
    assert f"Message-ID: <{sent.messages[0]}>".encode() in copy
    assert support.flags("Sent") == ["S"]
    found = await connector.find_sent(message)
    assert found is not None
    assert found.messages == sent.messages
    await connector.close()
    assert await connector_for(mail_server, support, http).find_sent(message) is None


async def test_a_copy_that_fails_does_not_fail_the_sending(
    mail_server: MailServer, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    full = mail_server.account("brimful", quota="*:storage=1K")
    connector = connector_for(mail_server, full, http, sent_folder="Sent")
    sent = await connector.send(message_to(customer.address, text="More than a kilobyte. " * 100))
    assert sent.messages
    await customer.wait_for(1)
    await connector.close()
    assert full.mails("Sent") == []


async def test_our_own_mail_that_comes_by_is_known_as_ours(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    sent = await connector.send(message_to(customer.address, bcc=(support.address,)))
    (echo,) = await next_events(connector)
    await connector.close()
    assert isinstance(echo, MessageReceived)
    assert echo.author.ours
    assert echo.message == sent.messages[0]
    assert [each.key for each in echo.people] == [customer.address]


async def test_a_probe_goes_out_comes_back_and_is_cleared_away(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    said = [sentence async for sentence in connector.probe()]
    await connector.close()
    assert len(said) == 3
    assert said[-1] == "It arrived in INBOX."
    assert support.mails() == []


async def test_a_probe_seen_by_the_stream_is_nobodys_business(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    probe = Signer(support.address, SIGNING_KEY).probe_id("0" * 24)
    mail_server.deliver(support.address, a_mail("", {"Message-ID": f"<{probe}>"}))
    (event,) = await next_events(connector)
    await connector.close()
    assert isinstance(event, Ignored)


async def test_connections_are_used_again_and_let_go(
    mail_server: MailServer, support: MailAccount, customer: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    messages = [message_to(customer.address, key=f"{number:024x}") for number in range(30)]
    await asyncio.gather(*(connector.send(message) for message in messages))
    await connector.close()
    mails = await customer.wait_for(30)
    assert len({parsed(raw)["Message-ID"] for raw in mails}) == 30
