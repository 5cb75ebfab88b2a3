"""Every payload is read as `payloads/expected.json` says, and none of them raises."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.email import mime
from connectors.email.bounces import read_bounce
from connectors.email.flags import read_complaint
from connectors.email.mail import Mail
from connectors.email.mime import UNREADABLE, parse_mail, read_mail

PAYLOADS = Path(__file__).parent / "payloads"
EXPECTED: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "expected.json").read_text("utf-8"))


def what_was_read(mail: Mail, key: str) -> object:
    """The part of a mail that an expectation of this name speaks about."""
    plain: dict[str, Callable[[], object]] = {
        "sender": lambda: mail.sender.address,
        "sender_name": lambda: mail.sender.name,
        "sender_ascii_domain": lambda: mail.sender.ascii_domain,
        "to": lambda: [one.address for one in mail.to],
        "to_names": lambda: [one.name for one in mail.to],
        "cc": lambda: [one.address for one in mail.cc],
        "cc_names": lambda: [one.name for one in mail.cc],
        "delivered_to": lambda: [one.address for one in mail.delivered_to],
        "date": lambda: mail.date and mail.date.isoformat(),
        "received_at": lambda: mail.received_at and mail.received_at.isoformat(),
        "files": lambda: [[file.name, file.mime, len(file.content)] for file in mail.files],
        "file_names": lambda: [file.name for file in mail.files],
        "inline": lambda: [file.name for file in mail.files if file.inline],
        "references": lambda: list(mail.references),
        "references_count": lambda: len(mail.references),
        "in_reply_to": lambda: list(mail.in_reply_to),
        "spam": lambda: mail.flags.spam.spam,
        "spam_score": lambda: mail.flags.spam.score,
        "authentication": lambda: dict(mail.flags.authentication),
        "complaint": lambda: (found := read_complaint(mail)) and asdict(found),
        "bounce": lambda: bounce_read(mail),
    }
    return plain[key]() if key in plain else getattr(mail, key)


def bounce_read(mail: Mail) -> dict[str, object] | None:
    found = read_bounce(mail)
    if found is None:
        return None
    recipients = [[one.address, one.outcome, one.status] for one in found.recipients]
    return {"recipients": recipients, "about": found.about, "reason": found.reason}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_mail_is_read_as_expected(name: str) -> None:
    mail = parse_mail((PAYLOADS / f"{name}.eml").read_bytes())
    for key, expected in EXPECTED[name].items():
        if key == "flags":
            assert {flag: getattr(mail.flags, flag) for flag in expected} == expected
        elif key.endswith("_contains"):
            whole = getattr(mail, key.removesuffix("_contains"))
            for piece in [expected] if isinstance(expected, str) else expected:
                assert piece in whole
        else:
            assert what_was_read(mail, key) == expected, key


def test_every_payload_has_an_expectation() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.eml")} == set(EXPECTED)


def test_what_we_fail_to_read_is_a_message_with_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Mail:
        raise RecursionError

    monkeypatch.setattr(mime, "parse_mail", fail)
    mail = read_mail(b"Subject: hi\n\nthere")
    assert mail.text == UNREADABLE
    assert [(file.name, file.content) for file in mail.files] == [("original.eml", b"Subject: hi\n\nthere")]
    assert mail.headers.get("subject") == "hi"


def test_the_same_mail_without_an_id_gets_the_same_one_whatever_way_it_came() -> None:
    mail = b"From: ana@example.com\nDate: Mon, 02 Mar 2026 10:00:00 +0100\nTo: a@shop.example\n\nHello\n"
    other_way = (
        b"Received: from x by y\nDelivered-To: b@shop.example\n" + mail.replace(b"\n", b"\r\n") + b"\r\n"
    )
    assert read_mail(mail).message_id == read_mail(other_way).message_id
    assert read_mail(mail).message_id != read_mail(mail.replace(b"Hello", b"Hallo")).message_id


def test_the_same_message_id_with_another_content_has_another_hash() -> None:
    first = read_mail(b"Message-ID: <same@x.example>\nFrom: a@x.example\n\none")
    second = read_mail(b"Message-ID: <same@x.example>\nFrom: a@x.example\n\ntwo")
    assert first.message_id == second.message_id
    assert first.content_hash != second.content_hash


def test_a_date_after_its_own_arrival_is_not_believed() -> None:
    raw = b"From: a@x.example\nDate: Mon, 02 Mar 2026 10:00:00 +0000\n\nx"
    assert read_mail(raw, datetime(2026, 3, 1, tzinfo=UTC)).date == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert read_mail(raw, datetime(2026, 2, 1, tzinfo=UTC)).date is None


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit"])
def test_a_mail_of_25_mb_is_read_in_bounded_memory(encoding: str) -> None:
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\r\n"[-76:].replace(
        b"=", b"A"
    )
    raw = (
        b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n"
        b"Content-Type: application/pdf; name=big.pdf\r\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\r\n\r\n"
        + line * (25_000_000 // len(line))
        + b"--b--\r\n"
    )
    tracemalloc.start()
    try:
        mail = read_mail(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert mail.text == "Hello"
    assert len(mail.files[0].content) > 18_000_000
    assert peak + len(raw) < 4 * len(raw)


def test_a_text_of_25_mb_is_shown_in_part_and_kept_whole() -> None:
    raw = (
        b"From: a@x.example\nContent-Type: text/plain; charset=utf-8\n\n"
        + "Grüße aus Köln\n".encode() * 1_500_000
    )
    tracemalloc.start()
    try:
        mail = read_mail(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(mail.text) <= 1_000_000
    assert len(mail.files[0].content) > 25_000_000
    assert peak + len(raw) < 4 * len(raw)


def every_text(mail: Mail) -> str:
    """All the strings of a mail, to be stored and shown."""
    found = [str(getattr(mail, one.name)) for one in fields(mail) if one.name not in ("files", "headers")]
    return "".join([*found, *(file.name + file.mime + file.content_id for file in mail.files)])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_is_read_can_be_stored(name: str) -> None:
    mail = read_mail((PAYLOADS / f"{name}.eml").read_bytes())
    text = every_text(mail)
    assert text.encode("utf-8")
    assert "\0" not in text
