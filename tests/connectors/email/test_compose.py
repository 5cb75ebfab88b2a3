"""From a message to the bytes of a mail, whatever is in it."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.email.compose import MOST_REFERENCES, Letter, compose
from connectors.email.config import EmailConfig
from connectors.email.message_ids import Signer
from hub.contract.errors import Rejected, RejectReason
from hub.contract.inbound import RemoteId
from hub.model.content import Attachment, Content, Markup
from tests.connectors.email.mailboxes import KEY, SIGNING_KEY, message_to

ADDRESS = "support@hub.test"
TO = "carla@example.test"


def config(**changes: Any) -> EmailConfig:
    server = {"host": "localhost", "port": 1}
    settings = {
        "address": ADDRESS,
        "name": "Muster GmbH",
        "imap": server,
        "smtp": server,
        "auth": {"kind": "password", "password": "secret"},
        "signing_key": SIGNING_KEY,
    }
    return EmailConfig.model_validate({**settings, **changes})


def letter(settings: EmailConfig | None = None, *files: tuple[Attachment, bytes], **changes: Any) -> Letter:
    settings = settings or config()
    signer = Signer(settings.address, SIGNING_KEY)
    return compose(message_to(*changes.pop("to", (TO,)), **changes), files, settings, signer)


def read(written: Letter) -> EmailMessage:
    mail = email.message_from_bytes(written.content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def bodies(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML, with the line ends of this machine."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def headers(written: Letter) -> list[str]:
    """The names in the header, as a server sees them."""
    head = written.content.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in " \t"]


def test_a_mail_is_the_same_at_every_attempt() -> None:
    picture = Attachment(name="a.png", mime="image/png", inline_id="a")
    content = Content(text="![a](cid:a)", markup=Markup.MARKDOWN, subject="Hi")
    assert (
        letter(None, (picture, b"x"), content=content).content
        == letter(None, (picture, b"x"), content=content).content
    )


def test_text_and_html_say_the_same() -> None:
    text = "Dear **Carla**,\n\n- one\n- two [here](https://example.test/a)\n\n> quoted\n\n`code`"
    mail = read(letter(content=Content(text=text, markup=Markup.MARKDOWN, subject="Hi")))
    plain, html = bodies(mail)
    assert plain == ("Dear Carla,\n\n- one\n- two here <https://example.test/a>\n\n> quoted\n\ncode\n")
    shown = html
    assert "<strong>Carla</strong>" in shown
    assert 'style="' in shown
    assert '<a href="https://example.test/a"' in shown


def test_plain_text_is_shown_as_it_was_written() -> None:
    mail = read(letter(text="2 * 3 * 4 <b>not bold</b>\nnext line"))
    plain, html = bodies(mail)
    assert plain == "2 * 3 * 4 <b>not bold</b>\nnext line\n"
    assert "2 * 3 * 4 &lt;b&gt;not bold&lt;/b&gt;<br>next line" in html


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("Question", "Re: Question"),
        ("Re: Question", "Re: Question"),
        ("RE: AW: Re[2]: Question", "Re: Question"),
        ("Antw: SV: Odp: Question", "Re: Question"),
        ("回复: Question", "Re: Question"),
        ("Fwd: Question", "Re: Fwd: Question"),
        ("Regards: Question", "Re: Regards: Question"),
        ("", "Re:"),
    ],
)
def test_a_reply_has_one_re(subject: str, sent: str) -> None:
    content = Content(text="x", subject=subject)
    assert read(letter(content=content, reply_to=RemoteId("a@b.c")))["Subject"] == sent


def test_a_first_mail_keeps_its_subject() -> None:
    assert read(letter(content=Content(text="x", subject="Re-opening")))["Subject"] == "Re-opening"


def test_a_long_chain_keeps_its_first_and_its_last() -> None:
    chain = tuple(RemoteId(f"{number}@example.test") for number in range(100))
    mail = read(letter(related=chain, reply_to=chain[-1]))
    references = str(mail["References"]).split()
    assert len(references) == MOST_REFERENCES
    assert references[0] == "<0@example.test>"
    assert references[-1] == "<99@example.test>"
    assert mail["In-Reply-To"] == "<99@example.test>"


def test_ids_no_header_can_carry_are_left_out() -> None:
    chain = ("fine@example.test", "has space@x", "new\r\nBcc: x@y", "<>", "x" * 900, "ümlaut@x", "")
    written = letter(related=tuple(map(RemoteId, chain)))
    assert read(written)["References"] == "<fine@example.test>"
    assert "Bcc" not in headers(written)


def test_an_id_we_made_up_is_told_to_nobody() -> None:
    written = letter(related=(RemoteId("0" * 40 + "@synthetic.invalid"),))
    assert {"References", "In-Reply-To"}.isdisjoint(headers(written))
    assert read(written)["Subject"].startswith("Re: ")


def test_a_long_id_is_written_as_it_is() -> None:
    long = "a" * 150 + "@mail.example.test"
    assert f"References: <{long}>\r\n".encode() in letter(related=(RemoteId(long),)).content


@pytest.mark.parametrize("odd", ["\r\nBcc: victim@example.test", "\nX: y", "\r", "\0", "\u2028", "\x85"])
def test_nothing_written_can_add_a_header(odd: str) -> None:
    content = Content(
        text=odd, subject=f"Hi{odd}", attachments=(Attachment(name=f"a{odd}.txt", mime=f"text/plain{odd}"),)
    )
    written = letter(
        config(name=f"Muster{odd}"), (content.attachments[0], b"x"), content=content, agent_name=f"Ana{odd}"
    )
    assert set(headers(written)) == {
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
    }
    assert written.recipients == (TO,)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@",
        "@b.c",
        "a b@c.d",
        "a@b@c.d",
        "a@b c",
        "a@b\r\n.c",
        "<a@b.c>",
        "a@-",
        "a..b@c.d",
        "unknown:1",
    ],
)
def test_what_is_no_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(Rejected, match="not an e-mail address") as raised:
        letter(to=(address,))
    assert raised.value.reason is RejectReason.UNREACHABLE


def test_a_mail_to_nobody_is_refused() -> None:
    with pytest.raises(Rejected, match="nobody"):
        letter(to=())


def test_blind_copies_are_in_the_envelope_only() -> None:
    written = letter(to=(), bcc=("a@example.test", "b@example.test"))
    assert written.recipients == ("a@example.test", "b@example.test")
    assert b"example.test" not in written.content
    assert read(written)["To"] == "undisclosed-recipients:;"


def test_foreign_domains_travel_in_ascii_and_foreign_names_need_smtputf8() -> None:
    domain = letter(to=("joerg@bücher.example",))
    assert domain.recipients == ("joerg@xn--bcher-kva.example",)
    assert not domain.utf8
    domain.content.decode("ascii")
    name = letter(to=("jörg@bücher.example",))
    assert name.utf8
    assert name.recipients == ("jörg@xn--bcher-kva.example",)
    assert "jörg@xn--bcher-kva.example" in name.content.decode("utf-8")


@pytest.mark.parametrize(
    ("agent", "name", "shown"),
    [
        ("Ana", "Muster GmbH", "Ana via Muster GmbH"),
        (None, "Muster GmbH", "Muster GmbH"),
        ("Ana", "", "Ana"),
        (None, "", ""),
        ('Ana "Ace" O\'Neil, (Dr.)', "Größe & Söhne", 'Ana "Ace" O\'Neil, (Dr.) via Größe & Söhne'),
    ],
)
def test_the_name_shown_is_the_agents_and_ours(agent: str | None, name: str, shown: str) -> None:
    (sender,) = read(letter(config(name=name), agent_name=agent))["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shown, ADDRESS)


def test_what_a_machine_wrote_says_so_and_what_a_person_wrote_does_not() -> None:
    automatic = read(letter(automated=True))
    assert automatic["Auto-Submitted"] == "auto-generated"
    assert automatic["X-Auto-Response-Suppress"] == "All"
    assert "Auto-Submitted" not in read(letter())


def test_answers_are_asked_to_a_signed_address_where_that_works() -> None:
    settings = config(plus_addressing=True)
    (answers,) = read(letter(settings))["Reply-To"].addresses
    assert Signer(ADDRESS, SIGNING_KEY).answered(answers.addr_spec) == letter(settings).message_id
    too_long = config(plus_addressing=True, address=f"{'a' * 40}@hub.test")
    assert "Reply-To" not in read(letter(too_long))


def test_a_signature_is_a_template_in_a_sandbox() -> None:
    signed = config(signature="**{{ agent }}**\n{{ name }}, {{ address }}")
    mail = read(letter(signed))
    plain, html = bodies(mail)
    assert plain.endswith("\n\n-- \nAna\nMuster GmbH, support@hub.test\n")
    assert "<strong>Ana</strong>" in html
    spying = config(signature="{{ ''.__class__.__mro__ }}")
    assert bodies(read(letter(spying)))[0] == "Good day\n"


def test_the_writers_own_signature_stands_above_the_channels_or_where_that_says() -> None:
    above = config(signature="{{ name }}")
    plain, html = bodies(read(letter(above, signature="**Ana**, Lisbon")))
    assert plain.endswith("\n\n-- \nAna, Lisbon\n\nMuster GmbH\n")
    assert "<strong>Ana</strong>" in html
    placed = config(signature="{{ name }}: {{ signature }}")
    assert bodies(read(letter(placed, signature="Ana")))[0].endswith("\n-- \nMuster GmbH: Ana\n")
    assert bodies(read(letter(config(signature=""), signature="Ana")))[0].endswith("\n-- \nAna\n")


def test_a_mail_inside_a_mail_stays_as_it_is() -> None:
    inner = b"Subject: inner\n\nline\n"
    mail = read(letter(None, (Attachment(name="inner.eml", mime="message/rfc822"), inner)))
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == inner
    assert attached.get_filename() == "inner.eml"


def test_moments_are_told_with_their_zone() -> None:
    moment = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert read(letter(at=moment))["Date"].datetime == moment


@given(
    text=st.text(max_size=2000),
    subject=st.text(max_size=500),
    name=st.text(max_size=300),
    markup=st.sampled_from(Markup),
)
def test_whatever_is_written_the_mail_is_well_formed(
    text: str, subject: str, name: str, markup: Markup
) -> None:
    files = ((Attachment(name=name, mime=name), b"\r\n.\r\n"),)
    content = Content(text=text, subject=subject, markup=markup)
    written = letter(config(name=name, signature="{{ agent }}"), *files, content=content, agent_name=name)
    lines = written.content.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert all(b"\r" not in line and b"\n" not in line and b"\0" not in line for line in lines)
    written.content.decode("ascii")
    assert set(headers(written)) == {
        *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
    }
    assert written.message_id.startswith(KEY)
