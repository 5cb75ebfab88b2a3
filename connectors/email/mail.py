"""A mail as Hubbub reads it: plain frozen data, the same whatever its charset, nesting or mailer was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import idna

from connectors.email.headers import Headers


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. `address` has its domain in lower case and in Unicode; both texts may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2] if "@" in self.address else ""

    @property
    def ascii_domain(self) -> str:
        """The domain as DNS knows it: `xn--...` for an internationalised one."""
        try:
            return idna.encode(self.domain, uts46=True).decode("ascii") if self.domain else ""
        except (idna.IDNAError, UnicodeError):
            return self.domain

    @property
    def key(self) -> str:
        """What two spellings of the same mailbox have in common."""
        return self.address.lower()

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class File:
    """An attachment. `name` is decoded but not yet made safe; the hub does that, and sniffs the type."""

    name: str
    mime: str  # as declared
    content: bytes = field(repr=False)
    content_id: str = ""  # without angle brackets
    inline: bool = False  # shown inside the HTML, not below it


@dataclass(frozen=True, slots=True)
class SpamVerdict:
    """What the receiving server thought of a mail; `None` is "did not say"."""

    spam: bool | None = None
    score: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What a mail's own headers say about who or what sent it, and why we think so."""

    automatic: bool = False  # sent by a machine: never trigger an automatic answer
    auto_reply: bool = False  # ... and in answer to a mail: out of office, "we got your mail"
    bulk: bool = False  # newsletter or mass mailing
    mailing_list: str = ""  # the List-Id, or "?" for a list that does not name itself
    unsubscribe: str = ""  # List-Unsubscribe, as written
    bounce: bool = False  # a delivery report; `bounces.read_bounce` reads it
    complaint: bool = False  # a feedback-loop report; `flags.read_complaint` reads it
    no_auto_reply: bool = False  # its sender asked us not to answer by machine
    spam: SpamVerdict = SpamVerdict()
    authentication: Mapping[str, str] = field(default_factory=dict)  # {"dmarc": "pass", "spf": "fail", ...}
    because: tuple[str, ...] = ()  # the headers that decided, "Auto-Submitted: auto-replied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, read. No field is ever missing; what the mail lacks is empty or None."""

    message_id: str  # without angle brackets
    synthetic: bool  # the id is ours: the mail had none, or none that could be used
    content_hash: str  # same Message-ID and another hash: another mail
    date: datetime | None  # what the sender says, if it can be true; aware, UTC
    received_at: datetime | None  # what the last server says; aware, UTC
    sender: Address
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    delivered_to: tuple[Address, ...] = ()  # Delivered-To, X-Original-To, Envelope-To ...
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""  # every text part in order; made from the HTML where there is no text
    html: str | None = None  # raw and unsanitised: never show it as it is
    files: tuple[File, ...] = ()
    flags: Flags = Flags()
    fault: str = ""  # where reading it broke, if it did: only the original is here then
    headers: Headers = field(default_factory=Headers, repr=False)

    @property
    def recipients(self) -> Sequence[Address]:
        """Every address that the mail says it went to, open or blind."""
        return (*self.to, *self.cc, *self.bcc, *self.delivered_to)
