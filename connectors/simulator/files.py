"""Small true files for attachments: a picture, a PDF, an invitation. The same name gives the same bytes."""

import struct
import zlib
from datetime import datetime, timedelta
from functools import cache
from random import Random

MIME = {"photo": "image/png", "pdf": "application/pdf", "ics": "text/calendar"}


def make_file(kind: str, name: str, at: datetime) -> tuple[str, str, bytes]:
    """Name, MIME type and bytes of a file of this kind: photo, pdf or ics."""
    match kind:
        case "photo":
            content = png(name)
        case "pdf":
            content = pdf(name)
        case "ics":
            content = ics(name, at)
        case _:
            raise ValueError(f"There is no way to make a {kind!r}; known are {', '.join(MIME)}.")
    return name, MIME[kind], content


@cache
def png(name: str, width: int = 160, height: int = 120) -> bytes:
    """A landscape of sorts: sky, hill and a sun, in colours that depend on the name."""
    random = Random(name)
    sky, hill, sun = ([random.randrange(low, low + 90) for _ in range(3)] for low in (150, 40, 120))
    left, top, slope = random.randrange(width), random.randrange(height // 2), random.uniform(-0.4, 0.4)
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        for x in range(width):
            on_sun = (x - left) ** 2 + (y - top) ** 2 < 200
            on_hill = y > height * 0.6 + (x - width / 2) * slope
            rows += bytes(hill if on_hill else sun if on_sun else sky)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(rows), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pdf(name: str) -> bytes:
    """One page with the file's name on it."""
    title = name.encode("latin-1", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    page = b"BT /F1 18 Tf 72 760 Td (Linden & Co - " + title + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    whole = bytearray(b"%PDF-1.4\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = len(whole)
    whole += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    whole += b"".join(b"%010d 00000 n \n" % place for place in places)
    whole += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(whole)


def ics(name: str, at: datetime) -> bytes:
    """An invitation to half an hour, two days after `at`."""
    starts = (at + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Linden and Co//Simulator//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{name}-{starts:%Y%m%d}@linden.example",
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
        f"DTEND:{starts + timedelta(minutes=30):%Y%m%dT%H%M%SZ}",
        "SUMMARY:Linden & Co",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode()
