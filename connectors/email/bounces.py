"""Delivery reports: who did not get which mail of ours, for how long, and why.

Two kinds: reports with a machine-readable part (RFC 3464), and letters that only a person was meant to read:
from qmail, Exim, Postfix without a report, Smail (T-Online), Gmail, Exchange, Yahoo, GMX and web.de, QQ and
163. In the letters the text above the returned mail is searched; the returned mail itself never is, as it may
quote anything.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from connectors.email.addresses import clean_address
from connectors.email.bounce_reasons import reason_in_words
from connectors.email.headers import Headers, read_headers, read_ids
from connectors.email.mail import File, Mail

Outcome = Literal["permanent", "temporary", "delayed", "delivered"]

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
MAX_RECIPIENTS = 500
_SCANNED = 20_000  # characters of a letter

# Where the letter ends and the returned mail begins.
_RETURNED_BELOW = re.compile(
    r"^[^\n\w]{0,60}(?:below this line is (?:a|the) (?:copy|headers?) of the (?:original )?message"
    r"|this is a copy of the message, including all the headers|original message (?:headers"
    r"|follows)?\b[ :-]*$"
    r"|the header of the original message is following|message (?:header|text|body) follows"
    r"|returned message follows"
    r"|this is a copy of the headers of the original message|undelivered message follows"
    r"|unsent message (?:below|follows)"
    r"|original-?nachricht\b[ :-]*$|begin forwarded message|forwarded message"
    r"|included is a copy of the message"
    r"|original message headers?|原始邮件|the original message was)",
    re.I | re.M,
)
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,200}\w"
# What introduces a failed recipient in a letter; the address is group 1.
_RECIPIENTS = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        rf"^[ \t]*<({_ADDRESS})>:?[ \t]*$",  # qmail, Yahoo, Smail
        rf"^[ \t]*<({_ADDRESS})>[:\s]",  # Postfix
        rf"^[ \t]*\"({_ADDRESS})\":?[ \t]*$",  # GMX, web.de, 1&1
        rf"^[ \t]{{1,8}}({_ADDRESS})[ \t]*$",  # Exim, Gmail of old
        rf"^({_ADDRESS})[ \t]*:?[ \t]*$",
        rf"(?:(?:was|could)(?:n't| not) (?:be )?delivered to|delivery to|delivering your message to"
        rf"|(?:unable to deliver|problem delivering)[^\n]{{0,60}} to)\s{{1,9}}<?({_ADDRESS})",
        rf"(?:收件人|recipient|to)[ \t]{{0,20}}(?:/\s?(?:to|recipient))?[ \t]{{0,9}}[:：]?\s{{0,9}}"
        rf"<?({_ADDRESS})",
        rf"(?:rcpt to:?|recipient address:?|final-recipient:(?: rfc822;)?)\s{{0,9}}<?({_ADDRESS})",
        rf"({_ADDRESS})\s{{0,9}}(?:wasn't found|couldn't be found|does not exist|无法)",
        rf"无法发送到\s{{0,9}}<?({_ADDRESS})",
    )
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP = re.compile(r"(?<![\d.])([45])(\d\d)(?=[ \-#]|$)", re.M)
_SAID = re.compile(r"said:|退信原因|reason:|error", re.I)
_DELAYED = re.compile(
    r"delivery (?:is |has been |was )?(?:delayed|incomplete)|still (?:trying|being retried)"
    r"|will (?:be retried|keep trying|retry)"
    r"|has not (?:yet )?been delivered|do(?: not|n't) need to (?:re)?send|warning only|not yet been"
    r"|no action is required"
    r"|delayed for|wird weiter versucht|继续尝试",
    re.I,
)
_GAVE_UP = re.compile(r"permanent|given up|failed permanently|could ?n[o']t be delivered|giving up", re.I)
_LETTER = re.compile(
    r"this is the qmail-send program|this message was created automatically by mail delivery"
    r"|failed addresses follow"
    r"|this is the mail (?:system|delivery|transfer)|we were unable to deliver your message"
    r"|delivery to the following"
    r" recipients? (?:has )?failed|your message (?:wasn't|couldn't be|could not be) delivered"
    r"|您的邮件被退回|退信原因"
    r"|this is an automatically generated delivery status"
    r"|message could not be delivered to (?:one or more|the following)",
    re.I,
)
_MESSAGE_ID = re.compile(r"^[> \t]*(?:original )?message-id\s*:\s*(<[^<>\s]{3,500}>)", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What became of the mail for one recipient."""

    address: str
    outcome: Outcome
    status: str = ""  # "5.1.1"; "" if no code was given
    diagnostic: str = ""  # the server's own words
    reason: str = ""  # ours


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report. `about` is the Message-ID of the mail it speaks of, "" if it does not tell."""

    recipients: tuple[Undelivered, ...]
    about: str
    reason: str

    @property
    def failed(self) -> bool:
        """Whether somebody will not get the mail: neither delivered nor still being tried."""
        return any(one.outcome in ("permanent", "temporary") for one in self.recipients)


def read_bounce(mail: Mail) -> Bounce | None:
    """The delivery report in a mail; None if it is an ordinary one."""
    recipients: tuple[Undelivered, ...] = ()
    for file in mail.files:
        if file.mime in _REPORTS:
            recipients += _read_report(file.content)
    letter, below = _letter(mail.text[: 10 * _SCANNED])
    if not recipients:
        if not mail.flags.bounce and not _LETTER.search(letter[:400]):
            return None
        if mail.flags.auto_reply or mail.flags.complaint:
            return None
        recipients = _read_letter(letter, mail)
    if not recipients and not mail.flags.bounce:
        return None
    worst = min(recipients, key=lambda one: _SEVERITY.index(one.outcome), default=None)
    reason = worst.reason if worst else reason_in_words("", letter)
    return Bounce(recipients[:MAX_RECIPIENTS], _about(mail, below or letter), reason)


_SEVERITY: tuple[Outcome, ...] = ("permanent", "temporary", "delayed", "delivered")


def _read_report(content: bytes) -> tuple[Undelivered, ...]:
    """The recipients of an RFC 3464 report: groups of fields with a blank line between them."""
    found: list[Undelivered] = []
    at, end = 0, len(content)
    while at < end and len(found) < MAX_RECIPIENTS:
        while content[at : at + 1] in (b"\r", b"\n", b" ") and at < end:
            at += 1
        fields, after = read_headers(content, at, end)
        if after <= at:
            break
        at = after
        if one := _one_recipient(fields):
            found.append(one)
    return tuple(found)


def _one_recipient(fields: Headers) -> Undelivered | None:
    named = (
        fields.get("original-recipient") or fields.get("final-recipient") or fields.get("x-actual-recipient")
    )
    address = clean_address(named.rpartition(";")[2])
    action = fields.get("action").split(" ")[0].lower()
    if not address and not action:
        return None
    diagnostic = fields.get("diagnostic-code")
    diagnostic = diagnostic.partition(";")[2].strip() or diagnostic
    status = _status(fields.get("status")) or _status(diagnostic)
    if detailed := _status(diagnostic):
        status = detailed if status in ("", "5.0.0", "4.0.0") else status
    outcome: Outcome
    if action in ("delivered", "relayed", "expanded"):
        outcome = "delivered"
    elif action == "delayed":
        outcome = "delayed"
    else:
        outcome = "temporary" if status.startswith("4") else "permanent"
    reason = "Delivered." if outcome == "delivered" else reason_in_words(status, diagnostic)
    return Undelivered(address, outcome, status, diagnostic, reason)


def _letter(text: str) -> tuple[str, str]:
    """What the server wrote, and the returned mail below it."""
    mark = _RETURNED_BELOW.search(text)
    if mark and mark.start() > 20:
        return text[: mark.start()][:_SCANNED], text[mark.start() :]
    return text[:_SCANNED], ""


def _read_letter(letter: str, mail: Mail) -> tuple[Undelivered, ...]:
    ours = {address.key for address in mail.recipients} | {mail.sender.key}
    named = [
        clean_address(one) for one in re.split(r"[\s,]+", mail.headers.get("x-failed-recipients")) if one
    ]
    found: dict[str, int] = {address.lower(): -1 for address in named if address}
    if not found:
        for pattern in _RECIPIENTS:
            for match in pattern.finditer(letter):
                address = clean_address(match[1])
                if address and address.lower() not in ours:
                    found.setdefault(address.lower(), match.end())
            if found:
                break
    starts = sorted(at for at in found.values() if at >= 0)
    return tuple(
        _judged(address, _words_about(letter, at, starts), letter)
        for address, at in list(found.items())[:MAX_RECIPIENTS]
    )


def _words_about(letter: str, at: int, starts: list[int]) -> str:
    """The lines that belong to one recipient: from its address to the next one's."""
    if at < 0 or len(starts) < 2:
        return letter
    following = next((start for start in starts if start > at), len(letter))
    return letter[at:following]


def _judged(address: str, words: str, letter: str) -> Undelivered:
    status = _status(words)
    code = _SMTP.search(words)
    outcome: Outcome = "permanent"
    if _DELAYED.search(letter) and not (code and code[1] == "5") and not status.startswith("5"):
        outcome = "delayed"
    elif status.startswith("4") or (not status and code and code[1] == "4" and not _GAVE_UP.search(letter)):
        outcome = "temporary"
    diagnostic = _diagnostic(words, address)
    return Undelivered(
        address, outcome, status, diagnostic, reason_in_words(status, f"{diagnostic}\n{words}")
    )


def _diagnostic(words: str, address: str) -> str:
    """The lines that say why: from the first with a code or the address on, without empty ones."""
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    for pattern in (_STATUS, _SMTP, _SAID):
        for number, line in enumerate(lines):
            if pattern.search(line):
                return " ".join(lines[number : number + 4])[:1000]
    after = [line for line in lines if address not in line.lower()]
    return " ".join(after[-3:] if len(after) > 8 else after[:3])[:1000]


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _about(mail: Mail, returned: str) -> str:
    """The Message-ID of our mail: from the returned header, the text, or what the report answers to."""
    for file in _returned(mail.files):
        headers, _ = read_headers(file.content, 0, min(len(file.content), 1_000_000))
        if ids := read_ids(headers.text("message-id")):
            return ids[0]
    for text in (returned, mail.text[: 10 * _SCANNED]):
        if match := _MESSAGE_ID.search(text):
            return match[1].strip("<>")
    for ids in (mail.in_reply_to, mail.references[-1:]):
        if ids:
            return ids[0]
    return ""


def _returned(files: Iterable[File]) -> list[File]:
    return [file for file in files if file.mime in _RETURNED]
