"""The type of a file is what its content says; the sender is believed where it does not contradict."""

import io
import zipfile

import pytest

from hub.store.media_type import judged_type


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return packed.getvalue()


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40)
MP4 = b"\0\0\0\x18ftypisom\0\0\0\0isom" + bytes(40)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
UNKNOWN = "application/octet-stream"


@pytest.mark.parametrize(
    ("content", "declared", "judged"),
    [
        (PNG, "image/png", "image/png"),
        (PNG, "image/jpeg", "image/png"),
        (PNG, "text/html", "image/png"),
        (PNG, "", "image/png"),
        (JPEG, "image/jpg; name=x.jpg", "image/jpeg"),
        (MP4, "audio/mp4", "audio/mp4"),
        (MP4, "image/png", "video/mp4"),
        (b"OggS\0\x02" + bytes(22) + b"\x01\x13OpusHead", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"%PDF-1.4\nhello", "application/octet-stream", "application/pdf"),
        (b"%PDF-1.4\nhello", "application/x-pdf", "application/pdf"),
        (zipped("word/document.xml"), DOCX, DOCX),
        (zipped("mimetype", "content.xml"), ODT, ODT),
        (zipped("a.txt"), "image/png", "application/zip"),
        (zipped("a.txt"), "application/x-zip-compressed", "application/zip"),
        (b"Hello, world", "text/plain; charset=utf-8", "text/plain"),
        ("Grüße".encode("latin-1"), "text/plain", "text/plain"),
        ("UTF-16 text".encode("utf-16"), "text/csv", "text/csv"),
        (b"a;b\n1;2\n", "text/csv", "text/csv"),
        (b"BEGIN:VCALENDAR\r\n", "text/calendar; method=REQUEST", "text/calendar"),
        (b"From: a\r\n\r\nb", "message/rfc822", "message/rfc822"),
        (b'{"a": 1}', "application/json", "application/json"),
        (b"BM is how this text begins", "text/plain", "text/plain"),
        (b"MZ is how this one begins", "", "text/plain"),
        (b"Hello", "image/png", "text/plain"),
        (b"Hello", "nonsense", "text/plain"),
        (b"", "text/plain", "text/plain"),
        (bytes(range(256)), "application/pkcs7-signature", "application/pkcs7-signature"),
        (bytes(range(256)), "image/png", UNKNOWN),
        (bytes(range(256)), "text/plain", UNKNOWN),
        (bytes(range(256)), "application/x\r\nSet-Cookie: a=b", UNKNOWN),
    ],
)
def test_the_content_decides(content: bytes, declared: str, judged: str) -> None:
    assert judged_type(content, declared) == judged


@pytest.mark.parametrize(
    "declared",
    [
        "text/html",
        "TEXT/HTML; charset=utf-8",
        "image/svg+xml",
        "application/xhtml+xml",
        "application/xml",
        "text/xml",
        "text/javascript",
        "application/rss+xml",
    ],
)
@pytest.mark.parametrize(
    "content",
    [b"<!DOCTYPE html><script>alert(1)</script>", b"<svg onload='alert(1)'/>", b"\0\1<html>", b"Hello"],
    ids=["html", "svg", "binary", "text"],
)
def test_what_a_browser_would_run_never_keeps_its_type(content: bytes, declared: str) -> None:
    assert judged_type(content, declared) == UNKNOWN


def test_html_sent_as_a_picture_is_plain_text() -> None:
    assert judged_type(b"<html><script>alert(1)</script>", "image/gif") == "text/plain"
