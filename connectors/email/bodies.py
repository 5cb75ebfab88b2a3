"""What of a tree of parts is read, and what hangs on it: the texts in order, the HTML, the files."""

import html
import re
from dataclasses import dataclass, field

from connectors.email import charsets
from connectors.email.calendar import summarise
from connectors.email.headers import read_headers
from connectors.email.html_text import html_to_text
from connectors.email.mail import File
from connectors.email.parts import MAX_DEPTH, Budget, Part, read_part
from connectors.email.smime import signed_content
from connectors.email.text_parts import is_html, read_text, take_uuencoded
from connectors.email.tnef import read_tnef
from connectors.email.words import unbase64

MAX_BODY = 1_000_000  # characters of one text shown as a message; the whole becomes a file
ENCRYPTED = "This mail is encrypted ({}). Its content is in the attached file."
_SHOWN = ("text/plain", "text/html")
_OTHER_VERSIONS = ("text/x-amp-html", "text/watch-html")  # the same text again, for some readers only
_MARKED_UP = ("text/enriched", "text/richtext")
_MARKS = re.compile(r"<param>[^<]{0,200}</param>|</?[a-zA-Z]{1,40}>")
_SUFFIXES = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf", "text/xml": ".xml", "application/xml": ".xml", "text/rfc822-headers": ".txt",
    "message/rfc822": ".eml", "message/global": ".eml", "message/delivery-status": ".txt",
    "image/png": ".png",
    "message/global-delivery-status": ".txt", "message/disposition-notification": ".txt", "image/gif": ".gif",
    "message/feedback-report": ".txt", "image/jpeg": ".jpg", "image/jpg": ".jpg", "image/webp": ".webp",
    "image/svg+xml": ".svg", "image/bmp": ".bmp", "image/tiff": ".tif", "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav", "audio/ogg": ".ogg", "audio/mp4": ".m4a", "video/mp4": ".mp4",
    "application/pdf": ".pdf",
    "application/zip": ".zip", "application/json": ".json", "application/msword": ".doc",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/pgp-signature": ".asc", "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/ms-tnef": ".dat",
}  # fmt: skip


@dataclass(slots=True)
class Section:
    """One piece of the message: the same words as text, as HTML, or both."""

    text: str = ""
    html: str = ""

    def as_text(self) -> str:
        if self.text.strip():
            return self.text.strip("\n")
        return html_to_text(self.html) if self.html else ""

    def as_html(self) -> str:
        return self.html or f'<pre style="white-space: pre-wrap">{html.escape(self.text)}</pre>'


@dataclass(slots=True)
class Body:
    """What has been found so far, in the order of the mail."""

    sections: list[Section] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)  # shown only if the mail says nothing else
    named_texts: list[Part] = field(default_factory=list)  # files, unless the mail has no other text

    def text(self) -> str:
        texts = [text for section in self.sections if (text := section.as_text())]
        return "\n\n".join(texts or self.summaries)

    def html(self) -> str | None:
        shown = [section for section in self.sections if section.html or section.text.strip()]
        return "\n".join(section.as_html() for section in shown) if any(one.html for one in shown) else None


def read_message(part: Part, hint: str, budget: Budget) -> Body:
    """Everything in a mail; a text that is a file by its name is the message if there is no other."""
    body = read_body(part, hint, budget)
    if body.named_texts and not any(section.as_text() for section in body.sections):
        _read_shown(body.named_texts[0], body, hint)
    return body


def read_body(part: Part, hint: str, budget: Budget, depth: int = 0) -> Body:
    """Everything in `part` and below it."""
    body = Body()
    if depth > MAX_DEPTH:
        body.files.append(_whole(part, part.start, part.end))
    elif part.kind.startswith("multipart/"):
        _read_multipart(part, body, hint, budget, depth)
    else:
        _read_leaf(part, body, hint, budget, depth)
    if part.left_over:
        body.files.append(_whole(part, *part.left_over))
        body.summaries.append("The rest of this mail is in the attached file.")
    return body


def _read_multipart(part: Part, body: Body, hint: str, budget: Budget, depth: int) -> None:
    children = part.children
    kind = part.kind.removeprefix("multipart/")
    if not children:
        _read_uncut(part, body, hint, budget, depth)
    elif kind == "encrypted":
        _read_encrypted(part, body)
    elif kind == "alternative":
        _read_alternative([read_body(child, hint, budget, depth + 1) for child in children], body)
    else:
        for number, child in enumerate(children):
            if kind == "related" and number and child.kind in _SHOWN and (child.content_id or child.name):
                body.files.append(_file(child, child.content()))
            else:
                _add(body, read_body(child, hint, budget, depth + 1))
        _merge_twins(body)
        if kind == "digest" and not any(section.as_text() for section in body.sections):
            subjects = "\n".join(f"* {file.name.removesuffix('.eml')}" for file in body.files)
            body.summaries.append(f"A digest of {len(body.files)} messages:\n{subjects}")


def _merge_twins(body: Body) -> None:
    """The same words as text and again as HTML, sent as two parts instead of two versions of one."""
    if len(body.sections) == 2:
        first, second = body.sections
        twins = first.text and not first.html and second.html and not second.text
        if twins and first.text.split() == html_to_text(second.html).split():
            body.sections = [Section(first.text, second.html)]


def _read_uncut(part: Part, body: Body, hint: str, budget: Budget, depth: int) -> None:
    """A multipart in which no boundary was found: its text, if it has one."""
    if part.left_over is None and part.raw[part.body : part.body + 2000].strip():
        kind = part.parameters.get("type", "") if part.parameters.get("type", "") in _SHOWN else "text/plain"
        _read_leaf(
            Part(part.raw, part.start, part.body, part.end, part.headers, kind, {}), body, hint, budget, depth
        )


def _read_alternative(bodies: list[Body], body: Body) -> None:
    """The same message in several forms: the text of those that are text, the HTML of the last with any."""
    texts: list[str] = []
    best_html = ""
    for read in bodies:
        markup = read.html()
        if markup:
            best_html = markup
        elif (text := "\n\n".join(section.text for section in read.sections)) and text not in texts:
            texts.append(text)
        body.files.extend(read.files)
        body.summaries.extend(read.summaries)
        body.named_texts.extend(read.named_texts)
    if texts or best_html:
        body.sections.append(Section("\n\n".join(texts), best_html))


def _read_encrypted(part: Part, body: Body) -> None:
    protocol = part.parameters.get("protocol", "")
    body.sections.append(
        Section(ENCRYPTED.format("OpenPGP" if "pgp" in protocol else protocol or "unknown method"))
    )
    for child in part.children:
        if child.kind != "application/pgp-encrypted":
            body.files.append(_file(child, child.content(), "encrypted.asc"))


def _read_leaf(part: Part, body: Body, hint: str, budget: Budget, depth: int) -> None:
    kind, name = part.kind, part.name
    if kind in _SHOWN and part.disposition != "attachment" and not name:
        _read_shown(part, body, hint)
    elif kind in _OTHER_VERSIONS and not name:
        return
    elif kind in _MARKED_UP and not name:
        text = read_text(part, part.content()[: 4 * MAX_BODY], hint)
        body.summaries.append(_MARKS.sub("", text).strip()[:MAX_BODY])
    elif kind in ("message/rfc822", "message/global"):
        body.files.append(_nested_mail(part, name))
    elif kind == "text/calendar":
        content = part.content()
        body.summaries.append(summarise(charsets.decode(content, part.charset or "utf-8", hint)))
        body.files.append(_file(part, content, "invitation.ics"))
    elif kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") or name.lower().endswith(".p7m"):
        _read_pkcs7(part, body, hint, budget, depth)
    elif kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        _read_tnef(part, body)
    else:
        content = part.content()
        if kind in _SHOWN and part.disposition != "attachment":
            body.named_texts.append(part)
        if content or name:
            body.files.append(_file(part, content))


def _read_shown(part: Part, body: Body, hint: str) -> None:
    content = part.content()
    text = read_text(part, content if len(content) <= 4 * MAX_BODY else content[: 4 * MAX_BODY], hint)
    if len(text) > MAX_BODY or len(content) > 4 * MAX_BODY:
        body.files.append(_file(part, content, "message" + _SUFFIXES[part.kind]))
        text = text[:MAX_BODY]
    if part.kind == "text/html" or is_html(text):
        if text.strip():
            body.sections.append(Section(html=text))
        return
    text, files = take_uuencoded(text)
    body.files.extend(files)
    if text.strip():
        body.sections.append(Section(text))


def _read_pkcs7(part: Part, body: Body, hint: str, budget: Budget, depth: int) -> None:
    content = part.content()
    if content.startswith(b"-----BEGIN"):
        content = unbase64(b"".join(content.splitlines()[1:-1]))
    inner = signed_content(content)
    if inner is None:
        if "cert" not in part.parameters.get("smime-type", ""):
            body.sections.append(Section(ENCRYPTED.format("S/MIME")))
        body.files.append(_file(part, content, "smime.p7m"))
        return
    _add(body, read_body(read_part(inner, 0, len(inner), budget, hint, depth + 1), hint, budget, depth + 1))


def _read_tnef(part: Part, body: Body) -> None:
    content = part.content()
    found = read_tnef(content)
    if found is None:
        body.files.append(_file(part, content, "winmail.dat"))
        return
    if found.text or found.html:
        body.sections.append(Section(found.text, found.html))
    body.files.extend(found.files)


def _add(body: Body, more: Body) -> None:
    body.sections.extend(more.sections)
    body.files.extend(more.files)
    body.summaries.extend(more.summaries)
    body.named_texts.extend(more.named_texts)


def _nested_mail(part: Part, name: str) -> File:
    """A forwarded mail, byte for byte, named after its subject."""
    content = part.content().lstrip(b"\r\n")
    headers, _ = read_headers(content, 0, min(len(content), 200_000))
    return File(
        name or (headers.get("subject")[:150] or "message") + ".eml", part.kind, content, part.content_id
    )


def _file(part: Part, content: bytes, name: str = "") -> File:
    named = part.name or name or ("file" + _SUFFIXES.get(part.kind, ".bin"))
    return File(named, part.kind, content, part.content_id)


def _whole(part: Part, start: int, end: int) -> File:
    return File("rest-of-mail.eml", "message/rfc822", part.raw[start:end])
