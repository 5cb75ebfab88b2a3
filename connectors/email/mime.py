"""`read_mail`: the bytes of a mail to a `Mail`. Pure, and it never raises, whatever the bytes.

One broken mail must not stop the rest (nor be lost): what cannot be read becomes a message that says so, with
the original attached.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

from connectors.email.addresses import read_address, read_addresses
from connectors.email.bodies import read_message
from connectors.email.dates import believable, read_date, read_received
from connectors.email.flags import read_flags
from connectors.email.headers import Headers, find_start, read_headers, read_ids
from connectors.email.mail import Address, File, Mail
from connectors.email.parts import Budget, Part, read_part
from connectors.email.sayings import place_of

MAX_REFERENCES = 200
UNREADABLE = "This mail could not be read. The original is attached."
NOT_A_MAIL = "This does not look like a mail: it has no header. The original is attached."
_DELIVERED = (
    "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to",
    "x-original-delivered-to", "x-rcpt-to", "apparently-to", "resent-to",
    "x-ms-exchange-organization-originalrecipient",
)  # fmt: skip
_SENDERS = ("from", "x-original-from", "sender", "resent-from", "reply-to", "return-path", "x-envelope-from")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CID = re.compile(r"""cid:([^"'\s)>]+)""", re.I)
_HASHED = 1024 * 1024


def read_mail(raw: bytes, now: datetime | None = None) -> Mail:
    """Read a mail. `now`, if given, is when it arrived: a Date beyond it is not believed."""
    # The outermost guard, the only one: a fault of ours in reading one mail must not stop those behind it.
    try:
        return parse_mail(raw, now)
    except Exception as problem:  # noqa: BLE001
        return _unreadable(raw, place_of(problem))


def parse_mail(raw: bytes, now: datetime | None = None) -> Mail:
    """`read_mail` without its guard: the fuzz tests look through here for the faults that it would hide."""
    original, raw = raw, _straightened(raw)
    budget = Budget()
    root = read_part(raw, find_start(raw), len(raw), budget)
    hint = _charset_within(root)
    headers = Headers(root.headers.fields, hint)
    root.headers = headers
    body = read_message(root, hint, budget)
    text, html = _CONTROL.sub("", body.text()), body.html()
    files = _with_inline(body.files, html)
    if not headers.fields:
        text, files = _as_note(raw, text), (*files, _original(original))
    subject = headers.get("subject")[:2000]
    received_at = next(filter(None, map(read_received, headers.all("received")[:3])), None)
    content_hash = _content_hash(root)
    ids = read_ids(headers.text("message-id"))
    return Mail(
        message_id=ids[0] if ids and len(ids[0]) > 2 else _synthetic(content_hash),
        synthetic=not (ids and len(ids[0]) > 2),
        content_hash=content_hash,
        date=believable(read_date(headers.get("date")), now or received_at),
        received_at=received_at,
        sender=_sender(headers),
        reply_to=_addresses(headers, ("reply-to",)),
        to=_addresses(headers, ("to",)),
        cc=_addresses(headers, ("cc",)),
        bcc=_addresses(headers, ("bcc",)),
        delivered_to=_addresses(headers, _DELIVERED),
        subject=subject,
        in_reply_to=read_ids(headers.text("in-reply-to"))[:20],
        references=_bounded(read_ids(headers.text("references"))),
        text=text,
        html=html,
        files=tuple(files),
        flags=read_flags(headers, root, subject),
        headers=headers,
    )


def _unreadable(raw: bytes, fault: str) -> Mail:
    """All that is left to say about bytes that we stumbled over."""
    content_hash = hashlib.sha256(raw).hexdigest()
    return Mail(
        message_id=_synthetic(content_hash),
        synthetic=True,
        content_hash=content_hash,
        date=None,
        received_at=None,
        sender=Address("", ""),
        text=UNREADABLE,
        fault=fault,
        files=(_original(raw),),
        headers=read_headers(raw[:200_000].replace(b"\0", b""), 0, min(len(raw), 200_000))[0],
    )


def _straightened(raw: bytes) -> bytes:
    """Mail saved by editors: UTF-16, or with a bare carriage return at the end of each line."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    if b"\r" in raw[:4000] and b"\n" not in raw[:65536]:
        raw = raw.replace(b"\r", b"\n")
    return raw


def _charset_within(part: Part) -> str:
    """The charset that the mail's own text names: its raw 8-bit headers are most likely written in it too."""
    if part.charset and part.charset.lower() not in ("us-ascii", "ascii"):
        return part.charset
    for child in part.children:
        if named := _charset_within(child):
            return named
    return ""


def _sender(headers: Headers) -> Address:
    """Who wrote it; where From names nobody, the next best header that does."""
    named = Address("", "")
    for name in _SENDERS:
        if name in headers:
            found = read_address(headers.text(name), headers.hint)
            if found.address:
                return replace(found, name=found.name or named.name)
            named = named if named.name else found
    return named


def _addresses(headers: Headers, names: Iterable[str]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for name in names:
        for value in headers.texts(name):
            for address in read_addresses(value, headers.hint):
                found.setdefault(address.key, address)
    return tuple(found.values())


def _with_inline(files: list[File], html: str | None) -> tuple[File, ...]:
    """The files, those marked that the HTML shows in its own place."""
    if html is None or not any(file.content_id for file in files):
        return tuple(files)
    shown = {unquote(cid).lower() for cid in _CID.findall(html)}
    return tuple(
        replace(file, inline=True) if file.content_id and file.content_id.lower() in shown else file
        for file in files
    )


def _as_note(raw: bytes, text: str) -> str:
    readable = (
        text if text.strip() and text.count("\ufffd") * 10 < len(text) and b"\0" not in raw[:4000] else ""
    )
    return f"{NOT_A_MAIL}\n\n{readable[:20_000]}".strip()


def _original(raw: bytes) -> File:
    return File("original.eml", "message/rfc822", raw)


def _content_hash(root: Part) -> str:
    """A hash of date, sender and body that stays the same on whatever way the mail came.

    Of the bytes and not of what we read in them, so that a better reader tomorrow finds the same mail again.
    """
    digest = hashlib.sha256()
    digest.update(b" ".join(root.headers.raw("date").split()) + b"\n")
    digest.update(b" ".join(root.headers.raw("from").split()) + b"\n")
    raw, end = root.raw, root.end
    while end > root.body and raw[end - 1] in b" \t\r\n":
        end -= 1
    for at in range(root.body, end, _HASHED):
        digest.update(raw[at : min(end, at + _HASHED)].replace(b"\r", b""))
    return digest.hexdigest()


def _synthetic(content_hash: str) -> str:
    return f"{content_hash[:40]}@synthetic.invalid"


def _bounded(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The first ids name the conversation, the last ones its end; a thousand in between say no more."""
    return ids if len(ids) <= MAX_REFERENCES else ids[:20] + ids[-(MAX_REFERENCES - 20) :]
