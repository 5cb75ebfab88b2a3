"""Ten thousand broken mails: none raises, none takes longer than two seconds, all can be stored."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.email.bounces import read_bounce
from connectors.email.flags import read_complaint
from connectors.email.html_text import html_to_text
from connectors.email.mail import Mail
from connectors.email.mime import parse_mail
from connectors.email.reply import split_reply
from tests.connectors.email.mutate import PIECES, mutants

CHUNKS = 20
MAILS_IN_A_CHUNK = 500
LIMIT = 2.0  # seconds of our own CPU time, so that a busy machine is no hang


class HangError(BaseException):
    """Not an Exception, so that nothing on the way can take it for a broken mail."""


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    def bark(_signal: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGVTALRM, bark)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def read_everything(raw: bytes) -> None:
    mail = parse_mail(raw)
    assert_storable(mail)
    read_bounce(mail)
    read_complaint(mail)
    split_reply(mail.text, mail.html, mail.subject)


def assert_storable(mail: Mail) -> None:
    texts = [str(getattr(mail, one.name)) for one in fields(mail) if one.name not in ("files", "headers")]
    texts += [file.name + file.mime + file.content_id for file in mail.files]
    whole = "".join(texts)
    assert whole.encode("utf-8")
    assert "\0" not in whole


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(CHUNKS))
def test_broken_mails_are_read_without_an_exception_or_a_hang(seed: int) -> None:
    for number, raw in enumerate(mutants(seed, MAILS_IN_A_CHUNK)):
        try:
            with watchdog(LIMIT):
                read_everything(raw)
        except (Exception, HangError) as problem:
            raise AssertionError(f"mail {number} of seed {seed}: {problem!r}\n{raw[:2000]!r}") from problem


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=60))
def test_any_bytes_make_a_mail(pieces: list[bytes]) -> None:
    with watchdog(LIMIT):
        read_everything(b"".join(pieces))


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet="<>/=\"'& abdiptrv-!\n\t;#x0", max_size=300))
def test_any_html_has_a_text(html: str) -> None:
    with watchdog(LIMIT):
        html_to_text(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 60_000,
        "<b>" * 60_000,
        "<table><tr><td>" * 20_000,
        "<a><p>" * 30_000,
        "<!--" * 60_000,
        "<" * 200_000,
        "<div " * 60_000,
        "&#" * 100_000,
        "<div>" * 30_000 + "</div>" * 30_000,
        "<svg><p>" * 20_000,
        "<select>" * 30_000,
        "<form><div>" * 20_000,
        "<ul><li>" * 20_000,
        "<button>" * 30_000,
        "<a href=x>" * 20_000,
        "<font>" * 20_000,
        "<pre>" + " " * 300_000 + "x",
        "<blockquote>" * 20_000 + "x",
    ],
)
def test_absurd_html_does_not_take_long(html: str) -> None:
    with watchdog(LIMIT):
        html_to_text(html + "the end")


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b"(" * 200_000,
        b"To: " + b"<" * 200_000,
        b"To: " + b'"' * 200_000,
        b"To: " + b"a@b," * 60_000,
        b"To: " + b'"\\' * 90_000,
        b"Subject: " + b"=?utf-8?Q?" * 25_000,
        b"Subject: " + b"=?a?b?=?=" * 25_000,
        b"References: " + b"<a" * 120_000,
        b"References: " + b"<a@b> " * 40_000,
        b"a\n" * 200_000,
        b" a\n" * 200_000,
        b"X: y\n" * 200_000,
        b"\n" * 500_000,
        b"Content-Type: text/plain" + b";a=b" * 60_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 200_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a--\n" * 100_000,
        b"Content-Type: multipart/mixed\n\n" + b"--ab\n" * 100_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"QQ==" * 200_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"=" * 800_000,
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 300_000,
        b"Subject: x\n\n" + b"begin 644 a\n!\n" * 60_000,
        b"Subject: x\n\n" + b"<p" * 300_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
        b"Content-Type: text/calendar\n\nBEGIN:VEVENT\n" + b"A;" * 100_000,
        b"Subject: x\n\n" + b"> " * 300_000,
        b"From: mailer-daemon@x\nSubject: undeliverable\n\n" + b"a" * 300_000 + b"@" + b"b." * 10_000,
        b"From: mailer-daemon@x\nSubject: undeliverable\n\n" + b"<a@b>: " * 60_000,
        b"Date: " + b"(" * 100_000 + b"\n\nx",
        b"Subject: x\n\n" + b"\x1b$B" * 100_000,
        b"Subject: " + b"\x1b$B" * 50_000,
        b"Content-Type: text/plain" + b";" * 60_000 + b"x\n\nx",
        b"Content-Type: text/plain; a=" + b" " * 60_000 + b"x\n\nx",
        b"Content-Type: text/plain; a=" + b"x-" * 30_000 + b"x\n\nx",
        b"Subject: re:" + b" " * 60_000 + b"x\n\nx",
        b"From: mailer-daemon@x\nSubject: undeliverable\n\n" + b"\n" * 60_000 + b"x",
        b"From: mailer-daemon@x\nSubject: undeliverable\n\n" + b" " * 60_000 + b"x",
        b"X-Spamd-Result: " + b"true " * 40_000 + b"\n\nx",
    ],
)
def test_absurd_repetition_does_not_take_long(raw: bytes) -> None:
    with watchdog(LIMIT):
        read_everything(raw)
