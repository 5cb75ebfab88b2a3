"""From an address and a password to a proven configuration: look where the servers are, log in to both."""

import asyncio
import secrets
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from connectors.email.config import EmailConfig, OAuth, Password, Security, is_loopback
from connectors.email.connection import Mailbox
from connectors.email.discover import Candidates, candidates_for, first_that_greets
from connectors.email.message_ids import ascii_domain
from connectors.email.providers import Place, Provider, provider_of
from connectors.email.questions import OAUTH, SECURITIES
from connectors.email.sent import sent_among
from hub.contract.errors import AuthBroken, ConnectorError, Rejected, RejectReason, Unavailable

_PORTS = {
    "imap": {Security.TLS: 993, Security.STARTTLS: 143, Security.NONE: 143},
    "smtp": {Security.TLS: 465, Security.STARTTLS: 587, Security.NONE: 25},
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration that may be right, and what was found on the way to it."""

    config: EmailConfig
    provider: Provider | None  # whose hints help where a login is refused
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where a mailbox is, and what was found on the way there."""

    imap: dict[str, Any]
    smtp: dict[str, Any]
    provider: Provider | None  # who runs them, where that is known
    adviser: Provider | None  # whose hints help
    found: tuple[str, ...]


async def find_servers(answers: Mapping[str, str], tls: ssl.SSLContext) -> Servers:
    """Nothing secret leaves us."""
    said = _said(answers)
    address = said.get("address", "")
    domain = ascii_domain(address.rpartition("@")[2])
    if not domain or "@" not in address:
        raise Rejected(f"{address!r} is not an e-mail address.", reason=RejectReason.OTHER)
    explicit = "imap_host" in said and "smtp_host" in said
    candidates = Candidates(None, (), (), "") if explicit else await candidates_for(domain)
    imap, imap_words = await _server(said, "imap", candidates.imap, candidates.because, b"* ", tls)
    smtp, smtp_words = await _server(said, "smtp", candidates.smtp, candidates.because, b"220", tls)
    adviser = candidates.provider or provider_of(address.rpartition("@")[2])
    return Servers(imap, smtp, candidates.provider, adviser, (imap_words, smtp_words))


async def draft(answers: Mapping[str, str], tls: ssl.SSLContext) -> Draft:
    """Find the servers and put a configuration together; nothing secret leaves us yet."""
    said, servers = _said(answers), await find_servers(answers, tls)
    address, provider, adviser = said["address"], servers.provider, servers.adviser
    user = said.get("user") or (address.rpartition("@")[0] if provider and provider.local_user else None)
    fields: dict[str, Any] = {
        "address": address,
        "name": said.get("name", ""),
        "imap": {**servers.imap, "user": user, "folders": _folders(said.get("folders", "INBOX"))},
        "smtp": {**servers.smtp, "user": user},
        "auth": _auth(said, adviser),
        "start": said.get("start", "now"),
        "after": said.get("after", "leave"),
        "plus_addressing": said.get("plus_addressing", "yes" if provider and provider.plus else "no")
        == "yes",
        "copy_to_sent": said["copy_to_sent"] == "yes"
        if "copy_to_sent" in said
        else not (provider and provider.saves_sent),
        "sent_folder": said.get("sent_folder"),
        "signature": said.get("signature", ""),
        "signing_key": SecretStr(secrets.token_urlsafe(32)),
        "ca_file": said.get("ca_file"),
    }
    try:
        config = EmailConfig.model_validate(fields)
    except ValidationError as problem:
        raise Rejected(_in_words(problem), reason=RejectReason.OTHER) from problem
    return Draft(config, adviser, servers.found)


def _said(answers: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in answers.items() if value and value.strip()}


async def step(name: str, provider: Provider | None, work: Awaitable[Any]) -> Any:
    """Await one step of the proof; its failure says which step it was, and what helps."""
    try:
        return await work
    except AuthBroken as problem:
        hint = f" {provider.hint}" if provider and provider.hint else " Check the user name and the password."
        raise AuthBroken(f"{name}: {problem}{hint}") from problem
    except Unavailable as problem:
        raise Unavailable(f"{name}: {problem}") from problem
    except ConnectorError as problem:
        raise Rejected(f"{name}: {problem}", reason=RejectReason.OTHER) from problem


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look into the mailbox found."""

    folders: tuple[str, ...]
    sent: str | None
    idle: bool
    mails: int


async def look_around(mailbox: Mailbox, first: str) -> Seen:
    def look(client: Any) -> Seen:
        listed = client.list_folders()
        folders = [(name, flags) for flags, _, name in listed]
        sent = sent_among(listed)
        status = (
            client.folder_status(first, ["MESSAGES"]) if any(name == first for name, _ in folders) else {}
        )
        return Seen(
            tuple(name for name, _ in folders),
            sent,
            bool(client.has_capability("IDLE")),
            int(status.get(b"MESSAGES", 0)),
        )

    return await mailbox.run(look)


def sent_folder(config: EmailConfig, seen: Seen) -> str | None:
    """The one that was named, if it is there; else the one that was found."""
    named = config.sent_folder
    if named is not None and named not in seen.folders:
        there = ", ".join(seen.folders[:30])
        raise Rejected(
            f"There is no folder {named} for sent mail. There are: {there}.", reason=RejectReason.OTHER
        )
    return named or seen.sent


async def trust(ca_file: str | None) -> ssl.SSLContext:
    """The system's certificates, and those of a file. Reading them blocks, so a thread does it."""

    def load() -> ssl.SSLContext:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(ca_file)
        return context

    try:
        return await asyncio.to_thread(load)
    except (OSError, ssl.SSLError) as problem:
        raise Unavailable(f"The certificates in {ca_file} cannot be read: {problem}") from problem


async def _server(
    said: Mapping[str, str],
    kind: str,
    places: tuple[Place, ...],
    because: str,
    greeting: bytes,
    tls: ssl.SSLContext,
) -> tuple[dict[str, Any], str]:
    """Host, port and encryption, and a sentence about them. What was answered comes before what is found."""
    name = kind.upper()
    if f"{kind}_host" in said:
        security = said.get(f"{kind}_security", "tls")
        if security not in SECURITIES:
            raise Rejected(f"{kind}_security is one of {', '.join(SECURITIES)}.", reason=RejectReason.OTHER)
        port = said.get(f"{kind}_port") or str(_PORTS[kind][Security(security)])
        server = {"host": said[f"{kind}_host"], "port": port, "security": security}
        return server, f"{name}: {said[f'{kind}_host']}:{port} ({security}), as you said."
    place = await first_that_greets(places, greeting, tls)
    if place is None:
        tried = ", ".join(f"{each.host}:{each.port}" for each in places)
        raise Unavailable(f"No {name} server found. Tried {tried}. Give its name as {kind}_host.")
    words = f"{name}: {place.host}:{place.port} ({place.security}). {because}"
    return {"host": place.host, "port": place.port, "security": place.security}, words


def _auth(said: Mapping[str, str], provider: Provider | None) -> Password | OAuth:
    kind = said.get("auth", "password")
    if kind in OAUTH:
        if "refresh_token" not in said:
            words = f"{kind.title()} sign-in needs a refresh token; the README of connectors/email says how."
            raise Rejected(words, reason=RejectReason.OTHER)
        url = _token_url(said)
        if kind == "custom" and url is None:
            words = "The address where tokens are renewed is needed: answer token_url."
            raise Rejected(words, reason=RejectReason.OTHER)
        return OAuth.model_validate(
            {
                "provider": kind,
                "token_url": url,
                "client_id": said.get("client_id", ""),
                "client_secret": SecretStr(said.get("client_secret", "")),
                "refresh_token": SecretStr(said["refresh_token"]),
            }
        )
    if "password" not in said:
        hint = f" {provider.hint}" if provider and provider.hint else ""
        raise Rejected(f"A password is needed.{hint}", reason=RejectReason.OTHER)
    return Password(password=SecretStr(said["password"]))


def _token_url(said: Mapping[str, str]) -> str | None:
    """Where the refresh token is shown: never in plain text, but for a server on this machine."""
    url = said.get("token_url")
    if url is not None:
        parts = urlsplit(url)
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise Rejected("token_url is an https address.", reason=RejectReason.OTHER)
    return url


def _folders(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in said.split(",") if name.strip())) or ("INBOX",)


def _in_words(problem: ValidationError) -> str:
    first = problem.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg'].removeprefix('Value error, ')}."
