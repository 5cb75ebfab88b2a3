"""From a message to the bytes of a mail. Pure, and the same bytes at every attempt.

Every body is quoted-printable or base64, so no server needs 8BITMIME and no line is too long. Whatever an
agent or a customer wrote reaches a header only through `one_line`, so nobody can add headers of their own.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache

from jinja2 import Template, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from connectors.email.config import EmailConfig
from connectors.email.message_ids import Signer, ascii_domain
from connectors.email.rich_text import html_of, html_of_plain, page, text_of
from hub.contract.errors import Rejected, RejectReason
from hub.contract.outbound import OutboundMessage
from hub.model.content import Attachment, Content, Markup

MOST_REFERENCES = 20
_LONGEST_ID = 250
_LONGEST_SUBJECT = 400
_ANSWERED = re.compile(
    r"^\s*(?:re|aw|antw|antwort|sv|vs|ref|odp|res|rv|ynt|r|回复|答复|回覆|返信)(?:\s*[\[(]\d+[\])])?\s*[:：]\s*",
    re.I,
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
PROBE_HEADER = "X-Hubbub-Probe"
_IDS = frozenset({"message-id", "in-reply-to", "references", PROBE_HEADER.lower()})


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail and its envelope."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    utf8: bool  # an address in it needs SMTPUTF8
    content: bytes = field(repr=False)
    has_files: bool = False


class _Wire(EmailPolicy):
    """Like SMTP's, but ids are never folded inside: the library would encode a long one."""

    def fold(self, name: str, value: str) -> str:
        return _fold_ids(name, value) if name.lower() in _IDS else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _IDS:
            return _fold_ids(name, value).encode("ascii", "replace")
        return super().fold_binary(name, value)


def compose(
    message: OutboundMessage,
    files: Sequence[tuple[Attachment, bytes]],
    config: EmailConfig,
    signer: Signer,
    extra: Sequence[tuple[str, str]] = (),
) -> Letter:
    """Raises Rejected where a recipient's address cannot be one."""
    to, cc, bcc = (_wire_addresses(group) for group in (message.to, message.cc, message.bcc))
    recipients = tuple(dict.fromkeys((*to, *cc, *bcc)))
    if not recipients:
        raise Rejected("There is nobody to send this to.", reason=RejectReason.UNREACHABLE)
    sender = wire_address(config.address)
    utf8 = not all(address.isascii() for address in (sender, *recipients))
    message_id = signer.message_id(message.key)
    mail = EmailMessage(policy=_Wire(linesep="\r\n", utf8=utf8))
    shown = _display_name(config, message.agent_name)
    mail["From"] = _mailbox(sender, shown)
    mail["To"] = [_mailbox(address) for address in to] or "undisclosed-recipients:;"
    if cc:
        mail["Cc"] = [_mailbox(address) for address in cc]
    answers = signer.reply_address(message.key) if config.plus_addressing else None
    if answers:
        mail["Reply-To"] = _mailbox(wire_address(answers), shown)
    mail["Subject"] = subject_of(message)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message_id}>"
    # An id that we made up for a mail without one means nothing to its writer.
    chain = [each for each in references_of(message) if not each.endswith(".invalid")]
    if chain:
        mail["In-Reply-To"] = f"<{chain[-1]}>"
        mail["References"] = " ".join(f"<{each}>" for each in chain)
    if message.automated:
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    for name, value in extra:
        mail[name] = one_line(value)
    _fill(mail, message, files, config)
    return Letter(sender, recipients, message_id, utf8, mail.as_bytes(), has_files=bool(files))


def subject_of(message: OutboundMessage) -> str:
    """Its own subject; on an answer with one "Re:" before it, however many stood there before."""
    subject = one_line(message.content.subject or "", _LONGEST_SUBJECT)
    if not (message.reply_to or message.related):
        return subject
    while (bare := _ANSWERED.sub("", subject, count=1)) != subject:
        subject = bare
    return f"Re: {subject}".rstrip()


def references_of(message: OutboundMessage) -> tuple[str, ...]:
    """The chain it continues, `reply_to` last. A long one keeps its first mail and its last ones."""
    chain = dict.fromkeys(str(each) for each in message.related if each != message.reply_to)
    if message.reply_to:
        chain[str(message.reply_to)] = None
    fit = [
        each
        for each in chain
        if 0 < len(each) <= _LONGEST_ID and re.fullmatch(r"[!-;=?-~]+@?[!-;=?-~]*", each)
    ]
    return tuple(fit if len(fit) <= MOST_REFERENCES else [fit[0], *fit[-(MOST_REFERENCES - 1) :]])


def one_line(text: str, longest: int = 900) -> str:
    """Text that may stand in a header: no line ends, no control or direction marks, nothing unencodable."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(_UNSEEN.sub(" ", clean).split())[:longest].rstrip()


def wire_address(address: str) -> str:
    """As SMTP takes it: the domain in ASCII. Raises Rejected for what is no address."""
    local, _, domain = address.strip().rpartition("@")
    ascii_form = ascii_domain(domain)
    ends = not local or local.startswith(".") or local.endswith(".") or ".." in local
    if (
        ends
        or _UNSEEN.search(address)
        or re.search(r"[\s<>,;:()\[\]\\\"@]", local)
        or not _is_domain(ascii_form)
    ):
        raise Rejected(f"{one_line(address)!r} is not an e-mail address.", reason=RejectReason.UNREACHABLE)
    return f"{local}@{ascii_form}"


def signature_of(config: EmailConfig, agent: str | None, own: str = "") -> str:
    """The writer's own signature and the channel's, as Markdown; "" when there is none."""
    own = own.strip()
    values = {"agent": agent or "", "name": config.name, "address": config.address, "signature": own}
    try:
        channels = _signature(config.signature).render(values).strip()
    except TemplateError:
        channels = ""
    if not own or own in channels:  # the channel's says where it goes
        return channels
    return f"{own}\n\n{channels}".strip()


_SANDBOX = SandboxedEnvironment(
    autoescape=False, keep_trailing_newline=False
)  # its output is Markdown, not HTML


@lru_cache(maxsize=64)  # every page with a composer shows it; compiling takes ten times as long as filling in
def _signature(text: str) -> Template:
    return _SANDBOX.from_string(text)


def _fill(
    mail: EmailMessage,
    message: OutboundMessage,
    files: Sequence[tuple[Attachment, bytes]],
    config: EmailConfig,
) -> None:
    content = message.content
    signature = signature_of(config, message.agent_name, message.signature)
    text, html = bodies(content, signature)
    mail.set_content(text, charset="utf-8", cte=_encoding(text))
    mail.add_alternative(html, subtype="html", charset="utf-8", cte=_encoding(html))
    _, page_part = mail.iter_parts()
    assert isinstance(page_part, EmailMessage)
    for attachment, inside in files:
        if attachment.inline_id and f"cid:{attachment.inline_id}" in html:
            _attach(page_part, attachment, inside, inline=True)
    for attachment, inside in files:
        if not (attachment.inline_id and f"cid:{attachment.inline_id}" in html):
            _attach(mail, attachment, inside, inline=False)
    token = hashlib.sha256(message.key.encode("utf-8", "replace")).hexdigest()[:24]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{token}_{number}")  # `=_` can occur in neither encoding


def bodies(content: Content, signature: str) -> tuple[str, str]:
    """As text, and as HTML."""
    said = content.text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").replace("\r\n", "\n")
    if content.markup is Markup.MARKDOWN:
        text, html = text_of(said), html_of(said)
    else:
        text, html = said.strip("\n"), html_of_plain(said)
    if signature:
        text = f"{text}\n\n-- \n{text_of(signature)}"
    return text + "\n", page(html, html_of(signature) if signature else "")


def _attach(mail: EmailMessage, attachment: Attachment, inside: bytes, *, inline: bool) -> None:
    main, _, sub = attachment.mime.partition(";")[0].strip().lower().partition("/")
    if (
        main in ("multipart", "message")
        or not re.fullmatch(r"[a-z]+", main)
        or not re.fullmatch(r"[\w.+-]+", sub)
    ):
        main, sub = "application", "octet-stream"  # a mail inside must not be taken apart and written anew
    name = one_line(attachment.name, 200).replace("/", "_").replace("\\", "_") or "file"
    if inline:
        identity = f"<{one_line(attachment.inline_id or '').replace('>', '')}>"
        mail.add_related(
            inside, maintype=main, subtype=sub, cid=identity, filename=name, disposition="inline"
        )
    else:
        mail.add_attachment(inside, maintype=main, subtype=sub, filename=name)


def _display_name(config: EmailConfig, agent: str | None) -> str:
    if not agent:
        return config.name
    if not config.name:
        return agent
    return config.from_name.replace("{agent}", agent).replace("{name}", config.name)


def _mailbox(address: str, name: str = "") -> HeaderAddress:
    local, _, domain = address.rpartition("@")
    return HeaderAddress(one_line(name, 200), local, domain)


def _wire_addresses(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(wire_address(address) for address in addresses))


def _is_domain(domain: str) -> bool:
    label = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
    return (
        len(domain) <= 253 and re.fullmatch(rf"{label}(?:\.{label})*|\[[0-9A-Fa-f.:]+\]", domain) is not None
    )


def _encoding(text: str) -> str:
    """Quoted-printable while it is mostly readable in it, base64 for scripts in which it is not."""
    foreign = sum(char > "\x7f" for char in text)
    return "base64" if foreign > len(text) / 5 else "quoted-printable"


def _fold_ids(name: str, value: str) -> str:
    return f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n"
