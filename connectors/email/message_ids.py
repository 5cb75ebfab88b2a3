"""Our own Message-IDs and reply addresses, and how we know them again. Pure.

A Message-ID is `DELIVERY.SIGNATURE@DOMAIN`, a reply address `local+DELIVERY.SIGNATURE@domain`. The signature
is keyed, so that nobody can write themselves into a conversation by guessing the id of one of our mails.
"""

import base64
import hashlib
import hmac
import re
from enum import Enum

import idna

_KEY = r"(?P<key>[0-9a-z-]{1,40})"
_SIGNATURE = r"(?P<signature>[a-z2-7]{16})"
_OURS = re.compile(rf"{_KEY}\.{_SIGNATURE}")
_TOKEN = re.compile(
    rf"{_KEY}\.(?P<signature>[a-z2-7]{{12}})"
)  # shorter: 64 octets must do for a whole local part
_LIKE_OURS = re.compile(r"(probe-)?[0-9a-f]{24}\.[a-z2-7]{16}")  # what only we, or a forger, would write
_MOST_LOCAL = 64  # octets of a local part, RFC 5321 section 4.5.3.1.1


class Whose(Enum):
    OURS = "ours"
    FORGED = "forged"  # built like ours, but we never signed it
    FOREIGN = "foreign"


class Signer:
    """Makes and checks the ids of one channel."""

    def __init__(self, address: str, key: str) -> None:
        local, _, domain = address.rpartition("@")
        self._local = local.partition("+")[0].lower()
        self._address = address
        self.domain = ascii_domain(domain)
        self._key = key.encode("utf-8", "surrogatepass")

    def message_id(self, delivery: str) -> str:
        """Without the angle brackets, as every id of a message in Hubbub."""
        key = _speakable(delivery)
        return f"{key}.{self._sign('id', key)}@{self.domain}"

    def probe_id(self, token: str) -> str:
        return self.message_id(f"probe-{token}")

    def is_probe(self, message_id: str) -> bool:
        return self.whose(message_id) is Whose.OURS and message_id.startswith("probe-")

    def whose(self, message_id: str) -> Whose:
        name, at, domain = message_id.lower().rpartition("@")
        if not at or domain != self.domain:
            return Whose.FOREIGN
        found = _OURS.fullmatch(name)
        if found and hmac.compare_digest(self._sign("id", found["key"]), found["signature"]):
            return Whose.OURS
        return Whose.FORGED if _LIKE_OURS.fullmatch(name) else Whose.FOREIGN

    def reply_address(self, delivery: str) -> str | None:
        """Where answers to that delivery go; None where it would be longer than an address may be."""
        local, _, domain = self._address.rpartition("@")
        key = _speakable(delivery)
        signed = f"{local}+{key}.{self._sign('to', key)[:12]}"
        return f"{signed}@{domain}" if len(signed.encode("utf-8")) <= _MOST_LOCAL else None

    def answered(self, address: str) -> str | None:
        """The Message-ID that a mail to this address answers; None when it is no reply address we signed."""
        local, _, domain = address.strip().lower().rpartition("@")
        name, plus, token = local.partition("+")
        if not plus or name != self._local or not self._same_domain(domain):
            return None
        found = _TOKEN.fullmatch(token)
        if found is None or not hmac.compare_digest(self._sign("to", found["key"])[:12], found["signature"]):
            return None
        return self.message_id(found["key"])

    def is_own(self, address: str) -> bool:
        """Whether it is this mailbox, with or without something behind a plus."""
        local, _, domain = address.strip().lower().rpartition("@")
        own = self._address.lower().rpartition("@")[0]
        return self._same_domain(domain) and (local == own or local.partition("+")[0] == self._local)

    def _same_domain(self, domain: str) -> bool:
        return bool(domain) and ascii_domain(domain) == self.domain

    def _sign(self, purpose: str, key: str) -> str:
        said = f"{purpose}\0{self._local}\0{self.domain}\0{key}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, said, hashlib.sha256).digest()
        return base64.b32encode(digest[:10]).decode("ascii").lower()


def ascii_domain(domain: str) -> str:
    """As it travels in SMTP and DNS: `xn--…` for what is not ASCII."""
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def _speakable(delivery: str) -> str:
    """Delivery ids as they are; anything else in a form that fits an id."""
    if re.fullmatch(r"[0-9a-z-]{1,40}", delivery):
        return delivery
    return hashlib.sha256(delivery.encode("utf-8", "surrogatepass")).hexdigest()[:24]
