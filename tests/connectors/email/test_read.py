"""From the bytes of a mail to events: who wrote, to whom, about what; and never an error."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.message_ids import Signer
from connectors.email.read import read_event
from hub.contract.capabilities import ReceiptState, Surface
from hub.contract.inbound import (
    ArrivedRaw,
    Ignored,
    InboundEvent,
    MessageReceived,
    ReachabilityChanged,
    ReceiptReceived,
    Thread,
)
from hub.model.inbox import Person
from tests.connectors.email.mailboxes import KEY, SIGNING_KEY
from tests.connectors.email.test_compose import config
from tests.mailserver import a_mail

SIGNER = Signer("support@hub.test", SIGNING_KEY)
OURS = SIGNER.message_id(KEY)
FORGED = f"{KEY}.aaaaaaaaaaaaaaaa@hub.test"


def events(body: bytes, **raw: Any) -> tuple[InboundEvent, ...]:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    arrived = ArrivedRaw(key="INBOX:1:7", at=at, thread=Thread("t", Surface.EMAIL), body=body, raw=raw)
    return read_event(arrived, config(), SIGNER)


def message(text: str = "Hello", **headers: str) -> MessageReceived:
    """The one message that a mail with these headers is; `In_Reply_To` stands for In-Reply-To."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    (event,) = events(a_mail(text, named))
    assert isinstance(event, MessageReceived)
    return event


def test_a_plain_mail_says_who_wrote_what() -> None:
    event = message(Message_ID="<a@b.test>", To="support@hub.test, Bob <bob@x.test>", Cc="carol@x.test")
    assert event.message == "a@b.test"
    assert event.author.key == event.author.email == "customer@example.test"
    assert event.author.name == "Carla Customer"
    assert not event.author.ours
    assert (event.content.text, event.content.subject) == ("Hello", "A question")
    assert event.people == (
        Person(key="bob@x.test", name="Bob", role="to"),
        Person(key="carol@x.test", name=None, role="cc"),
    )
    assert event.flags == ()
    assert len(event.fingerprint) == 64


def test_the_same_id_with_other_content_has_another_fingerprint() -> None:
    one, two = message("one", Message_ID="<a@b>"), message("two", Message_ID="<a@b>")
    assert one.message == two.message
    assert one.fingerprint != two.fingerprint
    assert one.fingerprint == message("one", Message_ID="<a@b>", X_Other_Way="yes").fingerprint


def test_the_chain_is_told_oldest_first_and_each_once() -> None:
    event = message(
        References="<1@x> <2@x>\r\n <3@x>", In_Reply_To="<3@x>", To=str(SIGNER.reply_address(KEY))
    )
    assert event.related == ("1@x", "2@x", "3@x", OURS)
    assert event.reply_to == "3@x"


def test_an_id_of_ours_is_taken_in_any_spelling_and_a_forged_one_left_out() -> None:
    event = message(References=f"<{OURS.upper()}> <{FORGED}>", In_Reply_To=f"<{FORGED}>")
    assert event.related == (OURS,)
    assert event.reply_to == OURS
    assert message(References=f"<{FORGED}>").related == ()


def test_a_stranger_who_writes_under_an_id_of_ours_gets_one_of_their_own() -> None:
    event = message(Message_ID=f"<{OURS}>")
    assert event.message != OURS
    assert not event.author.ours
    assert event.related == (OURS,)


def test_our_own_mail_is_an_echo_of_its_delivery() -> None:
    event = message(From="Support <support@hub.test>", Message_ID=f"<{OURS}>", To="carla@x.test")
    assert event.author.ours
    assert event.message == OURS
    assert [person.key for person in event.people] == ["carla@x.test"]


RECEIVED = "from laptop.hub.test by mx.hub.test with ESMTPS; Mon, 23 Nov 2026 10:00:00 +0000"
BY_MICROSOFT = (
    "from A.prod.outlook.com by B.eurprd05.prod.outlook.com with HTTPS; Mon, 23 Nov 2026 10:00:00 +0000"
)


@pytest.mark.parametrize(
    ("results", "received"),
    [
        ("mx.hub.test; dmarc=pass (p=NONE) header.from=hub.test", RECEIVED),
        ("mx.hub.test; dkim=pass header.d=hub.test header.s=s1", RECEIVED),
        ("mx.hub.test; dkim=fail header.d=list.test; dkim=pass header.i=@hub.test", RECEIVED),
        ("mx.hub.test 1; dmarc=none; spf=pass smtp.mailfrom=support@hub.test", RECEIVED),
        (
            "spf=fail smtp.mailfrom=x.test; dmarc=pass action=none header.from=hub.test;compauth=pass",
            BY_MICROSOFT,
        ),
    ],
)
def test_what_a_colleague_writes_with_another_program_is_ours_if_our_server_vouches_for_it(
    results: str, received: str
) -> None:
    event = message(
        From="Support <SUPPORT@Hub.Test>",
        Message_ID="<x@outlook>",
        To="carla@x.test",
        Received=received,
        Authentication_Results=results,
    )
    assert event.author.ours
    assert event.author.email == "SUPPORT@hub.test"
    assert event.message == "x@outlook"


@pytest.mark.parametrize(
    ("results", "received"),
    [
        ("", RECEIVED),
        ("mx.hub.test; spf=pass smtp.mailfrom=someone@evil.test", RECEIVED),
        ("mx.hub.test; dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=evil.test", RECEIVED),
        ("mx.hub.test; dkim=pass header.d=nothub.test", RECEIVED),
        ("mx.hub.test; dmarc=fail header.from=hub.test; dkim=pass header.d=hub.test", RECEIVED),
        ("mx.evil.test; dmarc=pass header.from=hub.test", RECEIVED),
        ("dmarc=pass header.from=hub.test", RECEIVED),
        ('mx.hub.test; spf=pass smtp.mailfrom="a; dmarc=pass header.from=hub.test; b"@evil.test', RECEIVED),
        ("mx.hub.test; none (dmarc=pass (really; dmarc=pass) header.from=hub.test)", RECEIVED),
    ],
)
def test_our_address_without_proof_is_somebodys_question_and_nobody_of_ours(
    results: str, received: str
) -> None:
    event = message(
        From="Support <support@hub.test>",
        To="support@hub.test",
        Received=received,
        Authentication_Results=results,
    )
    assert not event.author.ours
    assert (event.author.key, event.author.email) == ("support@hub.test", None)
    assert event.content.text == "Hello"
    assert "unverified" in event.flags


def test_our_address_forged_is_nobody_of_ours() -> None:
    event = message(From="support@hub.test", Authentication_Results="mx.hub.test; dmarc=fail; spf=fail")
    assert not event.author.ours
    assert event.author.email is None
    assert "unverified" in event.flags


def test_a_form_on_our_website_is_written_by_whoever_filled_it_in() -> None:
    event = message(From="Website <support@hub.test>", Reply_To="Carla <carla@x.test>")
    assert event.author.key == "carla@x.test"
    assert not event.author.ours


def test_where_to_answer_is_kept_when_it_is_elsewhere() -> None:
    event = message(Reply_To="Team <team@example.test>")
    assert event.author.key == "customer@example.test"
    assert event.people[0] == Person(key="team@example.test", name="Team", role="reply_to")


def test_a_mail_from_nobody_is_nobody_elses() -> None:
    one, two = message("one", From=""), message("two", From="")
    assert one.author.key.startswith("unknown:")
    assert one.author.key != two.author.key
    assert one.author.email is None


def test_a_mail_without_an_id_is_taken_under_one_made_from_it() -> None:
    one, two = message("one", Message_ID=""), message("two", Message_ID="")
    assert one.message != two.message
    assert one.message == message("one", Message_ID="").message


@pytest.mark.parametrize(
    ("headers", "flag"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated"}, "automatic"),
        ({"List_Id": "<news.example.test>"}, "list"),
        ({"X_Spam_Flag": "YES"}, "spam"),
        ({"X_Auto_Response_Suppress": "All"}, "automatic"),
    ],
)
def test_what_a_machine_should_know_is_flagged(headers: dict[str, str], flag: str) -> None:
    assert flag in message(**headers).flags


def dsn(action: str = "failed", status: str = "5.1.1", about: str = OURS) -> bytes:
    """A delivery report as Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mail.example.test\r\nTo: support@hub.test\r\nSubject: Undelivered\r\n"
        "Message-ID: <dsn@mail.example.test>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail system\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.test\r\n\r\n"
        f"Final-Recipient: rfc822; Gone@example.test\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 the words of the server\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: <{about}>\r\nSubject: Hi\r\n\r\ntext\r\n--b--\r\n"
    ).encode()


def test_a_bounce_fails_the_message_and_the_address() -> None:
    receipt, unreachable = events(dsn())
    assert isinstance(receipt, ReceiptReceived)
    assert (receipt.key, receipt.state, receipt.message) == ("INBOX:1:7", ReceiptState.FAILED, OURS)
    assert receipt.recipient == "gone@example.test"
    assert receipt.problem is not None
    assert "the words of the server" in receipt.problem
    assert isinstance(unreachable, ReachabilityChanged)
    assert (unreachable.key, unreachable.author.key) == ("INBOX:1:7#2", "gone@example.test")


def test_a_delay_is_a_word_of_warning() -> None:
    (receipt,) = events(dsn("delayed", "4.4.1"))
    assert isinstance(receipt, ReceiptReceived)
    assert receipt.state is ReceiptState.SENT
    assert receipt.problem is not None


def test_a_refusal_for_another_reason_leaves_the_address_alone() -> None:
    (receipt,) = events(dsn("failed", "5.7.1"))
    assert isinstance(receipt, ReceiptReceived)
    assert receipt.state is ReceiptState.FAILED


def test_a_report_of_success_is_nobodys_business() -> None:
    (event,) = events(dsn("delivered", "2.0.0"))
    assert isinstance(event, Ignored)


@pytest.mark.parametrize("about", ["someone@elsewhere.test", FORGED])
def test_a_bounce_of_what_is_not_ours_stays_a_mail(about: str) -> None:
    (event,) = events(dsn(about=about))
    assert isinstance(event, MessageReceived)
    assert "bounce" in event.flags


def test_a_bounce_of_our_probe_is_nobodys_business() -> None:
    (event,) = events(dsn(about=SIGNER.probe_id("0" * 24)))
    assert isinstance(event, Ignored)


def test_files_come_with_their_bytes_and_pictures_with_their_place() -> None:
    body = (
        b"From: a@example.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>See <img src='cid:pic'></p>\r\n"
        b"--b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <pic>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--\r\n"
    )
    (event,) = events(body)
    assert isinstance(event, MessageReceived)
    (picture,) = event.content.attachments
    assert (picture.fresh, picture.inline_id, picture.size) == (b"\x89PNG", "pic", 4)
    assert event.content.html is not None
    assert event.content.text == "See"


@pytest.mark.parametrize("stumbling", [("read", "split_reply"), ("mime", "read_message")])
def test_a_fault_of_ours_leaves_its_kind_and_place_and_no_word_of_the_mail(
    stumbling: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("the secret text of the mail")

    module, name = stumbling
    monkeypatch.setattr(f"connectors.email.{module}.{name}", fail)
    body = a_mail("secret")
    (event,) = events(body)
    assert isinstance(event, MessageReceived)
    assert "LookupError in fail" in event.raw["fault"]
    assert event.raw["fault"] in event.content.text
    assert "secret" not in event.content.text
    assert event.content.attachments[0].fresh == body


@given(st.binary(max_size=3000))
def test_no_bytes_are_too_odd(body: bytes) -> None:
    for event in events(body):
        assert event.key.startswith("INBOX:1:7")
        if isinstance(event, MessageReceived):
            assert event.author.key
            assert event.message


@given(st.lists(st.sampled_from(dsn().split(b"\r\n")), max_size=60), st.binary(max_size=20))
def test_no_report_is_too_broken(lines: list[bytes], between: bytes) -> None:
    assert events(b"\r\n".join(lines) + between)
