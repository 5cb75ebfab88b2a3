"""Where the servers of an address may be, best guess first: what is known, what DNS says, what is usual."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception

from connectors.email.config import Security
from connectors.email.providers import Place, Provider, provider_by_server, provider_of

Ask = Callable[[str, str], Awaitable[Sequence[str]]]  # name, record type -> records as text

_PATIENCE = 3.0  # seconds for DNS
_TRY = 6.0  # seconds for a server to greet


@dataclass(frozen=True, slots=True)
class Candidates:
    """Where to try, in order, and why there."""

    provider: Provider | None
    imap: tuple[Place, ...]
    smtp: tuple[Place, ...]
    because: str


async def ask_dns(name: str, kind: str) -> Sequence[str]:
    """Records as text, best first; nothing where there are none or DNS is not to be had."""
    resolver = dns.asyncresolver.Resolver()
    resolver.lifetime = _PATIENCE
    try:
        answer = await resolver.resolve(name, kind)
    except (dns.exception.DNSException, OSError):
        return ()
    return sorted(record.to_text() for record in answer)


async def candidates_for(domain: str, ask: Ask = ask_dns) -> Candidates:
    known = provider_of(domain)
    if known is not None:
        return _of(known, f"{known.name} is known.")
    services = ("_imaps._tcp", "_imap._tcp", "_submissions._tcp", "_submission._tcp")
    mx, *srv = await asyncio.gather(
        ask(domain, "MX"), *(ask(f"{service}.{domain}", "SRV") for service in services)
    )
    imaps, imap, submissions, submission = srv
    told_imap = [*_places(imaps, Security.TLS), *_places(imap, Security.STARTTLS)]
    told_smtp = [*_places(submissions, Security.TLS), *_places(submission, Security.STARTTLS)]
    for record in mx:
        hosting = provider_by_server(record.split()[-1])
        if hosting is not None and not (told_imap and told_smtp):
            return _of(hosting, f"{hosting.name} keeps the mail of {domain}.")
    told = f"{domain} says so in DNS." if told_imap or told_smtp else "It is the usual name."
    return Candidates(None, (*told_imap, *_usual_imap(domain)), (*told_smtp, *_usual_smtp(domain)), told)


async def first_that_greets(places: Sequence[Place], greeting: bytes, tls: ssl.SSLContext) -> Place | None:
    """The first of them that answers as it should; all are tried at once. Nothing secret is said."""
    answers = await asyncio.gather(*(_greets(place, greeting, tls) for place in places))
    return next((place for place, answered in zip(places, answers, strict=True) if answered), None)


async def _greets(place: Place, greeting: bytes, tls: ssl.SSLContext) -> bool:
    context = tls if place.security is Security.TLS else None
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_TRY):
            reader, writer = await asyncio.open_connection(place.host, place.port, ssl=context)
            return (await reader.read(200)).startswith(greeting)
    except (OSError, ssl.SSLError, socket.gaierror, UnicodeError):
        return False
    finally:
        if writer is not None:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()


def _of(provider: Provider, because: str) -> Candidates:
    return Candidates(provider, (provider.imap,), (provider.smtp,), because)


def _places(records: Sequence[str], security: Security) -> list[Place]:
    """SRV records: priority, weight, port, name; a name of "." means there is no such service."""
    found = []
    for record in sorted(records, key=lambda each: int(each.split()[0])):
        _, _, port, host = record.split()
        if host.rstrip("."):
            found.append(Place(host.rstrip("."), int(port), security))
    return found


def _usual_imap(domain: str) -> list[Place]:
    hosts = (f"imap.{domain}", f"mail.{domain}", domain)
    return [Place(host, 993, Security.TLS) for host in hosts] + [
        Place(host, 143, Security.STARTTLS) for host in hosts[:2]
    ]


def _usual_smtp(domain: str) -> list[Place]:
    hosts = (f"smtp.{domain}", f"mail.{domain}", domain)
    return [Place(host, 465, Security.TLS) for host in hosts] + [
        Place(host, 587, Security.STARTTLS) for host in hosts
    ]
